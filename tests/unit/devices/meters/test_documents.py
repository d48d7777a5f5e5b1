"""What the documents and examples show is what the program does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from devices.hj212.mapping import MARKS
from devices.hj212.stations import parse_station
from devices.meters.csv_mapping import parse_csv_mapping
from devices.modbus.register_map import parse_register_map

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "meters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
PROGRAMS = [
    (code, BLOCKS[place + 1][1])
    for place, (language, code) in enumerate(BLOCKS)
    if language == "python"
]


@pytest.mark.parametrize(("code", "shown"), PROGRAMS)
def test_program_prints_what_the_page_shows(code: str, shown: str) -> None:
    """Each program of the page is run, and its output compared."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "meters.md", "exec"), {})  # noqa: S102 - the page's own text

    assert printed.getvalue() == shown


def test_mapping_of_the_page_is_one() -> None:
    """The example of a CSV mapping is read without complaint."""
    (text,) = [text for language, text in BLOCKS if language == "toml"]

    assert parse_csv_mapping(text).series[0].column == "有功电量"


def test_page_names_every_mark() -> None:
    """No mark of the standard is missing from the table."""
    table = PAGE[PAGE.index("### Marks") : PAGE.index("### Answers")]

    assert all(re.search(rf"\b{mark}\b", table) for mark in MARKS)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples" / "mappings").glob("*.toml")), ids=lambda path: path.stem
)
def test_example_is_read_by_its_program(path: Path) -> None:
    """Every example of a mapping is valid, whichever kind it is."""
    text = path.read_text(encoding="utf-8")
    parse = (
        parse_station
        if path.stem.endswith("hj212")
        else parse_register_map
        if path.stem.endswith("modbus")
        else parse_csv_mapping
    )

    assert parse(text, name=path.name)
