"""
Two plants on one ledger: how long one waits for its receipt while the other floods.

The flooder sends without pause and is held back by its quota; admission, sequencing and survey of
both logs share one process and one database, as in one worker.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from attestation.instants import Instant
from attestation.keys import Algorithm
from bench import material
from bench.measuring import Row, Say, percentile
from ledger import migrations
from ledger.database import Database
from ledger.log.checkers import SerialChecker
from ledger.log.decisions import Admitted, Submission
from ledger.log.quotas import Quota
from tests.support.enterprise import OTHER_USC, Device, Enterprise

_QUOTA = Quota(200, 2_000)
"""The default of the settings."""
_BATCH = 250
_PAUSE_S = 0.05
_POLL_S = 0.002
_LONGEST_S = 30


def run(say: Say, *, quick: bool) -> list[Row]:
    """Measure the quiet plant's wait on both databases, without and with the other's flood."""
    count = 40 if quick else 200
    say("signing the flood")
    flood = material.messages(Algorithm.ED25519, 4_000 if quick else 12_000, 1)
    rows: list[Row] = []
    with material.postgresql() as cluster, material.sqlite_url() as sqlite:
        urls = {"PostgreSQL": material.postgresql_url(cluster, "floods"), "SQLite": sqlite}
        for kind, url in urls.items():
            say(f"{kind}: {count} messages of a quiet plant, twice")
            with _plants(url) as plants:
                alone = plants.waits(count)
                with plants.flooding(flood) as sent:
                    beside = plants.waits(count)
                rows += _rows(kind, alone, beside, sum(sent))
    return rows


def _rows(kind: str, alone: list[float], beside: list[float], sent: int) -> list[Row]:
    rows: list[Row] = []
    for per_cent in (50, 99):
        before, now = (percentile(each, per_cent) for each in (alone, beside))
        remark = f"other sent {sent}"
        what = f"{kind}, admission to receipt, p{per_cent}"
        rows.append(Row(what, now * 1000, "ms", before * 1000, "without a flood", remark=remark))
    return rows


@contextmanager
def _plants(url: str) -> Iterator[_Plants]:
    with ExitStack() as stack:
        database = stack.enter_context(Database(url))
        migrations.upgrade(database.engine)
        plants = _Plants(database)
        stack.enter_context(plants.working())
        yield plants


class _Plants:
    """Two logs with their devices, and the clock that quotas are counted by."""

    def __init__(self, database: Database) -> None:
        checker = SerialChecker()
        self._database = database
        self._loud = Enterprise(database, checker=checker, quota=_QUOTA)
        self._quiet = Enterprise(database, usc=OTHER_USC, checker=checker, quota=_QUOTA)
        self._device = Device("quiet", origin=self._quiet.origin, series=("quiet/energy/total/",))
        self._quiet.enrol(self._device)
        self._loud.now = material.NOW
        devices = (material.device(Algorithm.ED25519, at) for at in range(material.DEVICES))
        self._loud.enrol(*devices)
        self._began = time.monotonic()

    def waits(self, count: int) -> list[float]:
        """Admit messages of the quiet plant one by one, and give the seconds to each receipt."""
        waits: list[float] = []
        for message in self._device.row(count):
            begun = time.perf_counter()
            submission = Submission(message.encoded, "quiet")
            (decision,) = self._quiet.admission.admit([submission], now=self._now(self._quiet))
            assert isinstance(decision, Admitted), decision
            self._await_index(decision.admission_id, begun)
            waits.append(time.perf_counter() - begun)
            time.sleep(_PAUSE_S)
        return waits

    @contextmanager
    def flooding(self, flood: tuple[bytes, ...]) -> Iterator[list[int]]:
        """Send the loud plant's messages again and again while the block runs."""
        over = threading.Event()
        sent: list[int] = []

        def send() -> None:
            at = 0
            while not over.is_set():
                batch = [Submission(each, "loud") for each in flood[at : at + _BATCH]]
                self._loud.admission.admit(batch, now=self._now(self._loud))
                sent.append(len(batch))
                at = (at + _BATCH) % len(flood)

        with _thread(send):
            try:
                yield sent
            finally:
                over.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Integrate and survey both logs by turns while the block runs."""
        over = threading.Event()

        def work() -> None:
            while not over.is_set():
                for plant in (self._loud, self._quiet):
                    now = self._now(plant)
                    plant.sequencer.integrate(plant.log.number, now=now, wait=False)
                    plant.surveyor.survey(plant.log.number)
                over.wait(_POLL_S)

        with _thread(work):
            try:
                yield
            finally:
                over.set()

    def _await_index(self, admission_id: int, begun: float) -> None:
        while time.perf_counter() - begun < _LONGEST_S:
            with self._database.reading() as uow:
                if uow.entries.index_of(self._quiet.log.number, admission_id) is not None:
                    return
            time.sleep(_POLL_S)
        raise TimeoutError("the quiet plant's message got no index")

    def _now(self, plant: Enterprise) -> Instant:
        passed_ms = int((time.monotonic() - self._began) * 1000)
        return Instant(plant.now + passed_ms)


@contextmanager
def _thread(target: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield
    finally:
        thread.join()
