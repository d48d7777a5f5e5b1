"""
The state of the signers of one gateway: which number each key signs next, and after which message.

A number is used once, for one message, whatever happens: state, message and outbox row are
written in one transaction, and only then does the signature leave. Before the commit nothing has
left, so the number may be used again; after it the stored bytes are that number's only message.

Source: FORMATS section 1 (epoch, sequence, previous).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.enums import Provenance, SignerKind
from attestation.ids import Kid, Origin
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.keys import Signer
from attestation.messages import SignedMessage, sign_message, verify_message
from attestation.readings import Reading
from devices.errors import ClockWentBack, DeviceError, SignerStateError
from devices.outbox import Outbox
from devices.position import Position, check_open, read_position
from devices.signed_intervals import SignedIntervals
from devices.store import GatewayStore

CLOCK_TOLERANCE_MS: Final = 300_000
"""How far a clock may be set back before signing stops; signed-at never decreases meanwhile."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings to sign as one message."""

    readings: tuple[Reading, ...]
    provenance: Provenance = Provenance.LIVE
    signer_kind: SignerKind = SignerKind.DEVICE
    source: str | None = None
    """Name of a source that can be read again, such as a file."""
    position: int | None = None
    """How many readings of `source` are signed with this batch and those before."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one call of `sign_and_keep` did; all of it is on disk."""

    messages: tuple[SignedMessage, ...]
    already_signed: tuple[Reading, ...]
    """Readings left out because their interval had been signed before."""


class SignerState:
    """
    One key, its durable position, and the only way to sign with it.

    Args:
        store: The gateway's database.
        outbox: Where signed messages are kept; over the same store.
        signer: The key itself.
        origin: The log the messages are for.
    """

    def __init__(self, store: GatewayStore, outbox: Outbox, signer: Signer, origin: Origin) -> None:
        self._store = store
        self._outbox = outbox
        self._intervals = SignedIntervals(store)
        self._signer = signer
        self._origin = str(origin)
        self.kid: Kid = signer.public_key.kid

    def position(self) -> Position:
        """
        Read where the chain stands.

        Raises:
            SignerStateMissing: If there is no state for this key.
            SignerStateError: If the state belongs to another log.
        """
        position = read_position(self._store, self.kid)
        if position.origin != self._origin:
            raise SignerStateError(f"key signs for {position.origin}, not for {self._origin}")
        return position

    def sign_and_keep(self, batches: Sequence[Batch], *, now: Instant) -> Kept:
        """
        Sign each batch and keep it for sending; on disk before anything is returned.

        Args:
            batches: Each becomes one message; readings whose interval was signed before are
                left out, and a batch of which nothing is left makes no message.
            now: The clock's time.

        Raises:
            OutboxFull: If there is no room; nothing is signed.
            KeyClosed: If the key signs nothing more.
            ClockWentBack: If the clock is far behind the last signature.
            DeviceError: If a reading's interval has not ended (`device.reading_from_future`).
        """
        messages: list[SignedMessage] = []
        known: list[Reading] = []
        with self._store.transaction():
            position = self.position()
            check_open(position)
            signed_at = _signing_time(position, now)
            sequence, previous = position.next_sequence, position.previous
            for batch in batches:
                _check_ended(batch.readings, signed_at)
                new, skipped = self._intervals.claim(batch.readings)
                known += skipped
                self._note_progress(batch)
                if not new:
                    continue
                message = sign_message(
                    tuple(new),
                    signer=self._signer,
                    origin=self._origin,
                    epoch=position.epoch,
                    sequence=sequence,
                    previous=previous,
                    signed_at=signed_at,
                    provenance=batch.provenance,
                    signer_kind=batch.signer_kind,
                )
                # A token that signs wrongly must not cost a number that the ledger refuses.
                verify_message(message, self._signer.public_key)
                self._outbox.keep(message)
                messages.append(message)
                sequence, previous = sequence + 1, message.message_id
            if messages:
                self._store.execute(
                    "UPDATE signer SET next_sequence = ?, previous = ?, signed_at_ms = ?"
                    " WHERE kid = ?",
                    (sequence, previous, signed_at, self.kid),
                )
        return Kept(tuple(messages), tuple(known))

    def progress(self, source: str) -> int:
        """Give how many readings of a source that can be read again are signed; 0 at first."""
        row = self._store.fetch_one("SELECT position FROM progress WHERE source = ?", (source,))
        return 0 if row is None else int(row[0])

    def _note_progress(self, batch: Batch) -> None:
        if batch.source is not None and batch.position is not None:
            self._store.execute(
                "INSERT OR REPLACE INTO progress (source, position) VALUES (?, ?)",
                (batch.source, batch.position),
            )


def _signing_time(position: Position, now: Instant) -> Instant:
    """Give `now`, or the last signature's time where the clock was set back a little."""
    if now < position.signed_at - CLOCK_TOLERANCE_MS:
        raise ClockWentBack(
            f"clock is {position.signed_at - now} ms before the last signature,"
            f" {CLOCK_TOLERANCE_MS} allowed"
        )
    return max(now, position.signed_at)


def _check_ended(readings: Sequence[Reading], signed_at: Instant) -> None:
    for reading in readings:
        if reading.end_s * MILLISECONDS_PER_SECOND > signed_at:
            raise DeviceError(
                f"interval of {reading.series} ends at {reading.end_s} s, after the signing time",
                code="device.reading_from_future",
            )
