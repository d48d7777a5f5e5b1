"""Tables of tariffs: every minute has one band, and every fault is named with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.analytics.errors import TableMalformed
from ledger.analytics.tariffs import DayKind, parse_tariff

TARIFF = Path(__file__).parents[4] / "examples" / "tariffs" / "korea-industrial-2018.toml"
TABLE = tomllib.loads(TARIFF.read_text(encoding="utf-8"))
MIDNIGHT_S = 1_520_175_600
"""2018-03-05 00:00 in Korea, a Monday."""
HOUR_S = 3600


def damaged(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Give the table with a change."""
    table = deepcopy(TABLE)
    change(table)
    return table


@pytest.mark.parametrize(
    ("start_h", "length_s", "band"),
    [
        (0, HOUR_S, "light"),
        (9, HOUR_S, "medium"),
        (10, 2 * HOUR_S, "maximum"),
        (23, HOUR_S, "light"),
        (23, 10 * HOUR_S, "light"),
        (23, 10 * HOUR_S + 1, None),
        (8, 2 * HOUR_S, None),
        (22, HOUR_S + 1, None),
    ],
)
def test_interval_has_the_band_that_it_lies_in(
    start_h: int, length_s: int, band: str | None
) -> None:
    """Up to its last second, over midnight too, and none where it reaches into another."""
    start_s = MIDNIGHT_S + start_h * HOUR_S
    found = parse_tariff(TABLE).band_of(start_s, start_s + length_s)
    assert (found and found.name) == band


def test_part_of_a_minute_reaches_into_the_whole_of_it() -> None:
    """One second after nine is not before nine."""
    nine = MIDNIGHT_S + 9 * HOUR_S
    assert parse_tariff(TABLE).band_of(nine - 30, nine + 1) is None
    assert parse_tariff(TABLE).band_of(nine - 30, nine) is not None


def test_listed_day_off_is_none_of_the_week() -> None:
    """1 May 2018 was a Tuesday."""
    tariff = parse_tariff(TABLE)
    assert tariff.kind_of(date(2018, 5, 1)) is DayKind.DAY_OFF
    assert tariff.kind_of(date(2018, 5, 2)) is DayKind.WORKDAY
    assert tariff.kind_of(date(2018, 5, 12)) is DayKind.SATURDAY
    assert tariff.kind_of(date(2018, 5, 6)) is DayKind.SUNDAY


def test_listed_day_of_rest_is_worked() -> None:
    """20 May 2018 was a Sunday, and the works worked."""
    tariff = parse_tariff(TABLE)
    assert date(2018, 5, 20).weekday() == 6
    assert tariff.kind_of(date(2018, 5, 20)) is DayKind.WORKDAY


def test_days_beyond_the_validity_have_no_band() -> None:
    """The first second after the last day."""
    tariff = parse_tariff(TABLE)
    end_s = 1_538_319_600
    assert tariff.band_of(end_s - 900, end_s) is not None
    assert tariff.band_of(end_s, end_s + 900) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t["plan"][0].update(hours=["00:00-09:00 light"]), "nothing after minute 540"),
        (
            lambda t: t["plan"][2].update(hours=["00:00-12:00 light", "11:59-24:00 light"]),
            "not every minute has one band",
        ),
        (
            lambda t: t["plan"][2].update(hours=["00:00-12:00 light", "12:01-24:00 light"]),
            "not every minute has one band",
        ),
        (lambda t: t["plan"][2].update(hours=["00:00-24:00 night"]), "no band 'night'"),
        (lambda t: t["plan"][2].update(hours=["0:00-24:00 light"]), "is not like"),
        (lambda t: t["plan"][2].update(hours=["00:00-25:00 light"]), "is not like"),
        (lambda t: t["plan"][1]["months"].remove(4), "none for month 4, workday"),
        (lambda t: t["plan"][1]["months"].append(1), "month 1, workday has a plan already"),
        (lambda t: t["plan"][1]["months"].append(13), "from 1 to 12"),
        (lambda t: t["plan"][1]["days"].append("holiday"), "'holiday' is none of"),
        (lambda t: t["band"][0].update(price=60.5), "decimal in quotes"),
        (lambda t: t["band"][0].update(price="60,5"), "decimal in quotes"),
        (lambda t: t["band"][1].update(name="light"), "two have one name"),
        (lambda t: t["band"][1].update(colour="red"), r"band\[1\].colour: no such field"),
        (lambda t: t.pop("source"), "source: missing"),
        (lambda t: t.update(note="x"), "note: no such field"),
        (lambda t: t.update(zone="UTC+8"), "a zone is written as"),
        (lambda t: t.update(zone="UTC+15:00"), "a zone is written as"),
        (lambda t: t.update(first_day="2018-02-30"), "is no day"),
        (lambda t: t.update(last_day=date(2017, 12, 31)), "is before"),
        (lambda t: t.update(days_off=["01.05.2018"]), "is no day"),
        (lambda t: t["workdays"].append(date(2018, 5, 1)), "2018-05-01 is a day off too"),
        (lambda t: t.update(plan=[]), "a list is wanted"),
        (lambda t: t.update(plan=["x"]), "not a table"),
    ],
)
def test_nearly_a_table_is_refused(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    """One thing is wrong with each."""
    with pytest.raises(TableMalformed, match=message):
        parse_tariff(damaged(change))


def test_what_is_no_table_is_refused() -> None:
    """A list of tables."""
    with pytest.raises(TableMalformed, match="not a table"):
        parse_tariff([TABLE])
