"""Activity data of amounts in intervals: sums over periods, and everything that is in no sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from attestation.enums import MissingDataRule, Provenance, Quality
from attestation.readings import Reading
from attestation.series_bodies import Correction, Multiplier, Replacement
from attestation.tree_hash import hash_leaf
from ledger.errors import NotRegistered
from ledger.inventory.errors import DatumIncomplete
from ledger.inventory.periods import Period
from ledger.inventory.pieces import Origin, RemarkKind
from ledger.log.marks import Mark
from ledger.log.summing import sums
from tests.support.accounts import (
    BACKUP,
    ENERGY,
    HOUR_S,
    METER,
    SINCE_S,
    Accounts,
    calibration,
    hour,
    hourly,
)

JANUARY = Period.month(2025, 1)
FIRST = Period.day(2025, 1, 1)
SECOND = Period.day(2025, 1, 2)


def test_complete_day_adds_up(accounts: Accounts) -> None:
    """Twenty-four hours of 1 kWh are 0.024 MWh, and nothing is missing."""
    accounts.say(hourly(range(24)))
    datum = accounts.datum(FIRST)

    assert datum.amount("MWh").text == "0.024"
    assert datum.is_complete
    assert datum.completeness_ppm == 1_000_000


def test_complete_month_adds_up(accounts: Accounts) -> None:
    """A month of hours in several messages, cut at the bounds of the reporting zone."""
    for day in range(32):
        accounts.say(hourly(range(24 * day, 24 * day + 24)))
    datum = accounts.datum(JANUARY)

    assert (datum.total, datum.is_complete) == (31 * 24_000, True)
    assert accounts.datum(Period.month(2025, 2)).total == 24_000


def test_months_of_a_year_add_up_to_what_the_days_say(accounts: Accounts) -> None:
    """Whatever the cut, each reading is in one period only."""
    accounts.say(hourly(range(0, 72)))
    days = [accounts.datum(day).total for day in JANUARY.days()[:3]]

    assert sum(days) == accounts.datum(JANUARY).total == 72_000


def test_missing_hours_are_not_zero(accounts: Accounts) -> None:
    """What is missing is named by its seconds, and no amount is given for the whole."""
    accounts.say(hourly([*range(10), *range(13, 24)]))
    datum = accounts.datum(FIRST)

    assert datum.missing == ((hour(10), hour(13)),)
    assert datum.amount_so_far("MWh").text == "0.021"
    with pytest.raises(DatumIncomplete, match="10800 s"):
        datum.amount("MWh")


def test_period_without_any_reading_is_missing_as_a_whole(accounts: Accounts) -> None:
    """Silence is no consumption of zero."""
    datum = accounts.datum(SECOND)

    assert datum.missing == ((SECOND.from_s, SECOND.to_s),)
    assert (datum.parts, datum.completeness_ppm) == ((), 0)


def test_reading_across_midnight_is_on_neither_side(accounts: Accounts) -> None:
    """It is named on both days, and its seconds are missing on both."""
    accounts.say([*hourly(range(23)), *hourly(range(25, 48))])
    across = Reading(series=ENERGY, end_s=hour(25), interval_s=2 * HOUR_S, value=2000, unit="Wh")
    accounts.say([across])
    for datum in (accounts.datum(FIRST), accounts.datum(SECOND)):
        (remark,) = datum.remarks
        assert (datum.total, datum.missing_s) == (23_000, HOUR_S)
        assert remark.kind is RemarkKind.ACROSS


def test_two_that_speak_of_one_hour_leave_it_missing(accounts: Accounts) -> None:
    """A conflict is a gap until a signed correction settles it."""
    accounts.say(hourly(range(24)))
    accounts.say(hourly([5], value=900))

    assert accounts.datum(FIRST).missing == ((hour(5), hour(6)),)


def test_reading_that_is_marked_as_faulty_covers_nothing(accounts: Accounts) -> None:
    """A fault is missing data with a name."""
    readings = hourly(range(24))
    readings[3] = replace(readings[3], value=None, quality=Quality.FAULT)
    accounts.say(readings)
    datum = accounts.datum(FIRST)

    assert datum.missing_s == HOUR_S
    assert [remark.kind for remark in datum.remarks] == [RemarkKind.WITHOUT_VALUE]


def test_estimate_of_the_device_is_kept_apart(accounts: Accounts) -> None:
    """What was not measured is not called metered."""
    readings = hourly(range(24))
    readings[3] = replace(readings[3], quality=Quality.ESTIMATED)
    accounts.say(readings)
    datum = accounts.datum(FIRST)

    assert (datum.of_origin(Origin.METERED), datum.of_origin(Origin.STATED)) == (23_000, 1000)


def test_replacement_by_a_correction_is_kept_apart(accounts: Accounts) -> None:
    """It counts, as stated, and is marked."""
    accounts.say(hourly(range(24)))
    replacement = Replacement(value=700, unit="Wh", quality=Quality.SUBSTITUTED)
    accounts.enterprise.file(
        Correction(
            series=ENERGY,
            from_s=hour(2),
            to_s=hour(3),
            reason="meter stood still",
            replacement=replacement,
        )
    )
    datum = accounts.datum(FIRST)

    assert (datum.total, datum.of_origin(Origin.STATED)) == (23_700, 700)
    assert datum.marks[Mark.CORRECTED] == 1


def test_imported_rows_do_not_stand_for_metered_ones(accounts: Accounts) -> None:
    """Without leave of the plan they are named and left out."""
    accounts.plan()
    imported = hourly(range(24), source_file=b"f" * 32)
    numbered = [replace(each, source_row=row) for row, each in enumerate(imported, 1)]
    accounts.say(numbered, Provenance.IMPORT)
    datum = accounts.datum(FIRST)

    assert (datum.total, datum.missing_s) == (0, FIRST.length_s)
    assert [(remark.kind, remark.count) for remark in datum.remarks] == [
        (RemarkKind.IMPORT_REFUSED, 24)
    ]


def test_imported_rows_count_where_the_plan_says_so(accounts: Accounts) -> None:
    """They are still called imported."""
    accounts.plan(imports=True)
    imported = hourly(range(24), source_file=b"f" * 32)
    numbered = [replace(each, source_row=row) for row, each in enumerate(imported, 1)]
    accounts.say(numbered, Provenance.IMPORT)
    datum = accounts.datum(FIRST)

    assert (datum.total, datum.of_origin(Origin.IMPORTED)) == (24_000, 24_000)
    assert datum.marks[Mark.IMPORTED] == 24


def test_what_is_out_of_calibration_is_kept_apart(accounts: Accounts) -> None:
    """The certificate ends at noon: the afternoon is another part."""
    accounts.enterprise.file(calibration(to_s=hour(12)))
    accounts.say(hourly(range(24)))
    found = {part.calibration: part.total for part in accounts.datum(FIRST).parts}

    assert found == {"0.5S": 12_000, None: 12_000}


@pytest.fixture
def transformed(accounts: Accounts) -> Accounts:
    """An enterprise whose meter stands behind a transformer of 80 to 1."""
    accounts.enterprise.file(multiplier("ct-80", 80))
    return accounts


def multiplier(
    name: str, numerator: int, from_s: int = SINCE_S, denominator: int = 1
) -> Multiplier:
    """Give the record of a transformer."""
    return Multiplier(
        multiplier=name,
        instrument=METER,
        kind="CT",
        numerator=numerator,
        denominator=denominator,
        valid_from_s=from_s,
    )


def test_values_are_multiplied_by_what_is_in_force(transformed: Accounts) -> None:
    """Signed as read, accounted as meant."""
    transformed.say(hourly(range(24), multiplier="ct-80"))

    assert transformed.datum(FIRST).total == 80 * 24_000


def test_multiplier_changes_within_a_day(transformed: Accounts) -> None:
    """Each hour has the multiplier of its time."""
    transformed.enterprise.file(multiplier("ct-100", 100, hour(12)))
    transformed.say(hourly(range(12), multiplier="ct-80"))
    transformed.say(hourly(range(12, 24), multiplier="ct-100"))

    assert transformed.datum(FIRST).total == 80 * 12_000 + 100 * 12_000


@pytest.mark.parametrize("named", [None, "ct-100", "ct-8"], ids=["none", "later", "unknown"])
def test_reading_that_names_another_multiplier_is_not_guessed_at(
    transformed: Accounts, named: str | None
) -> None:
    """Dropping the name would make an eightieth of what was used."""
    transformed.enterprise.file(multiplier("ct-100", 100, hour(12)))
    transformed.say(hourly(range(11), multiplier="ct-80"))
    transformed.say(hourly([11], multiplier=named))
    datum = transformed.datum(FIRST)

    assert datum.total == 80 * 11_000
    assert [remark.kind for remark in datum.remarks] == [RemarkKind.MULTIPLIER]


def test_multiplier_of_another_instrument_does_not_matter(accounts: Accounts) -> None:
    """Each instrument has its own; a reading of one without any names none."""
    other = replace(multiplier("ct-80", 80), instrument="em-02")
    accounts.enterprise.file(other)
    accounts.say(hourly(range(24)))

    assert accounts.datum(FIRST).total == 24_000


def test_multipliers_of_two_kinds_stand_beside_each_other(transformed: Accounts) -> None:
    """A voltage transformer that comes later does not end the current transformer's."""
    transformed.enterprise.file(replace(multiplier("pt-10", 10, hour(6)), kind="PT"))
    transformed.say(hourly(range(24), multiplier="ct-80"))

    assert transformed.datum(FIRST).total == 80 * 24_000


