"""The signing keys of the logs kept here, from files that only their owner may read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from api.errors import ConfigurationError
from attestation.ids import parse_origin
from attestation.keys import Algorithm, SoftwareKey
from attestation.notes import NoteSigner
from devices.key_files import generate_key_file, load_key_file, write_key_file


class LogKeys:
    """
    One Ed25519 key a log, in `<folder>/<usc>.pem`; that of a successor in `<usc>-<n>.pem`.

    Args:
        folder: Where the files are.
        password: Of the files; None where they are not encrypted.
    """

    def __init__(self, folder: Path, password: bytes | None) -> None:
        self._folder = folder
        self._password = password
        # Each file is read once: a key does not change under a running ledger.
        self.key_of = cache(self._load)

    def create(self, origin: str) -> NoteSigner:
        """
        Make the key of a new log.

        Raises:
            EnrolmentError: If the log has a key already.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        generate_key_file(self._path(origin), password=self._password, algorithm=Algorithm.ED25519)
        return self.signer_of(origin)

    def take(self, origin: str, key: SoftwareKey) -> None:
        """
        Keep the key of a log that was handed over; may be repeated.

        Raises:
            ConfigurationError: If the log has another key here.
            EnrolmentError: If the file cannot be written.
        """
        if self._path(origin).exists():
            if self.key_of(origin).public_key != key.public_key:
                raise ConfigurationError(f"{origin} has another key here")
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key_file(self._path(origin), key, password=self._password)

    def signer_of(self, origin: str) -> NoteSigner:
        """
        Give the signer of a log's checkpoints.

        Raises:
            ConfigurationError: If there is no key file for it.
        """
        return NoteSigner(origin, self.key_of(origin))

    def _load(self, origin: str) -> SoftwareKey:
        path = self._path(origin)
        if not path.exists():
            raise ConfigurationError(f"no key of {origin}: {path.name} is missing")
        return load_key_file(path, password=self._password)

    def _path(self, origin: str) -> Path:
        return self._folder / f"{parse_origin(origin).name}.pem"
