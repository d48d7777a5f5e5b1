"""Databases and signed messages to measure with; making them is not measured."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from api.collector import collector_spared
from attestation.instants import Instant
from attestation.keys import Algorithm
from bench.limits import CORES
from ledger import migrations
from ledger.database import Database
from ledger.log.checkers import Checker
from ledger.log.decisions import Admitted, Submission
from tests.support.database import Cluster, start_cluster, stop_cluster
from tests.support.enterprise import START_S, Device, Enterprise, reading

DEVICES = 8
BATCH = 2000
WARMING = 1024
"""Messages before the clock starts: workers come up, statements are built, pages are touched."""
NOW = Instant((START_S + 10 * 31_536_000) * 1000)


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
        made = Enterprise(database, checker=checker, now=NOW)
        made.enrol(*(device(algorithm, number) for number in range(DEVICES)))
        with collector_spared():  # as in the worker's process
            yield made


_signed: dict[tuple[Algorithm, int], tuple[bytes, ...]] = {}


def messages(algorithm: Algorithm, count: int, readings: int) -> tuple[bytes, ...]:
    """Sign messages of so many quarter hours, the devices by turns; what is signed is kept."""
    known = _signed.get((algorithm, readings), ())
    if len(known) < count:
        each = -(-count // DEVICES)
        with ProcessPoolExecutor(CORES, mp_context=get_context("forkserver")) as pool:
            rows = pool.map(
                _sign, [algorithm] * DEVICES, range(DEVICES), [each] * DEVICES, [readings] * DEVICES
            )
        known = tuple(message for turn in zip(*rows, strict=True) for message in turn)
        _signed[algorithm, readings] = known
    return known[:count]


def admit(made: Enterprise, contents: tuple[bytes, ...]) -> None:
    """Admit messages in batches, checking each batch while the one before is stored."""
    batches = (
        ([Submission(each, "gw-1") for each in contents[at : at + BATCH]], made.now)
        for at in range(0, len(contents), BATCH)
    )
    for decisions in made.admission.admit_all(batches):
        assert all(isinstance(each, Admitted) for each in decisions), decisions[0]


def integrate(made: Enterprise) -> None:
    """Integrate all that is admitted; nothing is surveyed."""
    while made.sequencer.integrate(made.log.number, now=made.now, wait=False):
        pass


def device(algorithm: Algorithm, number: int) -> Device:
    """Give one of the devices that sign `messages`, before its first message."""
    return Device(f"em-{number:02d}", algorithm, series=(f"em-{number:02d}/energy/total/",))


def _sign(algorithm: Algorithm, number: int, count: int, readings: int) -> list[bytes]:
    meter = device(algorithm, number)
    quarters = [
        reading(quarter, series=meter.series[0], value=20_000 + 37 * quarter % 9_000)
        for quarter in range(count * readings)
    ]
    return [
        meter.sign(*quarters[at : at + readings]).encoded
        for at in range(0, len(quarters), readings)
    ]
