"""A unit among its peers, and a whole enterprise: only what the caller may see, nothing missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from api.rule_side import ChainRules
from attestation.enums import DataClass, Outcome, UnitClass, VersionState
from attestation.structure_bodies import Structure
from ledger.database import Database
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Assembled, Wanted, store
from ledger.inventory.errors import NotStated
from ledger.inventory.firm import Firm, firm_of
from ledger.inventory.identity import Scope
from ledger.inventory.lines import TOTAL
from ledger.inventory.peers import AmongPeers, intensity_of, look_at_peers
from ledger.inventory.periods import Period
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from tests.support.coal_unit import UNIT, CoalUnit, structure
from tests.support.enterprise import USC, Enterprise
from tests.support.inventories import Accounting

JANUARY = Period.month(2024, 1)
YEAR = Period.year(2024)
OTHERS = ("91350211MA0000001T", "91350211MA0000002X", "91350211MA00000031")


def bare() -> Structure:
    """Give the coal unit's structure without its meters."""
    return replace(structure(), instruments=())


@dataclass
class Park:
    """An enterprise with a final January, and its neighbours in the same database."""

    accounting: Accounting
    version: InventoryVersion

    def neighbour(self, usc: str, percent: int, filed: Structure | None = None) -> None:
        """Open a neighbour whose unit emitted so much more or less, finally."""
        enterprise = Enterprise(self.accounting.enterprise.database, usc=usc)
        enterprise.file(filed or bare())
        self.keep(enterprise, self.changed(usc, percent))

    def changed(self, usc: str, percent: int, **changes: object) -> InventoryVersion:
        """Give the version as another's, with another total."""
        lines = tuple(
            replace(
                line, amount=Amount(line.amount.value * percent * Decimal("0.01"), line.amount.unit)
            )
            if line.item == TOTAL and line.amount is not None and line.quantity == EMISSIONS
            else line
            for line in self.version.lines
        )
        made = replace(self.version, scope=Scope.of(usc, UNIT, JANUARY), lines=lines)
        return replace(made, **changes)  # type: ignore[arg-type]

    def keep(self, enterprise: Enterprise, version: InventoryVersion) -> None:
        """Store a version in an enterprise's log."""
        with enterprise.database.unit_of_work() as uow:
            store(uow, enterprise.log, Assembled(version, ()), now=enterprise.now)
            uow.commit()

    def look(self, *visible: str) -> AmongPeers:
        """Look at the peers that somebody may see."""
        enterprise = self.accounting.enterprise
        with enterprise.database.reading() as uow:
            return look_at_peers(uow, enterprise.log, self.version, visible)

    def firm(self, year: int = 2024) -> Firm:
        """Add the enterprise up."""
        enterprise = self.accounting.enterprise
        with enterprise.database.reading() as uow:
            return firm_of(uow, enterprise.log, year)


@pytest.fixture
def park(engine: ChainRules, sqlite_url: str) -> Iterator[Park]:
    """An enterprise with a final January."""
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        CoalUnit.live(accounting.enterprise, months=1)
        accounting.digest(UNIT, JANUARY)
        version = accounting.final(Wanted(Scope.of(USC, UNIT, JANUARY)))
        yield Park(accounting, version)


def test_unit_like_its_peers_holds(park: Park) -> None:
    """Emissions per MWh against the median of three, each named with its version."""
    for usc, percent in zip(OTHERS, (95, 102, 108), strict=True):
        park.neighbour(usc, percent)
    found = park.look(USC, *OTHERS)

    assert found.check.outcome is Outcome.HELD, found.check.english
    assert [each.usc for each in found.peers] == sorted(OTHERS)
    assert found.own is not None and found.own.unit == "tCO2/MWh"
    assert found.own.value == _intensity(park.version)
    assert "median" in found.check.english and "中位数" in found.check.chinese


def _intensity(version: InventoryVersion) -> Decimal:
    made = version.find(DataClass.ENERGY_OUT, "electricity", "generation", JANUARY)
    assert made is not None and made.amount is not None and version.total is not None
    return (version.total.value / made.amount.value).quantize(Decimal("0.0001"), "ROUND_HALF_UP")


