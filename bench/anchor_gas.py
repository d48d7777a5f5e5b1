"""Gas of an anchor, as forge's own tests of the bounds print it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bench.measuring import Row, Say

_ROOT = Path(__file__).parents[1]
_FORGE = _ROOT / "node_modules" / ".bin" / "forge"
_TABLE = re.compile(r"^  (\S.*)\n    least (\d+), median (\d+), worst (\d+)$", re.MULTILINE)
_FIRST = re.compile(r"first anchor of a log: (\d+), the same again: (\d+)")
_TRANSFER = 21_000
"""Gas of any transaction before it does anything: the chain's own limit."""


def run(say: Say, *, quick: bool) -> list[Row]:
    """Run the gas tests and read their table."""
    say("forge test")
    done = subprocess.run(
        [_FORGE, "test", "--match-path", "tests/contracts/gas/*", "-vv"],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    rows: list[Row] = []
    for name, least, median, worst in _TABLE.findall(done.stdout):
        for what, gas, target in (("median", median, "< 62 000"), ("worst", worst, "< 70 000")):
            rows.append(_row(f"{name}, {what}", gas, target, f"least {least}"))
    first = _FIRST.search(done.stdout)
    assert rows and first is not None, done.stdout
    return [*rows, _row("first anchor of a log", first[1]), _row("the same again", first[2])]


def _row(what: str, gas: str, target: str = "", remark: str = "") -> Row:
    return Row(f"anchor: {what}", int(gas), "gas", _TRANSFER, "bare transaction", target, remark)
