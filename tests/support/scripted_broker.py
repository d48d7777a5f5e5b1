"""A TLS server that says to an MQTT client what a test wants it to say."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.support.pki import Pki

CONNACK = bytes.fromhex("2003000000")
SUBACK = bytes.fromhex("900400010001")


class ScriptedBroker:
    """
    Answers connection after connection with fixed bytes, each after something was read.

    Args:
        pki: Whose certificate to show, and whose clients to accept.
        scripts: One list of answers a connection; a connection whose list is used up stays open,
            and the last list serves all further ones.
    """

    def __init__(self, pki: Pki, scripts: Sequence[Sequence[bytes]]) -> None:
        server = pki.server()
        self._context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cafile=str(pki.authorities)
        )
        self._context.load_cert_chain(server.certificate, server.private_key)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._scripts = [list(script) for script in scripts]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[bytes] = []
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()
        self._thread.join(5)

    def _serve(self) -> None:
        served = 0
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(served, len(self._scripts) - 1)]
            served += 1
            threading.Thread(target=self._speak, args=(plain, script), daemon=True).start()

    def _speak(self, plain: socket.socket, script: Sequence[bytes]) -> None:
        try:
            connection = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            plain.close()
            return
        self._open.append(connection)
        try:
            for answer in script:
                self.heard.append(connection.recv(65_536))
                connection.sendall(answer)
        except OSError:
            connection.close()
