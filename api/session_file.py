"""
The sessions of a person at a terminal: one file of mode 0600, a token for each server.

A token is given to the server it came from and to no other, and never without TLS but to one's own
machine.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from api.errors import ConfigurationError

USUAL: Final = Path(".carbonseal") / "sessions.json"
_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session at one server."""

    id: str
    token: str
    party: str
    """Code of the party spoken for."""
    role: str
    expires_at: str

    def __repr__(self) -> str:
        return f"KeptSession({self.id})"


class SessionFile:
    """
    The file of a person's sessions.

    Args:
        path: Need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def usual(cls) -> SessionFile:
        """Give the file in the person's own folder."""
        return cls(Path.home() / USUAL)

    def get(self, url: str) -> KeptSession | None:
        """
        Give the session at a server; None where there is none.

        Raises:
            ConfigurationError: If the file cannot be read, or others may read it.
        """
        return self._read().get(address_of(url))

    def put(self, url: str, session: KeptSession) -> None:
        """
        Keep the session at a server, in the place of the one before.

        Raises:
            ConfigurationError: If the file cannot be read or written.
        """
        self._write({**self._read(), address_of(url): session})

    def forget(self, url: str) -> None:
        """
        Forget the session at a server.

        Raises:
            ConfigurationError: If the file cannot be read or written.
        """
        kept = self._read()
        if kept.pop(address_of(url), None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, KeptSession]:
        try:
            if self._path.stat().st_mode & 0o077:
                raise ConfigurationError(f"others may read {self._path}: chmod 600 it")
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return {url: KeptSession(**row) for url, row in rows.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError):
            # Without the cause, which may quote a token.
            raise ConfigurationError(f"cannot read the sessions in {self._path}") from None

    def _write(self, kept: dict[str, KeptSession]) -> None:
        content = json.dumps({url: asdict(each) for url, each in kept.items()}, indent=2)
        staged = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            staged.unlink(missing_ok=True)
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            staged.replace(self._path)
        except OSError as error:
            raise ConfigurationError(f"cannot write {self._path}: {error.strerror}") from error


def address_of(url: str) -> str:
    """
    Give scheme and authority of a server's address, the name it stands under.

    Raises:
        ConfigurationError: If it is none, or a token would go there without TLS.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ConfigurationError("a server's address begins with https:// or http://")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigurationError("a session's token is not sent without TLS: use https://")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def session_token(url: str, path: Path | None = None) -> str | None:
    """
    Give the token for a server, where there is a session at it.

    Args:
        url: Of the server.
        path: File of sessions; without it the usual one.

    Raises:
        ConfigurationError: If the file cannot be read, or the token would go without TLS.
    """
    kept = (SessionFile.usual() if path is None else SessionFile(path)).get(url)
    return None if kept is None else kept.token
