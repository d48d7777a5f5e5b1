"""A coal unit's year becomes an inventory; what is missing or not in force keeps it a draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from api.rule_side import ChainRules, seeded_factors
from attestation.enums import DataClass, Outcome, RuleStatus, VersionState
from attestation.errors import InclusionError
from attestation.merkle import verify_inclusion
from ledger.database import Database
from ledger.inventory.assembling import Wanted, firm_total, obstacles
from ledger.inventory.digests import load_digest
from ledger.inventory.errors import NotFinal
from ledger.inventory.identity import Scope
from ledger.inventory.lines import TOTAL
from ledger.inventory.periods import Period
from ledger.inventory.sources import SourceKind
from ledger.inventory.tracing import Tracer
from ledger.inventory.versions import EMISSIONS, InventoryVersion, read_version
from ledger.ports import FactorSource, FactorValue
from ledger.repositories.anchors import StoredAnchor
from tests.support.coal_unit import (
    BELT,
    BOUGHT,
    COAL,
    GRID,
    SCOPE,
    UNIT,
    YEAR,
    CoalUnit,
    amount,
    carbon_ppm,
)
from tests.support.enterprise import Enterprise
from tests.support.inventories import Accounting, codes

WANTED = Wanted(SCOPE)


def expected_total() -> Decimal:
    """Work the year out by the guide's formula, with decimals alone."""
    months = [
        (
            sum(Decimal(amount(BELT, day)) for day in month.days()).scaleb(-6),
            Decimal(carbon_ppm(month.first_day.month)).scaleb(-6),
        )
        for month in YEAR.months()
    ]
    carbon = sum(burnt * content for burnt, content in months)
    combustion = carbon * Decimal("0.99") * 44 / 12
    bought = sum(Decimal(amount(BOUGHT, day)) for day in YEAR.days()).scaleb(-6)
    cent = Decimal("0.01")
    electricity = (bought * Decimal("0.5703")).quantize(cent, "ROUND_HALF_UP")
    return combustion.quantize(cent, "ROUND_HALF_UP") + electricity


def test_year_is_what_the_guide_says(coal: Accounting) -> None:
    """Coal by the laboratory's carbon, electricity by the grid factor, to the cent of a tonne."""
    version = coal.final(WANTED)

    assert version.total is not None
    assert version.total.value == expected_total()
    assert version.total.unit == "tCO2"


def test_each_month_stands_on_its_own(coal: Accounting) -> None:
    """Twelve months of emissions, each from its coal and its report."""
    version = coal.draft(WANTED, keep=False).version
    found = [
        line.amount
        for month in YEAR.months()
        if (line := version.find(DataClass.EMISSIONS, COAL, EMISSIONS, month)) is not None
    ]

    assert len(found) == 12
    assert all(each is not None for each in found)


def test_every_number_leads_to_the_log(coal: Accounting) -> None:
    """Down from the total stand digests with readings, reports with samples, and the plan."""
    version = coal.final(WANTED)
    total = version.find(DataClass.EMISSIONS, TOTAL, EMISSIONS, YEAR)
    assert total is not None
    with coal.enterprise.database.reading() as uow:
        trace = Tracer(uow, coal.enterprise.log, version).line(total)
    names = {each.name.partition(" ")[0] for _, each in trace.walk()}

    assert {"calculation", "digest", "record", "factor", "plan"} <= names
    assert len(trace.readings) == 12


def test_version_is_read_back_from_its_bytes(coal: Accounting) -> None:
    """Lines, checks, calculations and all; another byte is another version, or none."""
    version = coal.draft(WANTED).version

    assert read_version(version.content) == version
    assert coal.load(SCOPE) == version


