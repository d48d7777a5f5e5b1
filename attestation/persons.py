"""
Ids of living persons: salted, so that the id says nothing once the salt is gone.

Names and numbers of people never enter a log or the chain; what enters is this id. The salt is the
person's own: with it they show, to whom they like, that an id is theirs.

Source: FORMATS section 9; `docs/formats/identities.md`, persons.
"""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from typing import Final

from attestation.errors import EncodingError

SALT_LENGTH: Final = 16
_CONTEXT: Final = b"carbonseal/person/v1\n"
_LONGEST: Final = 200


def person_id(salt: bytes, identity: str) -> bytes:
    """
    Give the id of a person, 32 bytes.

    Args:
        salt: 16 random bytes, the person's own.
        identity: Kind and number of an identity document, such as `居民身份证 350…`.

    Raises:
        EncodingError: If the salt has another length, or the identity is empty, too long or has
            control characters.
    """
    text = unicodedata.normalize("NFC", identity).strip()
    if len(salt) != SALT_LENGTH:
        raise EncodingError(f"a person's salt of {len(salt)} bytes", code="encoding.person")
    if not 0 < len(text) <= _LONGEST or not text.isprintable():
        raise EncodingError("not the text of an identity", code="encoding.person")
    return sha256(_CONTEXT + salt + text.encode()).digest()
