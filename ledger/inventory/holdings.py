"""
Holdings: what a ledger keeps of an enterprise besides its log, piece by piece.

The log commits to what digests say and names documents by their hash; versions and calculation
records are named by theirs. So a piece that comes from elsewhere is believed only if it is what
its name says, and the entry it belongs to is in the log here.

Source: DESIGN sections 6 (`mirror`) and 8; `docs/own-means.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from attestation.canonical import canonical_json, parse_canonical, require_object
from attestation.errors import EncodingError, Error
from attestation.instants import Instant
from ledger.errors import NotIntegrated
from ledger.inventory.digests import digest_entry
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import (
    DigestBroken,
    DocumentRefused,
    DocumentUnknown,
    InventoryError,
    InventoryUnknown,
)
from ledger.inventory.versions import read_version
from ledger.repositories.digest_documents import DigestDocument
from ledger.repositories.inventories import StoredVersion
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_SHA256: Final = re.compile(rb"[0-9a-f]{64}")
_VERSION: Final = re.compile("([0-9a-f]{64})-([1-9][0-9]{0,6})-([0-9a-f]{64})")
_HASH_BYTES: Final = 32


class HoldingKind(StrEnum):
    """What a piece is."""

    CALCULATION = "calculations"
    """A calculation record, by its SHA-256."""
    DIGEST = "digests"
    """What an activity digest commits to, by the SHA-256 of its entry."""
    DOCUMENT = "documents"
    """A document that a record or version names, by its SHA-256: media type, line feed, content."""
    VERSION = "versions"
    """A version of an inventory, by inventory id, number and SHA-256."""


@dataclass(frozen=True, slots=True, order=True)
class Holding:
    """One piece, without its content."""

    kind: HoldingKind
    name: str
    kept_at: Instant


class Holdings:
    """
    What is kept of one log besides its entries, within one unit of work.

    Args:
        uow: A unit of work; to store, a writing one that the caller commits.
        log: The log.
        documents: Decrypts and encrypts documents; None where none are kept.
    """

    def __init__(self, uow: UnitOfWork, log: Log, documents: DocumentStore | None) -> None:
        self._uow = uow
        self._log = log
        self._documents = documents

    def listed(self) -> list[Holding]:
        """List the pieces by kind and name; documents that nothing in the log names stay out."""
        number, inventories = self._log.number, self._uow.inventories
        found = [
            Holding(HoldingKind.CALCULATION, name.hex(), at)
            for name, at in inventories.calculations(number)
        ]
        for digest in self._uow.digests.all(number):
            name = digest.content_hash.hex()
            found.append(Holding(HoldingKind.DIGEST, name, digest.created_at))
        for version in inventories.listed(number):
            found.append(Holding(HoldingKind.VERSION, _version_name(version), version.created_at))
        return sorted([*found, *self._listed_documents()])

    def load(self, kind: HoldingKind, name: str) -> bytes:
        """
        Give the bytes of a piece.

        Raises:
            InventoryUnknown: If there is none of that name.
            DocumentErased: If the key of a document is gone.
            DocumentBroken: If what is kept of a document is not what was stored.
        """
        content = self._find(kind, name)
        if content is None:
            raise InventoryUnknown(f"nothing is kept as {kind.value} {name}")
        return content

    def store(
        self, holdings: Iterable[Holding], fetch: Callable[[Holding], bytes | None]
    ) -> Iterator[tuple[Holding, Error | None]]:
        """
        Store what is not here yet of some pieces, and tell of each what came of it.

        A piece that is not what its name says is left out and its error told; the others are
        stored. The caller goes through all of it.

        Args:
            holdings: The pieces there are elsewhere.
            fetch: Gives the bytes of a piece, from outside; None where they are not given.
        """
        for holding in sorted(holdings):
            if self._is_here(holding.kind, holding.name):
                continue
            content = fetch(holding)
            try:
                if content is None:
                    raise InventoryUnknown(f"{holding.kind.value} {holding.name} is not given")
                self._store(holding, content)
            except Error as error:
                yield holding, error
            else:
                yield holding, None

    def _is_here(self, kind: HoldingKind, name: str) -> bool:
        if kind is HoldingKind.DOCUMENT:
            document = self._uow.documents.get(self._log.usc, _hash(name))
            if document is None or self._documents is None:
                return False
            return self._documents.is_readable(self._log.usc, document)
        return self._find(kind, name) is not None

    def _find(self, kind: HoldingKind, name: str) -> bytes | None:
        match kind:
            case HoldingKind.CALCULATION:
                return self._uow.inventories.calculation(self._log.number, _hash(name))
            case HoldingKind.DIGEST:
                kept = self._uow.digests.get(self._log.number, _hash(name))
                return None if kept is None else _write_digest(kept)
            case HoldingKind.DOCUMENT:
                return self._find_document(name)
            case HoldingKind.VERSION:
                return self._find_version(name)

    def _store(self, holding: Holding, content: bytes) -> None:
        match holding.kind:
            case HoldingKind.CALCULATION:
                _require_name(holding, content)
                inventories = self._uow.inventories
                inventories.add_calculation(self._log.number, content, holding.kept_at)
            case HoldingKind.DIGEST:
                self._store_digest(holding, content)
            case HoldingKind.DOCUMENT:
                self._store_document(holding, content)
            case HoldingKind.VERSION:
                self._store_version(holding, content)

    # --- versions --------------------------------------------------------------------------------

    def _find_version(self, name: str) -> bytes | None:
        parts = _VERSION.fullmatch(name)
        if parts is None:
            return None
        kept = self._uow.inventories.version(self._log.number, _hash(parts[1]), int(parts[2]))
        return None if kept is None or _version_name(kept) != name else kept.content

    def _store_version(self, holding: Holding, content: bytes) -> None:
        version = read_version(content)
        scope, number = version.scope, version.number
        kept = StoredVersion(
            inventory_id=scope.inventory_id,
            number=number,
            unit=scope.unit,
            from_s=scope.period.from_s,
            to_s=scope.period.to_s,
            state=version.state,
            sha256=sha256(content).digest(),
            lines_root=version.root,
            content=content,
            created_at=holding.kept_at,
        )
        if scope.usc != self._log.usc or _version_name(kept) != holding.name:
            message = f"not version {holding.name} of {self._log.usc}"
            raise InventoryError(message, code="inventory.version")
        if self._uow.inventories.version(self._log.number, kept.inventory_id, number) is not None:
            message = f"version {number} of {scope.unit} in {scope.period.label} was another before"
            raise InventoryError(message, code="inventory.version")
        self._uow.inventories.add_version(self._log.number, kept)

    # --- what digests commit to ------------------------------------------------------------------

    def _store_digest(self, holding: Holding, content: bytes) -> None:
        uow, log = self._uow, self._log
        try:
            kept = _read_digest(holding, require_object(parse_canonical(content), "digest"))
            entry = digest_entry(log, kept)
        except (EncodingError, KeyError, TypeError, ValueError) as error:
            raise DigestBroken(f"not the document of digest {holding.name}") from error
        admission = uow.admissions.record(log.number, kept.content_hash)
        index = None if admission is None else uow.entries.index_of(log.number, admission)
        if index is None:
            raise NotIntegrated(f"{log.origin} has no digest {holding.name}")
        if entry != uow.entries.get(log.number, index).content:
            raise DigestBroken(f"the document given is not what entry {index} commits to")
        uow.digests.add(log.number, kept)

    # --- documents -------------------------------------------------------------------------------

    def _listed_documents(self) -> Iterator[Holding]:
        kept = [] if self._documents is None else self._uow.documents.listed(self._log.usc)
        named = self._named() if kept else frozenset()
        for document in kept:
            name = document.sha256.hex()
            if name in named and self._is_here(HoldingKind.DOCUMENT, name):
                yield Holding(HoldingKind.DOCUMENT, name, document.stored_at)

    def _find_document(self, name: str) -> bytes | None:
        document = self._uow.documents.get(self._log.usc, _hash(name))
        if document is None or self._documents is None or name not in self._named():
            return None
        content = self._documents.load(self._uow, self._log.usc, document.sha256)
        return b"\n".join((document.media_type.encode(), content))

    def _store_document(self, holding: Holding, content: bytes) -> None:
        media_type, _, document = content.partition(b"\n")
        _require_name(holding, document)
        if self._documents is None:
            raise DocumentUnknown("no documents are kept here")
        try:
            told = media_type.decode("ascii")
        except UnicodeDecodeError as error:
            raise DocumentRefused("a media type that is no ASCII") from error
        usc, at = self._log.usc, holding.kept_at
        self._documents.store(self._uow, usc, document, media_type=told, now=at)

    def _named(self) -> frozenset[str]:
        """Give every SHA-256 that a record accounting rests on, or a version, names."""
        number = self._log.number
        indexes = self._uow.stated.indexes(number)
        entries = self._uow.entries.many(number, indexes).values()
        texts = [entry.content for entry in entries]
        texts += [version.content for version in self._uow.inventories.listed(number)]
        return frozenset(name.decode() for text in texts for name in _SHA256.findall(text))


def _version_name(version: StoredVersion) -> str:
    return f"{version.inventory_id.hex()}-{version.number}-{version.sha256.hex()}"


def _write_digest(kept: DigestDocument) -> bytes:
    return canonical_json(
        {
            "unit": kept.unit,
            "parameter": kept.parameter,
            "series": kept.series,
            "from_s": kept.from_s,
            "to_s": kept.to_s,
            "salt": kept.salt.hex(),
            "document": parse_canonical(kept.document),
        }
    )


def _read_digest(holding: Holding, fields: Mapping[str, Any]) -> DigestDocument:
    return DigestDocument(
        content_hash=_hash(holding.name),
        unit=str(fields["unit"]),
        parameter=str(fields["parameter"]),
        series=str(fields["series"]),
        from_s=int(fields["from_s"]),
        to_s=int(fields["to_s"]),
        salt=bytes.fromhex(fields["salt"]),
        document=canonical_json(fields["document"]),
        created_at=holding.kept_at,
    )


def _require_name(holding: Holding, content: bytes) -> None:
    if sha256(content).digest() != _hash(holding.name):
        what = f"{holding.kind.value} {holding.name}"
        raise InventoryError(f"{what} has another content than its name says")


def _hash(name: str) -> bytes:
    """Give the hash that a name is; nothing has the hash of what is no name."""
    try:
        found = bytes.fromhex(name)
    except ValueError:
        return b""
    return found if len(found) == _HASH_BYTES else b""
