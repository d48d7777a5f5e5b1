"""
The gateway's inbox for HJ 212: what was answered to a data logger is on disk before the answer.

A packet stays until its readings are in the outbox; after that its mark stays for a retention, so
that a logger that repeats itself is answered again and counted once. Passwords are not kept.

Source: DESIGN promises P1 (durable) and P2 (once), for a courier that forgets after our answer.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from devices.errors import StoreUnavailable
from devices.hj212.joining import Joined, Kept, join_parts
from devices.hj212.packets import Packet, format_packet, parse_packet
from devices.hj212.regions import parse_region

RETENTION_DAYS: Final = 40
"""How long a repeated packet is recognised; loggers send again for some days after an outage."""
PATIENCE_S: Final = 120
"""How long a part waits for its siblings."""
BATCH: Final = 500
"""Most packets given at a time."""

_FILE_MODE: Final = 0o600
_WAITING, _DONE, _REFUSED = 0, 1, 2
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS packet (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        station TEXT NOT NULL, command TEXT NOT NULL, request TEXT NOT NULL, part INTEGER NOT NULL,
        digest BLOB NOT NULL, segment BLOB NOT NULL, received_at_ms INTEGER NOT NULL,
        state INTEGER NOT NULL, note TEXT,
        UNIQUE (station, command, request, part, digest)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS packet_waiting ON packet (number) WHERE state = 0;
    CREATE INDEX IF NOT EXISTS packet_age ON packet (received_at_ms) WHERE state <> 0;
"""


class Inbox:
    """
    Packets kept in one SQLite file; may be used by several threads.

    Raises:
        StoreUnavailable: If the file cannot be opened; so do all methods if it fails later.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        with _translated():
            path.touch(_FILE_MODE)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # FULL: an answered packet must survive a power cut that comes right after the answer.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; may be repeated."""
        with self._lock:
            self._connection.close()

    def keep(self, packet: Packet, received_at: Instant) -> bool:
        """
        Keep a packet with a plain region; on disk when this returns.

        Returns:
            False if the very same packet was kept before.

        Raises:
            ProtocolError: If the region is malformed; nothing is kept, nothing may be answered.
        """
        parse_region(packet.region)
        segment = format_packet(replace(packet, password=""))
        with self._lock, _translated():
            # Commit point: the packet is on disk and may be answered.
            cursor = self._connection.execute(
                "INSERT INTO packet (station, command, request, part, digest, segment,"
                " received_at_ms, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    packet.station,
                    packet.command,
                    packet.request,
                    packet.part,
                    hashlib.sha256(packet.region).digest(),
                    segment,
                    received_at,
                    _WAITING,
                ),
            )
            return cursor.rowcount == 1

    def waiting(self, now: Instant, *, patience_s: int = PATIENCE_S) -> list[Joined]:
        """Give packets that are whole and not done, oldest first, at most `BATCH` kept ones."""
        with self._lock, _translated():
            rows = self._connection.execute(
                "SELECT number, segment, received_at_ms FROM packet WHERE state = 0"
                " ORDER BY number LIMIT ?",
                (BATCH,),
            ).fetchall()
        kept = (
            Kept(number, parse_packet(segment), at_ms // MILLISECONDS_PER_SECOND)
            for number, segment, at_ms in rows
        )
        return join_parts(kept, now_s=now // MILLISECONDS_PER_SECOND, patience_s=patience_s)

    def done(self, numbers: Iterable[int]) -> None:
        """Let go of packets whose readings are in the outbox."""
        self._mark(numbers, _DONE, None)

    def refuse(self, numbers: Iterable[int], reason: str) -> None:
        """Set packets aside that cannot be mapped; the operator sees them with the reason."""
        self._mark(numbers, _REFUSED, reason)

    def refused(self) -> list[tuple[int, Packet, str]]:
        """Give the packets set aside, with the reason of each, oldest first."""
        with self._lock, _translated():
            rows = self._connection.execute(
                "SELECT number, segment, note FROM packet WHERE state = 2 ORDER BY number"
            ).fetchall()
        return [(number, parse_packet(segment), note) for number, segment, note in rows]

    def prune(self, now: Instant, *, retention_days: int = RETENTION_DAYS) -> int:
        """Forget packets that were done long ago, and give their number."""
        with self._lock, _translated():
            return self._connection.execute(
                "DELETE FROM packet WHERE state = ? AND received_at_ms < ?",
                (_DONE, now - retention_days * MILLISECONDS_PER_DAY),
            ).rowcount

    def _mark(self, numbers: Iterable[int], state: int, note: str | None) -> None:
        with self._lock, _translated():
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "UPDATE packet SET state = ?, note = ? WHERE number = ?",
                [(state, note, number) for number in numbers],
            )
            self._connection.execute("COMMIT")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"the HJ 212 inbox failed: {error}") from error
