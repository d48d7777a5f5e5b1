"""
Unpacking: a parcel into another ledger, whole or not at all, with the same indexes and roots.

Every file is checked against its hash, the entries against the signed checkpoint under a key that
the caller names, each earlier checkpoint against the tree and the key, each piece against its
name, each document against its key, each row against its columns, the tree and the enterprise.
Without the log's key the log stays frozen.

Source: DESIGN sections 6 and 7; `docs/formats/parcel.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attestation.canonical import parse_canonical, require_object
from attestation.checkpoints import open_checkpoint
from attestation.enums import LogState
from attestation.errors import EncodingError, Error, VerificationError
from attestation.instants import Instant
from attestation.notes import NoteVerifier
from ledger.database import Database
from ledger.errors import (
    ArchiveDamaged,
    EntriesMissing,
    ForkDetected,
    StorageConflict,
    UnknownLog,
)
from ledger.inventory.document_keys import DataKey, DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import DocumentErased
from ledger.inventory.holdings import Holding, Holdings
from ledger.leaving.history import unpack_history
from ledger.leaving.judging import judge_rows
from ledger.leaving.parcel import (
    DOCUMENT_KEY_NAME,
    Parcel,
    ParcelFolder,
    holding_path,
    read_rows,
    rows_path,
)
from ledger.log.adopting import adopt_entries, adopt_log
from ledger.log.mirror import Mirror
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.surveying import Surveyor
from ledger.log.tree import LogTiles, root_at
from ledger.repositories.actions import Noted
from ledger.repositories.carried import CARRIED
from ledger.repositories.documents import Document, SealedDocument
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.unit_of_work import UnitOfWork

_CHECKPOINTS = "checkpoint"

Judge = Callable[[UnitOfWork, Log], None]
"""Says whether a log may come in as it is; raises an error where it may not."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came of taking a parcel in."""

    log: Log
    actions: int
    """Actions at earlier operators that were proved and kept."""
    left_out: tuple[str, ...]
    """Origins of operators' logs whose actions were left out, their keys not being trusted."""


def unpack(
    database: Database,
    folder: Path,
    verifier: NoteVerifier,
    keys: DocumentKeys | None,
    *,
    goes_on: bool,
    now: Instant,
    operators: Sequence[NoteVerifier] = (),
    judge: Judge = lambda _uow, _log: None,
    noted: Noted | None = None,
) -> Unpacked:
    """
    Take a parcel in, and survey its log.

    Args:
        database: Of a ledger that does not have the log.
        folder: The parcel; from outside.
        verifier: The log's key under its origin, from a trust root and not from the parcel.
        keys: Of this ledger's documents; None where it keeps none.
        goes_on: Whether the log's key is at hand, so that the log is active from now on.
        now: Present time.
        operators: Trusted keys of earlier operators' own logs, for what was done there.
        judge: Asked when everything is in, before it counts.
        noted: The action, noted with what it did.

    Raises:
        ArchiveDamaged: If a file is not what was packed, or not what it says it is.
        ForkDetected: If the entries do not make the tree that the key has signed.
        StorageConflict: If the log is here already.
    """
    parcel_folder = ParcelFolder(folder)
    parcel = parcel_folder.load()
    if (parcel.origin, parcel.vkey) != (verifier.name, verifier.vkey):
        raise ArchiveDamaged(f"the parcel is of {parcel.origin}, under another key or name")
    _finish(database, parcel.origin)
    with database.unit_of_work() as uow:
        log = _unpack_log(uow, parcel, parcel_folder, verifier, now)
        _unpack_holdings(uow, log, parcel, parcel_folder)
        _unpack_rows(uow, log, parcel_folder, verifier)
        actions, left_out = unpack_history(uow, log, parcel, parcel_folder, operators)
        documents = list(_unpack_documents(uow, log, parcel, parcel_folder))
        judge(uow, log)
        if goes_on:
            uow.logs.set_state(log.number, LogState.ACTIVE)
        if noted is not None:
            uow.actions.note(noted)
        # The key last: a parcel that does not come in leaves nothing behind.
        if documents and keys is not None:
            _check_documents(uow, log, parcel_folder, documents, keys)
        # Commit point: the log is here with everything, or not at all.
        uow.commit()
    Surveyor(database.unit_of_work).survey_all(log.number)
    with database.reading() as uow:
        return Unpacked(uow.logs.get(log.number), actions, left_out)


def _unpack_log(
    uow: UnitOfWork, parcel: Parcel, folder: ParcelFolder, verifier: NoteVerifier, now: Instant
) -> Log:
    copies = MirrorFolder(folder.log)
    copy = Mirror(copies, copies.source(), verifier)
    signed = copy.checkpoint
    if signed is None or (signed.checkpoint.size, signed.checkpoint.root) != (
        parcel.size,
        parcel.root,
    ):
        raise ArchiveDamaged("the parcel's checkpoint is not the one it names")
    _require_new(uow, parcel.origin)
    before = None if parcel.predecessor is None else _predecessor(uow, parcel.predecessor)
    log = adopt_log(uow, verifier, opened_at=parcel.opened_at, predecessor=before)
    # The newest checkpoint comes with the others, and with the time of its signing.
    try:
        entries = (entry for _, entry in copy.entries(0, copy.size))
        adopt_entries(uow, log, entries, signed, now=now, keeps_checkpoint=False)
    except (EncodingError, EntriesMissing) as error:
        raise ArchiveDamaged(f"the parcel's entries: {error.message}") from error
    return log


