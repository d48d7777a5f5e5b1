"""The full check of a log without signatures: entries, tiles, checkpoints, messages."""

from __future__ import annotations

from attestation.keys import Algorithm
from bench import limits, material
from bench.measuring import Row, Say, seconds
from ledger.log.checkers import PooledChecker
from ledger.log.fsck import fsck
from tests.support.enterprise import Enterprise


def run(say: Say, *, quick: bool) -> list[Row]:
    """Check the same log in PostgreSQL and SQLite."""
    count = 10_000 if quick else 200_000
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
                material.admit(made, contents, lambda _: None)
                material.integrate(made)
                rate = count * 60 / seconds(lambda made=made, kind=kind: _check(made, kind, say))
            name, target = "SHA-256 of the entries, one core", "≥ 1 000 000 entries/minute"
            rows.append(Row(f"fsck, {kind}", rate, "entries/minute", limit, name, target))
    return rows


def _check(made: Enterprise, kind: str, say: Say) -> None:
    with made.database.reading() as uow:
        log = uow.logs.get(made.log.number)
        report = fsck(uow, log, progress=lambda done, size: say(f"{kind}: {done} of {size}"))
    assert report.findings == [], report.findings[0]
