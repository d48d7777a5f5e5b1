"""A gateway that sends too much is held back, and no other with it."""

from __future__ import annotations

import threading

import pytest

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


def test_charge_takes_what_is_left_and_no_more() -> None:
    """What is charged afterwards may find less than one message; the bucket owes nothing."""
    quotas = Quotas(Quota(10, 2))
    for _ in range(5):
        quotas.charge("gw-1", now=NOW)

    assert quotas.wait_ms("gw-1", now=NOW) == 100
    assert taken(quotas, 3, Instant(NOW + 200)) == 2


@pytest.mark.parametrize(("per_s", "wait_ms"), [(1, 1000), (3, 334), (2000, 1)])
def test_wait_is_as_long_as_it_takes(per_s: int, wait_ms: int) -> None:
    """After the time named there is a message to be had, and a millisecond before there is not."""
    quotas = Quotas(Quota(per_s, 1))
    taken(quotas, 1)

    assert quotas.wait_ms("gw-1", now=NOW) == wait_ms
    assert taken(quotas, 1, Instant(NOW + wait_ms - 1)) == 0
    assert taken(quotas, 1, Instant(NOW + wait_ms)) == 1


def test_full_bucket_is_not_waited_for() -> None:
    """Somebody who was never seen may send at once."""
    assert Quotas(Quota(1, 1)).wait_ms("gw-9", now=NOW) == 0
    assert Quotas(None).wait_ms("gw-9", now=NOW) == 0


def test_no_more_buckets_are_kept_than_may_be() -> None:
    """Whoever was not seen for longest is forgotten, whoever goes on is not."""
    quotas = Quotas(Quota(1, 5), most=3)
    taken(quotas, 5, gateway="busy")
    for number in range(10):
        taken(quotas, 1, gateway=f"gw-{number}")
        taken(quotas, 1, gateway="busy")

    assert len(quotas._buckets) == 3
    assert taken(quotas, 1, gateway="busy") == 0


def test_threads_share_a_bucket() -> None:
    """Many at once get no more out of it than is in it."""
    quotas = Quotas(Quota(1, 500))
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(taken(quotas, 200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 500


def test_without_a_quota_everything_gets_through() -> None:
    """No quota sets no limit."""
    assert taken(Quotas(None), 1000) == 1000
