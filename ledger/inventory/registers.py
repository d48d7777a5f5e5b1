"""
Registers: the amount between two standings, over exchanges and the end of the register's range.

Between two standings of one meter the amount is their difference. Where a meter was exchanged,
the old one's last and the new one's first standing stand in between. Where a register fell, it
went over the end of its range if that is registered and plausible; otherwise it began again, and
how much was used meanwhile is not known.

Source: FORMATS sections 2 and 7 (register range, exchange); DL/T 448 for the standings (表底).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from attestation.series_bodies import Instrument, MeterExchange
from attestation.units import convert, find_unit
from ledger.inventory.facts import facts_about
from ledger.inventory.multipliers import Multipliers
from ledger.inventory.pieces import Measured, Origin, Piece, Remark, RemarkKind
from ledger.log.marks import Mark
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a register stood at a second, before multiplying."""

    at_s: int
    value: Fraction
    multiplier: str | None
    index: int
    origin: Origin
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a step on one meter: between two standings of it."""

    start_s: int
    end_s: int
    first: Fraction
    last: Fraction
    multiplier: str | None
    serial_number: str | None
    """Of its meter; None where no exchange names it."""


class RegisterSteps:
    """
    The steps of one register.

    Args:
        uow: A reading unit of work.
        log: The log.
        series: Of standings.
        multipliers: Of its instrument.
    """

    def __init__(self, uow: UnitOfWork, log: Log, series: Series, multipliers: Multipliers) -> None:
        self._series = series
        self._multipliers = multipliers
        self._exchanges = facts_about(uow, log, MeterExchange, series.instrument)
        self._instruments = facts_about(uow, log, Instrument, series.instrument)

    def between(self, standings: Sequence[Standing]) -> Measured:
        """Give the amounts between standings that follow each other in time."""
        pieces: list[Piece] = []
        remarks: list[Remark] = []
        events: list[str] = []
        ordered = sorted(standings, key=lambda each: each.at_s)
        for one, other in pairwise(ordered):
            met: list[str] = []
            outcome = self._step(one, other, met)
            if isinstance(outcome, Piece):
                pieces.append(outcome)
                events += met
            else:
                remarks.append(outcome)
        return Measured(tuple(pieces), tuple(remarks), tuple(events))

    def _step(self, one: Standing, other: Standing, events: list[str]) -> Piece | Remark:
        entries = {one.index, other.index}
        amount = Fraction(0)
        if one.multiplier != other.multiplier and not self._exchanged(one.at_s, other.at_s):
            text = f"multiplier changed from {one.multiplier} to {other.multiplier} between"
            return self._remark(one, other, RemarkKind.MULTIPLIER, text)
        stretches = self._stretches(one, other, entries, events)
        if stretches is None:
            text = f"exchange without usable standings of {self._series.series}"
            return self._remark(one, other, RemarkKind.EXCHANGE, text)
        for stretch in stretches:
            factor = self._multipliers.over(stretch.multiplier, stretch.start_s, stretch.end_s)
            if factor is None:
                return self._remark(one, other, RemarkKind.MULTIPLIER, "multiplier is not clear")
            if factor.index is not None:
                entries.add(factor.index)
            difference = self._difference(stretch, events)
            if difference is None:
                text = f"register fell from {stretch.first} to {stretch.last}"
                return self._remark(one, other, RemarkKind.RESTART, text)
            amount += difference * factor.by
        origin = one.origin if one.origin is other.origin else _weaker(one.origin, other.origin)
        return Piece(
            one.at_s,
            other.at_s,
            amount,
            origin,
            None,
            tuple(sorted(entries)),
            one.marks | other.marks,
        )

    def _stretches(
        self, one: Standing, other: Standing, entries: set[int], events: list[str]
    ) -> list[_Stretch] | None:
        """
        Cut a step where the meter was exchanged; a standing at that second is the new meter's.

        None is given where an exchange does not say where this register stood, or in no unit of it.
        """
        stretches: list[_Stretch] = []
        at_s, value, named, serial = one.at_s, one.value, one.multiplier, None
        for index, exchange in self._exchanged(one.at_s, other.at_s):
            standing = next(
                (each for each in exchange.registers if each.series == self._series.series), None
            )
            if standing is None:
                return None
            last = self._in_unit(standing.last, standing.unit)
            first = self._in_unit(standing.first, standing.unit)
            if last is None or first is None:
                return None
            entries.add(index)
            events.append(
                f"exchange of {exchange.old_serial_number} for {exchange.new_serial_number}"
                f" at second {exchange.at_s} (entry {index})"
            )
            old = exchange.old_serial_number
            stretches.append(_Stretch(at_s, exchange.at_s, value, last, named, old))
            at_s, named, serial = exchange.at_s, other.multiplier, exchange.new_serial_number
            value = first
        stretches.append(_Stretch(at_s, other.at_s, value, other.value, named, serial))
        return stretches

    def _exchanged(self, after_s: int, until_s: int) -> list[tuple[int, MeterExchange]]:
        found = [each for each in self._exchanges if after_s < each[1].at_s <= until_s]
        # Of two records about one exchange, the newer says how it was.
        by_time = {exchange.at_s: (index, exchange) for index, exchange in found}
        return [by_time[at_s] for at_s in sorted(by_time)]

    def _difference(self, stretch: _Stretch, events: list[str]) -> Fraction | None:
        difference = stretch.last - stretch.first
        if difference >= 0:
            return difference
        modulus = self._modulus(stretch)
        if modulus is None or stretch.first >= modulus:
            return None
        rolled = difference + modulus
        if not self._is_plausible(rolled, modulus, stretch.end_s - stretch.start_s):
            return None
        events.append(f"register went over {modulus} before second {stretch.end_s}")
        return rolled

    def _is_plausible(self, amount: Fraction, modulus: Fraction, seconds: int) -> bool:
        limit = self._series.rate_limit_per_h
        if limit is None:
            return 2 * amount <= modulus
        allowed = Fraction(limit * seconds, 10**self._series.scale * _SECONDS_PER_HOUR)
        return amount <= allowed

    def _modulus(self, stretch: _Stretch) -> Fraction | None:
        """Give the range of the meter's register, in the unit of the series."""
        known = [
            (body.installed_s, index, body)
            for index, body in self._instruments
            if stretch.serial_number is None or body.serial_number == stretch.serial_number
        ]
        if stretch.serial_number is None:
            known = [each for each in known if each[0] <= stretch.start_s]
        if not known:
            return None
        body = max(known, key=lambda each: each[:2])[2]
        if body.register_modulus is None or body.unit is None:
            return None
        return self._in_unit(body.register_modulus, body.unit)

    def _in_unit(self, standing: int, unit: str) -> Fraction | None:
        """Give a standing in the unit of the series; None where it measures something else."""
        if find_unit(unit).dimension != find_unit(self._series.unit).dimension:
            return None
        return convert(standing, 0, unit=unit, into=self._series.unit)

    def _remark(self, one: Standing, other: Standing, kind: RemarkKind, text: str) -> Remark:
        entries = tuple(sorted({one.index, other.index}))
        return Remark(one.at_s, other.at_s, kind, entries, text)


def _weaker(one: Origin, other: Origin) -> Origin:
    """Of two origins, give the one that says less."""
    ranking = (Origin.METERED, Origin.STATED, Origin.IMPORTED, Origin.SUBSTITUTED)
    return max(one, other, key=ranking.index)