def _finish(database: Database, origin: str) -> None:
    """Survey a log that came with a run that was cut off before it had surveyed it."""
    with database.reading() as uow:
        here = [log.number for log in uow.logs.all() if log.origin == origin]
    for number in here:
        Surveyor(database.unit_of_work).survey_all(number)


def _require_new(uow: UnitOfWork, origin: str) -> None:
    if any(log.origin == origin for log in uow.logs.all()):
        raise StorageConflict(f"{origin} is here already")


def _predecessor(uow: UnitOfWork, origin: str) -> Log:
    try:
        return uow.logs.by_origin(origin)
    except UnknownLog as error:
        raise ArchiveDamaged(f"take {origin} in first: the log continues it") from error


def _unpack_rows(uow: UnitOfWork, log: Log, folder: ParcelFolder, verifier: NoteVerifier) -> None:
    reader = LogTiles(TreeRepository(uow.connection), log.number)
    inventories = {each.inventory_id for each in uow.inventories.listed(log.number)}
    for table in CARRIED:
        try:
            rows = read_rows(folder.read(rows_path(table)))
            if table == _CHECKPOINTS:
                for row in rows:
                    _check_checkpoint(row, reader, verifier)
            uow.carried.add(table, log, rows, inventories=inventories)
        except (EncodingError, VerificationError, KeyError, TypeError, ValueError) as error:
            raise ArchiveDamaged(f"a row of {table} is not what it says") from error
    newest = uow.checkpoints.newest(log.number)
    head = uow.heads.get(log.number)
    if newest is None or (newest.size, newest.root) != (head.size, head.root):
        raise ArchiveDamaged("the parcel lacks the newest checkpoint")
    judge_rows(uow, log, inventories)


def _check_checkpoint(row: Mapping[str, Any], tiles: LogTiles, verifier: NoteVerifier) -> None:
    checkpoint = open_checkpoint(row["note"], verifier)
    size, root = checkpoint.size, checkpoint.root
    if (row["size"], bytes.fromhex(row["root"])) != (size, root):
        raise ArchiveDamaged(f"the checkpoint of size {row['size']} is another")
    if size and root_at(tiles.reader(size), size) != root:
        raise ForkDetected(f"the key has signed another tree of {size} entries")


def _unpack_holdings(uow: UnitOfWork, log: Log, parcel: Parcel, folder: ParcelFolder) -> None:
    def fetch(holding: Holding) -> bytes:
        path = holding_path(holding)
        if path not in parcel.files:
            raise ArchiveDamaged(f"{path} is no file of the parcel")
        return folder.read(path)

    for holding, error in Holdings(uow, log, None).store(parcel.holdings, fetch):
        if error is not None:
            raise ArchiveDamaged(f"{holding_path(holding)}: {error.message}") from error


def _unpack_documents(
    uow: UnitOfWork, log: Log, parcel: Parcel, folder: ParcelFolder
) -> Iterator[Document]:
    for name in parcel.files:
        if name.startswith("documents/"):
            sealed = _read_sealed(name, folder.read(name))
            uow.documents.put(log.usc, sealed)
            yield sealed.document


def _read_sealed(name: str, content: bytes) -> SealedDocument:
    head, _, ciphertext = content.partition(b"\n")
    try:
        fields: Mapping[str, Any] = require_object(parse_canonical(head), "document")
        document = Document(
            sha256=bytes.fromhex(fields["sha256"]),
            media_type=str(fields["media_type"]),
            size=int(fields["size"]),
            key_id=bytes.fromhex(fields["key_id"]),
            stored_at=Instant(fields["stored_at_ms"]),
        )
        return SealedDocument(document, bytes.fromhex(fields["nonce"]), ciphertext)
    except (EncodingError, KeyError, TypeError, ValueError) as error:
        raise ArchiveDamaged(f"{name} is no document") from error


def _check_documents(
    uow: UnitOfWork, log: Log, folder: ParcelFolder, documents: list[Document], keys: DocumentKeys
) -> None:
    """Take the documents' key over, and open every document that it is for."""
    if (folder.folder / DOCUMENT_KEY_NAME).is_file():
        keys.take(log.usc, DataKey(folder.read(DOCUMENT_KEY_NAME)))
    store = DocumentStore(keys)
    for document in documents:
        try:
            store.load(uow, log.usc, document.sha256)
        except DocumentErased:
            continue  # of a key that was erased before, or that was not given along
        except Error as error:
            raise ArchiveDamaged(f"document {document.sha256.hex()}: {error.message}") from error
