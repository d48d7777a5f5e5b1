"""The full check of a log without signatures, and proofs of its entries, from the database."""

from __future__ import annotations

import random
import time
from functools import partial

from attestation.keys import Algorithm
from bench import limits, material
from bench.measuring import Row, Say, percentile, spent
from ledger.log.checkers import PooledChecker
from ledger.log.fsck import fsck
from ledger.log.proving import LogProver
from ledger.log.tile_cache import TileCache
from tests.support.enterprise import Enterprise

_PROOFS = 1000


def run(say: Say, *, quick: bool) -> list[Row]:
    """Check the same log in PostgreSQL and SQLite."""
    count = 8_000 if quick else 200_000
    contents = material.messages(Algorithm.ED25519, count, 1)
    limit = limits.hashes(len(contents[-1]) + 1) * 60
    rows = []
    with (
        material.postgresql() as cluster,
        material.sqlite_url() as sqlite,
        PooledChecker(limits.CORES) as checker,
    ):
        urls = {"PostgreSQL": material.postgresql_url(cluster, "fsck"), "SQLite": sqlite}
        for kind, url in urls.items():
            with material.enterprise(url, checker, Algorithm.ED25519) as made:
                say(f"{kind}: growing a log of {count} entries")
                material.admit(made, contents)
                material.integrate(made)
                took = spent(partial(_check, made, kind, say))
                rate, cpu_us = took.rate(count) * 60, took.cpu_us(count)
                name, target = "SHA-256 of the entries, one core", "≥ 1 000 000 entries/minute"
                rows += [
                    Row(f"fsck, {kind}", rate, "entries/minute", limit, name, target, "", cpu_us),
                    _proofs(made, kind, count),
                ]
    return rows


def _check(made: Enterprise, kind: str, say: Say) -> None:
    with made.database.reading() as uow:
        log = uow.logs.get(made.log.number)
        report = fsck(uow, log, progress=lambda done, size: say(f"{kind}: {done} of {size}"))
    assert report.findings == [], report.findings[0]


def _proofs(made: Enterprise, kind: str, count: int) -> Row:
    """Prove random entries as the API does: one unit of work each, tiles shared in memory."""
    spent_ms: list[float] = []
    rng, cache = random.Random(count), TileCache()
    for index in (rng.randrange(count) for _ in range(_PROOFS)):
        begun = time.perf_counter()
        with made.database.reading() as uow:
            LogProver(uow, uow.logs.get(made.log.number), cache=cache).entry(index)
        spent_ms.append((time.perf_counter() - begun) * 1000)
    return Row(
        f"entry with its proof, {kind}, p99",
        percentile(spent_ms, 99),
        "ms",
        remark=f"p50 {percentile(spent_ms, 50):.2f} ms; {_PROOFS} proofs, {count} entries",
    )
