"""
Documents of enterprises: named by the hash of what they say, encrypted where they lie.

The log and calculations name a document by its SHA-256. What is kept is AES-256-GCM under the
enterprise's data key, bound to enterprise, hash and media type, so that no row can stand in for
another. Erasing the key erases the documents; the hash stays, and with it what it proves.

Source: DESIGN section 8; FORMATS section 9; NIST SP 800-38D.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from attestation.errors import EncodingError
from attestation.evidence_bodies import parse_media_type
from attestation.instants import Instant
from ledger.inventory.document_keys import DataKey, DocumentKeys
from ledger.inventory.errors import (
    DocumentBroken,
    DocumentErased,
    DocumentRefused,
    DocumentUnknown,
)
from ledger.repositories.documents import Document, SealedDocument
from ledger.unit_of_work import UnitOfWork

MAX_DOCUMENT_BYTES: Final = 32 * 2**20
"""A scanned report has a few million bytes; a row of more would stop everybody else's writing."""
_NONCE_LENGTH: Final = 12


class DocumentStore:
    """
    Keeps documents and gives them back.

    Args:
        keys: The enterprises' data keys.
    """

    def __init__(self, keys: DocumentKeys) -> None:
        self._keys = keys

    def store(
        self, uow: UnitOfWork, usc: str, content: bytes, *, media_type: str, now: Instant
    ) -> Document:
        """
        Keep a document; the caller commits. May be repeated: the same content is kept once.

        A document whose key was erased is kept again under the present key.

        Args:
            uow: A writing unit of work.
            usc: Credit code of the enterprise.
            content: From outside.
            media_type: What it is, such as `application/pdf`.
            now: Present time.

        Raises:
            DocumentRefused: If it is empty, too large, or the media type has no form.
        """
        _check(content, media_type)
        key = self._keys.get_or_make(usc)
        name = sha256(content).digest()
        known = uow.documents.get(usc, name)
        if known is not None and known.key_id == key.key_id:
            return known
        document = Document(name, media_type, len(content), key.key_id, now)
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        ciphertext = AESGCM(key.secret).encrypt(nonce, content, _bound_to(usc, document))
        uow.documents.put(usc, SealedDocument(document, nonce, ciphertext))
        return document

    def load(self, uow: UnitOfWork, usc: str, name: bytes) -> bytes:
        """
        Give the content of a document.

        Args:
            uow: A unit of work.
            usc: Credit code of the enterprise.
            name: SHA-256 of the content, 32 bytes.

        Raises:
            DocumentUnknown: If the enterprise has none with this hash.
            DocumentErased: If its key is gone.
            DocumentBroken: If what is kept is not what was stored.
        """
        sealed = uow.documents.sealed(usc, name)
        if sealed is None:
            raise DocumentUnknown(f"{usc} has no document {name.hex()}")
        key = self._keys.get(usc)
        if key.key_id != sealed.document.key_id:
            raise DocumentErased(f"the key of document {name.hex()} was erased")
        content = _decrypt(key, usc, sealed)
        if sha256(content).digest() != name:
            raise DocumentBroken(f"document {name.hex()} has another content than its name")
        return content

    def is_readable(self, usc: str, document: Document) -> bool:
        """Say whether the key of a document is still there."""
        try:
            return self._keys.get(usc).key_id == document.key_id
        except DocumentErased:
            return False


def _check(content: bytes, media_type: str) -> None:
    if not 0 < len(content) <= MAX_DOCUMENT_BYTES:
        raise DocumentRefused(
            f"a document of {len(content)} bytes; 1 to {MAX_DOCUMENT_BYTES} are kept"
        )
    try:
        parse_media_type(media_type)
    except EncodingError as error:
        raise DocumentRefused(error.message) from error


def _decrypt(key: DataKey, usc: str, sealed: SealedDocument) -> bytes:
    document = sealed.document
    try:
        return AESGCM(key.secret).decrypt(sealed.nonce, sealed.ciphertext, _bound_to(usc, document))
    except (InvalidTag, ValueError) as error:
        raise DocumentBroken(f"document {document.sha256.hex()} does not decrypt") from error


def _bound_to(usc: str, document: Document) -> bytes:
    """Give what the ciphertext is bound to besides its key."""
    return b"\x00".join((usc.encode(), document.sha256, document.media_type.encode()))