def test_corrected_multiplier_counts_from_its_begin(transformed: Accounts) -> None:
    """A newer record of the same begin says how it really was."""
    transformed.say(hourly(range(24), multiplier="ct-80"))
    transformed.enterprise.file(multiplier("ct-80", 60))

    assert transformed.datum(FIRST).total == 60 * 24_000


def test_total_that_has_no_end_is_rounded_only_as_an_amount(accounts: Accounts) -> None:
    """A third stays a third until somebody asks for decimals."""
    accounts.enterprise.file(multiplier("ct-third", 1, denominator=3))
    accounts.say(hourly(range(24), value=1001, multiplier="ct-third"))
    datum = accounts.datum(FIRST)

    assert datum.total == Fraction(24 * 1001, 3)
    assert accounts.datum(FIRST).amount("kWh").text == "8.008"


@pytest.mark.parametrize(
    ("rule", "filled"),
    [
        (MissingDataRule.HIGHEST, 2 * 1500),
        (MissingDataRule.MEAN, 2045),
        (MissingDataRule.LEAVE_MISSING, None),
        (MissingDataRule.DEFAULT_VALUE, None),
    ],
)
def test_only_the_rule_of_the_plan_fills_what_is_missing(
    accounts: Accounts, rule: MissingDataRule, filled: int | None
) -> None:
    """Two hours are missing; 21 hours of 1 kWh and one of 1.5 kWh were measured."""
    accounts.plan(missing=rule)
    accounts.say([*hourly(range(21)), *hourly([21], value=1500)])
    datum = accounts.datum(FIRST)

    assert datum.of_origin(Origin.METERED) == 22_500
    assert datum.of_origin(Origin.SUBSTITUTED) == (filled or 0)
    assert datum.is_complete is (filled is not None)


