"""Commands about structure and control plan: a file that is wrong is told before anybody signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.api.cli.conftest import Run

OFFICE = ("--config", "office.toml", "--out", "request.json")


@pytest.mark.parametrize(
    ("command", "message"),
    [("structure", "body without 'from_s'"), ("control-plan", "body without 'plan'")],
)
def test_file_that_says_too_little(tmp_path: Path, run: Run, command: str, message: str) -> None:
    """A usage error, and no node is asked."""
    file = tmp_path / "file.toml"
    file.write_text("", encoding="utf-8")
    ran = run("device", command, file, *OFFICE)

    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize("command", ["structure", "control-plan"])
def test_leaf_hash_that_is_none(run: Run, command: str) -> None:
    """What it takes the place of is named by 32 bytes."""
    example = Path(__file__).resolve().parents[4] / "examples/accounting" / f"{command}.toml"
    ran = run("device", command, example, "--supersedes", "beef", *OFFICE)

    assert ran.code == 2
    assert "2 bytes" in ran.err
