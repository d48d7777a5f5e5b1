"""
Energy by levels of metering 1 to 4 (四级计量): what each meter says against those below it.

Meters form trees: the enterprise's meter over those of departments, these over units, these over
devices. Between a meter and its children lies what is lost on the way and what nobody meters;
which of the two it is no meter can say, so it is one number. Below nothing it is a contradiction:
children cannot use more than came in, beyond what the accuracy of the meters explains. A meter
that does not cover the whole stretch of time is no zero: its balance could not be checked.

Source: GB 17167 (用能单位能源计量器具配备和管理通则); DESIGN section 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from attestation.enums import Outcome
from attestation.structure_bodies import MeteringPoint
from ledger.analytics.curves import load_curve
from ledger.analytics.errors import TableMalformed, UnitsApart
from ledger.analytics.measures import Measure
from ledger.decimals import ratio
from ledger.log.counting import find_series
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

LEVELS: Final = (1, 2, 3, 4)
TOLERANCE: Final = Fraction(1, 100)
"""By how much of the parent's amount children may exceed it: two meters of class 0.5."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter's place and the series that counts what passes it."""

    name: str
    """Its instrument."""
    level: int
    series: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class MeterAmount:
    """What a meter counted in a stretch of time."""

    amount: Fraction | None
    """None where it counted nothing at all."""
    missing_s: int

    @property
    def is_complete(self) -> bool:
        """Whether every second is covered."""
        return self.amount is not None and not self.missing_s


@dataclass(frozen=True, slots=True)
class Balance:
    """A meter against those right below it."""

    meter: Meter
    counted: MeterAmount
    children: tuple[str, ...]
    below: Fraction
    """Sum of what its children counted, as far as they did."""
    incomplete: tuple[str, ...]
    """The meter and children that do not cover the whole stretch."""
    outcome: Outcome
    """Whether the children stay within what came in."""

    @property
    def rest(self) -> Fraction | None:
        """Lost or unmetered (损耗与未计量); None where a meter is incomplete."""
        if self.incomplete or self.counted.amount is None:
            return None
        return self.counted.amount - self.below

    @property
    def rest_share(self) -> Fraction | None:
        """The rest by what came in; None where there is neither."""
        if self.rest is None or not self.counted.amount:
            return None
        return ratio(self.rest, self.counted.amount)


@dataclass(frozen=True, slots=True)
class LevelTotal:
    """What the meters of a level counted together."""

    level: int
    meters: int
    amount: Fraction
    incomplete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeteringReport:
    """The balances of a tree of meters in a stretch of time."""

    from_s: int
    to_s: int
    unit: str
    balances: tuple[Balance, ...]
    """Of each meter that has others below it, from the top down."""
    levels: tuple[LevelTotal, ...]
    """Of the levels that have meters."""


class MeterTree:
    """
    Meters with their places.

    Args:
        meters: In any order.

    Raises:
        TableMalformed: If a name stands twice, a parent is not there, or is not of a higher level.
    """

    def __init__(self, meters: Sequence[Meter]) -> None:
        self.meters = {meter.name: meter for meter in meters}
        if len(self.meters) != len(meters):
            raise TableMalformed("two meters have one name")
        for meter in meters:
            if meter.level not in LEVELS:
                raise TableMalformed(f"{meter.name}: level {meter.level} is none of 1 to 4")
            if meter.parent is None:
                continue
            parent = self.meters.get(meter.parent)
            if parent is None:
                raise TableMalformed(f"{meter.name}: no meter {meter.parent} above it")
            if parent.level >= meter.level:
                raise TableMalformed(f"{meter.name}: {parent.name} is not of a higher level")
        # Levels grow downwards, so that no circle can be left.

    def children(self, name: str) -> tuple[Meter, ...]:
        """Give the meters right below one, by name."""
        below = [meter for meter in self.meters.values() if meter.parent == name]
        return tuple(sorted(below, key=lambda meter: meter.name))

    def balance(self, amounts: Mapping[str, MeterAmount], *, tolerance: Fraction) -> list[Balance]:
        """Compare each meter with those below it, from the top down."""
        ordered = sorted(self.meters.values(), key=lambda meter: (meter.level, meter.name))
        return [
            _balance(meter, children, amounts, tolerance)
            for meter in ordered
            if (children := self.children(meter.name))
        ]

    def totals(self, amounts: Mapping[str, MeterAmount]) -> list[LevelTotal]:
        """Add up each level."""
        found = []
        for level in LEVELS:
            names = sorted(name for name, meter in self.meters.items() if meter.level == level)
            if names:
                amount = sum((amounts[name].amount or Fraction(0) for name in names), Fraction(0))
                lacking = tuple(name for name in names if not amounts[name].is_complete)
                found.append(LevelTotal(level, len(names), amount, lacking))
        return found


def tree_of(points: Sequence[MeteringPoint], quantity: str, channel: str) -> MeterTree:
    """
    Make the tree of the meters of one quantity from a reporting structure.

    A meter of another quantity between two is passed over: the one below hangs on the next above.

    Args:
        points: Instruments of the structure in force.
        quantity: Second part of the series ids, such as `energy`.
        channel: Third part, such as `total`.
    """
    by_name = {point.instrument: point for point in points}

    def series_of(point: MeteringPoint) -> str | None:
        wanted = f"{point.instrument}/{quantity}/{channel}/"
        return wanted if wanted in point.series else None

    def above(point: MeteringPoint) -> str | None:
        parent = by_name.get(point.parent or "")
        while parent is not None and series_of(parent) is None:
            parent = by_name.get(parent.parent or "")
        return None if parent is None else parent.instrument

    return MeterTree(
        [
            Meter(point.instrument, point.level, series, above(point))
            for point in points
            if (series := series_of(point)) is not None
        ]
    )


def metering_report(
    uow: UnitOfWork,
    log: Log,
    tree: MeterTree,
    from_s: int,
    to_s: int,
    *,
    tolerance: Fraction = TOLERANCE,
    size: int | None = None,
) -> MeteringReport:
    """
    Measure every meter of a tree and compare them.

    Args:
        uow: A reading unit of work.
        log: The log.
        tree: The meters.
        from_s: First second.
        to_s: Second after the last.
        tolerance: Share of a meter's amount by which those below it may exceed it.
        size: Only what rests on the first so many entries counts; everything where it is None.

    Raises:
        NotRegistered: If the log has no series of a meter.
        UnitsApart: If meters count different things.
        TableMalformed: If there is no meter.
    """
    if not tree.meters:
        raise TableMalformed("no meter of this quantity")
    units = {
        name: Measure.of(find_series(uow, log, meter.series).unit)
        for name, meter in tree.meters.items()
    }
    shown = {measure.amount_unit for measure in units.values()}
    if len(shown) != 1 or not all(measure.is_amount for measure in units.values()):
        raise UnitsApart(f"the meters count {', '.join(sorted(shown))}")
    amounts = {}
    for name, meter in tree.meters.items():
        load = load_curve(uow, log, meter.series, (from_s, to_s), size=size).loads[0]
        amounts[name] = MeterAmount(load.total, load.missing_s)
    return MeteringReport(
        from_s=from_s,
        to_s=to_s,
        unit=shown.pop(),
        balances=tuple(tree.balance(amounts, tolerance=tolerance)),
        levels=tuple(tree.totals(amounts)),
    )


def _balance(
    meter: Meter,
    children: Sequence[Meter],
    amounts: Mapping[str, MeterAmount],
    tolerance: Fraction,
) -> Balance:
    counted = amounts[meter.name]
    of_children = [amounts[child.name] for child in children]
    below = sum((each.amount or Fraction(0) for each in of_children), Fraction(0))
    names = (meter.name, *(child.name for child in children))
    lacking = tuple(name for name in names if not amounts[name].is_complete)
    return Balance(
        meter=meter,
        counted=counted,
        children=tuple(child.name for child in children),
        below=below,
        incomplete=lacking,
        outcome=_judge(counted, below, lacking, meter.name, tolerance),
    )


def _judge(
    counted: MeterAmount,
    below: Fraction,
    lacking: tuple[str, ...],
    name: str,
    tolerance: Fraction,
) -> Outcome:
    amount = counted.amount
    # What children lack could only add to them: an excess that is there already stays one.
    if amount is not None and name not in lacking and below > amount + abs(amount) * tolerance:
        return Outcome.FAILED
    return Outcome.COULD_NOT_CHECK if lacking else Outcome.HELD
