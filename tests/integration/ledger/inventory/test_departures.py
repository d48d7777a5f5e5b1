"""The control plan beside a datum: each departure is named, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.enums import Quality, WayOfGetting
from attestation.series_bodies import Calibration
from ledger.inventory.departures import Departure, DepartureKind, check_datum
from ledger.inventory.periods import Period
from tests.support.accounts import (
    BACKUP,
    ENERGY,
    SINCE_S,
    Accounts,
    calibration,
    hour,
    hourly,
    plan,
)

FIRST = Period.day(2025, 1, 1)


def departures(accounts: Accounts, *, series: str = ENERGY) -> list[Departure]:
    """Give the departures of the first day."""
    datum = accounts.datum(FIRST, series=series)
    with accounts.enterprise.database.reading() as uow:
        return list(check_datum(uow, accounts.enterprise.log, datum))


def kinds(accounts: Accounts, *, series: str = ENERGY) -> list[DepartureKind]:
    """Give their kinds."""
    return [each.kind for each in departures(accounts, series=series)]


def measured(accounts: Accounts, **changes: object) -> Accounts:
    """File a plan and a calibration, and let the meter say a whole day."""
    accounts.plan(**changes)
    accounts.enterprise.file(calibration())
    accounts.say(hourly(range(24)))
    return accounts


def test_datum_as_planned_has_none(accounts: Accounts) -> None:
    """The series, the frequency, the class and the calibration are the plan's."""
    assert kinds(measured(accounts)) == []


def test_parameter_that_no_plan_names(accounts: Accounts) -> None:
    """A figure without a plan is no figure of a report."""
    accounts.say(hourly(range(24)))

    assert kinds(accounts) == [DepartureKind.NOT_PLANNED]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"way": WayOfGetting.CALCULATED}, DepartureKind.OTHER_WAY),
        ({"measured_in": "GJ/t"}, DepartureKind.OTHER_QUANTITY),
        ({"every_s": 900}, DepartureKind.TOO_SELDOM),
        ({"accuracy_ppm": 4999}, DepartureKind.LESS_ACCURATE),
        ({"calibration_days": 364}, DepartureKind.CALIBRATION_TOO_LONG),
    ],
    ids=lambda value: value.value if isinstance(value, DepartureKind) else "",
)
def test_each_thing_the_plan_names_is_compared(
    accounts: Accounts, changes: dict[str, object], kind: DepartureKind
) -> None:
    """The datum is as it always is; the plan asks for a little more."""
    assert kinds(measured(accounts, **changes)) == [kind]


def test_series_that_the_plan_does_not_name(accounts: Accounts) -> None:
    """Another meter's data is not the plan's, however good."""
    measured(accounts)
    accounts.say(hourly(range(24), series=BACKUP))

    assert DepartureKind.OTHER_SERIES in kinds(accounts, series=BACKUP)


def test_time_out_of_calibration_is_counted(accounts: Accounts) -> None:
    """The certificate ends an hour before the day does."""
    accounts.plan()
    accounts.enterprise.file(calibration(to_s=hour(23)))
    accounts.say(hourly(range(24)))
    (found,) = departures(accounts)

    assert found.kind is DepartureKind.OUT_OF_CALIBRATION
    assert found.text.startswith("3600 s")


def test_class_that_is_no_percentage_is_compared_by_name(accounts: Accounts) -> None:
    """A truck scale's III is not 0.5S."""
    accounts.plan()
    accounts.enterprise.file(calibration(accuracy_class="III"))
    accounts.say(hourly(range(24)))

    assert kinds(accounts) == [DepartureKind.LESS_ACCURATE]


def test_missing_hours_and_what_was_left_out(accounts: Accounts) -> None:
    """A faulty hour is left out, and so it is missing."""
    accounts.plan()
    accounts.enterprise.file(calibration())
    readings = hourly(range(24))
    readings[3] = replace(readings[3], value=None, quality=Quality.FAULT)
    accounts.say(readings)

    assert kinds(accounts) == [DepartureKind.LEFT_OUT, DepartureKind.MISSING]


def test_stated_values_without_a_rule(accounts: Accounts) -> None:
    """The plan leaves missing data missing; an estimate stands in its place."""
    accounts.plan()
    accounts.enterprise.file(calibration())
    readings = hourly(range(24))
    readings[3] = replace(readings[3], quality=Quality.ESTIMATED)
    accounts.say(readings)

    assert kinds(accounts) == [DepartureKind.NOT_AS_MEASURED]


def test_edition_that_ends_within_the_period(accounts: Accounts) -> None:
    """The datum is judged by one edition, and it is said that another took over."""
    measured(accounts)
    accounts.enterprise.file(plan(2, hour(12)))

    assert kinds(accounts) == [DepartureKind.PLAN_CHANGED]


def test_plan_that_is_filed_after_the_readings(accounts: Accounts) -> None:
    """Who sees the data first and says then how it is to be got, is told on."""
    accounts.enterprise.file(calibration())
    accounts.say(hourly(range(24)))
    accounts.plan()

    assert kinds(accounts) == [DepartureKind.PLAN_FILED_LATER]


def test_two_windows_are_each_short_enough(accounts: Accounts) -> None:
    """Calibrations that follow each other are judged one by one."""
    accounts.plan(calibration_days=200)
    for start, end in ((SINCE_S, hour(12)), (hour(12), hour(24 * 100))):
        body: Calibration = calibration(start, end)
        accounts.enterprise.file(body)
    accounts.say(hourly(range(24)))

    assert kinds(accounts) == []
