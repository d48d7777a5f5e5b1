"""Verifying a range of a log: every signature, one sub-tree proof, two worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context

from attestation.enums import Outcome
from attestation.keys import Algorithm
from attestation.range_batches import Batch, BatchResult
from attestation.ranges import RangeVerifier
from bench import limits
from bench.measuring import Row, Say, spent
from tests.support.evidence import START_S, World, reading, small_world

_READINGS = 100
_FIRST = 4


def run(say: Say, *, quick: bool) -> list[Row]:
    """Verify a range of messages of a hundred readings each."""
    count = 1_500 if quick else 10_000
    say(f"signing {count} messages of {_READINGS} readings")
    world = _world(count)
    bundle, entries = world.range_bundle(_FIRST, _FIRST + count), world.entries
    limit = limits.verifications(Algorithm.ED25519, length=len(entries[-1]))
    with get_context("forkserver").Pool(limits.CORES) as pool:
        pool.map(abs, range(8))

        def in_pool(
            judge: Callable[[Batch], BatchResult], batches: Iterable[Batch]
        ) -> Iterator[BatchResult]:
            return pool.imap(judge, batches)

        verifier = RangeVerifier(world.trust_root(), map=in_pool)
        say(f"verifying {count} messages")

        def verify() -> None:
            report = verifier.verify(bundle, iter(entries[_FIRST : _FIRST + count]))
            assert report.outcome is Outcome.HELD, report.report

        took = spent(verify)
    million_s = took.wall_s * 1_000_000 / (count * _READINGS)
    name, cpu_us = "signatures, 2 cores", took.cpu_us(count)
    return [
        Row(
            *("range, messages", took.rate(count), "messages/s", limit.rate, name),
            cpu_us=cpu_us,
            limit_cpu_us=limit.cpu_us,
        ),
        Row(
            "range of 10⁶ readings",
            million_s,
            "s",
            target="< 60 s on 2 cores",
            remark=f"from {count * _READINGS:,} readings in {took.wall_s:.2f} s",
        ),
    ]


def _world(count: int) -> World:
    world = small_world()
    del world.entries[_FIRST:]
    step = 3600 // _READINGS
    hour = [
        reading(end_s=START_S + step * at, interval_s=step, value=at)
        for at in range(1, _READINGS + 1)
    ]
    for sequence in range(1, count + 2):
        world.append(world.message(*hour, sequence=sequence))
    return world
