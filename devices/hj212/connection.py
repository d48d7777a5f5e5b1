"""
One connection of a data logger, with bounds on what it may take of time and memory.

A connection must name a registered station soon, finish each frame soon, and not be silent for
long; what it may leave unfinished is one frame. So a peer that sends a byte a minute is dropped,
and one that never stops sending nonsense, too.

Source: HJ 212-2017, section 6.2 (TCP, long connection).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from devices.hj212.commands import ANSWERS
from devices.hj212.exchange import Exchange
from devices.hj212.frames import MAX_SEGMENT_BYTES, FrameParser
from devices.hj212.host import Host

CONNECTION_OPENED: Final = "hj212_connection_opened"
CONNECTION_CLOSED: Final = "hj212_connection_closed"

_RECEIVE_BYTES: Final = 4096

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may take."""

    connections: int = 128
    """Connections at a time; further ones are closed at once."""
    identify_s: int = 60
    """Time for the first packet of a registered station."""
    idle_s: int = 1800
    """Time between packets; loggers without heartbeat may send only hours' data."""
    frame_s: int = 30
    """Time from the first byte of a frame to its last."""
    send_s: int = 10
    segment_bytes: int = MAX_SEGMENT_BYTES
    skipped_bytes: int = 65_536
    """Bytes that are no frame, after which the line is taken for something else."""
    damaged_frames: int = 100
    refused_frames: int = 20
    """Frames of unknown stations or with wrong passwords."""


class Connection:
    """
    One connection and the thread that serves it; `thread` is started by the owner.

    Args:
        accepted: The connected socket.
        peer: Who connected, for logs.
        host: Judges frames and makes answers.
        exchange: Takes the answers to requests of ours.
        limits: What the connection may take.
        on_end: Called once, when it has ended.
    """

    def __init__(
        self,
        accepted: socket.socket,
        peer: str,
        host: Host,
        exchange: Exchange,
        *,
        limits: Limits,
        on_end: Callable[[Connection], None],
    ) -> None:
        self._socket = accepted
        self._peer = peer
        self._host = host
        self._exchange = exchange
        self._limits = limits
        self._on_end = on_end
        self._closing = threading.Event()
        self._parser = FrameParser(max_segment_bytes=limits.segment_bytes)
        self._send_lock = threading.Lock()
        self._refused_frames = 0
        self._heard_at = time.monotonic()
        self._frame_began_at: float | None = None
        self.stations: frozenset[str] = frozenset()
        """Numbers of the stations that spoke here; a relay may speak for several."""
        self.thread = threading.Thread(target=self._serve, name=f"hj212-{peer}", daemon=True)

    def close(self) -> None:
        """End the connection; its thread ends soon after."""
        self._closing.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, frame: bytes) -> None:
        """Send one frame whole."""
        with self._send_lock:
            self._socket.sendall(frame)

    def _serve(self) -> None:
        _log.info(CONNECTION_OPENED, peer=self._peer)
        reason = "stopped"
        try:
            reason = self._receive()
        except OSError as error:
            reason = error.strerror or "broken"
        finally:
            self._socket.close()
            _log.info(CONNECTION_CLOSED, peer=self._peer, reason=reason)
            self._on_end(self)

    def _receive(self) -> str:
        """Serve until the connection ends, and say why it did."""
        while not self._closing.is_set():
            remaining_s = self._deadline() - time.monotonic()
            if remaining_s <= 0:
                return "too slow" if self._frame_began_at is not None else "silent"
            # The time-out is the socket's, so that of sending too: never less than a second.
            self._socket.settimeout(min(max(remaining_s, 1), self._limits.send_s))
            try:
                received = self._socket.recv(_RECEIVE_BYTES)
            except TimeoutError:
                continue
            if not received:
                return "closed by the station"
            self._take(received)
            if self._is_abused():
                return "not HJ 212"
        return "stopped"

    def _deadline(self) -> float:
        if self._frame_began_at is not None:
            return self._frame_began_at + self._limits.frame_s
        wait_s = self._limits.idle_s if self.stations else self._limits.identify_s
        return self._heard_at + wait_s

    def _take(self, received: bytes) -> None:
        frames = self._parser.feed(received)
        for frame in frames:
            heard = self._host.hear(frame)
            self._refused_frames += heard.refused_station
            if heard.packet is None:
                continue
            self._heard_at = time.monotonic()
            self.stations |= {heard.packet.station}
            if heard.packet.command in ANSWERS:
                self._exchange.hear(heard.packet)
            if heard.answer is not None:
                self.send(heard.answer)
        # The clock of a frame runs from its first byte, however slowly the others come.
        if not self._parser.pending_bytes:
            self._frame_began_at = None
        elif frames or self._frame_began_at is None:
            self._frame_began_at = time.monotonic()

    def _is_abused(self) -> bool:
        limits, parser = self._limits, self._parser
        return (
            parser.skipped_bytes > limits.skipped_bytes
            or parser.damaged_frames > limits.damaged_frames
            or self._refused_frames > limits.refused_frames
        )
