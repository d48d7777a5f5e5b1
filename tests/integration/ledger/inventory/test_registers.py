"""Activity data of registers: differences of standings, and what a fall of one means."""

from __future__ import annotations

from random import Random

import pytest

from attestation.enums import Quality
from attestation.series_bodies import (
    Correction,
    Instrument,
    MeterExchange,
    Multiplier,
    RegisterStanding,
    Replacement,
)
from attestation.tree_hash import hash_leaf
from ledger.database import Database
from ledger.inventory.periods import Period
from ledger.inventory.pieces import Origin, RemarkKind
from tests.support.accounts import (
    ENERGY,
    METER,
    SINCE_S,
    Accounts,
    calibration,
    hour,
    standing,
)

FIRST = Period.day(2025, 1, 1)
SECOND = Period.day(2025, 1, 2)
OTHER = "em-01/reactive/total/"


@pytest.fixture
def register(database: Database) -> Accounts:
    """An enterprise whose meter says where its register stands."""
    return Accounts.open(database, register=True)


def instrument(serial_number: str = "A", *, modulus: int | None = 10_000) -> Instrument:
    """Give the record of the meter."""
    return Instrument(
        instrument=METER,
        kind="electricity meter",
        maker="maker",
        model="model",
        serial_number=serial_number,
        accuracy_class="0.5S",
        place="gate",
        installer="installer",
        installed_s=SINCE_S,
        register_modulus=modulus,
        unit=None if modulus is None else "Wh",
    )


def exchange(
    at_s: int, last: int, first: int, *, series: str = ENERGY, unit: str = "Wh"
) -> MeterExchange:
    """Give the record of meter A's exchange for meter B."""
    return MeterExchange(
        instrument=METER,
        old_serial_number="A",
        new_serial_number="B",
        at_s=at_s,
        registers=(RegisterStanding(series=series, unit=unit, last=last, first=first),),
    )


def multiplier(name: str, numerator: int, from_s: int) -> Multiplier:
    """Give the record of a transformer."""
    return Multiplier(
        multiplier=name,
        instrument=METER,
        kind="CT",
        numerator=numerator,
        denominator=1,
        valid_from_s=from_s,
    )


def test_day_is_the_difference_of_its_bounds(register: Accounts) -> None:
    """Standings at both midnights make the day; those in between only divide it."""
    register.say([standing(each, 100 + 10 * each) for each in (0, 7, 24, 30)])
    datum = register.datum(FIRST)

    assert (datum.total, datum.is_complete) == (240, True)


def test_standing_at_midnight_belongs_to_both_days(register: Accounts) -> None:
    """The end of one is the begin of the next, and no second is counted twice."""
    register.say([standing(each, 5 * each) for each in (0, 24, 48)])

    assert [register.datum(day).total for day in (FIRST, SECOND)] == [120, 120]


def test_day_without_a_standing_at_its_bound_is_not_complete(register: Accounts) -> None:
    """What was used between 23 and 1 o'clock cannot be divided at midnight."""
    register.say([standing(each, 5 * each) for each in (0, 23, 25, 48)])
    datum = register.datum(FIRST)

    assert datum.total == 115
    assert datum.missing == ((hour(23), hour(24)),)


def test_single_standing_is_no_amount(register: Accounts) -> None:
    """Where a register stood says nothing of what was used."""
    register.say([standing(12, 1_000_000)])

    assert register.datum(FIRST).parts == ()


def test_register_goes_over_its_range(register: Accounts) -> None:
    """From 9 900 over 10 000 to 200 are 300."""
    register.enterprise.file(instrument())
    register.say([standing(0, 9_700), standing(12, 9_900), standing(24, 200)])
    datum = register.datum(FIRST)

    assert (datum.total, datum.is_complete) == (500, True)
    assert [event.split(" before")[0] for event in datum.events] == ["register went over 10000"]


