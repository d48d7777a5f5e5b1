"""
Who may read entries: grants, each for one reader and some enterprises, until a day.

Nothing is readable without a grant. A token is shown once, when it is made; the file holds only its
SHA-256, so that whoever reads the file can read no entry. A grant is withdrawn by removing it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from api.errors import ConfigurationError, Forbidden, Unauthenticated
from attestation.ids import parse_usc
from attestation.instants import Instant

PREFIX: Final = "cs_"
_TOKEN_BYTES: Final = 32
_FILE_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Grant:
    """What one token lets its holder read."""

    name: str
    """Who holds it, for people."""
    token_sha256: str
    """SHA-256 of the token, hex."""
    enterprises: tuple[str, ...]
    """Unified social credit codes whose entries may be read."""
    expires_at: int
    """Instant after which the grant is over, in milliseconds."""


class AccessList:
    """
    The grants of one place, in a JSON file of mode 0600.

    A file that is not there grants nothing. The file is read again whenever it has changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._grants: tuple[Grant, ...] = ()

    def grant(self, name: str, enterprises: Iterable[str], expires_at: Instant) -> str:
        """
        Add a grant and give its token, which is kept nowhere.

        Raises:
            EncodingError: If a credit code does not hold.
            ConfigurationError: If a grant of that name exists or no enterprise is named.
        """
        codes = tuple(parse_usc(code) for code in enterprises)
        grants = self.grants()
        if not codes:
            raise ConfigurationError("a grant names at least one enterprise")
        if any(grant.name == name for grant in grants):
            raise ConfigurationError(f"there is a grant named {name!r} already")
        token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        self._write([*grants, Grant(name, _digest(token), codes, expires_at)])
        return token

    def withdraw(self, name: str) -> bool:
        """Remove a grant; False if there was none of that name."""
        grants = self.grants()
        kept = [grant for grant in grants if grant.name != name]
        if len(kept) == len(grants):
            return False
        self._write(kept)
        return True

    def grants(self) -> tuple[Grant, ...]:
        """
        Give the grants there are.

        Raises:
            ConfigurationError: If the file cannot be read.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return ()
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._grants = self._read()
            self._stamp = stamp
        return self._grants

    def check(self, token: str | None, enterprise: str, now: Instant) -> Grant:
        """
        Give the grant that lets the token's holder read this enterprise's entries.

        Raises:
            Unauthenticated: If there is no token, or none of the grants in force has it.
            Forbidden: If its grant does not name this enterprise.
        """
        if not token:
            raise Unauthenticated("entries are read with an access token")
        found = self.find(token, now)
        if found is None:
            raise Unauthenticated("this access token is not valid, or no longer")
        if enterprise not in found.enterprises:
            raise Forbidden(f"this access token does not reach the entries of {enterprise}")
        return found

    def find(self, token: str, now: Instant) -> Grant | None:
        """Give the grant in force that has a token, whatever it lets read; None if none has it."""
        digest = _digest(token)
        found = None
        for grant in self.grants():
            if hmac.compare_digest(grant.token_sha256, digest) and now < grant.expires_at:
                found = grant
        return found

    def _read(self) -> tuple[Grant, ...]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(Grant(**{**row, "enterprises": tuple(row["enterprises"])}) for row in rows)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(f"cannot read the access list {self._path}") from error

    def _write(self, grants: Iterable[Grant]) -> None:
        text = json.dumps([asdict(grant) for grant in grants], indent=2)
        staged = self._path.with_suffix(".new")
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