def test_one_line_is_shown_without_the_others(coal: Accounting) -> None:
    """The proof holds under the root, and under no other line's place."""
    version = coal.draft(WANTED, keep=False).version
    for index in (0, len(version.lines) // 2, len(version.lines) - 1):
        proof = version.tree.prove_line(version.lines[index].line_id)
        assert proof.check(version.root) == version.lines[index]


def test_each_digest_is_bound_to_the_line_of_its_month(coal: Accounting) -> None:
    """Every digest that the version rests on, once, under the same root as the lines."""
    version = coal.draft(WANTED, keep=False).version
    lines = {line.line_id: line for line in version.lines}

    assert tuple(each.index for each in version.evidence) == version.digests
    with coal.enterprise.database.reading() as uow:
        for each in version.evidence:
            stored = load_digest(uow, coal.enterprise.log, each.index)
            proof = version.tree.prove_evidence(each.index)
            leaf = each.leaf(SCOPE.inventory_id)

            assert each.commitment == stored.digest.commitment
            assert lines[each.line_id].period == stored.subject.period
            verify_inclusion(
                leaf, index=proof.leaf_index, size=proof.count, root=version.root, proof=proof.path
            )
            with pytest.raises(InclusionError):
                verify_inclusion(
                    each.leaf(bytes(32)),
                    index=proof.leaf_index,
                    size=proof.count,
                    root=version.root,
                    proof=proof.path,
                )


def test_sample_that_no_final_block_shows_keeps_the_year_a_draft(coal: Accounting) -> None:
    """Of an anchored log: whether it was filed in time would be seen, and could differ, later."""
    enterprise, number = coal.enterprise, coal.enterprise.log.number
    with enterprise.database.unit_of_work() as uow:
        newest = uow.checkpoints.newest(number)
        assert newest is not None
        anchor = StoredAnchor(number, newest.size, newest.root, 7, b"b" * 32, b"t" * 32)
        uow.anchors.add(anchor)
        uow.commit()
    with pytest.raises(NotFinal) as refused:
        coal.final(WANTED)
    assert refused.value.stable_code == "inventory.final_anchor"

    with enterprise.database.unit_of_work() as uow:
        uow.anchors.finalise(number, newest.size, final_at=enterprise.now, evidence=None)
        uow.commit()
    assert coal.final(WANTED).state is VersionState.FINAL


def test_missing_month_keeps_the_year_a_draft(engine: ChainRules, sqlite_url: str) -> None:
    """Eleven months are eleven months: the twelfth is missing, not zero."""
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        CoalUnit.live(accounting.enterprise, months=11)
        accounting.digest(UNIT, YEAR)
        version = accounting.draft(WANTED).version
        december = version.find(
            DataClass.ENERGY_IN, COAL, "fuel-consumption", Period.month(2024, 12)
        )
        with pytest.raises(NotFinal) as refused:
            accounting.final(WANTED)

    assert december is not None and december.amount is None
    assert version.total is None
    assert refused.value.stable_code == "inventory.final_datum"
    assert "2024-12" in refused.value.message


def test_untested_month_is_accounted_by_default(engine: ChainRules, sqlite_url: str) -> None:
    """A report of a mark that the laboratory does not hold: the guide's values, and it is said."""
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        unit = CoalUnit.live(accounting.enterprise, months=1)
        february = Period.month(2024, 2)
        unit.say(*february.days())
        scope = Scope.of(accounting.enterprise.usc, UNIT, february)
        version = accounting.draft(Wanted(scope), keep=False).version
    heat, carbon = (
        version.find(DataClass.ENERGY_IN, COAL, quantity, february)
        for quantity in ("default-net-calorific-value", "default-carbon-content-per-heat")
    )
    said = [check for check in version.checks if check.name == "samples.custody"]

    assert heat is not None and str(heat.amount) == "26.7 GJ/t"
    assert carbon is not None and str(carbon.amount) == "0.03085 tC/GJ"
    assert carbon.sources[0].kind is SourceKind.FACTOR
    assert [check.outcome for check in said] == [Outcome.FAILED]


@dataclass
class OneFactorDiffers(FactorSource):
    """A factor book in which one quantity is otherwise."""

    quantity: str
    changes: dict[str, object]

    def prescribed(
        self, guide: str, quantity: str, subject: str, report_year: int
    ) -> FactorValue | None:
        found = seeded_factors().prescribed(guide, quantity, subject, report_year)
        return self._changed(found)

    def factor(self, factor_id: bytes, report_year: int) -> FactorValue | None:
        return self._changed(seeded_factors().factor(factor_id, report_year))

    def _changed(self, found: FactorValue | None) -> FactorValue | None:
        if found is None or found.quantity != self.quantity:
            return found
        return replace(found, **self.changes)  # type: ignore[arg-type]


def test_draft_factor_is_refused_in_a_final_version(coal: Accounting) -> None:
    """It may be tried in a draft; the code says what it is."""
    coal.factors = OneFactorDiffers("grid emission factor", {"status": RuleStatus.DRAFT})
    version = coal.draft(WANTED, keep=False).version

    assert version.total is not None
    assert codes(obstacles(version))[0] == "inventory.final_factor"
    with pytest.raises(NotFinal) as refused:
        coal.final(WANTED)
    assert refused.value.stable_code == "inventory.final_factor"


class DraftRules:
    """Rules of which one is a draft."""

    def __init__(self, engine: ChainRules) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def rule_for(self, name: str, report_year: int) -> object:
        found = self._engine.rule_for(name, report_year)
        return replace(found, status=RuleStatus.DRAFT) if name == "power.combustion" else found


def test_draft_rule_is_refused_in_a_final_version(coal: Accounting, engine: ChainRules) -> None:
    """Likewise, and every line that rests on it says so."""
    coal.engine = DraftRules(engine)  # type: ignore[assignment]
    with pytest.raises(NotFinal) as refused:
        coal.final(WANTED)

    assert refused.value.stable_code == "inventory.final_rule"
    assert "power.combustion" in refused.value.message


def test_report_year_without_a_factor_has_no_total(coal: Accounting) -> None:
    """Nobody takes the factor of another year for it."""
    coal.factors = NoFactors()
    version = coal.draft(WANTED, keep=False).version

    assert version.total is None
    assert "inventory.final_factor" in codes(obstacles(version))


class NoFactors(FactorSource):
    """An empty factor book."""

    def prescribed(
        self, guide: str, quantity: str, subject: str, report_year: int
    ) -> FactorValue | None:
        return None

    def factor(self, factor_id: bytes, report_year: int) -> FactorValue | None:
        return None


def test_firm_adds_its_units_up_and_rounds_once(coal: Accounting) -> None:
    """Whole tonnes at the end; a draft or the same unit twice is refused."""
    version = coal.final(WANTED)
    other = replace(version, scope=Scope.of(SCOPE.usc, "unit-2", YEAR))

    assert str(firm_total((version, other))) == f"{round(2 * expected_total())} tCO2"
    with pytest.raises(NotFinal):
        firm_total((version, version))
    with pytest.raises(NotFinal):
        firm_total((coal.draft(WANTED, keep=False).version,))


def test_bought_electricity_stands_apart(coal: Accounting) -> None:
    """Combustion and electricity are lines of their own, and the total their sum."""
    version: InventoryVersion = coal.draft(WANTED, keep=False).version
    lines = [
        version.find(DataClass.EMISSIONS, item, EMISSIONS, YEAR) for item in ("combustion", GRID)
    ]
    amounts = [line.amount for line in lines if line is not None and line.amount is not None]

    assert version.total == amounts[0] + amounts[1]
