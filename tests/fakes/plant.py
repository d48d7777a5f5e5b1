"""
A small plant: one log with its key on a database, a meter that signs, and the engine's parts.

Admission is reduced to its effect, so that a test of the engine needs none of its rules. A restart
makes every part anew on the same database.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from attestation.instants import Instant
from attestation.keys import SoftwareKey
from attestation.messages import sign_message
from attestation.notes import NoteSigner
from attestation.readings import Reading
from attestation.tiles import parse_tile_path
from attestation.witness_policy import WitnessPolicy
from ledger.database import Database
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.anchor_rules import AnchorRules
from ledger.log.anchoring import Anchoring
from ledger.log.opening import open_log
from ledger.log.proving import LogProver
from ledger.log.readmission import readmit
from ledger.log.sequencing import BatchRules, Integrated, Sequencer
from ledger.log.witnessing import UNWITNESSED
from ledger.ports import Anchorer
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWorkFactory
from tests.fakes import outside
from tests.fakes.receipts import RecordingReceipts

ORIGIN = "ledger.example/log/91110000MA01ABCD8B"
OPERATOR = bytes(range(20))
START = Instant(1_800_000_000_000)


_SIGNED: dict[tuple[bytes, str, int, int], tuple[bytes, bytes]] = {}
"""What meters have signed in this process: they sign the same each time, and tests ask often."""


class Meter:
    """A meter that signs one reading a message, deterministically."""

    def __init__(self, number: int = 0, *, origin: str = ORIGIN) -> None:
        self.key = SoftwareKey.from_seed(sha256(b"meter %d" % number).digest())
        self.epoch = 0
        self._origin = origin
        self._series = f"meter-{number}/energy/total/"
        self._sequence = 0
        self._previous = bytes(32)

    def sign(self, count: int) -> list[bytes]:
        """Sign the next messages."""
        return [self._sign_next() for _ in range(count)]

    def _sign_next(self) -> bytes:
        name = (self.key.public_key.kid, self._origin, self.epoch, self._sequence)
        if name not in _SIGNED:
            _SIGNED[name] = self._make()
        encoded, self._previous = _SIGNED[name]
        self._sequence += 1
        return encoded

    def _make(self) -> tuple[bytes, bytes]:
        """Give the next message and its id."""
        end_s = START // 1000 + 60 * self._sequence
        message = sign_message(
            [Reading(self._series, end_s, 60, 5 + self._sequence, "Wh")],
            signer=self.key,
            origin=self._origin,
            epoch=self.epoch,
            sequence=self._sequence,
            previous=self._previous,
            signed_at=Instant(end_s * 1000 + 500),
        )
        return message.encoded, message.message_id

    def rotate(self) -> None:
        """Begin the next epoch."""
        self.epoch += 1
        self._sequence = 0


class Plant:
    """
    One log and everything that works on it.

    Args:
        database: Migrated; the log is opened if it isn't there.
        anchorer: The chain, where the test has one.
        origin: Of the log; its key is derived from it.
        signer: The log's key, where it is another.
        policy: Which witnesses make a checkpoint public.
    """

    def __init__(
        self,
        database: Database,
        *,
        anchorer: Anchorer | None = None,
        origin: str = ORIGIN,
        signer: NoteSigner | None = None,
        policy: WitnessPolicy = UNWITNESSED,
        rules: BatchRules | None = None,
        anchor_rules: AnchorRules | None = None,
    ) -> None:
        self.database = database
        self.anchorer = anchorer
        self.signer = signer or NoteSigner.from_seed(origin, sha256(origin.encode()).digest())
        self.policy = policy
        self.now = START
        self.rules = rules or BatchRules()
        self.anchor_rules = anchor_rules or AnchorRules()
        self.log = self._open()
        self.restart()

    def restart(
        self,
        *,
        units: UnitOfWorkFactory | None = None,
        anchorer: Anchorer | None = None,
    ) -> None:
        """Make every part anew, as a new process does; perhaps on a store that fails."""
        units = units or self.database.unit_of_work
        anchorer = anchorer or self.anchorer
        operator = anchorer.operator if anchorer else OPERATOR
        self.receipts = RecordingReceipts()
        self.requests = AnchorRequests(operator)
        self.sequencer = Sequencer(
            units,
            lambda _origin: self.signer,
            receipts=self.receipts,
            requests=self.requests,
            rules=self.rules,
        )
        if anchorer is not None:
            self.anchoring = Anchoring.build(
                units,
                self.database.reading,
                anchorer,
                receipts=self.receipts,
                policy=self.policy,
                rules=self.anchor_rules,
            )

    def _open(self) -> Log:
        with self.database.unit_of_work() as uow:
            for log in uow.logs.all():
                if log.origin == self.signer.name:
                    return log
            log = open_log(uow, self.signer, now=self.now)
            uow.commit()
        return log

    def admit(self, entries: Sequence[bytes]) -> None:
        """Store entries as admitted, unjudged."""
        with self.database.unit_of_work() as uow:
            uow.messages.lock(self.log.number)
            readmit(uow, self.log, entries, self.now)
            uow.commit()

    def integrate(self) -> Integrated | None:
        """Integrate what is waiting, at once."""
        return self.sequencer.integrate(self.log.number, now=self.now, wait=False)

    def integrate_all(self) -> None:
        """Integrate until nothing is waiting."""
        while self.integrate():
            pass

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now = Instant(self.now + milliseconds)

    def fetch(self, path: str) -> bytes:
        """Serve a path of the log as the public sees it."""
        with self.database.reading() as uow:
            prover = LogProver(uow, self.log)
            if path == "checkpoint":
                return prover.newest.note.encode()
            return prover.resource(parse_tile_path(path))

    def read_from_outside(self) -> list[bytes]:
        """Read and check the whole log as a stranger does; give its entries."""
        return outside.read_log(self.fetch, self.log.vkey)
