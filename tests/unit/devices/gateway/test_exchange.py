"""Exchange of a meter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.series_bodies import Instrument, RegisterStanding
from devices.errors import EnrolmentError
from devices.exchange import exchange_meter
from tests.support.gateway import SERIES, START_S

OLD = Instrument(
    instrument="boiler-1",
    kind="electricity meter",
    maker="maker",
    model="DTZ",
    serial_number="A-1",
    accuracy_class="0.5S",
    place="hall 1",
    installer="installer",
    installed_s=START_S - 1000,
    register_modulus=1_000_000,
    unit="Wh",
)
NEW = replace(OLD, serial_number="B-2", installed_s=START_S, register_modulus=10_000_000)
STANDING = RegisterStanding(series=SERIES, unit="Wh", last=999_999, first=0)


def test_exchange_records_both_standings() -> None:
    """The record says where the old register stopped and where the new one began."""
    made = exchange_meter(OLD, NEW, [STANDING], at_s=START_S)

    assert made.exchange.registers == (STANDING,)
    assert (made.exchange.old_serial_number, made.exchange.new_serial_number) == ("A-1", "B-2")
    assert made.instrument == NEW


@pytest.mark.parametrize(
    ("old", "new", "standings", "at_s", "message"),
    [
        pytest.param(OLD, replace(NEW, instrument="boiler-2"), [STANDING], START_S, "id stays",
                     id="another id"),
        pytest.param(OLD, NEW, [STANDING, STANDING], START_S, "two standings", id="twice"),
        pytest.param(OLD, NEW, [replace(STANDING, series="boiler-2/energy/total/")], START_S,
                     "not a series of", id="another instrument's series"),
        pytest.param(OLD, NEW, [replace(STANDING, last=1_000_000)], START_S,
                     "beyond the register", id="old register cannot show it"),
        pytest.param(OLD, NEW, [replace(STANDING, first=10_000_000)], START_S,
                     "beyond the register", id="new register cannot show it"),
        pytest.param(OLD, NEW, [replace(STANDING, unit="kWh")], START_S, "is in kWh",
                     id="another unit"),
        pytest.param(OLD, NEW, [replace(STANDING, first=-1)], START_S, "below 0", id="negative"),
        pytest.param(OLD, NEW, [STANDING], START_S + 1, "not after the new", id="after it"),
        pytest.param(OLD, NEW, [STANDING], START_S - 1001, "after the old", id="before the old"),
    ],
)  # fmt: skip
def test_exchange_that_cannot_be_is_refused(
    old: Instrument,
    new: Instrument,
    standings: list[RegisterStanding],
    at_s: int,
    message: str,
) -> None:
    """Standings, series and times have to fit both meters."""
    with pytest.raises(EnrolmentError, match=message):
        exchange_meter(old, new, standings, at_s=at_s)
