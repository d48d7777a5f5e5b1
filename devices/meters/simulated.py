"""
Simulated meters: deterministic, integer only, with their faults planted by hand.

The same seed, start and events give the same readings, bit for bit, however often and in whatever
pieces they are asked for. Screens say "simulated" beside everything that comes from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from attestation.enums import Provenance, SignerKind
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.readings import Reading
from devices.errors import MappingError
from devices.meters.planted import Disturbance, Event, disturbance

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SimulatedRegister:
    """A register (表底) that adds up what a quantity counts, and starts again at its range."""

    series: str
    initial: int
    """Standing at the meter's start, in the quantity's unit."""
    modulus: int
    """The register counts from 0 to `modulus - 1`."""


@dataclass(frozen=True, slots=True)
class SimulatedQuantity:
    """One thing a meter measures."""

    unit: str
    amount: Callable[[int], int]
    """What truly happens in the interval that ends at a second, in `unit`; a pure function."""
    amount_series: str | None = None
    """Series of the interval's amounts; absent where the meter only shows a register."""
    register: SimulatedRegister | None = None


class SimulatedMeter:
    """
    A meter that counts some quantities in steps of its cadence.

    Args:
        quantities: What it measures.
        start_s: When it was put up, at a whole slot of the cadence, seconds since 1970 UTC.
        cadence_s: Length of an interval in seconds.
        events: What goes wrong.
    """

    def __init__(
        self,
        quantities: Sequence[SimulatedQuantity],
        *,
        start_s: int,
        cadence_s: int = 900,
        events: Sequence[Event] = (),
    ) -> None:
        if start_s % cadence_s:
            raise MappingError(f"start {start_s} is no whole slot of {cadence_s} s")
        self.cadence_s = cadence_s
        self.start_s = start_s
        self._quantities = tuple(quantities)
        self._events = tuple(events)

    def readings(self, to_s: int, *, from_s: int | None = None) -> Iterator[Reading]:
        """Give the readings whose intervals end in `(from_s, to_s]`, from the start if not said."""
        slots = self.slots(self.start_s if from_s is None else from_s)
        for end_s, said in slots:
            if end_s > to_s:
                return
            yield from said

    def slots(self, from_s: int) -> Iterator[tuple[int, tuple[Reading, ...]]]:
        """
        Give slot after slot, without end: when it ends, and what the meter says of it.

        Registers are added up from the meter's start; slots up to `from_s` are left out.
        """
        standings = [q.register.initial if q.register else 0 for q in self._quantities]
        for start_s in count(self.start_s, self.cadence_s):
            end_s = start_s + self.cadence_s
            effect = disturbance(self._events, start_s, end_s)
            said: list[Reading] = []
            for place, quantity in enumerate(self._quantities):
                counted = _counted(quantity, end_s, effect)
                standings[place] = _advance(quantity, standings[place], counted, effect)
                if end_s > from_s and not effect.says_nothing:
                    said.extend(self._said(quantity, end_s, counted, standings[place]))
            if end_s > from_s:
                yield end_s, tuple(said)

    def _said(
        self, quantity: SimulatedQuantity, end_s: int, counted: int, standing: int
    ) -> Iterator[Reading]:
        if quantity.amount_series is not None:
            yield Reading(quantity.amount_series, end_s, self.cadence_s, counted, quantity.unit)
        if quantity.register is not None:
            yield Reading(
                quantity.register.series,
                end_s,
                self.cadence_s,
                standing,
                quantity.unit,
                register=True,
            )


class LiveSimulation:
    """A simulated meter that is asked as time goes by (`Meter`)."""

    provenance = Provenance.LIVE
    signer = SignerKind.GATEWAY

    def __init__(self, meter: SimulatedMeter, *, since_s: int) -> None:
        self._slots = meter.slots(since_s)
        self._next = next(self._slots)
        self._pending: list[Reading] = []

    def read(self, now: Instant) -> Sequence[Reading]:
        """Give the readings of the slots that have ended and were not let go of yet."""
        now_s = now // MILLISECONDS_PER_SECOND
        while self._next[0] <= now_s:
            self._pending.extend(self._next[1])
            self._next = next(self._slots)
        return tuple(self._pending)

    def forget(self) -> None:
        """Let go of the readings last given."""
        self._pending.clear()


def _counted(quantity: SimulatedQuantity, end_s: int, effect: Disturbance) -> int:
    if effect.counts_nothing:
        return 0
    true = quantity.amount(end_s)
    return true + true * effect.parts_per_million // _MILLION + effect.extra


def _advance(quantity: SimulatedQuantity, standing: int, counted: int, effect: Disturbance) -> int:
    if quantity.register is None:
        return 0
    before = standing if effect.restarts_at is None else effect.restarts_at
    return (before + counted) % quantity.register.modulus
