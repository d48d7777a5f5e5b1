"""
The bench on which a version is worked out: it takes numbers, runs rules, and keeps both.

A recipe lays down lines and asks for calculations. What a calculation needs and is not there makes
its result missing, with the reason; nothing is put in its place.

Source: DESIGN section 8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from attestation.enums import DataClass, RuleStatus, label
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import (
    UNUSED,
    Asked,
    Calculation,
    Given,
    Inputs,
    calculate,
)
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.correction import MeterParts
from ledger.inventory.errors import DatumIncomplete, InventoryError
from ledger.inventory.evidence import (
    DRAFT_RULE,
    MISSING_FACTOR,
    MISSING_PART,
    MISSING_PLAN,
    Drawn,
    Evidence,
    factor_obstacles,
)
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Line, Obstacle
from ledger.inventory.periods import Period
from ledger.ports import FactorSource, FactorValue, RuleEngine

_CORRECTED_FROM: Final = 2026
"""First report year that the rule `measurement.correction` is prescribed for."""
CORRECTED: Final = "-corrected"
"""Ends the quantity of a line that stands beside the measured one and counts in its place."""
Progress = Callable[[str], None]
"""Is told what is being worked out."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A calculation and which of its results is meant; or, where there is none, why."""

    calculation: Calculation | None
    result: str = ""
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What one version is worked out with, and what has come of it so far."""

    scope: Scope
    evidence: Evidence
    engine: RuleEngine
    factors: FactorSource
    secret: bytes
    """32 random bytes of the version; salts follow from it, so that it can be made again."""
    progress: Progress = lambda _: None
    lines: list[Line] = field(default_factory=list)
    calculations: list[Calculation] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)

    @property
    def months(self) -> tuple[Period, ...]:
        """The months of the period."""
        return self.scope.period.months()

    def lay(
        self, data_class: DataClass, period: Period, item: str, quantity: str, drawn: Drawn
    ) -> Line:
        """Lay a drawn number down as a line."""
        line = Line(
            data_class, period, item, quantity, drawn.amount, drawn.sources, drawn.obstacles
        )
        self.lines.append(line)
        return line

    def activity(
        self,
        data_class: DataClass,
        period: Period,
        item: str,
        parameter: str,
        into: str,
        *,
        held_by: Period | None = None,
    ) -> Line:
        """
        Draw an activity datum and lay it down.

        What a meter measured out of calibration, or in a worse class than planned, is corrected;
        both numbers are laid down, and the corrected one is given. Where the plan does not say
        how accurate the meter must be, nobody can say by how much: the amount stands, the check
        of the plan says so, and in a year that the rule is prescribed for it stays a draft.

        Args:
            data_class: Of the line.
            period: Of the line.
            item: Of the line.
            parameter: Name in the control plan; before the colon it is the line's quantity.
            into: Unit of the rules.
            held_by: The longer period, already drawn, whose digest holds it fast; None for its own.
        """
        self.progress(f"{period.label} {parameter}")
        drawn = self.evidence.activity(
            self.scope.unit, parameter, period, into=into, held_by=held_by
        )
        parts: MeterParts | None = None
        if drawn.amount is not None:
            try:
                parts = self.evidence.meter_parts(self.scope.unit, parameter, period, into=into)
            except DatumIncomplete as error:
                if self.scope.report_year >= _CORRECTED_FROM:
                    obstacle = MISSING_PLAN.of(error.message)
                    drawn = replace(drawn, obstacles=(*drawn.obstacles, obstacle))
        line = self.lay(data_class, period, item, parameter.partition(":")[0], drawn)
        return line if parts is None else self._corrected(line, parts, into)

    def _corrected(self, line: Line, parts: MeterParts, into: str) -> Line:
        # Earlier years have no such rule. A plan that names an accuracy is held to it all the
        # same, and the record says whose rule that was.
        year = max(self.scope.report_year, _CORRECTED_FROM)
        asked = Asked("measurement.correction", year, _parts(line, parts, into))
        worked = Worked(self.calculate(asked), "corrected")
        name = f"{line.quantity}{CORRECTED}"
        return self.result(line.data_class, line.period, line.item, name, worked, [line])

    def factor(self, guide: str, quantity: str, subject: str) -> FactorValue | None:
        """Find what a guide prescribes for the report year."""
        return self.factors.prescribed(guide, quantity, subject, self.scope.report_year)

    def calculate(self, asked: Asked) -> Calculation:
        """Run a rule, and keep the record."""
        number = len(self.calculations).to_bytes(4, "big")
        salt = hashlib.sha256(self.secret + b"\ncalculation\n" + number).digest()
        calculation = calculate(self.engine, asked, salt=salt)
        self.calculations.append(calculation)
        return calculation

    def result(
        self,
        data_class: DataClass,
        period: Period,
        item: str,
        quantity: str,
        worked: Worked,
        rests_on: Sequence[Line] = (),
    ) -> Line:
        """
        Lay a calculation's result down, or why there is none.

        Args:
            data_class: Of the line.
            period: Of the line.
            item: Of the line.
            quantity: Of the line.
            worked: The record with the name of its result, or what stands in the way.
            rests_on: Lines it was worked out from; their obstacles are its own.
        """
        obstacles = (*worked.obstacles, *_inherited(rests_on))
        if worked.calculation is None:
            return self.lay(data_class, period, item, quantity, Drawn(None, (), obstacles))
        calculation = worked.calculation
        drawn = Drawn(
            calculation.result(worked.result),
            (calculation.as_source(f"{calculation.rule.name}: {worked.result}"),),
            (*_draft(calculation), *obstacles),
        )
        return self.lay(data_class, period, item, quantity, drawn)


def given(line: Line, *, unit_apart: bool = False) -> Given:
    """
    Give a line's number as an input of a rule.

    Raises:
        InventoryError: If it is missing.
    """
    return Given(amount_of(line), line.sources, unit_apart)


def amount_of(line: Line) -> Amount:
    """
    Give a line's number.

    Raises:
        InventoryError: If it is missing.
    """
    if line.amount is None:
        raise InventoryError(f"{line.line_id} is missing")
    return line.amount


def is_complete(lines: Sequence[Line]) -> bool:
    """Say whether every line has its number."""
    return all(line.amount is not None for line in lines)


def no_factor(guide: str, quantity: str, subject: str, year: int) -> Obstacle:
    """Say that the factor book prescribes nothing."""
    words = f"{guide} prescribes no {quantity} of {subject} for report year {year}"
    return MISSING_FACTOR.of(words)


def _parts(line: Line, parts: MeterParts, unit: str) -> Mapping[str, Inputs]:
    rows: list[Inputs] = []
    for part in parts.parts:
        calibrated: Inputs = UNUSED
        if part.is_calibrated:
            calibrated = Given(Amount(part.calibrated_pct, "%"), line.sources)
        rows.append(
            {
                "measured": Given(part.measured, line.sources, unit_apart=True),
                "required_pct": Given(Amount(part.required_pct, "%"), line.sources),
                "isCalibrated": part.is_calibrated,
                "calibrated_pct": calibrated,
            }
        )
    return {"side": label(parts.side), "unit": unit, "parts": rows}


def _inherited(lines: Sequence[Line]) -> Iterator[Obstacle]:
    for line in lines:
        if line.obstacles:
            word = "missing" if line.amount is None else "not final"
            yield MISSING_PART.of(f"{line.line_id} is {word}")


def _draft(calculation: Calculation) -> Iterator[Obstacle]:
    rule = calculation.rule
    if rule.status is not RuleStatus.IN_FORCE:
        status = rule.status.name.lower().replace("_", " ")
        yield DRAFT_RULE.of(f"{rule.name} version {rule.version} is {status}")
    for factor in calculation.factors:
        yield from factor_obstacles(factor)
