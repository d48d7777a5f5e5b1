"""
The real file: 26 208 quarter hours of a steel works, imported to the last digit.

The oracle reads the file with `csv` and `Decimal` alone and cuts days by the order of the rows, 96
a day, so it shares nothing with what it judges.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from devices.meters.csv_file import read_csv
from devices.meters.csv_mapping import parse_csv_mapping
from devices.meters.csv_report import CsvImport
from devices.zones import WallTime, parse_zone

pytestmark = pytest.mark.shared

KOREA = parse_zone("UTC+09:00")
MAPPING = Path(__file__).parents[4] / "examples" / "mappings" / "steel-works-2018.toml"
SERIES = {
    "steel-works/active-energy/import/": "Usage_kWh",
    "steel-works/reactive-energy/lagging/": "Lagging_Current_Reactive.Power_kVarh",
    "steel-works/reactive-energy/leading/": "Leading_Current_Reactive_Power_kVarh",
}


@pytest.fixture(scope="module")
def content(shared: Path) -> bytes:
    """The file's bytes."""
    return (shared / "data" / "steel-works-2018" / "readings.csv").read_bytes()


@pytest.fixture(scope="module")
def rows(content: bytes) -> list[dict[str, str]]:
    """The file's rows, as plain as can be."""
    return list(csv.DictReader(content.decode().splitlines()))


@pytest.fixture(scope="module")
def imported(content: bytes) -> CsvImport:
    """The file, imported with the example's mapping."""
    return read_csv(content, parse_csv_mapping(MAPPING.read_text(encoding="utf-8")))


def test_every_row_is_imported(imported: CsvImport) -> None:
    """No problem, no hole, no blank, no absent cell: three readings a row."""
    assert imported.row_count == 26_208
    assert len(imported.readings) == 3 * 26_208
    assert (imported.problems, imported.uncovered) == ((), ())
    assert (imported.blank_count, imported.absent_count) == (0, 0)


def test_total_is_the_file_s(imported: CsvImport) -> None:
    """729 316.67 kWh, to the last watt-hour."""
    total_wh = sum(
        reading.value or 0
        for reading in imported.readings
        if reading.series == "steel-works/active-energy/import/"
    )

    assert total_wh == 729_316_670


@pytest.mark.parametrize(("series", "column"), SERIES.items(), ids=SERIES.values())
def test_each_day_s_sum_is_the_file_s(
    imported: CsvImport, rows: list[dict[str, str]], series: str, column: str
) -> None:
    """A day is its 96 rows, the one of midnight included that the file writes at its end."""
    expected = [
        sum((Decimal(row[column]) for row in rows[start : start + 96]), Decimal(0))
        for start in range(0, len(rows), 96)
    ]
    sums: dict[int, int] = defaultdict(int)
    for reading in imported.readings:
        if reading.series == series:
            sums[KOREA.day_start(reading.start_s)] += reading.value or 0

    assert [Decimal(sums[day]) / 1000 for day in sorted(sums)] == expected
    assert len(sums) == 273


@pytest.mark.parametrize(("series", "column"), SERIES.items(), ids=SERIES.values())
def test_each_month_s_sum_is_the_file_s(
    imported: CsvImport, rows: list[dict[str, str]], series: str, column: str
) -> None:
    """Each row counts in the month that its date names, the last midnight too."""
    expected: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        expected[int(row["date"][3:5])] += Decimal(row[column])
    sums: dict[int, int] = defaultdict(int)
    for reading in imported.readings:
        if reading.series == series:
            sums[KOREA.to_wall(reading.start_s).month] += reading.value or 0

    assert {month: Decimal(value) / 1000 for month, value in sums.items()} == expected


def test_file_covers_its_months_without_a_hole(imported: CsvImport) -> None:
    """The first quarter hour begins the year, the last ends September."""
    ends = sorted({reading.end_s for reading in imported.readings})

    assert ends[0] - 900 == KOREA.to_seconds(WallTime(2018, 1, 1))
    assert ends[-1] == KOREA.to_seconds(WallTime(2018, 10, 1))
    assert len(ends) == 26_208


def test_midnight_taken_as_the_day_s_beginning_shows_as_disorder(content: bytes) -> None:
    """The other meaning of 00:00 leaves no hole: only the rows' order tells that it is wrong."""
    text = MAPPING.read_text(encoding="utf-8").replace("end-of-day", "start-of-day")
    result = read_csv(content, parse_csv_mapping(text))

    assert (result.uncovered, result.problems) == ((), ())
    assert result.out_of_order == tuple(range(96, 26_209, 96))
    assert not result.is_sound


def test_file_itself_says_that_stamps_end_intervals(rows: list[dict[str, str]]) -> None:
    """Tariff bands change on the hour, and those of the file in the rows at a quarter past."""
    changes = {
        after["date"].split()[1].rsplit(":")[1]
        for before, after in pairwise(rows)
        if before["Load_Type"] != after["Load_Type"]
    }

    assert changes == {"15"}
