"""Admission core: verify, decode, hash, find duplicates, store, fsync; two worker processes."""

from __future__ import annotations

from attestation.keys import Algorithm
from bench import limits, material
from bench.measuring import Row, Say, seconds
from ledger.log.checkers import PooledChecker
from tests.support.database import Cluster

_TARGETS = {1: "≥ 15 000 messages/s, ≥ 70 %", 100: "≥ 1 000 000 readings/s"}


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure both databases and both algorithms, with 1 and 100 readings a message."""
    rows: list[Row] = []
    with material.postgresql() as cluster:
        copy = limits.copied_rows(cluster, 300, count=20_000)
        fsync = limits.fsyncs()
        for algorithm in Algorithm:
            limit = limits.verifications(algorithm)
            for readings in (1, 100):
                count = (8_000 if readings == 1 else 4_000) * (1 if quick else 5)
                say(f"{algorithm.name}: signing {count} messages of {readings} readings")
                contents = material.messages(algorithm, count, readings)
                # Making a database takes longer than a quick measurement: SQLite once an algorithm.
                kinds = ("PostgreSQL",) if quick and readings > 1 else ("PostgreSQL", "SQLite")
                for kind in kinds:
                    rate = _rate(cluster, kind, algorithm, contents, say)
                    rows += _rows(f"{algorithm.name}, {kind}", readings, rate, limit)
    rows.append(Row("limit: COPY of bare rows, 300 bytes", copy, "rows/s"))
    rows.append(Row("limit: fsync of a page", fsync, "fsync/s"))
    return rows


def _rate(
    cluster: Cluster, kind: str, algorithm: Algorithm, contents: tuple[bytes, ...], say: Say
) -> float:
    name = f"{algorithm.name}_{len(contents)}".lower()
    with PooledChecker(limits.CORES) as checker, material.sqlite_url() as sqlite:
        url = sqlite if kind == "SQLite" else material.postgresql_url(cluster, name)
        with material.enterprise(url, checker, algorithm) as made:
            # The first batch brings the workers up and gives them the table of keys.
            material.admit(made, contents[: material.BATCH], lambda _: None)
            rest = contents[material.BATCH :]
            told = f"{algorithm.name}, {kind}: admitted"
            work = lambda: material.admit(made, rest, lambda n: say(f"{told} {n}"))  # noqa: E731
            return len(rest) / seconds(work)


def _rows(what: str, readings: int, rate: float, limit: float) -> list[Row]:
    target = _TARGETS[readings]
    name = "signatures, 2 cores"
    if readings == 1:
        return [Row(f"{what}, 1 reading", rate, "messages/s", limit, name, target)]
    return [
        Row(f"{what}, {readings} readings", rate, "messages/s", limit, name, "≥ 70 %"),
        Row(f"{what}, {readings} readings", rate * readings, "readings/s", target=target),
    ]
