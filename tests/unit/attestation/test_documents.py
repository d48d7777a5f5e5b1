"""The Python in `docs/verify-it-yourself.md` runs and says what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "verify-it-yourself.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
EXPECTED = (
    (BLOCKS[0], ["16 policy HELD", "5000 Wh INSIDE"]),
    (BLOCKS[1], ["entry 4 stands in the tree of 6"]),
)


@pytest.mark.parametrize(("block", "lines"), EXPECTED, ids=["with the package", "by hand"])
def test_block_runs(block: str, lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A reader who copies the block sees the evidence verified."""
    code = block.replace('Path("tests', f'Path("{ROOT}/tests')
    exec(compile(code, "verify-it-yourself.md", "exec"), {})  # noqa: S102 - our own page
    printed = capsys.readouterr().out

    assert all(line in printed for line in lines)
