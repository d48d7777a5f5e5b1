"""A gateway that sends too much is held back, and no other with it."""

from __future__ import annotations

from attestation.instants import Instant
from ledger.log.quotas import Quota, Quotas

NOW = Instant(1_000_000)


def taken(quotas: Quotas, number: int, now: Instant = NOW, gateway: str = "gw-1") -> int:
    """Count how many of `number` messages get through."""
    return sum(quotas.take(gateway, now=now) for _ in range(number))


def test_burst_gets_through_and_the_rest_does_not() -> None:
    """A full bucket holds the burst."""
    assert taken(Quotas(Quota(10, 5)), 8) == 5


def test_bucket_fills_at_its_rate() -> None:
    """Half a second at ten a second is five messages."""
    quotas = Quotas(Quota(10, 5))
    taken(quotas, 5)

    assert taken(quotas, 8, Instant(NOW + 500)) == 5


def test_bucket_does_not_overflow() -> None:
    """A long silence allows no more than the burst."""
    quotas = Quotas(Quota(10, 5))
    taken(quotas, 5)

    assert taken(quotas, 100, Instant(NOW + 1_000_000)) == 5


def test_fractions_of_a_message_are_not_lost() -> None:
    """Many small steps fill as much as one large step."""
    quotas = Quotas(Quota(3, 5))
    taken(quotas, 5)
    through = sum(taken(quotas, 1, Instant(NOW + 100 * step)) for step in range(1, 11))

    assert through == 3


def test_clock_that_steps_back_takes_nothing_away() -> None:
    """An earlier time fills nothing and empties nothing."""
    quotas = Quotas(Quota(10, 5))
    taken(quotas, 3)

    assert taken(quotas, 8, Instant(NOW - 5000)) == 2


def test_gateways_have_buckets_of_their_own() -> None:
    """One gateway's flood does not starve another."""
    quotas = Quotas(Quota(10, 5))
    taken(quotas, 100)

    assert taken(quotas, 1, gateway="gw-2") == 1


def test_without_a_quota_everything_gets_through() -> None:
    """No quota sets no limit."""
    assert taken(Quotas(None), 1000) == 1000
