"""Integration: the tree alone, and the whole step with rows, tiles, checkpoint and fsync."""

from __future__ import annotations

from hashlib import sha256

from attestation.keys import Algorithm
from attestation.merkle import CompactRange
from attestation.tiles import tile_growth
from bench import limits, material
from bench.measuring import Row, Say, seconds
from ledger.log.checkers import PooledChecker
from ledger.log.sequencing import MAX_BATCH_ENTRIES


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure the tree in memory, PostgreSQL and SQLite."""
    count = 10_000 if quick else 200_000
    rows = [_pure(say, 400_000 if quick else 2_000_000)]
    say(f"signing {count} messages")
    contents = material.messages(Algorithm.ED25519, count, 1)
    with (
        material.postgresql() as cluster,
        material.sqlite_url() as sqlite,
        PooledChecker(limits.CORES) as checker,
    ):
        copy = limits.copied_rows(cluster, 16, count=80_000, batch=4000)
        urls = {"PostgreSQL": material.postgresql_url(cluster, "integrate"), "SQLite": sqlite}
        for kind, url in urls.items():
            with material.enterprise(url, checker, Algorithm.ED25519) as made:
                material.admit(made, contents, lambda n, kind=kind: say(f"{kind}: admitted {n}"))
                say(f"{kind}: integrating")
                rate = count / seconds(lambda made=made: material.integrate(made))
            name, target = "COPY of bare rows", "≥ 80 000 entries/s"
            rows.append(
                Row(f"integrate, {kind}", rate, "entries/s", copy, name, target, "with receipts")
            )
    return rows


def _pure(say: Say, count: int) -> Row:
    say(f"hashing {count} leaves")
    leaves = [sha256(number.to_bytes(8, "big")).digest() for number in range(count)]
    tree = CompactRange()

    def grow() -> None:
        for at in range(0, count, MAX_BATCH_ENTRIES):
            for _ in tile_growth(tree.append_many(leaves[at : at + MAX_BATCH_ENTRIES])):
                pass

    return Row(
        "tree and tiles in memory",
        count / seconds(grow),
        "leaves/s",
        limits.hashes(),
        "SHA-256 of a node",
        "≥ 500 000 leaves/s",
        f"{count} leaves, one core",
    )
