"""The demonstration, told: each part with what was done and what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.bootstrap import Ledger
from api.demo.accounts import Accounted, Accounts
from api.demo.co_verification import CoVerification, CoVerified
from api.demo.frauds import Caught, Frauds
from api.demo.imported import Imported, import_file
from api.demo.office import EnterpriseOffice
from api.demo.plant import Plant
from api.demo.world import World, ear_of
from api.errors import PartMissing
from api.steps import worker_steps
from api.trust import build_trust_root
from api.worker import Worker
from attestation.bundle import format_bundle, parse_bundle
from attestation.evidence import Report
from attestation.instants import MILLISECONDS_PER_SECOND
from attestation.policy import require_final
from attestation.trust_root import format_trust_root, parse_trust_root
from attestation.verifier import Verifier
from chain.verifier_node import VerifierNode
from devices.agent import Agent, AgentSettings
from devices.hearing import Hearing
from devices.outbox import MessageState
from devices.publisher import Publisher
from devices.subscriber import Subscriber

_PATIENCE_S: Final = 120
_POLL_S: Final = 0.05
_BACKLOG_PER_S: Final = 1000
"""The year is all there is to send: nothing live waits behind it."""
_BUNDLED_SEQUENCE: Final = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """A bundle and a trust root on disk, and what verifying them gave."""

    bundle: Path
    trust_root: Path
    offline: Report
    with_node: Report


class Story:
    """
    The parts of the demonstration, in order.

    Args:
        world: The running parts.
        tell: Told how far a long part has come, `(label, done, total)`.
    """

    def __init__(self, world: World, tell: Callable[[str, int, int], None]) -> None:
        self.world = world
        self._tell = tell
        self.ledger = world.ledger()
        self.ledger.follower.follow()
        self.office = EnterpriseOffice(world, self.ledger)
        self._accounts = Accounts(world, self.ledger, self.office)
        self.plant = Plant(world, world.folder / "gateway")
        self._worker_ledger: Ledger = world.ledger()
        self._ear: Subscriber | None = None
        self._worker: Worker | None = None

    def enrol(self) -> None:
        """Register instruments and series, and enrol every key on chain and in the log."""
        self.plant.enrol(self.office)

    def plan(self) -> None:
        """File what accounting rests on, and the samples, each on its day by the chain's clock."""
        self._accounts.plan_the_year()

    def measure(self) -> tuple[int, int]:
        """Live the year; gives the number of readings and of signed messages."""
        readings = self.plant.live_a_year(lambda done, total: self._tell("days", done, total))
        return readings, self.plant.outbox.status().count_by_state[MessageState.KEPT]

    def import_file(self, readings: Path, mapping: Path) -> Imported:
        """Import a real meter's file: signed by the gateway, as what the file said."""
        return import_file(
            self.world,
            self.plant,
            self.office,
            readings=readings,
            mapping=mapping,
            now=self.ledger.clock.now,
        )

    def start_worker(self) -> None:
        """Let the ledger listen, integrate, answer and anchor, until `stop_worker`."""
        self._ear = ear_of(self.world.settings)
        self._worker = Worker(list(worker_steps(self._worker_ledger, self._ear)))
        if self._ear is not None:
            self._ear.start()
            self._ear.wait_connected(10)
        self._worker.start()

    def stop_worker(self) -> None:
        """Let the ledger rest."""
        if self._worker is not None:
            self._worker.stop()
        if self._ear is not None:
            self._ear.stop()
        self._worker = self._ear = None

    def publish(self) -> int:
        """
        Publish the outbox until the ledger has said of every message: anchored and final.

        Raises:
            PartMissing: If that takes too long.
        """
        store, outbox = self.plant.store, self.plant.outbox
        now = self.ledger.clock.now
        publisher = Publisher(self.world.gateway_address(), self.world.gateway)
        agent = Agent(
            publisher=publisher,
            outbox=outbox,
            hearing=Hearing(
                origin=self.world.origin,
                log_key=self.world.log_verifier.public_key,
                store=store,
                outbox=outbox,
            ),
            lines=(),
            clock=now,
            settings=AgentSettings(interval_s=_POLL_S, listen_s=0, backlog_per_s=_BACKLOG_PER_S),
        )
        total = sum(outbox.status().count_by_state.values())
        agent.start()
        deadline = time.monotonic() + _PATIENCE_S
        final = 0
        try:
            while final < total and time.monotonic() < deadline:
                if self._worker is not None and self._worker.failure is not None:
                    raise self._worker.failure
                agent.step()
                final = outbox.status().count_by_state[MessageState.FINAL]
                self._tell("messages anchored and final", final, total)
                time.sleep(_POLL_S)
        finally:
            publisher.stop()
        if final < total:
            raise PartMissing(f"{final} of {total} messages are final after {_PATIENCE_S} s")
        return final

    def account(self) -> Accounted:
        """Make the year's inventory final while the worker rests, and recheck it."""
        self.stop_worker()
        return self._accounts.close_the_year()

    def co_verify(self, accounted: Accounted) -> CoVerified:
        """Let the parties of the case agree on the year, while the worker anchors the log."""
        self.start_worker()
        case = CoVerification(self.world, self.ledger, self.office, self._accounts, accounted)
        agreed = case.play()
        # The year and its case were played; from here on the chain lives in the present.
        self.world.advance_to(self.ledger.clock.now() // MILLISECONDS_PER_SECOND)
        return agreed

    def frauds(self) -> list[Caught]:
        """Try every planted fraud; the worker rests, so that each is seen by itself."""
        self.stop_worker()
        frauds = Frauds(self.ledger, self.office, self.world.folder)
        frauds.prepare()
        return frauds.try_all()

    def prove(self) -> Proof:
        """Write one reading's bundle and the trust root, and verify them as a stranger would."""
        ledger, folder = self.ledger, self.world.folder
        kid = self.plant.devices["coal"].key.public_key.kid
        bundle = format_bundle(ledger.bundler.message(self.office.log, kid, 0, _BUNDLED_SEQUENCE))
        trust = format_trust_root(
            build_trust_root(self.world.settings, self.world.chain.validators)
        )
        bundle_path = folder / "reading.carbonseal.json"
        trust_path = folder / "trust-root.json"
        bundle_path.write_bytes(bundle)
        trust_path.write_bytes(trust)
        root = parse_trust_root(trust_path.read_bytes())
        read = parse_bundle(bundle_path.read_bytes())
        node = VerifierNode(self.world.stage.client)
        return Proof(
            bundle=bundle_path,
            trust_root=trust_path,
            offline=Verifier(root, require_final()).verify(read),
            with_node=Verifier(root, require_final(), node).verify(read),
        )

    def close(self) -> None:
        """Let the ledger rest and close the gateway's files."""
        self.stop_worker()
        self.plant.close()
