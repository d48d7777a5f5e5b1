"""
What the ledger's signed answers do to the outbox.

Only an answer whose signature (and for a receipt, proof) was checked comes here.
Answers are cumulative and may come late, twice or in any order: a message's state only goes
forward. A refusal is final and moves the message to the dead letters, which the operator sees.
A promise that is not kept, a refusal of what was integrated, and a receipt for a message we never
signed are kept as evidence and never deleted.

Source: FORMATS section 6.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from attestation.answers import Answer, Promise, Receipt, Refusal
from attestation.enums import ReceiptStage
from attestation.ids import Kid, MessageId
from attestation.instants import Instant
from devices.outbox import MessageState, Outbox
from devices.store import GatewayStore

UNKNOWN_REFUSAL: Final = "answer.unknown_message"
_STATE_OF_STAGE: Final = {
    ReceiptStage.INTEGRATED: MessageState.INTEGRATED,
    ReceiptStage.ANCHORED: MessageState.ANCHORED,
    ReceiptStage.FINAL: MessageState.FINAL,
}


class EvidenceKind(StrEnum):
    """What a kept answer proves."""

    BROKEN_PROMISE = "broken_promise"
    CONTRADICTION = "contradiction"
    """A message was refused after its integration had been confirmed."""
    FOREIGN_MESSAGE = "foreign_message"
    """A receipt names another message under a number we signed."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message the ledger refused for good."""

    message_id: MessageId
    kid: Kid
    epoch: int
    sequence: int
    content: bytes
    code: str
    """Why, such as `admission.backdated`."""
    answer: bytes
    """The ledger's signed refusal."""
    at: Instant


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signed answer that speaks against its signer, or for a stolen key."""

    kind: EvidenceKind
    answer: bytes
    at: Instant


class Answering:
    """Applies answers to the outbox of a gateway's store; each answer is one transaction."""

    def __init__(self, store: GatewayStore, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def apply(self, answer: Answer, content: bytes, now: Instant) -> None:
        """
        Carry a verified answer over to the messages it speaks of; may be repeated.

        Args:
            answer: As `parse_answer` gave it.
            content: The signed bytes it was read from, kept as evidence where needed.
            now: The clock's time.
        """
        with self._store.transaction():
            match answer:
                case Promise():
                    self._promise(answer, content)
                case Receipt():
                    self._receipt(answer, content, now)
                case Refusal():
                    self._refusal(answer, content, now)

    def settle_promises(self, now: Instant) -> int:
        """
        Look at every promise whose time is over; give how many were found broken.

        A broken one becomes evidence. Its messages are due already and will be sent again.
        """
        broken = 0
        with self._store.transaction():
            for promise_id, kid, epoch, ranges, answer in self._store.fetch(
                "SELECT id, kid, epoch, ranges, answer FROM promise WHERE integrate_by_ms < ?",
                (now - self._outbox.limits.promise_grace_ms,),
            ):
                if self._is_open(kid, epoch, json.loads(ranges)):
                    self._keep_evidence(EvidenceKind.BROKEN_PROMISE, answer, now)
                    broken += 1
                self._store.execute("DELETE FROM promise WHERE id = ?", (promise_id,))
        return broken

    def keep_foreign_message(self, content: bytes, now: Instant) -> None:
        """Keep the receipt that names a message we never signed."""
        with self._store.transaction():
            self._keep_evidence(EvidenceKind.FOREIGN_MESSAGE, content, now)

    def last_receipt(self, kid: Kid) -> bytes | None:
        """Give the signed bytes of the newest receipt of a key, or None."""
        row = self._store.fetch_one(
            "SELECT answer FROM receipt WHERE kid = ? ORDER BY epoch DESC, sequence DESC LIMIT 1",
            (kid,),
        )
        return None if row is None else row[0]

    def dead_letters(self) -> list[DeadLetter]:
        """List the refused messages, oldest first."""
        rows = self._store.fetch(
            "SELECT message_id, kid, epoch, sequence, content, code, answer, at_ms"
            " FROM dead_letter ORDER BY at_ms, epoch, sequence"
        )
        return [DeadLetter(*row) for row in rows]

    def evidence(self) -> list[Evidence]:
        """List what is kept as evidence, oldest first."""
        rows = self._store.fetch("SELECT kind, answer, at_ms FROM evidence ORDER BY id")
        return [Evidence(EvidenceKind(kind), answer, at) for kind, answer, at in rows]

    def _promise(self, promise: Promise, content: bytes) -> None:
        for first, last in promise.ranges:
            self._store.execute(
                "UPDATE message SET state = ?, promised_by_ms = ?, due_ms = ? WHERE kid = ?"
                " AND epoch = ? AND sequence BETWEEN ? AND ? AND state <= ?",
                (
                    MessageState.PROMISED,
                    promise.integrate_by,
                    promise.integrate_by + self._outbox.limits.promise_grace_ms,
                    promise.kid,
                    promise.epoch,
                    first,
                    last,
                    MessageState.SENT,
                ),
            )
        self._store.execute(
            "INSERT OR IGNORE INTO promise (kid, epoch, ranges, integrate_by_ms, answer)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                promise.kid,
                promise.epoch,
                json.dumps([list(pair) for pair in promise.ranges]),
                promise.integrate_by,
                content,
            ),
        )

    def _receipt(self, receipt: Receipt, content: bytes, now: Instant) -> None:
        state = _STATE_OF_STAGE[receipt.stage]
        for first, last in receipt.ranges:
            self._store.execute(
                "UPDATE message SET state = ?, due_ms = NULL, promised_by_ms = NULL,"
                " final_at_ms = CASE WHEN ? THEN ? END"
                " WHERE kid = ? AND epoch = ? AND sequence BETWEEN ? AND ? AND state < ?",
                (
                    state,
                    state is MessageState.FINAL,
                    now,
                    receipt.kid,
                    receipt.epoch,
                    first,
                    last,
                    state,
                ),
            )
        self._store.execute(
            "INSERT INTO receipt (kid, epoch, stage, sequence, answer, received_at_ms)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kid, epoch, stage) DO UPDATE"
            " SET sequence = excluded.sequence, answer = excluded.answer,"
            " received_at_ms = excluded.received_at_ms WHERE excluded.sequence >= sequence",
            (
                receipt.kid,
                receipt.epoch,
                receipt.stage,
                receipt.newest.sequence,
                content,
                now,
            ),
        )

    def _refusal(self, refusal: Refusal, content: bytes, now: Instant) -> None:
        row = self._store.fetch_one(
            "SELECT state FROM message WHERE message_id = ?", (refusal.message_id,)
        )
        if row is None:
            self._unknown_refusal(refusal.message_id, now)
            return
        if row[0] >= MessageState.INTEGRATED:
            self._keep_evidence(EvidenceKind.CONTRADICTION, content, now)
            return
        self._store.execute(
            "INSERT OR IGNORE INTO dead_letter (message_id, kid, epoch, sequence, content, code,"
            " answer, at_ms) SELECT message_id, kid, epoch, sequence, content, ?, ?, ?"
            " FROM message WHERE message_id = ?",
            (refusal.code, content, now, refusal.message_id),
        )
        self._store.execute("DELETE FROM message WHERE message_id = ?", (refusal.message_id,))

    def _unknown_refusal(self, message_id: MessageId, now: Instant) -> None:
        """Count a refusal of something that is neither in the outbox nor a dead letter."""
        known = self._store.fetch_one(
            "SELECT 1 FROM dead_letter WHERE message_id = ?", (message_id,)
        )
        if known is None:
            self._outbox.tally(UNKNOWN_REFUSAL, now)

    def _is_open(self, kid: Kid, epoch: int, ranges: Sequence[Sequence[int]]) -> bool:
        """Say whether a message of these ranges is still not confirmed as integrated."""
        return any(
            self._store.fetch_one(
                "SELECT 1 FROM message WHERE kid = ? AND epoch = ? AND sequence BETWEEN ? AND ?"
                " AND state < ? LIMIT 1",
                (kid, epoch, first, last, MessageState.INTEGRATED),
            )
            for first, last in ranges
        )

    def _keep_evidence(self, kind: EvidenceKind, answer: bytes, now: Instant) -> None:
        self._store.execute(
            "INSERT OR IGNORE INTO evidence (kind, answer, at_ms) VALUES (?, ?, ?)",
            (kind, answer, now),
        )
