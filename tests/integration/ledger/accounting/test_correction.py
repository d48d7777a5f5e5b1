"""An amount out of calibration is corrected by the guide's rule, as the plan's accuracy says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from api.rule_side import ChainRules, seeded_factors
from attestation.enums import DataClass, DataSide
from ledger.inventory.amounts import Amount
from ledger.inventory.correction import MeterPart, MeterParts
from ledger.inventory.errors import DatumIncomplete
from ledger.inventory.evidence import Drawn
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.workbench import Bench
from tests.support.enterprise import USC

HALF = Decimal("0.5")


def part(text: str, *, calibrated: bool) -> MeterPart:
    return MeterPart(Amount.parse(text, "t"), HALF, calibrated, HALF if calibrated else Decimal(0))


@dataclass
class OneDatum:
    """Evidence of 100 000 t, and how far calibration covers them."""

    parts: MeterParts | None
    fault: str | None = None

    def activity(
        self,
        unit: str,
        parameter: str,
        period: Period,
        *,
        into: str,
        held_by: Period | None = None,
    ) -> Drawn:
        return Drawn(Amount.parse("100000", into), (Source.of_entry(SourceKind.DIGEST, 9),))

    def meter_parts(
        self, unit: str, parameter: str, period: Period, *, into: str
    ) -> MeterParts | None:
        if self.fault is not None:
            raise DatumIncomplete(self.fault)
        return self.parts


def drawn(engine: ChainRules, evidence: OneDatum, year: int = 2026) -> tuple[Bench, Line]:
    scope = Scope.of(USC, "unit-1", Period.month(year, 3))
    bench = Bench(scope, evidence, engine, seeded_factors(), bytes(32))  # type: ignore[arg-type]
    line = bench.activity(DataClass.ENERGY_IN, scope.period, "coal", "fuel-consumption:coal", "t")
    return bench, line


@pytest.mark.parametrize(
    ("side", "expected"), [(DataSide.EMISSION, "100125.000"), (DataSide.PRODUCTION, "99875.000")]
)
def test_part_out_of_calibration_is_corrected(
    engine: ChainRules, side: DataSide, expected: str
) -> None:
    """Half a percent of a quarter of it: up for emissions, down for production."""
    parts = MeterParts(side, (part("75000", calibrated=True), part("25000", calibrated=False)))
    bench, line = drawn(engine, OneDatum(parts))

    assert line.amount is not None and line.amount.text == expected
    assert line.quantity == "fuel-consumption-corrected"
    assert [each.quantity for each in bench.lines] == ["fuel-consumption", line.quantity]
    assert bench.calculations[0].rule.name == "measurement.correction"


@pytest.mark.parametrize("year", [2025, 2026])
def test_what_needs_no_correction_stays_as_it_is(engine: ChainRules, year: int) -> None:
    """One line, and no calculation."""
    bench, line = drawn(engine, OneDatum(None), year)

    assert (line.quantity, str(line.amount)) == ("fuel-consumption", "100000 t")
    assert (len(bench.lines), bench.calculations) == (1, [])


def test_year_before_the_rule_is_corrected_by_it_and_says_so(engine: ChainRules) -> None:
    """The plan named an accuracy and is held to it; the record is of the rule's first year."""
    parts = MeterParts(DataSide.EMISSION, (part("100000", calibrated=False),))
    bench, line = drawn(engine, OneDatum(parts), 2024)

    assert str(line.amount) == "100500.000 t"
    assert [each.report_year for each in bench.calculations] == [2026]


@pytest.mark.parametrize(("year", "codes"), [(2025, []), (2026, ["inventory.final_plan"])])
def test_without_an_accuracy_the_amount_stands(
    engine: ChainRules, year: int, codes: list[str]
) -> None:
    """Nobody can say by how much to correct; where the rule is prescribed it stays a draft."""
    bench, line = drawn(engine, OneDatum(None, "the plan names no accuracy"), year)

    assert (line.quantity, str(line.amount)) == ("fuel-consumption", "100000 t")
    assert [each.code for each in line.obstacles] == codes
    assert len(bench.lines) == 1
