"""
Packing: an enterprise's log and everything that is kept with it, into a folder of open formats.

Where the log is to go on elsewhere it is frozen first, in the same transaction in which its size
is read: from then on this ledger admits and signs nothing more in it.

Source: DESIGN sections 6 and 7; `docs/formats/parcel.md`.
"""

from __future__ import annotations

from pathlib import Path

from attestation.canonical import canonical_json
from attestation.enums import LogState
from attestation.notes import parse_vkey
from attestation.tiles import parse_tile_path
from ledger.database import Database
from ledger.errors import Frozen, NotIntegrated
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.errors import DocumentErased
from ledger.inventory.holdings import Holdings
from ledger.leaving.history import pack_history
from ledger.leaving.parcel import (
    DOCUMENT_KEY_NAME,
    PARCEL_NAME,
    Parcel,
    ParcelFolder,
    holding_path,
    rows_path,
    write_rows,
)
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.proving import LogProver
from ledger.log.sources import CHECKPOINT_PATH, LogSource
from ledger.repositories.actions import Noted
from ledger.repositories.carried import CARRIED
from ledger.repositories.documents import SealedDocument
from ledger.repositories.logs import Log, LogNumber
from ledger.unit_of_work import UnitOfWork


def freeze(database: Database, number: LogNumber, *, noted: Noted | None = None) -> None:
    """
    Stop a log that is to go on elsewhere; may be repeated.

    Args:
        database: Of the ledger.
        number: The log.
        noted: The action, noted with what it did.

    Raises:
        NotIntegrated: If entries wait to be integrated: they were promised to stand in this log.
        Frozen: If it is recovering or closed.
    """
    with database.unit_of_work() as uow:
        uow.messages.lock(number)
        head, log = uow.heads.lock(number), uow.logs.get(number)
        if log.state not in (LogState.ACTIVE, LogState.FROZEN):
            raise Frozen(f"{log.origin} is {log.state.name.lower()}")
        waiting, _ = uow.messages.waiting(number, head.last_admission_id)
        if waiting:
            raise NotIntegrated(f"{waiting} entries of {log.origin} wait for an index")
        uow.logs.set_state(number, LogState.FROZEN)
        if noted is not None:
            uow.actions.note(noted)
        # Commit point: nothing is admitted or signed here any more.
        uow.commit()


def pack(
    database: Database,
    number: LogNumber,
    folder: Path,
    keys: DocumentKeys | None,
    *,
    operator_origin: str | None = None,
) -> Parcel:
    """
    Write the parcel of a log into an empty folder.

    Args:
        database: Of the ledger.
        number: The log.
        folder: Made where it is missing.
        keys: Of the enterprises' documents; the enterprise's own is laid beside the parcel.
        operator_origin: Of the operator's own log, in which actions are proved; None without one.

    Raises:
        NotIntegrated: If the log has no entry.
        ForkDetected: If what is stored does not make the tree that was signed.
    """
    into = ParcelFolder(folder)
    into.make()
    with database.reading() as uow:
        log = uow.logs.get(number)
        size, root = _pack_log(uow, log, into)
        holdings = Holdings(uow, log, None)
        listed = holdings.listed()
        for holding in listed:
            into.write(holding_path(holding), holdings.load(holding.kind, holding.name))
        _pack_documents(uow, log, into)
        inventories = sorted({each.inventory_id for each in uow.inventories.listed(number)})
        for table in CARRIED:
            rows = uow.carried.rows(table, log, inventories)
            into.write(rows_path(table), write_rows(rows))
        pack_history(uow, log, _operator_log(uow, operator_origin), into)
        before = None if log.predecessor is None else uow.logs.get(log.predecessor).origin
    parcel = Parcel(
        origin=log.origin,
        vkey=log.vkey,
        predecessor=before,
        opened_at=log.opened_at,
        size=size,
        root=root,
        holdings=tuple(listed),
        files=dict(into.files()),
    )
    into.write(PARCEL_NAME, canonical_json(parcel.as_json()))
    if keys is not None:
        _pack_key(log, into, keys)
    return parcel


def _operator_log(uow: UnitOfWork, origin: str | None) -> Log | None:
    return next((each for each in uow.logs.all() if each.origin == origin), None)


def _pack_log(uow: UnitOfWork, log: Log, into: ParcelFolder) -> tuple[int, bytes]:
    prover = LogProver(uow, log)
    if not prover.newest.size:
        raise NotIntegrated(f"{log.origin} has no entry yet")

    def fetch(path: str) -> bytes:
        if path == CHECKPOINT_PATH:
            return prover.newest.note.encode()
        return prover.resource(parse_tile_path(path))

    # Copied as a stranger copies it, so that what is packed was led to the checkpoint.
    source = LogSource(log.origin, fetch)
    result = Mirror(MirrorFolder(into.log), source, parse_vkey(log.vkey)).follow()
    if result.alerts or result.size != prover.newest.size:
        detail = result.alerts[0].detail if result.alerts else "its size changed meanwhile"
        raise NotIntegrated(f"{log.origin} cannot be packed: {detail}")
    return prover.newest.size, prover.newest.root


def _pack_documents(uow: UnitOfWork, log: Log, into: ParcelFolder) -> None:
    for document in uow.documents.listed(log.usc):
        sealed = uow.documents.sealed(log.usc, document.sha256)
        if sealed is not None:
            into.write(f"documents/{document.sha256.hex()}", write_sealed(sealed))


def _pack_key(log: Log, into: ParcelFolder, keys: DocumentKeys) -> None:
    try:
        secret = keys.get(log.usc).secret
    except DocumentErased:
        return  # there was no document, or none is to be read any more
    into.write(DOCUMENT_KEY_NAME, secret, is_secret=True)


def write_sealed(sealed: SealedDocument) -> bytes:
    """Write a document as it is kept: a line about it, and its ciphertext."""
    document = sealed.document
    head = canonical_json(
        {
            "sha256": document.sha256.hex(),
            "media_type": document.media_type,
            "size": document.size,
            "key_id": document.key_id.hex(),
            "stored_at_ms": int(document.stored_at),
            "nonce": sealed.nonce.hex(),
        }
    )
    return head + b"\n" + sealed.ciphertext
