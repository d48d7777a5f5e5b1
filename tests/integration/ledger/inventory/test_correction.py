"""A datum in the parts that measurement correction takes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from attestation.enums import DataSide, MissingDataRule
from ledger.inventory.activity import planned_data
from ledger.inventory.correction import MeterParts, meter_parts
from ledger.inventory.errors import DatumIncomplete
from ledger.inventory.periods import Period
from tests.support.accounts import PARAMETER, UNIT, Accounts, calibration, hour, hourly

FIRST = Period.day(2025, 1, 1)


def parts_of(accounts: Accounts) -> MeterParts:
    """Give the parts of the first day."""
    with accounts.enterprise.database.reading() as uow:
        data = planned_data(uow, accounts.enterprise.log, UNIT, PARAMETER, FIRST)
    return meter_parts(data, "MWh")


def test_datum_in_calibration_is_one_part(accounts: Accounts) -> None:
    """As accurate as required: the rule has nothing to do."""
    accounts.plan()
    accounts.enterprise.file(calibration())
    accounts.say(hourly(range(24)))
    found = parts_of(accounts)
    (part,) = found.parts

    assert (found.side, found.is_needed) == (DataSide.EMISSION, False)
    assert (part.measured.text, part.is_calibrated) == ("0.024", True)
    assert (part.required_pct, part.calibrated_pct) == (Decimal("0.5"), Decimal("0.5"))


def test_late_calibration_divides_the_datum(accounts: Accounts) -> None:
    """What lies outside the certificate is a part of its own."""
    accounts.plan()
    accounts.enterprise.file(calibration(from_s=hour(6)))
    accounts.say(hourly(range(24)))
    found = parts_of(accounts)

    assert found.is_needed
    assert {part.is_calibrated: part.measured.text for part in found.parts} == {
        True: "0.018",
        False: "0.006",
    }


@pytest.mark.parametrize(
    ("accuracy_class", "calibrated", "needed"),
    [("0.2S", Decimal("0.2"), False), ("1.0", Decimal(1), True), ("III", None, True)],
)
def test_class_that_was_found_is_compared(
    accounts: Accounts, accuracy_class: str, calibrated: Decimal | None, needed: bool
) -> None:
    """A better class is not corrected, a worse one is; a name says nothing, and is as no class."""
    accounts.plan()
    accounts.enterprise.file(calibration(accuracy_class=accuracy_class))
    accounts.say(hourly(range(24)))
    found = parts_of(accounts)
    (part,) = found.parts

    assert (part.calibrated_pct if part.is_calibrated else None, found.is_needed) == (
        calibrated,
        needed,
    )


def test_substituted_part_is_not_corrected_twice(accounts: Accounts) -> None:
    """The plan's rule took the highest rate already."""
    accounts.plan(missing=MissingDataRule.HIGHEST)
    accounts.enterprise.file(calibration())
    accounts.say(hourly(range(23)))

    assert not parts_of(accounts).is_needed


@pytest.mark.parametrize(
    "changes",
    [{"accuracy_ppm": None}, {"side": DataSide.NONE}],
    ids=["no accuracy", "no side"],
)
def test_plan_that_does_not_say_enough_is_an_error(
    accounts: Accounts, changes: dict[str, object]
) -> None:
    """Nothing is corrected by a guess."""
    accounts.plan(**changes)
    accounts.say(hourly(range(24)))
    with pytest.raises(DatumIncomplete):
        parts_of(accounts)


def test_incomplete_datum_is_an_error(accounts: Accounts) -> None:
    """What is missing cannot be corrected."""
    accounts.plan()
    accounts.say(hourly(range(23)))
    with pytest.raises(DatumIncomplete, match="3600 s"):
        parts_of(accounts)
