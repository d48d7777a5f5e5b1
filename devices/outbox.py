"""
The outbox: every signed message, kept until the ledger's receipt says anchored and final.

The broker's acknowledgement means nothing here: a message is sent again, less and less often,
until the ledger itself answers with its signature. Live messages go first, the backlog after them
at a rate the agent sets. The disk is bounded: when the bound is reached by messages the ledger
does not hold for good, `OutboxFull` stops the measuring; nothing is dropped silently.

Source: FORMATS section 6; DESIGN section 3, step "keep".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from attestation.enums import Provenance
from attestation.ids import Kid, MessageId
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.messages import SignedMessage
from devices.errors import OutboxFull
from devices.store import GatewayStore

LIVE_LANE: Final = 0
BACKLOG_LANE: Final = 1
RELEASED_EARLY: Final = "outbox.released_early"
_ROW_OVERHEAD_BYTES: Final = 256  # keys, four indexes and page slack of one message
_RELEASE_AT_ONCE: Final = 256
_DOUBLINGS: Final = 10
_COLUMNS: Final = "kid, epoch, sequence, message_id, content, signed_at_ms, lane, state, attempts"


class MessageState(IntEnum):
    """How far a message has come, as far as this gateway knows."""

    KEPT = 0
    """Signed and on disk."""
    SENT = 1
    """Taken by the broker; the ledger has said nothing."""
    PROMISED = 2
    """The ledger promised to integrate it by a time."""
    INTEGRATED = 3
    ANCHORED = 4
    FINAL = 5
    """Anchored and final: may be forgotten after the retention."""


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """How long and how much is kept, and how often it is sent; all times in milliseconds."""

    max_bytes: int = 1 << 30
    """Size of the database at which measuring stops; about 2 million messages of one reading."""
    retention_ms: int = 30 * MILLISECONDS_PER_DAY
    """How long a final message stays, for a ledger that has to be restored."""
    resend_after_ms: int = 60_000
    """Wait before the first repetition without an answer; it doubles each time."""
    resend_at_most_ms: int = 3_600_000
    promise_grace_ms: int = 60_000
    """Delay after a promise's time before it counts as broken: the receipt is on its way too."""
    live_window_ms: int = 300_000
    """A live message older than this no longer goes before the backlog."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of the outbox."""

    kid: Kid
    epoch: int
    sequence: int
    message_id: MessageId
    content: bytes
    """The complete tagged bytes, as signed."""
    signed_at: Instant
    lane: int
    """`LIVE_LANE` or `BACKLOG_LANE`."""
    state: MessageState
    attempts: int


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """What an operator sees of the outbox."""

    count_by_state: dict[MessageState, int]
    oldest_unanswered: Instant | None
    """Signing time of the oldest message without an answer of the ledger."""
    dead_letters: int
    evidence: int
    used_bytes: int
    max_bytes: int
    tally: dict[str, int]
    """Events that must be seen, by code: forged answers, finals released early."""


