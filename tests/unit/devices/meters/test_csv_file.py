"""A CSV file becomes readings cell by cell; what cannot is reported and nothing else is lost."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from attestation.enums import Quality
from attestation.senml import decode_pack, encode_pack
from devices.errors import ImportRefused, MappingError
from devices.meters.csv_file import CsvFile, read_csv
from devices.meters.csv_mapping import CsvMapping, parse_csv_mapping
from devices.meters.csv_report import CellProblem
from devices.zones import WallTime, parse_zone

SHANGHAI = parse_zone("UTC+08:00")
HEADER = "time,kWh,kvarh\n"


def mapping(**changes: str) -> CsvMapping:
    """Make a mapping of two columns; `changes` replace values of its keys."""
    keys = {
        "encoding": '"utf-8"',
        "delimiter": '"comma"',
        "decimal_mark": '"."',
        "absent": '[""]',
        "format": '"%Y-%m-%d %H:%M"',
        "zone": '"UTC+08:00"',
        "stamp": '"end"',
        "midnight": '"start-of-day"',
        "order": '"ascending"',
        "columns": '["time"]',
        "active": '"kWh"',
        "bounds": "",
    } | changes
    return parse_csv_mapping(
        f"""
        [file]
        encoding = {keys["encoding"]}
        delimiter = {keys["delimiter"]}
        decimal_mark = {keys["decimal_mark"]}
        absent = {keys["absent"]}
        [time]
        columns = {keys["columns"]}
        format = {keys["format"]}
        zone = {keys["zone"]}
        stamp = {keys["stamp"]}
        midnight = {keys["midnight"]}
        order = {keys["order"]}
        interval_s = 900
        [[series]]
        column = {keys["active"]}
        series = "m1/active-energy/import/"
        source_unit = "kWh"
        unit = "Wh"
        {keys["bounds"]}
        [[series]]
        column = "kvarh"
        series = "m1/reactive-energy/import/"
        source_unit = "kvarh"
        unit = "varh"
        """
    )


def rows(number: int) -> list[str]:
    """Make rows of a quarter hour each from 2024-01-01 on, without their line ends."""
    start_s = SHANGHAI.to_seconds(WallTime(2024, 1, 1))
    lines = []
    for place in range(1, number + 1):
        wall = SHANGHAI.to_wall(start_s + 900 * place)
        stamp = f"{wall.year}-{wall.month:02}-{wall.day:02} {wall.hour:02}:{wall.minute:02}"
        lines.append(f"{stamp},{place}.25,0.5")
    return lines


def problems(text: str, **changes: str) -> list[tuple[int, str, str]]:
    """Import a text and give row, column and code of its problems."""
    found = read_csv(text.encode(), mapping(**changes)).problems
    return [(problem.row, problem.column, problem.code) for problem in found]


def test_row_becomes_a_reading_of_each_column() -> None:
    """A row names its file, its number, its interval and the exact amounts."""
    content = (HEADER + "2024-01-01 00:15,3.17,2.95\n").encode()
    active, reactive = read_csv(content, mapping()).readings

    assert (active.value, active.unit, active.interval_s) == (3170, "Wh", 900)
    assert active.end_s == SHANGHAI.to_seconds(WallTime(2024, 1, 1, 0, 15))
    assert (reactive.value, reactive.unit) == (2950, "varh")
    assert (active.source_row, active.source_file) == (1, hashlib.sha256(content).digest())


def test_three_bad_rows_in_ten_thousand_are_named_and_lose_nothing_else() -> None:
    """Exactly the bad cells are missing, and each says where it is and what to do."""
    lines = rows(10_000)
    lines[4_998] = lines[4_998].replace("4999.25", "4 999,25")
    lines[7_000] = "2024-02-30 00:15,1,1"
    lines[9_999] = lines[9_999].rsplit(",", 1)[0]
    result = read_csv((HEADER + "\n".join(lines) + "\n").encode(), mapping())

    assert [(p.row, p.column, p.code) for p in result.problems] == [
        (4_999, "row", "cells"),
        (7_001, "time", "time"),
        (10_000, "row", "cells"),
    ]
    assert len(result.readings) == 2 * 9_997
    assert result.row_count == 10_000
    assert {reading.source_row for reading in result.readings} == set(range(1, 10_001)) - {
        4_999,
        7_001,
        10_000,
    }


def test_bad_cell_costs_only_its_own_reading() -> None:
    """The other columns of a row are imported all the same."""
    result = read_csv((HEADER + "2024-01-01 00:15,#REF!,0.5\n").encode(), mapping())

    assert [reading.series for reading in result.readings] == ["m1/reactive-energy/import/"]
    assert result.problems == (
        CellProblem(
            1,
            "kWh",
            "number",
            "'#REF!' is not a decimal number",
            "mend the cell, or list its text under absent",
        ),
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2024-01-01 00:15,3.1701,0", "digits"),
        ("2024-01-01 00:15,1e3,0", "number"),
        ("2024-01-01 00:15,-1,0", "bounds"),
        ("2024-01-01 00:15,99.1,0", "bounds"),
    ],
)
def test_cell_that_cannot_be_right_is_refused(row: str, code: str) -> None:
    """Digits below the unit, other notations and implausible amounts are each their own fault."""
    found = problems(HEADER + row, bounds="minimum = 0\nmaximum = 99")

    assert found == [(1, "kWh", code)]


def test_absent_is_neither_zero_nor_a_problem() -> None:
    """A cell that says "no value" gives no reading; zero is a value."""
    text = HEADER + "2024-01-01 00:15,-,0\n2024-01-01 00:30,,0.0\n"
    result = read_csv(text.encode(), mapping(absent='["", "-"]'))

    assert [reading.value for reading in result.readings] == [0, 0]
    assert (result.absent_count, result.problems) == (2, ())


def test_same_interval_twice_is_reported_with_both_rows() -> None:
    """A ledger would count neither, so the second row is refused and names the first."""
    text = HEADER + "2024-01-01 00:15,1,1\n2024-01-01 00:30,2,2\n2024-01-01 00:15,1,1\n"
    result = read_csv(text.encode(), mapping())

    assert [(p.row, p.code) for p in result.problems] == [(3, "overlap"), (3, "overlap")]
    assert "row 1" in result.problems[0].what
    assert len(result.readings) == 4


def test_uncovered_time_is_listed() -> None:
    """A missing row is a gap in the report, not silence."""
    text = HEADER + "2024-01-01 00:15,1,1\n2024-01-01 00:45,2,2\n"
    (gap, _) = read_csv(text.encode(), mapping()).uncovered

    assert gap.series == "m1/active-energy/import/"
    assert (gap.start_s, gap.end_s) == (
        SHANGHAI.to_seconds(WallTime(2024, 1, 1, 0, 15)),
        SHANGHAI.to_seconds(WallTime(2024, 1, 1, 0, 30)),
    )


def test_row_that_goes_back_in_time_is_told_and_kept() -> None:
    """Disorder is a warning of the whole file: no row can be blamed for it."""
    text = HEADER + "2024-01-01 00:30,1,1\n2024-01-01 00:15,2,2\n2024-01-01 00:45,3,3\n"
    result = read_csv(text.encode(), mapping())

    assert (result.out_of_order, result.is_sound) == ((2,), False)
    assert len(result.readings) == 6
    assert "row 2 the first: set midnight or order" in result.summary()


def test_stamp_at_the_start_is_moved_to_the_end() -> None:
    """Evidence always names the end of the interval."""
    (reading, _) = read_csv(
        (HEADER + "2024-01-01 00:00,1,1").encode(), mapping(stamp='"start"')
    ).readings

    assert reading.end_s == SHANGHAI.to_seconds(WallTime(2024, 1, 1, 0, 15))


def test_midnight_that_ends_its_day_is_the_next_day_s_beginning() -> None:
    """00:00 of the 31st, in a file whose days end so, is the 1st of the next month."""
    text = HEADER + "2024-01-31 23:45,1,1\n2024-01-31 00:00,2,2\n2024-02-01 00:15,3,3\n"
    result = read_csv(text.encode(), mapping(midnight='"end-of-day"'))

    assert result.problems == ()
    assert result.uncovered == ()
    assert result.readings[2].end_s == SHANGHAI.to_seconds(WallTime(2024, 2, 1))


def test_hour_24_needs_no_rule() -> None:
    """24:00 ends its day under both rules."""
    text = HEADER + "2024-01-31 24:00,2,2\n"

    assert read_csv(text.encode(), mapping()).readings[0].end_s == SHANGHAI.to_seconds(
        WallTime(2024, 2, 1)
    )


def test_hour_that_comes_twice_is_told_apart_by_order() -> None:
    """Where the clock is put back, a file in order covers both hours without a hole."""
    stamps = [
        "01:45",
        "02:00",
        "02:15",
        "02:30",
        "02:45",
        "02:00",
        "02:15",
        "02:30",
        "02:45",
        "03:00",
    ]
    text = HEADER + "".join(f"2018-10-28 {stamp},1,1\n" for stamp in stamps)
    result = read_csv(text.encode(), mapping(zone='"Europe/Berlin"'))

    assert (result.problems, result.uncovered) == ((), ())
    assert result.readings[-1].end_s - result.readings[0].end_s == 9 * 900


def test_date_and_time_may_stand_in_two_columns() -> None:
    """Two columns are read as one time."""
    text = "day;hour;kWh;kvarh\n2024-01-01;00:15;1,5;0\n"
    result = read_csv(
        text.encode(),
        mapping(columns='["day", "hour"]', delimiter='"semicolon"', decimal_mark='","'),
    )

    assert result.readings[0].value == 1500


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headers_are_found_in_either_encoding(encoding: str) -> None:
    """`auto` finds out whether a file is UTF-8, with or without a mark, or GB18030."""
    content = "time,有功电量,kvarh\n2024-01-01 00:15,1,0\n".encode(encoding)
    result = read_csv(content, mapping(encoding='"auto"', active='"有功电量"'))

    assert result.readings[0].value == 1000


def test_wrong_encoding_names_the_line() -> None:
    """A file that is not in the declared encoding is refused, and the message says what to set."""
    content = "time,kWh,kvarh,备注\n2024-01-01 00:15,1,0,正常\n".encode("gb18030")

    with pytest.raises(ImportRefused, match=r"line 1 is not utf-8: set encoding.*gb18030"):
        read_csv(content, mapping())


def test_utf_16_is_refused_with_the_way_out() -> None:
    """Spreadsheets offer UTF-16 as "Unicode text"; it is named and refused."""
    with pytest.raises(ImportRefused, match="UTF-16"):
        read_csv(HEADER.encode("utf-16"), mapping())


def test_missing_column_lists_those_there() -> None:
    """A mapping for another file shows at once."""
    with pytest.raises(MappingError, match=r"'kWh' is missing; the file has: time, energy"):
        read_csv(b"time,energy\n", mapping())


def test_column_that_is_there_twice_is_refused() -> None:
    """Which of two columns is meant is not for us to choose."""
    with pytest.raises(MappingError, match="twice"):
        read_csv(b"time,kWh,kWh,kvarh\n", mapping())


def test_broken_quoting_is_refused() -> None:
    """An open quote would swallow the rest of the file."""
    with pytest.raises(ImportRefused, match="not CSV"):
        read_csv((HEADER + '2024-01-01 00:15,"1,1\n2024-01-01 00:30,1,1\n').encode(), mapping())


def test_blank_lines_count_as_rows() -> None:
    """The number of a row is the one that a spreadsheet shows, less the header."""
    result = read_csv((HEADER + "\n2024-01-01 00:15,1,1\n").encode(), mapping())

    assert (result.row_count, result.blank_count) == (2, 1)
    assert result.readings[0].source_row == 2


def test_quality_comes_from_its_column() -> None:
    """A text without a meaning is a problem of its row."""
    quality = 'quality_column = "state"\nqualities = {ok = "measured", E = "estimated"}'
    text = "time,kWh,kvarh,state\n2024-01-01 00:15,1,1,E\n2024-01-01 00:30,1,1,?\n"
    result = read_csv(text.encode(), mapping(bounds=quality))

    assert result.readings[0].quality is Quality.ESTIMATED
    assert [(p.row, p.column, p.code) for p in result.problems] == [(2, "kWh", "quality")]


def test_file_is_imported_whole_or_not_at_all(tmp_path: Path) -> None:
    """As a reading file, one bad cell stops the import and is shown."""
    path = tmp_path / "readings.csv"
    path.write_text(HEADER + "2024-01-01 00:15,1,1\n2024-01-01 00:30,x,1\n", encoding="utf-8")

    with pytest.raises(ImportRefused, match="row 2, kWh: 'x' is not a decimal number"):
        list(CsvFile(path, mapping()).readings())


def test_sound_file_gives_its_readings(tmp_path: Path) -> None:
    """As a reading file it can be read again and again, with the same result."""
    path = tmp_path / "readings.csv"
    path.write_text(HEADER + "\n".join(rows(4)), encoding="utf-8")
    file = CsvFile(path, mapping())

    assert list(file.readings()) == list(file.readings())
    assert len(list(file.readings())) == 8


def test_file_may_run_backwards_where_the_mapping_says_so() -> None:
    """Exports with the newest row first are read like any other."""
    text = HEADER + "\n".join(reversed(rows(4)))
    result = read_csv(text.encode(), mapping(order='"descending"'))

    assert result.is_sound
    assert result.uncovered == ()


@pytest.mark.parametrize(
    ("row", "code"), [("1970-01-01 00:15,1,1", "time"), ("2024-02-30 00:15,1,1", "time")]
)
def test_time_that_cannot_be_is_refused(row: str, code: str) -> None:
    """Times that evidence cannot hold, and days that do not exist."""
    assert problems(HEADER + row) == [(1, "time", code)]


def test_endless_cell_is_refused() -> None:
    """A cell of a megabyte is no meter value."""
    with pytest.raises(ImportRefused, match="cell of over 4096"):
        read_csv((HEADER + "2024-01-01 00:15," + "1" * 5000 + ",1").encode(), mapping())


def test_long_report_shows_the_first_problems() -> None:
    """A file of another kind does not fill the screen."""
    text = HEADER + "\n".join(row.replace(".25", "x") for row in rows(50))
    summary = read_csv(text.encode(), mapping()).summary()

    assert summary.startswith("50 rows, 50 readings, 50 problems")
    assert summary.endswith("… and 30 more")


def test_imported_readings_can_be_signed() -> None:
    """What the import gives is what a pack can hold, to the last field."""
    readings = read_csv((HEADER + "\n".join(rows(3))).encode(), mapping()).readings

    assert decode_pack(encode_pack(readings)) == readings
