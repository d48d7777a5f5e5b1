"""
Secrets that the database keeps only sealed: those of endpoints, and the key that signs to them.

They must be computed with, so a hash is not enough; the key that opens them is in a file beside the
logs' keys and never in the database. Whoever has a dump of the database alone signs no message.
Each secret is bound to what it is of, so that a row does not open in another's place.

Source: NIST SP 800-38D (AES-GCM, 96-bit nonces drawn at random).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.errors import ConfigurationError, PartMissing
from api.secret_files import make_secret, read_secret
from api.settings import Settings
from attestation.keys import SoftwareKey
from ledger.database import Database
from ledger.repositories.requests import StoredSecret
from ledger.unit_of_work import UnitOfWork

FILE: Final = "webhooks.key"
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_HEX: Final = re.compile("[0-9a-f]{64}")
_SERVER: Final = "webhooks"
"""Name of the server's secret: the seed of the key that signs every message."""
_SERVER_PLACE: Final = "server-secret webhooks"


@dataclass(frozen=True, slots=True, repr=False)
class SealKey:
    """The key that seals."""

    secret: bytes
    """32 bytes (AES-256); never printed."""

    @property
    def key_id(self) -> bytes:
        """Which key it is, 16 bytes; says nothing of the key."""
        return sha256(b"carbonseal webhook key\x00" + self.secret).digest()[:_ID_BYTES]

    def seal(self, secret: bytes, place: str) -> StoredSecret:
        """Seal a secret for the place that it is of."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.secret).encrypt(nonce, secret, place.encode())
        return StoredSecret(nonce + sealed, self.key_id)

    def open(self, stored: StoredSecret, place: str) -> bytes:
        """
        Open what was sealed for a place; what stands in the clear is given as it is.

        Raises:
            PartMissing: If another key sealed it, or for another place, or it was changed.
        """
        if stored.sealed_under is None:
            return stored.content
        nonce, sealed = stored.content[:_NONCE_BYTES], stored.content[_NONCE_BYTES:]
        try:
            return AESGCM(self.secret).decrypt(nonce, sealed, place.encode())
        except (InvalidTag, ValueError) as error:
            raise PartMissing(f"the secret of {place} does not open under this key") from error


class SealFile:
    """
    The file of the key.

    Args:
        settings: Name the file, or the folder of the logs' keys that it is in.
    """

    def __init__(self, settings: Settings) -> None:
        self.path: Path = settings.webhooks.key_file or settings.log.keys / FILE

    def load(self) -> SealKey | None:
        """
        Read the key; None where there is no file.

        Raises:
            PartMissing: If the file is not a key's.
        """
        if not self.path.exists():
            return None
        try:
            text = read_secret(self.path)
        except ConfigurationError as error:
            # No reason to end a worker that does more than call endpoints.
            raise PartMissing(error.message) from error
        if _HEX.fullmatch(text) is None:
            raise PartMissing(f"{self.path} is not a key of {_KEY_BYTES} bytes in hexadecimal")
        return SealKey(bytes.fromhex(text))

    def ready(self, database: Database) -> SealKey:
        """
        Give the key; it is made where there is none, and nothing was sealed yet.

        Raises:
            PartMissing: If the file is gone, or can be neither read nor made.
        """
        found = self.load()
        if found is not None:
            return found
        with database.reading() as uow:
            if uow.webhooks.sealed_under() | uow.secrets.sealed_under():
                raise PartMissing(f"the key of the endpoints' secrets is missing: {self.path}")
        try:
            make_secret(self.path, secrets.token_hex(_KEY_BYTES))
        except ConfigurationError as error:
            raise PartMissing(error.message) from error
        made = self.load()
        if made is None:
            raise PartMissing(f"cannot make {self.path}")
        return made


def place_of(webhook: int) -> str:
    """Give what the secrets of an endpoint are bound to."""
    return f"webhook {webhook}"


def live_secrets(key: SealKey, webhook: int, stored: list[StoredSecret]) -> list[bytes]:
    """Open the secrets of an endpoint; one that another key sealed signs no more."""
    return [
        key.open(each, place_of(webhook))
        for each in stored
        if each.sealed_under in (None, key.key_id)
    ]


def server_key(settings: Settings, database: Database) -> SoftwareKey:
    """
    Give the key that signs every message, drawn when it is first asked for.

    Where the file that sealed it was replaced, another is drawn: the old one cannot be opened.

    Raises:
        PartMissing: If the key file is missing, or cannot be used.
    """
    key = SealFile(settings).ready(database)
    with database.reading() as uow:
        found = uow.secrets.stored(_SERVER)
    if found is None or found.sealed_under not in (None, key.key_id):
        drawn = key.seal(secrets.token_bytes(_KEY_BYTES), _SERVER_PLACE)
        with database.unit_of_work() as uow:
            # Another process may have been quicker; then its secret is the one.
            found = uow.secrets.replace(_SERVER, drawn, instead_of=found)
            uow.commit()
    return SoftwareKey.from_seed(key.open(found, _SERVER_PLACE))


def seal_stored(settings: Settings, database: Database) -> int:
    """
    Seal what stands in the database in the clear, and give how many secrets that were.

    Raises:
        PartMissing: If the key file is missing, or cannot be used.
    """
    with database.reading() as uow:
        if not _in_the_clear(uow):
            return 0
    key = SealFile(settings).ready(database)
    with database.unit_of_work() as uow:
        clear = uow.webhooks.in_the_clear()
        for row, webhook, secret in clear:
            uow.webhooks.seal(row, key.seal(secret, place_of(webhook)))
        count = len(clear)
        own = uow.secrets.stored(_SERVER)
        if own is not None and own.sealed_under is None:
            uow.secrets.replace(_SERVER, key.seal(own.content, _SERVER_PLACE), instead_of=own)
            count += 1
        # Commit point: none of them stands there in the clear any more.
        uow.commit()
    return count


def _in_the_clear(uow: UnitOfWork) -> bool:
    own = uow.secrets.stored(_SERVER)
    return bool(uow.webhooks.in_the_clear()) or (own is not None and own.sealed_under is None)
