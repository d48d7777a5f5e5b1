"""Databases and signed messages to measure with; making them is not measured."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from attestation.instants import Instant
from attestation.keys import Algorithm
from ledger import migrations
from ledger.database import Database
from ledger.log.checkers import Checker
from ledger.log.decisions import Admitted, Submission
from tests.support.database import Cluster, start_cluster, stop_cluster
from tests.support.enterprise import START_S, Device, Enterprise, reading

DEVICES = 8
BATCH = 2000
_NOW = Instant((START_S + 10 * 31_536_000) * 1000)


@contextmanager
def postgresql() -> Iterator[Cluster]:
    """Run a PostgreSQL server with fsync on, while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="carbonseal-bench-"))
    try:
        cluster = start_cluster(folder)
        try:
            yield cluster
        finally:
            stop_cluster(cluster)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sqlite_url() -> Iterator[str]:
    """Give the URL of an SQLite file that does not exist yet."""
    with tempfile.TemporaryDirectory(prefix="carbonseal-bench-") as folder:
        yield f"sqlite:///{folder}/ledger.sqlite"


def postgresql_url(cluster: Cluster, name: str) -> str:
    """Make an empty database and give its URL."""
    cluster.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


@contextmanager
def enterprise(url: str, checker: Checker, algorithm: Algorithm) -> Iterator[Enterprise]:
    """Open a log whose devices are enrolled, in an empty database."""
    with Database(url) as database:
        migrations.upgrade(database.engine)
        made = Enterprise(database, checker=checker, now=_NOW)
        made.enrol(*_devices(algorithm))
        yield made


def _devices(algorithm: Algorithm) -> list[Device]:
    return [
        Device(f"em-{n:02d}", algorithm, series=(f"em-{n:02d}/energy/total/",))
        for n in range(DEVICES)
    ]


@cache
def messages(algorithm: Algorithm, count: int, readings: int) -> tuple[bytes, ...]:
    """Sign messages of so many quarter hours, the devices by turns."""
    devices = _devices(algorithm)
    signed = []
    for number in range(count):
        device = devices[number % DEVICES]
        first = number // DEVICES * readings
        row = [reading(first + at, series=device.series[0]) for at in range(readings)]
        signed.append(device.sign(*row).encoded)
    return tuple(signed)


def admit(made: Enterprise, contents: tuple[bytes, ...], told: Callable[[int], None]) -> None:
    """Admit messages in batches, checking each batch while the one before is stored."""
    batches = (
        ([Submission(each, "gw-1") for each in contents[at : at + BATCH]], made.now)
        for at in range(0, len(contents), BATCH)
    )
    done = 0
    for decisions in made.admission.admit_all(batches):
        assert all(isinstance(each, Admitted) for each in decisions), decisions[0]
        told(done := done + len(decisions))


def integrate(made: Enterprise) -> None:
    """Integrate all that is admitted; nothing is surveyed."""
    while made.sequencer.integrate(made.log.number, now=made.now, wait=False):
        pass
