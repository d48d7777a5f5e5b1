"""
Asking witnesses to cosign, and publishing what the policy calls witnessed.

A witness is told the size it knows and shown that the newest checkpoint extends it. Where the
policy asks for a quorum, the checkpoint that is published is the newest one that has it: a
missing witness delays the published checkpoint and never weakens it.

Source: C2SP tlog-witness, add-checkpoint; C2SP tlog-cosignature; C2SP tlog-policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from attestation.checkpoints import open_cosigned_checkpoint
from attestation.cosignatures import (
    AddCheckpointRequest,
    add_signatures,
    format_add_checkpoint,
    pick_cosignatures,
)
from attestation.encodings import parse_size
from attestation.errors import CheckpointError, EncodingError, Error, Retry, VerificationError
from attestation.merkle import consistency_proof
from attestation.notes import (
    NoteSignature,
    NoteVerifier,
    parse_note,
    parse_signature_lines,
    parse_vkey,
    read_timestamp,
)
from attestation.witness_policy import NO_QUORUM, WitnessPolicy
from ledger.errors import WitnessesMissing
from ledger.log.tree import LogTiles
from ledger.ports import Witness, WitnessAnswer
from ledger.repositories.cosigned import CosignedRepository
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import Cosignature, StoredCheckpoint
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

UNWITNESSED: Final = WitnessPolicy((), {}, {}, NO_QUORUM)
"""The policy that asks for no witness: the newest checkpoint is public at once."""
COSIGNED: Final = 200
CONFLICT: Final = 409
_ROUNDS: Final = 3
"""First question, correction after a conflict, and once more if the witness moved meanwhile."""
_SEARCH: Final = 1000
"""Cosigned checkpoints looked through for one that has the quorum."""


class Standing(Enum):
    """What came of asking one witness."""

    COSIGNED = "cosigned"
    REFUSED = "refused"
    """It answered with an error, or with a signature that does not hold."""
    AHEAD = "ahead"
    """It says that it knows a larger checkpoint of ours. If true, a backup was restored."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Asked:
    """One witness and what came of it."""

    witness: str
    standing: Standing
    detail: str = ""


class Cosigning:
    """
    The client of a log's witnesses.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        witnesses: Those that are asked.
        policy: Their keys, and how many of them make a quorum.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        readings: UnitOfWorkFactory,
        witnesses: Sequence[Witness],
        policy: WitnessPolicy,
    ) -> None:
        self._units = units
        self._readings = readings
        self._witnesses = witnesses
        self._keys: Mapping[str, NoteVerifier] = {
            verifier.name: verifier for verifier in policy.witnesses.values()
        }

    def cosign(self, number: LogNumber) -> list[Asked]:
        """Ask every witness to cosign the newest checkpoint; each is stored as it comes."""
        with self._readings() as uow:
            checkpoint = uow.checkpoints.newest(number)
        if checkpoint is None:
            return []
        return [self._ask(witness, checkpoint) for witness in self._witnesses]

    def _ask(self, witness: Witness, checkpoint: StoredCheckpoint) -> Asked:
        with self._readings() as uow:
            known = CosignedRepository(uow.connection).size_of(checkpoint.log, witness.name)
        answer = WitnessAnswer(CONFLICT, "")
        for _ in range(_ROUNDS):
            if known > checkpoint.size:
                return Asked(witness.name, Standing.AHEAD, f"it knows size {known}")
            try:
                answer = witness.add_checkpoint(self._request(checkpoint, known))
                if answer.status != CONFLICT:
                    break
                known = parse_size(answer.body.strip())
            except EncodingError as error:
                return Asked(witness.name, Standing.REFUSED, error.message)
            except Error as error:
                if error.retry is not Retry.LATER:
                    raise
                return Asked(witness.name, Standing.UNREACHABLE, error.message)
        if answer.status != COSIGNED:
            return Asked(witness.name, Standing.REFUSED, f"it answered {answer.status}")
        return self._take(witness.name, checkpoint, answer.body)

    def _request(self, checkpoint: StoredCheckpoint, old_size: int) -> str:
        with self._readings() as uow:
            tiles = LogTiles(TreeRepository(uow.connection), checkpoint.log)
            reader = tiles.reader(checkpoint.size)
            proof = consistency_proof(reader, old_size, checkpoint.size)
        return format_add_checkpoint(AddCheckpointRequest(old_size, tuple(proof), checkpoint.note))

    def _take(self, name: str, checkpoint: StoredCheckpoint, response: str) -> Asked:
        verifier = self._keys.get(name)
        if verifier is None:
            return Asked(name, Standing.REFUSED, "its key is not in the policy")
        text = parse_note(checkpoint.note).text
        try:
            signatures = pick_cosignatures(text, response, [verifier])
        except (EncodingError, VerificationError) as error:
            return Asked(name, Standing.REFUSED, error.message)
        if not signatures:
            return Asked(name, Standing.REFUSED, "no line of its key in the answer")
        with self._units() as uow:
            for signature in signatures:
                uow.checkpoints.cosign(checkpoint.log, checkpoint.size, _stored(signature))
            # Commit point: the cosignature is part of what is published.
            uow.commit()
        return Asked(name, Standing.COSIGNED)


def published(uow: UnitOfWork, log: Log, policy: WitnessPolicy) -> tuple[StoredCheckpoint, str]:
    """
    Give the checkpoint to publish, and its note with every cosignature there is.

    Raises:
        WitnessesMissing: If no checkpoint of the log has the quorum yet.
    """
    newest = uow.checkpoints.newest(log.number)
    if newest is None:
        raise WitnessesMissing(f"{log.origin} has no checkpoint yet")
    if not policy.requires_witnesses:
        return newest, cosigned_note(uow, newest)
    for size in CosignedRepository(uow.connection).sizes(log.number, limit=_SEARCH):
        checkpoint = uow.checkpoints.get(log.number, size)
        if checkpoint is not None:
            note = cosigned_note(uow, checkpoint)
            if _has_quorum(note, log, policy):
                return checkpoint, note
    raise WitnessesMissing(f"no checkpoint of {log.origin} has the quorum {policy.quorum!r}")


def cosigned_note(uow: UnitOfWork, checkpoint: StoredCheckpoint) -> str:
    """Give a checkpoint's note with the cosignatures that are stored for it."""
    lines = [
        signature
        for cosignature in uow.checkpoints.cosignatures(checkpoint.log, checkpoint.size)
        for signature in parse_signature_lines(cosignature.line + "\n")
    ]
    return add_signatures(checkpoint.note, lines)


def _has_quorum(note: str, log: Log, policy: WitnessPolicy) -> bool:
    witnesses = list(policy.witnesses.values())
    try:
        _, opened = open_cosigned_checkpoint(note, parse_vkey(log.vkey), witnesses)
        policy.require_quorum([signature.verifier for signature in opened.verified])
    except CheckpointError:
        return False
    return True


def _stored(signature: NoteSignature) -> Cosignature:
    return Cosignature(signature.name, signature.line.rstrip("\n"), read_timestamp(signature.blob))
