"""
The listening host: it accepts data loggers, and carries requests to those that are connected.

One thread serves one connection, and a fault of one does not touch the others. It listens on the
loopback unless told otherwise: the protocol is plain text and belongs into the plant's own network.

Source: HJ 212-2017, section 6.2 (TCP, long connection).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Self

import structlog

from attestation.instants import Instant
from devices.errors import StationSilent
from devices.hj212.connection import Connection, Limits
from devices.hj212.exchange import Exchange
from devices.hj212.host import Host, Keep
from devices.hj212.stations import Station
from devices.hj212.times import format_request

CONNECTION_TURNED_AWAY: Final = "hj212_connection_turned_away"

_ACCEPT_S: Final = 1
_JOIN_S: Final = 10
_EXECUTION_S: Final = 30

_log = structlog.get_logger(__name__)


class HostServer:
    """
    A host that listens for data loggers.

    Args:
        stations: Who may speak, by number.
        keep: Keeps a packet durably; the answer goes out after it returned.
        clock: Tells the time.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        limits: What one connection may take.
    """

    def __init__(
        self,
        stations: Mapping[str, Station],
        keep: Keep,
        *,
        clock: Callable[[], Instant],
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
    ) -> None:
        self._host = Host(stations, keep, clock)
        self._clock = clock
        self._limits = limits or Limits()
        self._exchange = Exchange()
        self._lock = threading.Lock()
        self._connections: set[Connection] = set()
        self._stopping = threading.Event()
        self._listener = socket.create_server((host, port))
        self._listener.settimeout(_ACCEPT_S)
        self._acceptor = threading.Thread(target=self._accept, name="hj212-accept", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Begin to accept connections."""
        self._acceptor.start()

    def stop(self) -> None:
        """Close all connections and wait until none is being served."""
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the acceptor
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.close()
        for connection in connections:
            connection.thread.join(_JOIN_S)
        if self._acceptor.is_alive():
            self._acceptor.join(_JOIN_S)
        self._listener.close()

    def connected_stations(self) -> frozenset[str]:
        """Give the numbers of the stations that are connected."""
        with self._lock:
            return frozenset().union(*(each.stations for each in self._connections))

    def request(
        self, station: str, command: str, region: bytes = b"", *, timeout_s: int = _EXECUTION_S
    ) -> str:
        """
        Send a request to a station and wait for its end; what it uploads meanwhile is kept.

        Returns:
            ExeRtn of the station, `1` where the request was carried out.

        Raises:
            StationRefused: If no such station is registered.
            StationSilent: If it is not connected or does not answer; asking later may help.
            ProtocolError: If it refuses the request.
        """
        number = format_request(self._clock())
        frame = self._host.request(station, command, region, request=number)
        with self._lock:
            connection = next((c for c in self._connections if station in c.stations), None)
        if connection is None:
            raise StationSilent(f"station {station} is not connected")
        self._exchange.open(station, number)
        with suppress(OSError):  # a broken connection shows as silence
            connection.send(frame)
        return self._exchange.wait(station, number, timeout_s=timeout_s)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                accepted, peer = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return  # the listener was closed
            with self._lock:
                has_room = len(self._connections) < self._limits.connections
                if has_room:
                    connection = Connection(
                        accepted,
                        f"{peer[0]}:{peer[1]}",
                        self._host,
                        self._exchange,
                        limits=self._limits,
                        on_end=self._forget,
                    )
                    self._connections.add(connection)
                    connection.thread.start()
            if not has_room:
                _log.warning(CONNECTION_TURNED_AWAY, peer=peer[0])
                accepted.close()

    def _forget(self, connection: Connection) -> None:
        with self._lock:
            self._connections.discard(connection)
