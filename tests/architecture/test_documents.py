"""What documents say is so: their code runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import whole_program

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "contracts/*.md", "bench/*.md", "deploy/**/*.md")
    for path in ROOT.glob(pattern)
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(carbonseal [^`]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    """Give a page's code blocks in a language, in order."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for tongue, text in found if tongue == language]


def name_of(page: Path) -> str:
    """Give a page's path in the project."""
    return str(page.relative_to(ROOT))


def commands_in(page: Path) -> list[list[str]]:
    """Give the words of each `carbonseal …` that a page types, in shell blocks or in its text."""
    lines = "\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    lines += INLINE.findall(page.read_text(encoding="utf-8"))
    return [
        shlex.split(line, comments=True)[1:] for line in lines if line.startswith("carbonseal ")
    ]


@cache
def program() -> Any:
    """Give the command line's own tree of commands; making it takes a tenth of a second."""
    return whole_program()


def require_known(words: list[str]) -> None:
    """Refuse a command line with a command or an option that does not exist."""
    command = program()
    for word in words:
        if hasattr(command, "commands"):
            assert word in command.commands, f"no command {word!r} in {words}"
            command = command.commands[word]
        elif word.startswith("--"):
            known = {option for parameter in command.params for option in parameter.opts}
            assert word.split("=")[0] in known, f"no option {word!r} in {words}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of a page runs from top to bottom in the project's folder."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"__name__": name_of(page)}
    for number, text in enumerate(blocks(page, "python")):
        exec(compile(text, f"{name_of(page)}, block {number}", "exec"), names)  # noqa: S102

    assert len(names) > 2


@pytest.mark.parametrize("page", [page for page in PAGES if commands_in(page)], ids=name_of)
def test_commands_exist(page: Path) -> None:
    """Every command line of a page names commands and options that there are."""
    typed = commands_in(page)
    for words in typed:
        require_known(words)

    assert typed


@pytest.mark.parametrize("words", [["verify", "--trusts"], ["log", "fsk"]])
def test_unknown_command_is_seen(words: list[str]) -> None:
    """A command line that does not exist is noticed."""
    with pytest.raises(AssertionError, match=r"no (option|command)"):
        require_known(words)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link of a page to a file of the project leads to one."""
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    missing = [
        target for target in targets if ":" not in target and not (page.parent / target).exists()
    ]

    assert missing == []