class Outbox:
    """The outbox in a gateway's store."""

    def __init__(self, store: GatewayStore, limits: OutboxLimits | None = None) -> None:
        self._store = store
        self.limits = limits or OutboxLimits()

    def keep(self, message: SignedMessage) -> None:
        """
        Add a signed message; call inside the transaction that advances the signer's state.

        Raises:
            OutboxFull: If there is no room, also after every final message was let go.
        """
        header = message.header
        self._make_room(len(message.encoded) + _ROW_OVERHEAD_BYTES, header.signed_at)
        live = header.provenance is Provenance.LIVE
        self._store.execute(
            "INSERT INTO message (kid, epoch, sequence, message_id, content, signed_at_ms, lane,"
            " state, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                header.kid,
                header.epoch,
                header.sequence,
                message.message_id,
                message.encoded,
                header.signed_at,
                LIVE_LANE if live else BACKLOG_LANE,
                MessageState.KEPT,
                header.signed_at,
            ),
        )

    def stored(self, kid: Kid, epoch: int, sequence: int) -> StoredMessage | None:
        """Give the one message signed under a number, or None if it is forgotten or unknown."""
        row = self._store.fetch_one(
            f"SELECT {_COLUMNS} FROM message WHERE kid = ? AND epoch = ? AND sequence = ?",  # noqa: S608  (constant columns)
            (kid, epoch, sequence),
        )
        return None if row is None else _stored(row)

    def due(
        self,
        now: Instant,
        *,
        live_limit: int,
        backlog_limit: int,
        in_flight: Collection[MessageId] = (),
    ) -> list[StoredMessage]:
        """
        Give what should be sent now: live messages first, oldest first in each lane.

        Args:
            now: The clock's time.
            live_limit: At most so many live messages.
            backlog_limit: At most so many others; the agent's rate.
            in_flight: Messages handed to the broker whose acknowledgement is outstanding.
        """
        self._store.execute(
            "UPDATE message SET lane = ? WHERE lane = ? AND due_ms IS NOT NULL"
            " AND signed_at_ms < ?",
            (BACKLOG_LANE, LIVE_LANE, now - self.limits.live_window_ms),
        )
        live = self._due_in_lane(LIVE_LANE, now, live_limit, in_flight)
        return live + self._due_in_lane(BACKLOG_LANE, now, backlog_limit, in_flight)

    def mark_sent(self, message_ids: Iterable[MessageId], now: Instant) -> None:
        """Note that the broker took messages, and when to repeat them if the ledger is silent."""
        limits = self.limits
        with self._store.transaction():
            for message_id in message_ids:
                self._store.execute(
                    "UPDATE message SET state = max(state, ?), attempts = attempts + 1,"
                    " sent_at_ms = ?, note = NULL, due_ms = CASE"
                    " WHEN due_ms IS NULL OR state >= ? THEN NULL"
                    " ELSE max(due_ms, ? + min(? << min(attempts, ?), ?)) END"
                    " WHERE message_id = ?",
                    (
                        MessageState.SENT,
                        now,
                        MessageState.INTEGRATED,
                        now,
                        limits.resend_after_ms,
                        _DOUBLINGS,
                        limits.resend_at_most_ms,
                        message_id,
                    ),
                )

    def defer(self, message_ids: Iterable[MessageId], note: str, now: Instant) -> None:
        """Note why messages were not taken by the broker, and try them again after a while."""
        with self._store.transaction():
            for message_id in message_ids:
                self._store.execute(
                    "UPDATE message SET note = ?, due_ms = ? WHERE message_id = ?"
                    " AND due_ms IS NOT NULL",
                    (note, now + self.limits.resend_after_ms, message_id),
                )

    def send_unanswered_again(self, now: Instant) -> int:
        """Make due what the broker took and the ledger did not answer; give how many."""
        with self._store.transaction():
            return self._store.execute(
                "UPDATE message SET due_ms = ? WHERE state = ? AND due_ms > ?",
                (now, MessageState.SENT, now),
            )

    def send_again(self, kid: Kid, epoch: int, from_sequence: int, now: Instant) -> int:
        """
        Send everything kept of an epoch again, from a number on: a restored ledger asks for it.

        The messages go with the backlog, whatever answers they had; gives how many.
        """
        with self._store.transaction():
            return self._store.execute(
                "UPDATE message SET due_ms = ?, lane = ?"
                " WHERE kid = ? AND epoch = ? AND sequence >= ?",
                (now, BACKLOG_LANE, kid, epoch, from_sequence),
            )

    def forget(self, now: Instant) -> int:
        """Delete messages that were final for longer than the retention, and give how many."""
        with self._store.transaction():
            return self._forget(now)

    def tally(self, code: str, now: Instant, count: int = 1) -> None:
        """Count an event that the operator must see."""
        self._store.execute(
            "INSERT INTO tally (code, count, at_ms) VALUES (?, ?, ?) ON CONFLICT (code)"
            " DO UPDATE SET count = count + excluded.count, at_ms = excluded.at_ms",
            (code, count, now),
        )

    def status(self) -> OutboxStatus:
        """Summarise the outbox for a screen."""
        counts = dict.fromkeys(MessageState, 0)
        for state, count in self._store.fetch("SELECT state, count(*) FROM message GROUP BY state"):
            counts[MessageState(state)] = count
        oldest = self._store.fetch(
            "SELECT min(signed_at_ms) FROM message WHERE state < ?", (MessageState.PROMISED,)
        )[0][0]
        return OutboxStatus(
            count_by_state=counts,
            oldest_unanswered=None if oldest is None else Instant(oldest),
            dead_letters=self._store.fetch("SELECT count(*) FROM dead_letter")[0][0],
            evidence=self._store.fetch("SELECT count(*) FROM evidence")[0][0],
            used_bytes=self._store.used_bytes,
            max_bytes=self.limits.max_bytes,
            tally=dict(self._store.fetch("SELECT code, count FROM tally")),
        )

    def _due_in_lane(
        self, lane: int, now: Instant, limit: int, in_flight: Collection[MessageId]
    ) -> list[StoredMessage]:
        if limit <= 0:
            return []
        rows = self._store.fetch(
            f"SELECT {_COLUMNS} FROM message WHERE lane = ? AND due_ms <= ?"  # noqa: S608  (constant columns)
            " ORDER BY due_ms, epoch, sequence LIMIT ?",
            (lane, now, limit + len(in_flight)),
        )
        waiting = (_stored(row) for row in rows)
        return [message for message in waiting if message.message_id not in in_flight][:limit]

    def _make_room(self, needed_bytes: int, now: Instant) -> None:
        bound = self.limits.max_bytes
        if self._store.used_bytes + needed_bytes <= bound:
            return
        self._forget(now)
        while self._store.used_bytes + needed_bytes > bound:
            released = self._store.execute(
                "DELETE FROM message WHERE rowid IN (SELECT rowid FROM message"
                " WHERE final_at_ms IS NOT NULL ORDER BY final_at_ms LIMIT ?)",
                (_RELEASE_AT_ONCE,),
            )
            if not released:
                raise OutboxFull(
                    f"outbox holds {bound} bytes that the ledger does not hold for good yet"
                )
            self.tally(RELEASED_EARLY, now, released)

    def _forget(self, now: Instant) -> int:
        return self._store.execute(
            "DELETE FROM message WHERE final_at_ms <= ? AND due_ms IS NULL",
            (now - self.limits.retention_ms,),
        )


def _stored(row: tuple[Any, ...]) -> StoredMessage:
    kid, epoch, sequence, message_id, content, signed_at_ms, lane, state, attempts = row
    return StoredMessage(
        kid=Kid(kid),
        epoch=epoch,
        sequence=sequence,
        message_id=MessageId(message_id),
        content=content,
        signed_at=Instant(signed_at_ms),
        lane=lane,
        state=MessageState(state),
        attempts=attempts,
    )
