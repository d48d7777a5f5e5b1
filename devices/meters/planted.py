"""
Planted events: what goes wrong with a simulated meter, each said in one line.

A test or a demonstration lists the events, and so knows what a ledger must find.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drift:
    """The meter counts wrongly, by a constant share, for a while."""

    start_s: int
    end_s: int
    parts_per_million: int
    """Added to what is counted; negative for a meter that counts too little."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Readings are lost on the way; the meter itself counts on."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Silence:
    """The meter is without power: it says nothing and counts nothing."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The meter starts anew and its registers begin at another value."""

    at_s: int
    register: int = 0
    """Standing of every register right after the restart."""


@dataclass(frozen=True, slots=True)
class Spike:
    """One interval shows more than there was, as after a disturbance of the wires."""

    at_s: int
    """A second within the interval."""
    extra: int
    """How much more, in the meter's unit."""


Event = Drift | Gap | Silence | Restart | Spike


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the events do to one interval."""

    says_nothing: bool = False
    counts_nothing: bool = False
    parts_per_million: int = 0
    extra: int = 0
    restarts_at: int | None = None
    """Standing of the registers at the interval's start, where the meter starts anew in it."""


UNDISTURBED = Disturbance()


def disturbance(events: tuple[Event, ...], start_s: int, end_s: int) -> Disturbance:
    """Say what the events do to the interval `[start_s, end_s)`."""
    found = [event for event in events if _touches(event, start_s, end_s)]
    if not found:
        return UNDISTURBED
    restarts = [event.register for event in found if isinstance(event, Restart)]
    silent = any(isinstance(event, Silence) for event in found)
    return Disturbance(
        says_nothing=silent or any(isinstance(event, Gap) for event in found),
        counts_nothing=silent,
        parts_per_million=sum(e.parts_per_million for e in found if isinstance(e, Drift)),
        extra=sum(event.extra for event in found if isinstance(event, Spike)),
        restarts_at=restarts[-1] if restarts else None,
    )


def _touches(event: Event, start_s: int, end_s: int) -> bool:
    if isinstance(event, Restart | Spike):
        return start_s <= event.at_s < end_s
    return event.start_s < end_s and start_s < event.end_s
