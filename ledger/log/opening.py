"""
Opening a log: its name, its key, its empty tree and the checkpoint of that tree.

Source: C2SP tlog-checkpoint (a checkpoint of size 0 has the empty root).
"""

from __future__ import annotations

from attestation.checkpoints import Checkpoint, sign_checkpoint
from attestation.ids import parse_origin
from attestation.instants import Instant
from attestation.merkle import EMPTY_ROOT
from attestation.notes import NoteSigner
from ledger.errors import ForkDetected
from ledger.repositories.logs import Head, Log, LogNumber
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


def open_log(
    uow: UnitOfWork, signer: NoteSigner, *, now: Instant, predecessor: LogNumber | None = None
) -> Log:
    """
    Open the log that the signer is named for; the caller commits.

    Args:
        uow: A writing unit of work.
        signer: The log's key under the log's origin.
        now: Present time.
        predecessor: The log that this one continues, where there is one.

    Raises:
        EncodingError: If the signer's name is not an origin.
        StorageConflict: If there is such a log already.
    """
    origin = parse_origin(signer.name)
    log = uow.logs.add(
        log_id=origin.log_id,
        origin=str(origin),
        usc=origin.usc,
        vkey=signer.verifier.vkey,
        opened_at=now,
        predecessor=predecessor,
    )
    uow.heads.create(Head(log.number, 0, EMPTY_ROOT, b"", 0, now))
    note = sign_checkpoint(Checkpoint(log.origin, 0, EMPTY_ROOT), signer)
    uow.checkpoints.add(StoredCheckpoint(log.number, 0, EMPTY_ROOT, note, now))
    return log


def require_key(log: Log, signer: NoteSigner) -> None:
    """
    Check that a signer is the log's own.

    Raises:
        ForkDetected: If it signs under another name or with another key.
    """
    if signer.verifier.vkey != log.vkey:
        raise ForkDetected(f"the key at hand is not the key of {log.origin}")
