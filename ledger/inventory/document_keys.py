"""
Data keys of enterprises: one file each, in a folder beside the database and never in it.

Whoever has the database alone has noise; whoever erases the file has erased the documents. A new
key is made when a document is stored and there is none; documents under the erased one stay lost.

Source: FORMATS section 9; DESIGN section 2 (P12).
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from attestation.ids import parse_usc
from ledger.inventory.errors import DocumentErased, DocumentRefused

KEY_LENGTH: Final = 32
"""AES-256."""
KEY_ID_LENGTH: Final = 16
_OWN_ONLY: Final = 0o600
_FOLDER_OWN_ONLY: Final = 0o700


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The key that an enterprise's documents are encrypted under."""

    secret: bytes
    """32 bytes; never printed."""

    @property
    def key_id(self) -> bytes:
        """Which key it is, 16 bytes; says nothing of the key."""
        return sha256(b"carbonseal document key\x00" + self.secret).digest()[:KEY_ID_LENGTH]


class DocumentKeys:
    """
    The folder of data keys.

    Args:
        folder: Made at the first key, for its owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, usc: str) -> DataKey:
        """
        Read the key of an enterprise.

        Raises:
            DocumentErased: If it has none (any more).
            DocumentRefused: If the file is not a key's.
        """
        path = self._path(usc)
        try:
            secret = path.read_bytes()
        except FileNotFoundError as error:
            raise DocumentErased(f"{usc} has no document key") from error
        except OSError as error:
            raise DocumentRefused(f"cannot read {path.name}: {error.strerror}") from error
        if len(secret) != KEY_LENGTH:
            raise DocumentRefused(f"{path.name} is not a key of {KEY_LENGTH} bytes")
        return DataKey(secret)

    def get_or_make(self, usc: str) -> DataKey:
        """
        Read the key of an enterprise; make one where there is none.

        Raises:
            DocumentRefused: If it can be neither read nor written.
        """
        try:
            return self.get(usc)
        except DocumentErased:
            return self._make(usc, secrets.token_bytes(KEY_LENGTH))

    def take(self, usc: str, key: DataKey) -> None:
        """
        Take the key of an enterprise that comes from another ledger; may be repeated.

        Raises:
            DocumentRefused: If it has the wrong length, or the enterprise has another key here.
        """
        if len(key.secret) != KEY_LENGTH:
            raise DocumentRefused(f"a document key of {len(key.secret)} bytes")
        try:
            held = self.get(usc)
        except DocumentErased:
            held = self._make(usc, key.secret)
        if held != key:
            raise DocumentRefused(f"{usc} has another document key here")

    def erase(self, usc: str) -> bool:
        """
        Erase the key of an enterprise, and with it every document; say whether there was one.

        The file is overwritten first. Copies in backups must be erased where they are.

        Raises:
            DocumentRefused: If it cannot be erased.
        """
        path = self._path(usc)
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(KEY_LENGTH))
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            self._sync_folder()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise DocumentRefused(f"cannot erase {path.name}: {error.strerror}") from error
        return True

    def _make(self, usc: str, secret: bytes) -> DataKey:
        path = self._path(usc)
        aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            self._folder.mkdir(mode=_FOLDER_OWN_ONLY, parents=True, exist_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN_ONLY)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            try:
                # A link fails where another process was first; its key counts then.
                os.link(aside, path)
            except FileExistsError:
                return self.get(usc)
            finally:
                aside.unlink()
            self._sync_folder()
        except OSError as error:
            raise DocumentRefused(f"cannot make {path.name}: {error.strerror}") from error
        return DataKey(secret)

    def _sync_folder(self) -> None:
        """Make what the folder lists durable, before anything rests on it."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _path(self, usc: str) -> Path:
        return self._folder / f"{parse_usc(usc)}.key"
