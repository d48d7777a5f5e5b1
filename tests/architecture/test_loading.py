"""
The command line loads what a command needs, and nothing that others wait seconds for.

Held against the modules that are loaded, not against a clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.late import Place, loaded
from api.cli.main import COMMANDS, app, whole_program

VECTORS = Path(__file__).parents[1] / "vectors" / "report" / "v1"
HEAVY = frozenset(
    (
        *("web3", "eth_account", "eth_abi", "py_ecc", "sqlalchemy", "alembic", "psycopg"),
        *("fastapi", "starlette", "uvicorn", "pyarrow", "duckdb", "numpy", "authlib"),
        *("typst", "segno", "paho", "pymodbus", "openpyxl", "httpx2", "structlog"),
    )
)
QUICK = (
    ("--help",),
    ("verify", "--help"),
    ("papers", "--help"),
    ("papers", "key", "--help"),
    ("verify", str(VECTORS / "report.pdf"), "--trust", str(VECTORS / "trust-root.json")),
    ("verify", str(VECTORS / "line.carbonseal.json"), "--trust", str(VECTORS / "trust-root.json")),
    ("nonsense",),
)
CHILD = """
import contextlib, io, json, sys
from api.cli.main import main
found = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["carbonseal", *arguments]
    code = 0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main()
        except SystemExit as end:
            code = end.code
    found.append([code, sorted({name.partition(".")[0] for name in sys.modules})])
print(json.dumps(found))
"""


def test_help_and_quick_commands_load_no_heavy_library() -> None:
    """Neither help, nor a check of a report or a line without a node."""
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(QUICK)], capture_output=True, check=True
    )
    found = json.loads(ran.stdout)

    assert [code for code, _ in found] == [0, 0, 0, 0, 0, 0, 2]
    for arguments, (_, modules) in zip(QUICK, found, strict=True):
        assert HEAVY & {*modules} == set(), arguments


@pytest.mark.parametrize("place", COMMANDS, ids=lambda place: place.name)
def test_words_that_stand_in_are_the_commands_own(place: Place) -> None:
    """Help of the whole and help of the command begin with the same words."""
    command = loaded(place)

    assert command.name == place.name
    assert " ".join(command.help.partition("\n\n")[0].split()) == place.help


def test_help_names_every_command() -> None:
    """In their order, each with its words."""
    said = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "400"}).output
    rows = [line.split()[0] for line in said.partition("Commands:")[2].splitlines() if line]

    assert rows == [place.name for place in COMMANDS]
    assert list(whole_program().commands) == rows


def test_loading_puts_the_limit_of_nested_calls_back() -> None:
    """A dependency lifts it when it is loaded, which is after the program began."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    loaded.cache_clear()
    try:
        loaded(COMMANDS[0])
        assert sys.getrecursionlimit() == 2_000
    finally:
        sys.setrecursionlimit(before)
