"""How far the clocks are apart."""

from __future__ import annotations

from attestation.instants import Instant
from devices.clock_offset import ClockComparison, ClockOffset


def observe(clock: ClockComparison, sent: int, ledger: int, received: int) -> ClockOffset | None:
    """Add one exchange, in milliseconds."""
    clock.observe(sent_at=Instant(sent), ledger_at=Instant(ledger), received_at=Instant(received))
    return clock.offset


def test_exchanges_narrow_the_bounds() -> None:
    """Each exchange bounds the offset from both sides."""
    clock = ClockComparison()

    assert observe(clock, 1_000, 900, 1_500) == ClockOffset(100, 600)
    assert observe(clock, 2_000, 1_800, 2_300) == ClockOffset(200, 500)


def test_clock_that_was_set_begins_anew() -> None:
    """Bounds that do not meet any more are thrown away."""
    clock = ClockComparison()
    observe(clock, 1_000, 900, 1_500)

    assert observe(clock, 9_000, 2_000, 9_100) == ClockOffset(7_000, 7_100)


def test_unknown_before_the_first_answer() -> None:
    """Without an answer nothing is said, and an impossible exchange says nothing."""
    clock = ClockComparison()

    assert clock.offset is None
    assert observe(clock, 1_000, 900, 999) is None


def test_warning_needs_certainty() -> None:
    """A clock is called wrong only where every possible offset is too large."""
    assert ClockOffset(120_001, 130_000).is_ahead
    assert not ClockOffset(-10, 130_000).is_ahead
    assert ClockOffset(-130_000, -120_001).is_behind
    assert not ClockOffset(-130_000, 10).is_behind
