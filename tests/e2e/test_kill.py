"""Worker, gateway and broker are killed again and again; nothing is lost or counted twice."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.demo.plant import Plant
from api.demo.story import Story
from api.demo.world import GATEWAY, World, build_world
from api.logs import configure_logs
from attestation.enums import Outcome, SignerKind
from attestation.keys import SoftwareKey
from attestation.messages import parse_header
from attestation.readings import Reading
from attestation.series_bodies import Instrument, SeriesRegistration
from devices.broker.mosquitto import MosquittoBroker
from devices.rotation import begin_chain
from devices.signer_state import Batch, SignerState
from ledger.log.fsck import fsck

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("kill"), pytest.mark.timeout(420)]

SERIES = "em-1/active-energy/import/"
MESSAGES = 600
QUARTER_S = 900
PATIENCE_S = 240


class Processes:
    """The worker and the gateway as processes, and the broker, all of which may be killed."""

    def __init__(self, world: World, about: Path) -> None:
        self._commands = {
            "worker": [sys.executable, "-m", "api.cli", "worker", "--config", str(world.config)],
            "gateway": [sys.executable, "-m", "tests.e2e.gateway_process", str(about)],
        }
        self._broker = world.broker
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.kills: Counter[str] = Counter()
        for name in self._commands:
            self._start(name)

    def kill(self, name: str) -> None:
        """Kill one with signal 9, and start it again."""
        self.kills[name] += 1
        if name == "broker":
            assert isinstance(self._broker, MosquittoBroker)
            self._broker.kill()
            self._broker.start()
            return
        process = self._running[name]
        assert process.poll() is None, f"the {name} ended by itself with {process.returncode}"
        process.send_signal(signal.SIGKILL)
        process.wait()
        self._start(name)

    def stop(self) -> None:
        """End both processes."""
        for process in self._running.values():
            process.kill()
            process.wait()

    def _start(self, name: str) -> None:
        self._running[name] = subprocess.Popen(
            self._commands[name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Chain, broker, database and settings."""
    configure_logs(level="CRITICAL")
    with build_world(tmp_path / "place", keeps_chain=False) as world:
        yield world


def _enrol_and_sign(world: World) -> Plant:
    """Enrol one meter and let its gateway keep `MESSAGES` signed messages."""
    story = Story(world, lambda *_: None)
    now = story.ledger.clock.now()
    start_s = now // 1000 // QUARTER_S * QUARTER_S - (MESSAGES + 1) * QUARTER_S
    story.office.certify()
    story.office.record(
        Instrument(
            instrument="em-1",
            kind="meter",
            maker="m",
            model="m",
            serial_number="1",
            accuracy_class="0.5",
            place="p",
            installer="i",
            installed_s=start_s,
        ),
        "instrument",
    )
    story.office.record(
        SeriesRegistration(
            series=SERIES,
            unit="Wh",
            cadence_s=QUARTER_S,
            heartbeat_s=3600,
            since_s=start_s,
            minimum=0,
            maximum=10**9,
            max_lateness_h=8760,
        ),
        "series",
    )
    story.office.settle()
    key = SoftwareKey.generate()
    story.office.enrol(key, "em-1", [SERIES], SignerKind.DEVICE)
    story.office.settle()
    begin_chain(story.plant.store, key.public_key.kid, world.origin)
    state = SignerState(story.plant.store, story.plant.outbox, key, world.origin)
    batches = [
        Batch((Reading(SERIES, start_s + (at + 1) * QUARTER_S, QUARTER_S, at, "Wh"),))
        for at in range(MESSAGES)
    ]
    state.sign_and_keep(batches, now=now)
    return story.plant


def _final(outbox: Path) -> int:
    with sqlite3.connect(f"file:{outbox}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT count(*) FROM message WHERE state = 5").fetchone()
    return int(rows[0])


def test_every_message_is_in_the_log_once_after_many_kills(world: World, tmp_path: Path) -> None:
    """After kill -9 of each process at random, fsck is clean and each message stands once."""
    plant = _enrol_and_sign(world)
    plant.close()
    store = world.folder / "gateway" / "gateway.sqlite"
    about = tmp_path / "gateway.json"
    about.write_text(
        json.dumps(
            {
                "store": str(store),
                "origin": str(world.origin),
                "port": world.broker_port,
                "authorities": str(world.office.roots_file),
                "certificate": str(world.gateway_tls.certificate),
                "key": str(world.gateway_tls.key),
                "vkey": world.log_verifier.vkey,
                "gateway": GATEWAY,
            }
        )
    )
    processes = Processes(world, about)
    chance = random.Random(9)
    try:
        for name in ["gateway", "worker", "broker"] * 2:
            time.sleep(1 + chance.random() * 3)
            processes.kill(name)
        deadline = time.monotonic() + PATIENCE_S
        while _final(store) < MESSAGES and time.monotonic() < deadline:
            time.sleep(0.5)
        final = _final(store)
    finally:
        processes.stop()

    assert final == MESSAGES
    assert processes.kills == {"gateway": 2, "worker": 2, "broker": 2}
    ledger = world.ledger()
    with ledger.database.reading() as uow:
        log = uow.logs.by_origin(str(world.origin))
        size = uow.heads.get(log.number).size
        entries = [each for each in uow.entries.between(log.number, 0, size) if each.kind == 0]
        report = fsck(uow, log, anchorer=ledger.chain.anchorer)
    places = Counter(parse_header(each.content).sequence for each in entries)
    assert places == dict.fromkeys(range(MESSAGES), 1)
    assert report.outcome() is Outcome.HELD, report.findings
