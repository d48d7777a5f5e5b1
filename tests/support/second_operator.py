"""A second operator beside a place: a database, a server, a worker and keys of its own."""

from __future__ import annotations

import csv
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2

from api.bootstrap import Ledger, open_database, open_ledger
from api.clock import SystemClock
from api.demo.certificates import write_secret
from api.demo.imported import sign_rows
from api.settings import load_settings
from attestation.keys import SoftwareKey
from chain.keys import generate_signer
from devices.outbox import Outbox
from devices.signer_state import SignerState
from devices.store import GatewayStore
from ledger.database import Database
from ledger.inventory.periods import DAY_S
from tests.support.broker import free_port
from tests.support.case_place import CasePlace
from tests.support.command_line import wait_until

HOST: Final = "other.example"
_ZONE_S: Final = 8 * 3600


@dataclass
class Operator:
    """An operator's place: its settings, and its server and worker while they run."""

    config: Path
    port: int
    place: CasePlace
    worker: subprocess.Popen[bytes] | None = None
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> tuple[str, Path]:
        return ("--config", self.config)

    def database(self) -> Database:
        """Open its database in this process, to look."""
        return open_database(load_settings(self.config))

    def ledger(self) -> Ledger:
        """Open its ledger in this process, for steps that are no command's."""
        return open_ledger(load_settings(self.config))

    def do(self, *arguments: object) -> Any:
        """Run a command with its settings that must end well."""
        return self.place.do(*arguments, *self.settings)

    def start_worker(self) -> None:
        self.worker = self.place.start("worker", *self.settings)

    def start(self) -> None:
        """Start worker and server, and wait until the server answers."""
        self.start_worker()
        self.server = self.place.start("serve", *self.settings)
        wait_until(self._answers, "the server does not answer")

    def stop_worker(self) -> None:
        assert self.worker is not None
        self.worker.send_signal(signal.SIGTERM)
        self.worker.wait(60)

    def submit(self, content: bytes) -> httpx2.Response:
        """Hand a device's message in, as a gateway without a broker does."""
        return httpx2.post(
            f"{self.url}/v1/logs/{self.place.usc}/messages",
            content=content,
            headers={"content-type": "application/cose"},
            trust_env=False,
        )

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/healthz", trust_env=False).is_success
        except httpx2.HTTPError:
            return False


def second_operator(place: CasePlace) -> Operator:
    """Make settings, an empty database and an account of another operator on the same chain."""
    folder = place.folder / "second"
    folder.mkdir()
    shutil.copy(place.folder / "deployments.json", folder)
    shutil.copytree(place.folder / "certificates", folder / "certificates")
    account, port = generate_signer(), free_port()
    place.world.chain.faucet.fund(account.address, 10**19)
    account.save(folder / "operator.json", "word")
    write_secret(folder / "operator.password", b"word")
    text = place.world.config.read_text(encoding="utf-8")
    text = text.replace(f"{place.folder / 'ledger.sqlite'}", f"{folder / 'ledger.sqlite'}")
    text = text.replace('host = "localhost"\noperator', f'host = "{HOST}"\noperator')
    text = re.sub(r"(?m)^operator = .*\n", "", text)
    text = re.sub(r"(?s)\[mqtt\].*?\n\n", "", text)
    text = text.replace(f"port = {place.web_port}", f"port = {port}")
    config = folder / "carbonseal.toml"
    config.write_text(text, encoding="utf-8")
    made = Operator(config, port, place)
    made.do("db", "upgrade")
    return made


@dataclass
class Gateway:
    """The plant's gateway, which goes on signing with the key it has."""

    place: CasePlace
    key: SoftwareKey
    days: int = 0

    def measure(self) -> tuple[bytes, bytes]:
        """Sign and keep one more day; gives the last message before it, and its own."""
        world = self.place.world
        name, day_s = f"day-{self.days}", self.place.month.to_s + self.days * DAY_S
        readings = world.folder / f"{name}.csv"
        local = datetime.fromtimestamp(day_s + _ZONE_S, UTC).date().isoformat()
        with readings.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((("day", "kWh"), (local, 41_000)))
        self.days += 1
        with GatewayStore(world.folder / "gateway" / "gateway.sqlite") as store:
            outbox = Outbox(store)
            state = SignerState(store, outbox, self.key, world.origin)
            sign_rows(state, readings, world.folder / "map.toml", name, SystemClock().now)
            place = state.position()
            numbers = (place.next_sequence - 2, place.next_sequence - 1)
            earlier, newest = (outbox.stored(place.kid, place.epoch, each) for each in numbers)
        assert earlier is not None and newest is not None
        return earlier.content, newest.content
