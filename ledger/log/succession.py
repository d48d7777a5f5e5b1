"""
Succession: a log that cannot be continued is closed, and another one begins by naming it.

The old log stays readable and provable up to its last good size; nothing of it is copied.

Source: CONTRACTS section 2 (a successor log whose first entry names the log it continues).
"""

from __future__ import annotations

from attestation.enums import LogState
from attestation.ids import Origin, parse_origin
from attestation.instants import Instant
from attestation.key_bodies import Successor
from attestation.notes import NoteSigner
from attestation.records import body_of_record, parse_record, verify_record
from ledger.errors import RecordRefused
from ledger.log.opening import open_log
from ledger.log.readmission import readmit
from ledger.log.tree import LogTiles, root_at
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.unit_of_work import UnitOfWork


def succeed(uow: UnitOfWork, old: Log, signer: NoteSigner, encoded: bytes, *, now: Instant) -> Log:
    """
    Close a log and open its successor with the record that names it; the caller commits.

    Args:
        uow: A writing unit of work.
        old: The log that ends.
        signer: The new log's key under the new log's origin.
        encoded: A signed `successor` record of the new log; it becomes entry 0.
        now: Present time.

    Raises:
        EncodingError: If it is not a record.
        SignatureError: If its signature does not hold.
        RecordRefused: If it names another log, size or root than the old log's, or is of another
            log than the new one, or that is not the next of the same enterprise.
        StorageConflict: If the new log exists.
    """
    record = parse_record(encoded)
    verify_record(record)
    body = body_of_record(record)
    if not isinstance(body, Successor) or record.origin != signer.name:
        raise RecordRefused(f"not a successor record of {signer.name}")
    if body.predecessor != old.origin:
        raise RecordRefused(f"it continues {body.predecessor}, not {old.origin}")
    _require_next(parse_origin(old.origin), parse_origin(signer.name))
    head = uow.heads.lock(old.number)
    reader = LogTiles(TreeRepository(uow.connection), old.number).reader(head.size)
    if body.size > head.size or root_at(reader, body.size) != body.root:
        raise RecordRefused(f"{old.origin} has no tree of {body.size} entries with that root")
    new = open_log(uow, signer, now=now, predecessor=old.number)
    uow.messages.lock(new.number)
    readmit(uow, new, [encoded], now)
    uow.logs.set_state(old.number, LogState.CLOSED)
    return new


def _require_next(old: Origin, new: Origin) -> None:
    """Check what the contract asks of the origin when the log is opened on the chain."""
    if (new.usc, new.generation) != (old.usc, old.generation + 1):
        raise RecordRefused(f"the log after {old} ends with {old.usc}-{old.generation + 1}")
