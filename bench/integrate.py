"""Integration: the tree alone, and the whole step with rows, tiles, checkpoint and fsync."""

from __future__ import annotations

from hashlib import sha256

from attestation.keys import Algorithm
from attestation.merkle import CompactRange
from attestation.tiles import tile_growth
from bench import limits, material
from bench.measuring import Row, Say, spent
from ledger.log.checkers import PooledChecker
from ledger.log.sequencing import MAX_BATCH_ENTRIES
from tests.support.enterprise import Enterprise


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure the tree in memory, PostgreSQL and SQLite."""
    count = 2 * MAX_BATCH_ENTRIES if quick else 200_000
    rows = [_pure(say, 400_000 if quick else 2_000_000)]
    say(f"signing {count} messages")
    contents = material.messages(Algorithm.ED25519, count + material.WARMING, 1)
    with (
        material.postgresql() as cluster,
        material.sqlite_url() as sqlite,
        PooledChecker(limits.CORES) as checker,
    ):
        copy = limits.copied_rows(cluster, 16, count=80_000, batch=4000)
        urls = {"PostgreSQL": material.postgresql_url(cluster, "integrate"), "SQLite": sqlite}
        for kind, url in urls.items():
            with material.enterprise(url, checker, Algorithm.ED25519) as made:
                say(f"{kind}: admitting {count}")
                material.admit(made, contents[: material.WARMING])
                material.integrate(made)
                material.admit(made, contents[material.WARMING :])
                say(f"{kind}: integrating")
                rows.append(_row(made, kind, count, copy))
    return rows


def _row(made: Enterprise, kind: str, count: int, copy: float) -> Row:
    took = spent(lambda: material.integrate(made))
    name, target = "COPY of bare rows", "≥ 80 000 entries/s" if kind == "PostgreSQL" else ""
    return Row(
        *(f"integrate, {kind}", took.rate(count), "entries/s", copy, name, target),
        *("with receipts", took.cpu_us(count)),
    )


def _pure(say: Say, count: int) -> Row:
    say(f"hashing {count} leaves")
    leaves = [sha256(number.to_bytes(8, "big")).digest() for number in range(count)]
    tree = CompactRange()

    def grow() -> None:
        for at in range(0, count, MAX_BATCH_ENTRIES):
            for _ in tile_growth(tree.append_many(leaves[at : at + MAX_BATCH_ENTRIES])):
                pass

    took = spent(grow)
    return Row(
        *("tree and tiles in memory", took.rate(count), "leaves/s"),
        *(limits.hashes(), "SHA-256 of a node", "≥ 500 000 leaves/s"),
        *(f"{count} leaves, one core", took.cpu_us(count)),
    )
