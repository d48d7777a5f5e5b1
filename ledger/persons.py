"""
Persons' details: name, telephone, post, on a salted id, encrypted so that erasing is final.

Each person has a key file of their own beside the database. Erasing removes the details from the
table and the key from the folder: what backups of the database still hold is noise then. Log and
chain hold the id alone, and hold as before.

Source: FORMATS section 9; 个人信息保护法, articles 47 and 51.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.errors import EncodingError
from attestation.instants import Instant
from attestation.persons import person_id
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.errors import DocumentBroken, DocumentErased, DocumentRefused, DocumentUnknown
from ledger.repositories.persons import SealedPerson
from ledger.unit_of_work import UnitOfWork

_NONCE_LENGTH: Final = 12
_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Details:
    """What is kept of a person."""

    salt: str
    """Of the person's id, in hex."""
    identity: str
    """Kind and number of an identity document."""
    name: str
    telephone: str = ""
    mail: str = ""
    post: str = ""
    """What the person does at the party."""

    @property
    def person(self) -> bytes:
        """The person's id, 32 bytes."""
        return person_id(bytes.fromhex(self.salt), self.identity)


class PersonKeys(DocumentKeys):
    """
    The folder of persons' keys, one file each, named by party and id.

    Args:
        folder: Made at the first key, for its owner only.
    """

    def _path(self, usc: str) -> Path:
        return self._folder / f"person-{usc}.key"


class PersonBook:
    """
    Keeps persons' details, gives them back, erases them.

    Args:
        keys: The persons' keys.
    """

    def __init__(self, keys: PersonKeys) -> None:
        self._keys = keys

    def put(self, uow: UnitOfWork, code: str, details: Details, *, now: Instant) -> bytes:
        """
        Keep a person's details, and give the person's id; the caller commits.

        Raises:
            EncodingError: If salt or identity have no form.
            DocumentRefused: If the code has none, or the key cannot be written.
        """
        person = details.person
        key = self._keys.get_or_make(_key_name(code, person))
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        content = canonical_json(asdict(details))
        ciphertext = AESGCM(key.secret).encrypt(nonce, content, _bound_to(code, person))
        uow.persons.put(SealedPerson(code, person, nonce, ciphertext, now))
        return person

    def load(self, uow: UnitOfWork, code: str, person: bytes) -> Details:
        """
        Give a person's details.

        Raises:
            DocumentUnknown: If nothing was ever kept of this person.
            DocumentErased: If it was erased.
            DocumentBroken: If what is kept is not what was stored.
        """
        sealed = uow.persons.get(code, person)
        if sealed is None:
            raise DocumentUnknown(f"nothing is kept of person {person.hex()}")
        if sealed.nonce is None or sealed.ciphertext is None:
            raise DocumentErased(f"the details of person {person.hex()} were erased")
        key = self._keys.get(_key_name(code, person))
        try:
            content = AESGCM(key.secret).decrypt(
                sealed.nonce, sealed.ciphertext, _bound_to(code, person)
            )
            details = _read(require_object(parse_canonical(content), "details"))
        except (InvalidTag, EncodingError, TypeError, ValueError) as error:
            raise DocumentBroken(f"the details of {person.hex()} do not decrypt") from error
        return details

    def erase(self, uow: UnitOfWork, code: str, person: bytes, *, now: Instant) -> bool:
        """
        Erase a person's details and key, and say whether there were any; the caller commits.

        The key goes at once, before the commit: a transaction that fails leaves noise, never the
        details. May be repeated.
        """
        had_key = self._keys.erase(_key_name(code, person))
        return uow.persons.erase(code, person, now) or had_key


def _read(content: Mapping[str, Json]) -> Details:
    return Details(**{each.name: str(content[each.name]) for each in fields(Details)})


def _key_name(code: str, person: bytes) -> str:
    """Give the name of a key's file; a code that could lead out of the folder is none."""
    if _CODE.fullmatch(code) is None:
        raise DocumentRefused(f"not the code of a party: {code[:80]!r}")
    return f"{code}-{person.hex()}"


def _bound_to(code: str, person: bytes) -> bytes:
    return b"\x00".join((code.encode(), person))
