"""A gateway's parts with values that hold, and a log in memory that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attestation.answers import (
    AnchorPlace,
    Newest,
    Promise,
    Receipt,
    Refusal,
    encode_answer,
)
from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.enums import Provenance, ReceiptStage, SignerKind
from attestation.ids import Kid, MessageId, Origin, parse_origin
from attestation.instants import Instant
from attestation.keys import Algorithm, SoftwareKey
from attestation.merkle import inclusion_proof, root_hash
from attestation.messages import SignedMessage, parse_message
from attestation.notes import NoteSigner
from attestation.readings import Reading
from attestation.tree_hash import hash_children, hash_leaf
from devices.outbox import Outbox, OutboxLimits
from devices.rotation import begin_chain
from devices.signer_state import Batch, SignerState
from devices.store import GatewayStore

USC = "91350211M000100Y46"
OTHER_USC = "91440300MA5EXAMP72"
ORIGIN = parse_origin(f"log.example/log/{USC}")
SERIES = "boiler-1/energy/total/"
START_S = 1_735_689_600  # 2025-01-01T00:00:00Z
QUARTER_S = 900
NOW = Instant((START_S + 100 * 86_400) * 1000)


def reading(number: int = 0, *, series: str = SERIES, energy_wh: int = 5) -> Reading:
    """Give the reading of quarter hour `number`."""
    return Reading(
        series=series,
        end_s=START_S + (number + 1) * QUARTER_S,
        interval_s=QUARTER_S,
        value=energy_wh,
        unit="Wh",
    )


def time_of(number: int) -> Instant:
    """Give a time one second after quarter hour `number` has ended."""
    return Instant((START_S + (number + 1) * QUARTER_S + 1) * 1000)


@dataclass
class Gateway:
    """Store, outbox and one signer, over one file."""

    path: Path
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey.from_seed(bytes(32)))
    origin: Origin = ORIGIN
    limits: OutboxLimits = field(default_factory=OutboxLimits)
    connection_class: type | None = None

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the file, as a start of the process does."""
        extra = {} if self.connection_class is None else {"connection_class": self.connection_class}
        self.store = GatewayStore(self.path, **extra)
        self.outbox = Outbox(self.store, self.limits)
        self.state = SignerState(self.store, self.outbox, self.key, self.origin)

    def begin(self) -> Gateway:
        """Open epoch 0, as enrolment does."""
        begin_chain(self.store, self.state.kid, self.origin)
        return self

    def restart(self) -> None:
        """Close and open again."""
        self.close()
        self.open()

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()

    def sign(
        self, *numbers: int, provenance: Provenance = Provenance.LIVE, now: Instant | None = None
    ) -> list[SignedMessage]:
        """Sign one message for each of these quarter hours."""
        batches = [Batch((reading(number),), provenance=provenance) for number in numbers]
        latest = now if now is not None else time_of(max(numbers))
        return list(self.state.sign_and_keep(batches, now=latest).messages)


class MemoryLog:
    """A log that keeps its entries in a list and signs what a ledger signs."""

    def __init__(self, origin: Origin = ORIGIN, seed: bytes = b"L" * 32) -> None:
        self.origin = str(origin)
        self.key = SoftwareKey.from_seed(seed, Algorithm.ED25519)
        self.entries: list[bytes] = []

    def promise(self, kid: Kid, epoch: int, first: int, last: int, by: Instant) -> bytes:
        """Sign a promise."""
        return self.sign(Promise(kid, epoch, ((first, last),), by))

    def refusal(self, message: SignedMessage, code: str = "admission.backdated") -> bytes:
        """Sign a refusal."""
        header = message.header
        return self.sign(
            Refusal(header.kid, header.epoch, header.sequence, message.message_id, code)
        )

    def integrate(self, contents: Sequence[bytes]) -> None:
        """Append entries."""
        self.entries += contents

    def receipt(self, content: bytes, *, stage: ReceiptStage = ReceiptStage.FINAL) -> bytes:
        """Sign a receipt up to an integrated message, from the first of its epoch on."""
        return self.sign(self.receipt_for(content, stage=stage))

    def receipt_for(self, content: bytes, *, stage: ReceiptStage = ReceiptStage.FINAL) -> Receipt:
        """Make a receipt, unsigned."""
        message = parse_message(content, origin=self.origin)
        leaves = [hash_leaf(entry) for entry in self.entries]
        index = self.entries.index(content)
        proof = inclusion_proof(_Nodes(leaves), index, len(leaves))
        checkpoint = Checkpoint(self.origin, len(leaves), root_hash(leaves))
        anchored = stage is not ReceiptStage.INTEGRATED
        header = message.header
        return Receipt(
            kid=header.kid,
            epoch=header.epoch,
            ranges=((0, header.sequence),),
            stage=stage,
            newest=Newest(header.sequence, message.message_id, leaves[index], index, tuple(proof)),
            checkpoint=sign_checkpoint(checkpoint, NoteSigner(self.origin, self.key)),
            anchor=AnchorPlace("eip155:31337", 7) if anchored else None,
        )

    def sign(self, answer: Promise | Refusal | Receipt) -> bytes:
        """Sign any answer, also one that no honest log would sign."""
        return encode_answer(answer, self.key, self.origin)


class _Nodes:
    """Complete subtrees of a list of leaf hashes."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> bytes:
        if level == 0:
            return self._leaves[index]
        return hash_children(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))


@dataclass
class ListMeter:
    """A live meter that gives a list of readings until it is told to forget them."""

    waiting: list[Reading]
    provenance: Provenance = Provenance.LIVE
    signer: SignerKind = SignerKind.DEVICE
    reads: int = 0

    def read(self, now: Instant) -> Sequence[Reading]:
        """Give what is waiting."""
        self.reads += 1
        return tuple(self.waiting)

    def forget(self) -> None:
        """Let go of it."""
        self.waiting = []


def message_ids(messages: Sequence[SignedMessage]) -> list[MessageId]:
    """Give the ids of messages."""
    return [message.message_id for message in messages]
