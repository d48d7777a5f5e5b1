"""Two samples in one month: each stands for its own days, weighed by what was burnt on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

import pytest

from api.rule_side import ChainRules
from attestation.enums import CarbonBasis, DataClass, DataSide, LaboratoryMark, Outcome
from attestation.plan_bodies import PlannedParameter
from attestation.readings import Reading
from ledger.database import Database
from ledger.inventory.assembling import Assembled, Wanted
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Line
from ledger.inventory.periods import DAY_S, Period
from ledger.inventory.recheck import Recheck
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from tests.support.coal_unit import BELT, COAL, UNIT, CoalUnit, amount, plan
from tests.support.enterprise import USC, Enterprise
from tests.support.inventories import Accounting

JANUARY = Period.month(2024, 1)
TENTH = Period.day(2024, 1, 11).from_s
FIRST, SECOND = Period(JANUARY.from_s, TENTH), Period(TENTH, JANUARY.to_s)
FIRST_PPM, SECOND_PPM = 500_100, 600_700
WANTED = Wanted(Scope.of(USC, UNIT, JANUARY))
DEFAULT = Decimal("26.7") * Decimal("0.03085")


@dataclass
class January:
    """A unit's January, until something is asked of it."""

    accounting: Accounting
    unit: CoalUnit

    @classmethod
    def lived(cls, database: Database, engine: ChainRules) -> January:
        """Let the instruments say every day; nothing is tested yet."""
        enterprise = Enterprise(database)
        unit = CoalUnit.registered(enterprise, plan())
        unit.say(*JANUARY.days())
        return cls(Accounting(enterprise, engine), unit)

    def both(self, **changes: object) -> January:
        """Test ten days and twenty-one; changes are of the second report."""
        self.unit.test(FIRST, "a", carbon_ppm=FIRST_PPM)
        self.unit.test(SECOND, "b", **{"carbon_ppm": SECOND_PPM, **changes})
        return self

    def draft(self) -> InventoryVersion:
        """Assemble it, with its digests."""
        self.accounting.digest(UNIT, JANUARY)
        return self.accounting.draft(WANTED, keep=False).version


def burnt(period: Period) -> Decimal:
    return sum((Decimal(amount(BELT, day)) for day in period.days()), Decimal(0)).scaleb(-6)


def emitted(first: Decimal, second: Decimal) -> Decimal:
    """Work emissions out from the carbon of either batch."""
    carbon = burnt(FIRST) * first + burnt(SECOND) * second
    exact = carbon * Decimal("0.99") * 44 / 12
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def share(ppm: int) -> Decimal:
    return Decimal(ppm).scaleb(-6)


def combustion(version: InventoryVersion) -> Decimal:
    line = version.find(DataClass.EMISSIONS, "combustion", EMISSIONS, JANUARY)
    assert line is not None and line.amount is not None, line
    return line.amount.value


def found(version: InventoryVersion, quantity: str, period: Period) -> Line | None:
    return version.find(DataClass.ENERGY_IN, COAL, quantity, period)


def test_each_batch_counts_by_what_was_burnt_of_it(engine: ChainRules, sqlite_url: str) -> None:
    """To the cent of a tonne; the arithmetic mean would give something else."""
    with Database(sqlite_url) as database:
        version = January.lived(database, engine).both().draft()
    arithmetic = (share(FIRST_PPM) + share(SECOND_PPM)) / 2

    assert combustion(version) == emitted(share(FIRST_PPM), share(SECOND_PPM))
    assert combustion(version) != emitted(arithmetic, arithmetic)


