"""Mapping files are read strictly: a mistake in one is named, never worked around."""

from __future__ import annotations

import pytest

from attestation.enums import Quality
from devices.errors import MappingError
from devices.meters.csv_mapping import Midnight, Stamp, parse_csv_mapping

TIME = """
[time]
columns = ["date"]
format = "%Y-%m-%d %H:%M"
zone = "UTC+08:00"
stamp = "end"
midnight = "start-of-day"
interval_s = 900
"""
SERIES = """
[[series]]
column = "kWh"
series = "m1/active-energy/import/"
source_unit = "kWh"
unit = "Wh"
"""


def test_smallest_mapping_has_the_usual_rules() -> None:
    """UTF-8, commas, a header in the first row, and an empty cell that stands for nothing."""
    mapping = parse_csv_mapping(TIME + SERIES)

    assert (mapping.text.encoding, mapping.text.delimiter, mapping.text.header_row) == (
        "utf-8",
        ",",
        1,
    )
    assert mapping.text.absent == {""}
    assert mapping.time.stamp is Stamp.END
    assert mapping.time.midnight is Midnight.START_OF_DAY
    assert mapping.series[0].quantity.conversion.to_integer(1) == 1000


def test_instants_have_no_interval() -> None:
    """A momentary value needs no interval, and none may be given."""
    instants = TIME.replace('stamp = "end"', 'stamp = "instant"')

    assert (
        parse_csv_mapping(instants.replace("interval_s = 900\n", "") + SERIES).time.interval_s == 0
    )
    with pytest.raises(MappingError, match="unknown key: interval_s"):
        parse_csv_mapping(instants + SERIES)


def test_quality_column_gives_texts_their_meaning() -> None:
    """The texts of a status column are spelt out in the mapping."""
    quality = 'quality_column = "state"\nqualities = {ok = "measured", cal = "in-calibration"}\n'
    column = parse_csv_mapping(TIME + SERIES + quality).series[0]

    assert column.qualities == {"ok": Quality.MEASURED, "cal": Quality.IN_CALIBRATION}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('zone = "UTC+08:00"', 'zone = "Asia/Nowhere"', r"\[time\]: not a time zone"),
        ('zone = "UTC+08:00"\n', "", r"\[time\]: zone is missing"),
        ('stamp = "end"', 'stamp = "middle"', "must be one of end, start, instant"),
        ('midnight = "start-of-day"\n', "", "midnight is missing"),
        ("interval_s = 900", "interval_s = 0", "between 1 and"),
        ("interval_s = 900", "interval_s = true", "whole number"),
        ("interval_s = 900", "interval_s = 900.5", "whole number"),
        ('unit = "Wh"', 'unit = "varh"', r"number 1: kWh measures energy"),
        ('unit = "Wh"', 'unit = "Wh"\nminimum = 5\nmaximum = 4', "above maximum"),
        ('unit = "Wh"', 'unit = "Wh"\nlowest = 5', "unknown key: lowest"),
        ('series = "m1/active-energy/import/"', 'series = "M1/x"', "not a series id"),
        ('unit = "Wh"', 'unit = "Wh"\nmultiplier = "CT 1"', "not a multiplier id"),
        ('unit = "Wh"', 'unit = "Wh"\nquality_column = "q"', "belong together"),
        ('format = "%Y-%m-%d %H:%M"', 'format = "%d/%m %H:%M"', "time format"),
        ('columns = ["date"]', 'columns = ["a", "b", "c"]', "one column, or two"),
        ("[[series]]", "[series]", "must be a list of tables"),
    ],
)
def test_mistake_is_named(old: str, new: str, message: str) -> None:
    """Each mistake says where it is and what belongs there."""
    with pytest.raises(MappingError, match=message):
        parse_csv_mapping((TIME + SERIES).replace(old, new))


def test_one_series_from_two_columns_is_refused() -> None:
    """Two columns of one series would collide row by row."""
    with pytest.raises(MappingError, match="two columns"):
        parse_csv_mapping(TIME + SERIES + SERIES)


def test_marks_of_thousands_and_decimals_must_differ() -> None:
    """One mark cannot mean both."""
    head = '[file]\ndecimal_mark = ","\nthousands_mark = ","\n'

    with pytest.raises(MappingError, match="the same"):
        parse_csv_mapping(head + TIME + SERIES)


def test_what_is_no_toml_is_refused() -> None:
    """A broken file says so itself."""
    with pytest.raises(MappingError, match="not TOML"):
        parse_csv_mapping("[time")


def test_bounds_are_exact() -> None:
    """A bound of 0.1 in a mapping is one tenth."""
    column = parse_csv_mapping(TIME + SERIES + "maximum = 0.1\n").series[0]

    assert str(column.quantity.maximum) == "0.1"
