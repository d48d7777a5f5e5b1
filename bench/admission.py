"""Admission core: verify, decode, hash, find duplicates, store, fsync; two worker processes."""

from __future__ import annotations

from attestation.keys import Algorithm
from bench import limits, material
from bench.measuring import Row, Say, Spent, spent
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
                count = (8_000 if readings == 1 else 3_000) * (1 if quick else 5)
                say(f"{algorithm.name}: signing {count} messages of {readings} readings")
                contents = material.messages(algorithm, count + material.WARMING, readings)
                # Making a database takes longer than a quick measurement: SQLite once.
                first = readings == 1 and algorithm is next(iter(Algorithm))
                kinds = ("PostgreSQL", "SQLite") if first or not quick else ("PostgreSQL",)
                for kind in kinds:
                    say(f"{algorithm.name}, {kind}: admitting {count}")
                    took = _admit(cluster, kind, algorithm, contents)
                    rows += _rows(f"{algorithm.name}, {kind}", readings, count, took, limit)
    rows.append(Row("limit: COPY of bare rows, 300 bytes", copy, "rows/s"))
    rows.append(Row("limit: fsync of a page", fsync, "fsync/s"))
    return rows


def _admit(cluster: Cluster, kind: str, algorithm: Algorithm, contents: tuple[bytes, ...]) -> Spent:
    name = f"{algorithm.name}_{len(contents)}".lower()
    with PooledChecker(limits.CORES) as checker, material.sqlite_url() as sqlite:
        url = sqlite if kind == "SQLite" else material.postgresql_url(cluster, name)
        with material.enterprise(url, checker, algorithm) as made:
            # Workers come up and get the table of keys before the clock starts.
            material.admit(made, contents[: material.WARMING])
            return spent(lambda: material.admit(made, contents[material.WARMING :]))


def _rows(what: str, readings: int, count: int, took: Spent, limit: limits.Limit) -> list[Row]:
    name, cpu_us, bare_us = "signatures, 2 cores", took.cpu_us(count), limit.cpu_us
    rate, target = took.rate(count), _TARGETS[readings]
    plural = "reading" if readings == 1 else "readings"
    what = f"{what}, {readings} {plural}"
    if readings == 1:
        return [
            Row(what, rate, "messages/s", limit.rate, name, target, "", cpu_us, bare_us),
        ]
    return [
        Row(what, rate, "messages/s", limit.rate, name, "≥ 70 %", "", cpu_us, bare_us),
        Row(what, rate * readings, "readings/s", target=target, cpu_us=cpu_us / readings),
    ]