@pytest.mark.parametrize("known", [True, False], ids=["implausible", "range not registered"])
def test_register_that_fell_otherwise_began_again(register: Accounts, known: bool) -> None:
    """A fall to nothing from the middle of the range is a restart: the step is missing."""
    register.enterprise.file(instrument(modulus=10_000 if known else None))
    register.say([standing(0, 3_000), standing(12, 4_000), standing(18, 0), standing(24, 250)])
    datum = register.datum(FIRST)

    assert (datum.total, datum.missing) == (1250, ((hour(12), hour(18)),))
    assert [remark.kind for remark in datum.remarks] == [RemarkKind.RESTART]


@pytest.mark.parametrize(("limit", "complete"), [(101, True), (99, False)])
def test_roll_over_is_judged_by_the_rate_the_series_may_have(
    database: Database, limit: int, complete: bool
) -> None:
    """2 400 in 24 hours are a roll-over at 101 an hour, and a restart at 99."""
    register = Accounts.open(database, register=True, rate_limit_per_h=limit)
    register.enterprise.file(instrument())
    register.say([standing(0, 8_600), standing(24, 1_000)])

    assert register.datum(FIRST).is_complete is complete


def test_exchange_stands_between_two_meters(register: Accounts) -> None:
    """The old meter's rest and the new one's begin add up."""
    register.enterprise.file(instrument("A"))
    register.enterprise.file(exchange(hour(10), last=550, first=7))
    register.say([standing(0, 500), standing(24, 107)])
    datum = register.datum(FIRST)

    assert (datum.total, datum.is_complete) == (50 + 100, True)
    assert len(datum.events) == 1


def test_exchange_for_a_meter_that_stands_higher(register: Accounts) -> None:
    """A rise over an exchange is not taken for consumption."""
    register.enterprise.file(exchange(hour(10), last=550, first=9_000))
    register.say([standing(0, 500), standing(24, 9_100)])

    assert register.datum(FIRST).total == 50 + 100


def test_old_meter_goes_over_its_range_before_the_exchange(register: Accounts) -> None:
    """Each meter has its own range."""
    register.enterprise.file(instrument("A"))
    register.enterprise.file(instrument("B", modulus=1_000_000))
    register.enterprise.file(exchange(hour(10), last=20, first=0))
    register.say([standing(0, 9_990), standing(24, 5)])

    assert register.datum(FIRST).total == 30 + 5


@pytest.mark.parametrize(
    ("series", "unit"), [(OTHER, "Wh"), (ENERGY, "m3")], ids=["other series", "other quantity"]
)
def test_exchange_that_does_not_say_where_the_register_stood(
    register: Accounts, series: str, unit: str
) -> None:
    """Nobody knows what was used around it."""
    register.enterprise.file(exchange(hour(10), last=550, first=7, series=series, unit=unit))
    register.say([standing(0, 500), standing(24, 607)])
    datum = register.datum(FIRST)

    assert (datum.total, datum.missing_s) == (0, FIRST.length_s)
    assert [remark.kind for remark in datum.remarks] == [RemarkKind.EXCHANGE]
    assert datum.events == ()


def test_standings_of_an_exchange_are_converted(register: Accounts) -> None:
    """The fitter wrote kWh down, the meter says Wh."""
    register.enterprise.file(exchange(hour(10), last=5, first=1, unit="kWh"))
    register.say([standing(0, 4_500), standing(24, 1_100)])

    assert register.datum(FIRST).total == 500 + 100


def test_exchange_changes_the_multiplier(register: Accounts) -> None:
    """The old meter's part has the old one, the new meter's the new one."""
    register.enterprise.file(multiplier("ct-80", 80, SINCE_S))
    register.enterprise.file(multiplier("ct-100", 100, hour(10)))
    register.enterprise.file(exchange(hour(10), last=550, first=7))
    register.say([standing(0, 500, multiplier="ct-80"), standing(24, 107, multiplier="ct-100")])

    assert register.datum(FIRST).total == 80 * 50 + 100 * 100


