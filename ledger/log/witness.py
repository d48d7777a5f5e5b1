"""
A small witness: it cosigns a checkpoint only if it extends the last one it cosigned.

What it knows of a log moves by compare-and-set in storage before the answer leaves, so that two
requests at once can never make it cosign two histories, nor go back to a smaller one.

Source: C2SP tlog-witness, add-checkpoint; C2SP tlog-cosignature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from attestation.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from attestation.cosignatures import AddCheckpointRequest, Cosigner, parse_add_checkpoint
from attestation.errors import ConsistencyError, EncodingError, VerificationError
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.merkle import EMPTY_ROOT, verify_consistency
from attestation.notes import NoteVerifier, parse_note
from ledger.ports import Clock, WitnessAnswer

SIZE_CONTENT_TYPE: Final = "text/x.tlog.size"
"""Content type of the body of a 409 answer."""


@dataclass(frozen=True, slots=True)
class Known:
    """The newest checkpoint of a log that a witness has cosigned."""

    size: int
    root: bytes
    """32 bytes."""


NOTHING: Final = Known(0, EMPTY_ROOT)
"""What a witness knows of a log it never cosigned: the empty tree."""


class WitnessStore(Protocol):
    """
    What a witness remembers, by origin.

    Durable when a method returns, and serialisable: of two `replace` calls that expect the same,
    exactly one succeeds, also across processes and restarts.
    """

    def get(self, origin: str) -> Known:
        """Give what is known of a log, `NOTHING` at first."""
        ...

    def replace(self, origin: str, expected: Known, new: Known) -> bool:
        """Store what is known now, if what is stored is still `expected`."""
        ...


class SmallWitness:
    """
    One witness for some logs.

    Args:
        cosigner: Its name and key, used for nothing else.
        logs: Keys of the logs it knows, by origin.
        store: What it remembers.
    """

    def __init__(
        self, cosigner: Cosigner, logs: Mapping[str, NoteVerifier], store: WitnessStore
    ) -> None:
        self._cosigner = cosigner
        self._logs = logs
        self._store = store

    @property
    def name(self) -> str:
        """Name of its key."""
        return self._cosigner.name

    def answer(self, body: str, *, now: Instant) -> WitnessAnswer:
        """
        Answer an add-checkpoint request; `body` is from outside.

        A checkpoint that was cosigned before is cosigned again, with the present time.
        """
        try:
            request, note = parse_add_checkpoint(body)
            checkpoint = parse_checkpoint(note.text)
        except EncodingError:
            return _refuse(HTTPStatus.BAD_REQUEST)
        verifier = self._logs.get(checkpoint.origin)
        if verifier is None:
            return _refuse(HTTPStatus.NOT_FOUND)
        try:
            open_checkpoint(request.note, verifier)
        except (EncodingError, VerificationError):
            return _refuse(HTTPStatus.FORBIDDEN)
        if request.old_size > checkpoint.size:
            return _refuse(HTTPStatus.BAD_REQUEST)
        return self._extend(request, checkpoint, now)

    def _extend(
        self, request: AddCheckpointRequest, checkpoint: Checkpoint, now: Instant
    ) -> WitnessAnswer:
        known = self._store.get(checkpoint.origin)
        if request.old_size != known.size:
            return _conflict(known)
        try:
            verify_consistency(
                old_size=known.size,
                old_root=known.root,
                new_size=checkpoint.size,
                new_root=checkpoint.root,
                proof=request.proof,
            )
        except ConsistencyError:
            return _refuse(HTTPStatus.UNPROCESSABLE_ENTITY)
        # Stored before the answer leaves: a witness that signs first and stores later can be
        # rolled back by a second request in between.
        new = Known(checkpoint.size, checkpoint.root)
        if not self._store.replace(checkpoint.origin, known, new):
            return _conflict(self._store.get(checkpoint.origin))
        text = parse_note(request.note).text
        cosignature = self._cosigner.cosign(text, now // MILLISECONDS_PER_SECOND)
        return WitnessAnswer(HTTPStatus.OK, cosignature.line)


class LocalWitness:
    """
    A witness in the same process, asked without a network; a `ledger.ports.Witness`.

    Args:
        witness: Who answers.
        clock: When.
    """

    def __init__(self, witness: SmallWitness, clock: Clock) -> None:
        self._witness = witness
        self._clock = clock

    @property
    def name(self) -> str:
        """Name of its key."""
        return self._witness.name

    def add_checkpoint(self, body: str) -> WitnessAnswer:
        """Ask for a cosignature."""
        return self._witness.answer(body, now=self._clock.now())


def _refuse(status: HTTPStatus) -> WitnessAnswer:
    return WitnessAnswer(status, "")


def _conflict(known: Known) -> WitnessAnswer:
    return WitnessAnswer(HTTPStatus.CONFLICT, f"{known.size}\n")