def test_nothing_measured_is_not_substituted(accounts: Accounts) -> None:
    """The highest of nothing is nothing, not zero."""
    accounts.plan(missing=MissingDataRule.HIGHEST)

    assert accounts.datum(FIRST).missing_s == FIRST.length_s


def test_back_up_series_fills_what_it_covers(accounts: Accounts) -> None:
    """Of two missing stretches it has one; the other stays missing."""
    accounts.plan(missing=MissingDataRule.OTHER_SERIES, backup_series=BACKUP)
    accounts.say(hourly([*range(4), *range(6, 20)]))
    accounts.say(hourly(range(24), series=BACKUP, value=1100)[:22])
    datum = accounts.datum(FIRST)

    assert datum.of_origin(Origin.SUBSTITUTED) == 2200
    assert datum.substituted == ((hour(4), hour(6)),)
    assert datum.missing == ((hour(20), hour(24)),)


def test_unknown_series_is_an_error(accounts: Accounts) -> None:
    """A series that is not there has no datum."""
    with pytest.raises(NotRegistered):
        accounts.datum(FIRST, series="em-09/energy/total/")


def test_overlapping_periods_each_have_their_own_sum(accounts: Accounts) -> None:
    """A day, its month and a stretch across both ends say the same of what they share."""
    accounts.say(hourly(range(12, 60)))
    periods = ("2025-01-02", "2025-01-01/2025-01-02", "2025-01", "2025-01-02/2025-01-03", "2025")
    found = [accounts.datum(Period.parse(each)).total for each in periods]

    assert found == [24_000, 36_000, 48_000, 36_000, 48_000]


@pytest.mark.parametrize("seed", range(3))
def test_total_is_that_of_the_sums_of_the_log(accounts: Accounts, seed: int) -> None:
    """Whatever is missing, said twice or across midnight: two ways of adding up agree."""
    random = Random(seed)
    for _ in range(8):
        first, count = random.randrange(0, 60), random.randrange(1, 20)
        row = hourly(range(first, first + count), value=random.randrange(1, 5000))
        if random.random() < 0.3:
            row = [replace(row[0], end_s=row[0].end_s + HOUR_S, interval_s=2 * HOUR_S)]
        accounts.say(row)
    days = [FIRST, SECOND, Period.day(2025, 1, 3)]
    data = [accounts.datum(day) for day in days]
    with accounts.enterprise.database.reading() as uow:
        bounds = [*(day.from_s for day in days), days[-1].to_s]
        summed = sums(uow, accounts.enterprise.log, ENERGY, bounds)

    assert [datum.total for datum in data] == [each.total for each in summed]
    assert [datum.missing_s for datum in data] == [each.missing_s for each in summed]
    assert [sum(remark.count for remark in datum.remarks) for datum in data] == [
        each.across for each in summed
    ]


def test_instants_have_no_amount(accounts: Accounts) -> None:
    """A value each second, without an interval, adds up to nothing."""
    row = [replace(hourly([0])[0], end_s=hour(0) + each, interval_s=0) for each in range(1, 5)]
    accounts.say(row)
    datum = accounts.datum(FIRST)

    assert (datum.parts, datum.missing_s) == ((), FIRST.length_s)


def test_calibration_that_was_filed_wrongly_is_superseded(accounts: Accounts) -> None:
    """The right certificate covers half of a message's hours: they are told apart."""
    enterprise = accounts.enterprise
    wrong = enterprise.record(calibration())
    enterprise.records.admit_record(enterprise.log.number, wrong, now=enterprise.now)
    enterprise.integrate()
    right = enterprise.record(calibration(to_s=hour(12)), supersedes=(hash_leaf(wrong),))
    enterprise.records.admit_record(enterprise.log.number, right, now=enterprise.now)
    accounts.say(hourly(range(24)))
    found = {part.calibration: part.total for part in accounts.datum(FIRST).parts}

    assert found == {"0.5S": 12_000, None: 12_000}