def test_mean_of_the_month_is_shown_and_weighted(engine: ChainRules, sqlite_url: str) -> None:
    """By the rule `mean.weighted`, to the four decimals of a report."""
    with Database(sqlite_url) as database:
        january = January.lived(database, engine).both()
        january.accounting.digest(UNIT, JANUARY)
        made: Assembled = january.accounting.draft(WANTED, keep=False)
    weighted = burnt(FIRST) * share(FIRST_PPM) + burnt(SECOND) * share(SECOND_PPM)
    expected = (weighted / burnt(JANUARY)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    line = found(made.version, "carbon-content", JANUARY)

    assert line is not None and line.amount is not None
    assert (line.amount.value, line.amount.unit) == (expected, "tC/t")
    assert "mean.weighted" in {each.rule.name for each in made.calculations}


def test_batches_stand_under_the_digest_of_their_month(engine: ChainRules, sqlite_url: str) -> None:
    """Nothing else holds part of a month fast; the version becomes final and is made again."""
    with Database(sqlite_url) as database:
        january = January.lived(database, engine).both()
        january.accounting.digest(UNIT, JANUARY)
        version = january.accounting.final(WANTED)
        again: Recheck = january.accounting.recheck(version)
    month, part = (found(version, "fuel-consumption", each) for each in (JANUARY, FIRST))

    assert month is not None and part is not None and part.amount is not None
    assert part.sources == month.sources
    assert part.amount.value == burnt(FIRST)
    assert again.outcome is Outcome.HELD, again.steps


def test_batch_without_a_digest_of_its_month_stays_a_draft(
    engine: ChainRules, sqlite_url: str
) -> None:
    """What no digest holds fast is no more final for being a part."""
    with Database(sqlite_url) as database:
        accounting = January.lived(database, engine).both().accounting
        version = accounting.draft(WANTED, keep=False).version
    part = found(version, "fuel-consumption", SECOND)

    assert part is not None
    assert [each.code for each in part.obstacles] == ["inventory.final_digest"]


def test_broken_batch_takes_the_default_and_the_other_does_not(
    engine: ChainRules, sqlite_url: str
) -> None:
    """A report without the laboratory's mark: default for its days, and no mean of the month."""
    with Database(sqlite_url) as database:
        version = January.lived(database, engine).both(mark=LaboratoryMark.NONE).draft()
    said = [check.period for check in version.checks if check.name == "samples.custody"]

    assert combustion(version) == emitted(share(FIRST_PPM), DEFAULT)
    assert found(version, "carbon-content", JANUARY) is None
    assert said == [SECOND]


def test_days_without_a_sample_take_the_default(engine: ChainRules, sqlite_url: str) -> None:
    """Ten days were sampled; the others do not take their mean."""
    with Database(sqlite_url) as database:
        january = January.lived(database, engine)
        january.unit.test(FIRST, "a", carbon_ppm=FIRST_PPM)
        version = january.draft()

    assert combustion(version) == emitted(share(FIRST_PPM), DEFAULT)


@pytest.mark.parametrize("shift_s", [-DAY_S, 3600], ids=["overlapping", "within a day"])
def test_samples_that_do_not_divide_the_days_count_for_none(
    engine: ChainRules, sqlite_url: str, shift_s: int
) -> None:
    """A day that two samples stand for, or an hour that divides a day: the default, all month."""
    with Database(sqlite_url) as database:
        january = January.lived(database, engine)
        january.unit.test(FIRST, "a", carbon_ppm=FIRST_PPM)
        january.unit.test(SECOND, "b", TENTH + shift_s, carbon_ppm=SECOND_PPM)
        version = january.draft()

    assert combustion(version) == emitted(DEFAULT, DEFAULT)


def test_readings_that_lie_across_the_bound_do_not_divide(
    engine: ChainRules, sqlite_url: str
) -> None:
    """The scale said the tenth and eleventh day as one: nobody can say how that divides."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        unit = CoalUnit.registered(enterprise, plan())
        across = Period(TENTH - DAY_S, TENTH + DAY_S)
        unit.say(*(day for day in JANUARY.days() if not across.contains(day)))
        unit.say(across)
        january = January(Accounting(enterprise, engine), unit).both()
        version = january.draft()
    said = next(check for check in version.checks if check.name == "samples.custody")

    assert combustion(version) == emitted(DEFAULT, DEFAULT)
    assert "does not divide between them" in said.english


def test_mean_of_two_states_is_not_shown(engine: ChainRules, sqlite_url: str) -> None:
    """One as received and one dry: each counts in its own state, and a mean would say nothing."""
    with Database(sqlite_url) as database:
        version = January.lived(database, engine).both(basis=CarbonBasis.DRY).draft()

    assert found(version, "carbon-content", SECOND) is not None
    assert found(version, "carbon-content", JANUARY) is None


HEAT, BOILER = "heat-1/heat/total/", "boiler-1/heat/total/"


@pytest.mark.parametrize(
    ("planned", "supplied", "outcomes"),
    [
        ((HEAT, BOILER), 899, [Outcome.HELD]),
        ((HEAT, BOILER), 900, [Outcome.FAILED]),
        ((HEAT,), 900, []),
        ((BOILER,), 900, []),
    ],
    ids=["below", "as much", "boiler not planned", "no heat supplied"],
)
def test_heat_supplied_lies_below_the_boiler_s(
    engine: ChainRules,
    sqlite_url: str,
    planned: tuple[str, ...],
    supplied: int,
    outcomes: list[Outcome],
) -> None:
    """Looked at where both are planned: 900 GJ made a day."""
    names = {HEAT: "heat-supply", BOILER: "boiler-heat"}
    rows = tuple(
        PlannedParameter(
            unit=UNIT,
            parameter=names[series],
            measured_in="GJ",
            way=plan().parameters[0].way,
            side=DataSide.PRODUCTION,
            series=(series,),
            department="operations",
        )
        for series in planned
    )
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        whole = replace(plan(), parameters=(*plan().parameters, *rows))
        unit = CoalUnit.registered(enterprise, whole, more={HEAT: "J", BOILER: "J"})
        unit.say(*JANUARY.days())
        unit.say_readings(
            Reading(series=name, end_s=day.to_s, interval_s=DAY_S, value=value * 10**9, unit="J")
            for name, value in ((HEAT, supplied), (BOILER, 900))
            for day in JANUARY.days()
        )
        unit.test(JANUARY)
        version = January(Accounting(enterprise, engine), unit).draft()
    found_checks = [each for each in version.checks if each.name == "energy.boiler-heat"]

    assert [each.outcome for each in found_checks] == outcomes
    assert all(line.amount is not None for line in version.lines if "heat" in line.quantity)
