"""
From a meter's readings to batches ready to sign: one line a meter, one import a file.

A live meter is told to forget only when everything it gave is kept. A file is read again from its
beginning after a restart and goes on where its last kept batch ended.

Source: FORMATS section 3 for what counts as back-fill; DESIGN section 3, step "measure".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final, Protocol

from attestation.enums import Provenance, SignerKind
from attestation.instants import MILLISECONDS_PER_HOUR, MILLISECONDS_PER_SECOND, Instant
from attestation.readings import Reading
from devices.meters.protocol import Meter, ReadingFile
from devices.signer_state import Batch, SignerState

READINGS_PER_MESSAGE: Final = 100
"""One signature over many readings: 3 to 4 KB, well below the entry's limit of 65 535 bytes."""
MESSAGES_AT_ONCE: Final = 20
LATENESS_MS: Final = 48 * MILLISECONDS_PER_HOUR
"""Later than this, admission wants a reading to be marked as back-fill."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one look at a meter, or one slice of a file, led to; all of it is on disk."""

    messages: int
    already_signed: int
    """Readings left out because their interval had been signed before."""
    not_ended: int
    """Readings held back because their interval has not ended by our clock."""


class Line(Protocol):
    """A source of readings with the key that signs for it."""

    @property
    def name(self) -> str:
        """Names the line on screens."""

    @property
    def state(self) -> SignerState:
        """The key that signs."""

    def measure(self, now: Instant) -> Measured:
        """Take what is there, and sign and keep it; nothing is lost when it raises."""


@dataclass(frozen=True, slots=True)
class MeterLine:
    """A live meter and the key that signs for it."""

    name: str
    meter: Meter
    state: SignerState
    readings_per_message: int = READINGS_PER_MESSAGE
    lateness_ms: int = LATENESS_MS

    def measure(self, now: Instant) -> Measured:
        """
        Read the meter, and sign and keep what it gave.

        Raises:
            MeterUnreadable: If the meter does not answer.
            OutboxFull: If there is no room; the meter gives the same readings again.
            SignerStateError: If the key may not sign.
        """
        given = self.meter.read(now)
        ended = [one for one in given if one.end_s * MILLISECONDS_PER_SECOND <= now]
        kept = self.state.sign_and_keep(self._batches(ended, now), now=now) if ended else None
        if len(ended) == len(given):
            self.meter.forget()
        return Measured(
            messages=len(kept.messages) if kept else 0,
            already_signed=len(kept.already_signed) if kept else 0,
            not_ended=len(given) - len(ended),
        )

    def _batches(self, readings: Sequence[Reading], now: Instant) -> list[Batch]:
        return [
            Batch(chunk, provenance=provenance, signer_kind=self.meter.signer)
            for provenance, group in groupby(readings, lambda one: self._provenance(one, now))
            for chunk in _chunks(group, self.readings_per_message)
        ]

    def _provenance(self, reading: Reading, now: Instant) -> Provenance:
        late = now - reading.end_s * MILLISECONDS_PER_SECOND > self.lateness_ms
        if late and self.meter.provenance is Provenance.LIVE:
            return Provenance.BACK_FILL
        return self.meter.provenance


class FileImport:
    """
    A file on its way into the outbox; can be interrupted and begun again at any time.

    Args:
        name: Names the file for good, such as its SHA-256 in hex.
        file: The file's readings, the same in the same order at each reading.
        state: The gateway's key; an import is signed by a gateway.
        readings_per_message: How many rows share a signature.
        messages_at_once: How many messages one call makes, so that live meters are read between.
    """

    def __init__(
        self,
        name: str,
        file: ReadingFile,
        state: SignerState,
        readings_per_message: int = READINGS_PER_MESSAGE,
        messages_at_once: int = MESSAGES_AT_ONCE,
    ) -> None:
        self.name = name
        self.state = state
        self._at_once = messages_at_once * readings_per_message
        self._file = file
        self._size = readings_per_message
        self._rest: Iterator[Reading] | None = None
        self._position = 0
        self._done = False

    @property
    def is_done(self) -> bool:
        """Whether every reading of the file is kept."""
        return self._done

    def measure(self, now: Instant) -> Measured:
        """
        Sign and keep the next readings of the file.

        Raises:
            OutboxFull: If there is no room; the next call tries the same readings again.
            SignerStateError: If the key may not sign.
            MeterError: If the file cannot be read.
        """
        if self._done:
            return Measured(0, 0, 0)
        rest = self._rest
        if rest is None:
            self._position = self.state.progress(self.name)
            rest = islice(self._file.readings(), self._position, None)
        self._rest = None  # what raises below begins again from what is on disk
        taken = tuple(islice(rest, self._at_once))
        kept = self.state.sign_and_keep(self._batches(taken), now=now)
        self._rest = rest
        self._position += len(taken)
        self._done = len(taken) < self._at_once
        return Measured(len(kept.messages), len(kept.already_signed), 0)

    def _batches(self, readings: Sequence[Reading]) -> list[Batch]:
        position = self._position
        batches = []
        for chunk in _chunks(iter(readings), self._size):
            position += len(chunk)
            batches.append(
                Batch(
                    chunk,
                    provenance=Provenance.IMPORT,
                    signer_kind=SignerKind.GATEWAY,
                    source=self.name,
                    position=position,
                )
            )
        return batches


def _chunks(readings: Iterator[Reading], size: int) -> Iterator[tuple[Reading, ...]]:
    """Give the readings by the message, each series of a message together: rows are read fast."""
    while chunk := sorted(islice(readings, size), key=_series_of):
        yield tuple(chunk)


def _series_of(reading: Reading) -> str:
    return reading.series
