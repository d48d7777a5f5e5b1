"""
Power factor (功率因数) of a connection of one or more phases, from active and reactive energy.

cos φ = P / sqrt(P² + Q²) of what was used in a stretch of time. Phases are added first, active to
active and reactive to reactive, as one meter over all of them would count. Lagging and leading
energy are stated apart and, as suppliers bill them, with their sizes added. Where the energies do
not cover the same seconds there is none: a missing reactive reading would look like a better plant.

Source: 功率因数调整电费办法, (83)水电财字第215号, for adding the sizes; IEC 62053-23.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.analytics.curves import Curve, Load
from ledger.analytics.errors import UnitsApart
from ledger.decimals import PLACES, ratio, root, rounded

FACTOR_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class PowerFactor:
    """Power factor of one stretch of time."""

    from_s: int
    to_s: int
    active_kwh: Fraction
    lagging_kvarh: Fraction
    leading_kvarh: Fraction
    covered_s: int
    is_comparable: bool
    """Whether every energy covers the same seconds; without it there is no factor."""

    @property
    def lagging(self) -> Decimal | None:
        """With lagging reactive energy alone."""
        return self._with(self.lagging_kvarh)

    @property
    def leading(self) -> Decimal | None:
        """With leading reactive energy alone."""
        return self._with(self.leading_kvarh)

    @property
    def billed(self) -> Decimal | None:
        """With the sizes of both added."""
        return self._with(abs(self.lagging_kvarh) + abs(self.leading_kvarh))

    def _with(self, reactive: Fraction) -> Decimal | None:
        apparent = root(self.active_kwh**2 + reactive**2, PLACES)
        if not self.is_comparable or not apparent:
            return None
        return rounded(ratio(self.active_kwh, apparent), FACTOR_PLACES)


def power_factors(
    active: Sequence[Curve], lagging: Sequence[Curve], leading: Sequence[Curve] = ()
) -> list[PowerFactor]:
    """
    Give the power factor of each piece of some curves.

    Args:
        active: Active energy, a curve for each phase or one for all.
        lagging: Lagging (inductive) reactive energy, as many.
        leading: Leading (capacitive) reactive energy, as many, or none where it is not metered.

    Raises:
        UnitsApart: If a curve is of something else, or the curves are not of the same pieces.
    """
    if not active or len(lagging) != len(active) or len(leading) not in (0, len(active)):
        raise UnitsApart("each phase has one curve of active and one of reactive energy")
    for curves, unit in ((active, "kWh"), (lagging, "kvarh"), (leading, "kvarh")):
        for curve in curves:
            if curve.measure.amount_unit != unit:
                raise UnitsApart(f"{curve.series} is in {curve.measure.amount_unit}, not {unit}")
    every = [*active, *lagging, *leading]
    pieces = [[curve.loads[at] for curve in every] for at in range(len(active[0].loads))]
    if any(len(curve.loads) != len(pieces) for curve in every):
        raise UnitsApart("the curves are cut differently")
    phases = len(active)
    return [
        _factor(loads[:phases], loads[phases : 2 * phases], loads[2 * phases :]) for loads in pieces
    ]


def _factor(active: list[Load], lagging: list[Load], leading: list[Load]) -> PowerFactor:
    first, every = active[0], [*active, *lagging, *leading]
    if any((load.from_s, load.to_s) != (first.from_s, first.to_s) for load in every):
        raise UnitsApart("the curves are cut differently")
    alike = all(load.covered == first.covered for load in every)
    return PowerFactor(
        from_s=first.from_s,
        to_s=first.to_s,
        active_kwh=_total(active),
        lagging_kvarh=_total(lagging),
        leading_kvarh=_total(leading),
        covered_s=min(load.covered_s for load in every),
        is_comparable=alike and first.covered_s > 0,
    )


def _total(loads: Sequence[Load]) -> Fraction:
    return sum((load.total or Fraction(0) for load in loads), Fraction(0))
