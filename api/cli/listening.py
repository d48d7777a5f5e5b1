"""
Where a server listens: on its port, and on a UNIX socket where a proxy stands before it.

The socket's file may be reached by its owner and group only: whoever can write to it can say who
has shown which certificate.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from api.errors import ConfigurationError
from api.settings import WebSettings

_SOCKET_MODE: Final = 0o660
_UMASK: Final = 0o117
_BACKLOG: Final = 2048


@contextmanager
def listening(settings: WebSettings) -> Iterator[list[socket.socket]]:
    """
    Listen where the settings say.

    Raises:
        ConfigurationError: If the port or the file cannot be had.
    """
    sockets: list[socket.socket] = []
    path = settings.socket_file
    try:
        sockets.append(_tcp(settings.host, settings.port))
        if path is not None:
            sockets.append(_unix(path))
        yield sockets
    finally:
        for each in sockets:
            each.close()
        if path is not None and len(sockets) > 1:
            path.unlink(missing_ok=True)


def _tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _unix(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()  # left behind by a server that was killed
        before = os.umask(_UMASK)
        try:
            made.bind(str(path))
        finally:
            os.umask(before)
        path.chmod(_SOCKET_MODE)
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        raise ConfigurationError(f"cannot listen on {path}: {error.strerror}") from error
    return made