def test_months_beside_their_sum_are_not_counted_twice(park: Park) -> None:
    """A year with its months: the output is that of the year's line alone."""
    version = park.version
    made = version.find(DataClass.ENERGY_OUT, "electricity", "generation", JANUARY)
    assert made is not None
    year = _of_year(version, UNIT)
    whole = replace(year, lines=(*year.lines, replace(made, period=YEAR)))

    assert intensity_of(whole) == intensity_of(version)
    assert intensity_of(year) is None


def test_unit_far_off_does_not_hold(park: Park) -> None:
    """A third less than others of its class."""
    for usc, percent in zip(OTHERS, (148, 150, 152), strict=True):
        park.neighbour(usc, percent)

    assert park.look(USC, *OTHERS).check.outcome is Outcome.FAILED


def test_who_may_not_be_seen_is_in_no_median(park: Park) -> None:
    """Three are there, two may be seen: nothing of the third, and nothing is judged."""
    for usc in OTHERS:
        park.neighbour(usc, 150)
    found = park.look(USC, *OTHERS[:2])

    assert found.check.outcome is Outcome.COULD_NOT_CHECK
    assert OTHERS[2] not in str(found)
    assert park.look().peers == ()


def test_unit_of_another_class_is_no_peer(park: Park) -> None:
    """Nor is one whose newest version is a draft, or of another month."""
    gas = bare()
    (unit,) = gas.units
    park.neighbour(OTHERS[0], 100, replace(gas, units=(replace(unit, unit_class=UnitClass.GAS),)))
    for usc, changes in (
        (OTHERS[1], {"state": VersionState.DRAFT}),
        (OTHERS[2], {"recipe": "stated-factors/1"}),
    ):
        enterprise = Enterprise(park.accounting.enterprise.database, usc=usc)
        enterprise.file(bare())
        park.keep(enterprise, park.changed(usc, 100, **changes))

    assert park.look(USC, *OTHERS).peers == ()


def test_newest_final_version_of_a_peer_counts(park: Park) -> None:
    """The one before it does not, and a later draft neither."""
    park.neighbour(OTHERS[0], 100)
    enterprise = Enterprise(park.accounting.enterprise.database, usc=OTHERS[0])
    park.keep(enterprise, park.changed(OTHERS[0], 110, number=2))
    park.keep(enterprise, park.changed(OTHERS[0], 300, number=3, state=VersionState.DRAFT))
    (peer,) = park.look(OTHERS[0]).peers

    assert peer.number == 2


def test_firm_without_a_years_final_version_names_the_unit(park: Park) -> None:
    """A month is no year: no total, and the unit stands among the missing."""
    found = park.firm()

    assert (found.total, found.missing, found.versions) == (None, (UNIT,), ())


def test_firm_is_the_sum_of_its_units_in_whole_tonnes(park: Park) -> None:
    """Two units, rounded once; until the second is final there is no total."""
    filed = structure()
    second = replace(filed.units[0], code="unit-2")
    enterprise = park.accounting.enterprise
    enterprise.file(replace(filed, from_s=JANUARY.to_s, units=(*filed.units, second)))
    finals = [_of_year(park.version, code) for code in (UNIT, "unit-2")]
    park.keep(enterprise, finals[0])
    before = park.firm()
    park.keep(enterprise, finals[1])
    after = park.firm()

    assert (before.total, before.missing) == (None, ("unit-2",))
    expected = sum(each.total.value for each in finals if each.total is not None)
    assert str(after.total) == f"{round(expected)} tCO2"
    assert after.missing == ()


def test_year_without_a_structure_is_an_error(park: Park) -> None:
    """Nobody knows the units of 2023."""
    with pytest.raises(NotStated):
        park.firm(2023)


def _of_year(version: InventoryVersion, unit: str) -> InventoryVersion:
    """Give January's version as if it were of the whole year."""
    lines = tuple(
        replace(line, period=YEAR) if line.item == TOTAL else line for line in version.lines
    )
    return replace(version, scope=Scope.of(USC, unit, YEAR), lines=lines)
