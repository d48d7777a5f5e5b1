"""
TLS as a client of the broker: both sides show a certificate.

Source: FORMATS section 7; RFC 8446, RFC 5246.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import Final

from devices.packets import packet_end
from devices.session import BrokerAddress

_RECORD_BYTES: Final = 16_384  # RFC 8446, section 5.1


class ClientSocket(ssl.SSLSocket):
    """
    A TLS socket between the broker and the MQTT client, which reads by the byte.

    What arrives is cut into packets; the client reads those that are handed to it with `offer`.
    What it sends is gathered until `flush`: a TLS record and a system call for each packet would
    cost more than the packet itself.
    It closes itself when the handshake fails: the client forgets it then.
    """

    _arrived = b""
    _offered = b""
    _ended: OSError | bytes | None = None
    """Why nothing more arrives: an error, or no bytes where the broker closed the connection."""
    _gathered: list[bytes] | None = None
    _leaving = b""
    """What is being written: TLS wants the same bytes again where it was interrupted."""

    @property
    def is_ready(self) -> bool:
        """Whether something can be taken without waiting for the network."""
        return packet_end(self._arrived) is not None or self.pending() > 0

    @property
    def has_unsent(self) -> bool:
        """Whether something waits for `flush`, or for the connection to take it."""
        return bool(self._gathered or self._leaving)

    def take_in(self) -> bool:
        """Read what arrived; False if nothing did. An end of the connection is told by `recv`."""
        try:
            arrived = super().recv(_RECORD_BYTES)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError as error:
            self._ended = error
            return False
        if not arrived:
            self._ended = arrived
        self._arrived += arrived
        return bool(arrived)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more arrives, which the client is to learn by reading."""
        return self._ended is not None

    def next_packet(self) -> bytes | None:
        """
        Give the next packet that is there whole, and None where there is none.

        Raises:
            BrokerUnavailable: If what arrived is no packet.
        """
        end = packet_end(self._arrived)
        if end is None:
            return None
        packet, self._arrived = self._arrived[:end], self._arrived[end:]
        return packet

    def offer(self, packet: bytes) -> None:
        """Let the client read a packet."""
        self._offered += packet

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """
        Give the client at most so many bytes of what was offered.

        Raises:
            ssl.SSLWantReadError: If it has read all of it.
            OSError: If the connection has ended.
        """
        del flags
        if self._offered:
            part, self._offered = self._offered[:buflen], self._offered[buflen:]
            return part
        if isinstance(self._ended, OSError):
            raise self._ended
        if self._ended is not None:
            return self._ended
        raise ssl.SSLWantReadError

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        """Gather bytes for `flush`."""
        del flags
        if self._gathered is None:
            self._gathered = []
        self._gathered.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """
        Write what was gathered, as much as the connection takes now.

        Raises:
            OSError: If the connection has ended.
        """
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while self.has_unsent:
                if not self._leaving:
                    self._leaving, self._gathered = b"".join(self._gathered or ()), None
                self._leaving = self._leaving[super().send(self._leaving) :]

    def close(self) -> None:
        """Write what was gathered, if it can be written at once, and close."""
        with contextlib.suppress(OSError):
            self.flush()
        super().close()

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, or close."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def client_context(address: BrokerAddress) -> ssl.SSLContext:
    """
    Read certificates and key from their files.

    It is called for every connection, so that a renewed certificate is used with the next one.

    Raises:
        OSError: If a file cannot be read or is not what it should be.
    """
    context = ssl.create_default_context(cafile=str(address.authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = ClientSocket
    context.load_cert_chain(
        str(address.certificate), str(address.private_key), password=address.password
    )
    return context