def test_multiplier_that_changed_between_two_standings_is_not_guessed_at(
    register: Accounts,
) -> None:
    """Without a standing at the change nobody knows which part had which."""
    register.enterprise.file(multiplier("ct-80", 80, SINCE_S))
    register.enterprise.file(multiplier("ct-100", 100, hour(10)))
    register.say([standing(0, 500, multiplier="ct-80"), standing(24, 600, multiplier="ct-100")])
    datum = register.datum(FIRST)

    assert (datum.total, datum.missing_s) == (0, FIRST.length_s)
    assert [remark.kind for remark in datum.remarks] == [RemarkKind.MULTIPLIER]


def test_replaced_standing_is_as_if_read(register: Accounts) -> None:
    """A correction gives the standing at midnight; what rests on it is called stated."""
    register.enterprise.file(multiplier("ct-80", 80, SINCE_S))
    register.say([standing(each, 5 * each, multiplier="ct-80") for each in (0, 12)])
    register.enterprise.file(
        Correction(
            series=ENERGY,
            from_s=hour(24) - 1,
            to_s=hour(24),
            reason="read by hand",
            replacement=Replacement(value=120, unit="Wh", quality=Quality.ESTIMATED),
        )
    )
    datum = register.datum(FIRST)

    assert datum.of_origin(Origin.METERED) == 80 * 60
    assert datum.of_origin(Origin.STATED) == 80 * 60


def test_step_out_of_calibration_is_kept_apart(register: Accounts) -> None:
    """A step that is covered in part is not covered."""
    register.enterprise.file(calibration(to_s=hour(12)))
    register.say([standing(each, 10 * each) for each in (0, 6, 18, 24)])
    found = {part.calibration: part.total for part in register.datum(FIRST).parts}

    assert found == {"0.5S": 60, None: 180}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_register_shows_the_day_is_what_was_used(
    register: Accounts, seed: int
) -> None:
    """Steps at any times, over the range and over an exchange, add up to what a model used."""
    random = Random(seed)
    used = [random.randrange(100) for _ in range(24)]
    swapped = random.randrange(1, 23)
    register.enterprise.file(instrument("A", modulus=1000))
    register.enterprise.file(instrument("B", modulus=500))
    begin, fresh = random.randrange(1000), random.randrange(500)

    def shown(at: int) -> int:
        if at < swapped:
            return (begin + sum(used[:at])) % 1000
        return (fresh + sum(used[swapped:at])) % 500

    last = (begin + sum(used[:swapped])) % 1000
    register.enterprise.file(exchange(hour(swapped), last=last, first=fresh))
    hours = [0, 24, *(each for each in range(1, 24) if random.random() < 0.7)]
    register.say([standing(each, shown(each)) for each in sorted(hours)])
    datum = register.datum(FIRST)

    # Where steps are short enough for the range to be told from a restart, nothing is missing.
    assert datum.total + sum(used[each] for each in _hours(datum.missing)) == sum(used)


def _hours(missing: tuple[tuple[int, int], ...]) -> list[int]:
    return [each for each in range(24) if any(low <= hour(each) < high for low, high in missing)]


def test_exchange_that_was_filed_wrongly_is_superseded(register: Accounts) -> None:
    """The second record says another second; the first has no effect any more."""
    enterprise = register.enterprise
    wrong = enterprise.record(exchange(hour(9), last=560, first=0))
    enterprise.records.admit_record(enterprise.log.number, wrong, now=enterprise.now)
    enterprise.integrate()
    right = enterprise.record(exchange(hour(10), last=550, first=7), supersedes=(hash_leaf(wrong),))
    enterprise.records.admit_record(enterprise.log.number, right, now=enterprise.now)
    enterprise.integrate()
    register.say([standing(0, 500), standing(24, 107)])
    datum = register.datum(FIRST)

    assert datum.total == 50 + 100
    assert len(datum.events) == 1
