"""
Measurement correction: a datum in the parts that the rule `measurement.correction` takes.

The rule makes a figure worse for who reports it where a meter was out of calibration, or found
less accurate than required. What it corrects by is read from the plan (accuracy required) and from
the calibration certificates (accuracy found); the datum keeps the amounts apart for it.

Source: DOMAIN section 5 (meter rules); CETS-VG-01.01, 3.4.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attestation.enums import DataSide
from attestation.plan_bodies import PlannedParameter
from ledger.inventory.activity import ActivityDatum, amount_of
from ledger.inventory.amounts import Amount, at_zero_celsius
from ledger.inventory.calibrations import accuracy_ppm_of
from ledger.inventory.errors import DatumIncomplete
from ledger.inventory.pieces import Origin, Part

_PERCENT_PLACES = 4
"""A millionth is 0.0001 %."""


@dataclass(frozen=True, slots=True)
class MeterPart:
    """What was measured while calibration stood in one way; fields as the rule names them."""

    measured: Amount
    required_pct: Decimal
    is_calibrated: bool
    calibrated_pct: Decimal
    """0 where it was out of calibration."""


@dataclass(frozen=True, slots=True)
class MeterParts:
    """The inputs of the rule for one figure."""

    side: DataSide
    parts: tuple[MeterPart, ...]
    """Together the whole figure."""

    @property
    def is_needed(self) -> bool:
        """Whether the rule would change the figure at all."""
        return any(
            not part.is_calibrated or part.calibrated_pct > part.required_pct for part in self.parts
        )


def meter_parts(data: Iterable[ActivityDatum], unit: str) -> MeterParts:
    """
    Give the data of one parameter in the parts that one calibration each covers.

    What the plan's own rule substituted is conservative already, and is not corrected.

    Args:
        data: Of every series of one parameter and period, as `planned_data` gives them.
        unit: Unit of the rules that the amounts are wanted in.

    Raises:
        DatumIncomplete: If seconds are missing, no plan is in force, or the plan does not say
            which accuracy is required or which side is conservative.
    """
    side, parts = DataSide.NONE, []
    for datum in data:
        if not datum.is_complete:
            raise DatumIncomplete(
                f"{datum.parameter} of {datum.unit} in {datum.period.label} misses"
                f" {datum.missing_s} s"
            )
        if datum.plan is None:
            raise DatumIncomplete(f"no plan in force names {datum.parameter} of {datum.unit}")
        planned = datum.plan.parameter
        side = planned.side
        required = _required_ppm(planned)
        parts += [
            _meter_part(part, datum.series_unit, unit, planned, required) for part in datum.parts
        ]
    if not parts or side is DataSide.NONE:
        raise DatumIncomplete("the plan does not say which side is conservative")
    return MeterParts(side, tuple(parts))


def in_unit(total: Fraction, series_unit: str, unit: str) -> Amount:
    """
    Give a total of a series in a unit of the rules; a gas measured at 20 Cel is taken to 0 Cel.

    Raises:
        AmountError: If the units measure different things.
    """
    if unit == "e4Nm3" and series_unit.endswith("{20Cel}"):
        return at_zero_celsius(amount_of(total, series_unit, "m3{20Cel}"))
    return amount_of(total, series_unit, unit)


def _required_ppm(planned: PlannedParameter) -> int:
    if planned.accuracy_ppm is None:
        raise DatumIncomplete(f"the plan names no accuracy for {planned.parameter}")
    return planned.accuracy_ppm


def _meter_part(
    part: Part, series_unit: str, unit: str, planned: PlannedParameter, required_ppm: int
) -> MeterPart:
    found_ppm = _found_ppm(part, planned, required_ppm)
    return MeterPart(
        in_unit(part.total, series_unit, unit),
        _percent(required_ppm),
        found_ppm is not None,
        _percent(found_ppm or 0),
    )


def _found_ppm(part: Part, planned: PlannedParameter, required_ppm: int) -> int | None:
    """Give the accuracy that was found; None where nothing is known of it."""
    if part.origin is Origin.SUBSTITUTED:
        return required_ppm
    if part.calibration is None:
        return None
    if part.calibration == planned.accuracy_class:
        return required_ppm
    return accuracy_ppm_of(part.calibration)


def _percent(ppm: int) -> Decimal:
    return Decimal(ppm).scaleb(-_PERCENT_PLACES)
