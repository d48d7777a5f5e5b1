"""
What the gateway asks of a meter, whichever kind it is.

Two kinds: a live meter is asked again and again (`Meter`), a file is read once (`ReadingFile`).
Three rules hold for both, so that the ledger can judge what is missing:

* a reading has an interval that ends at a whole slot of the series' cadence, or length 0;
* a register's standing (表底) carries the interval since the slot before, so that its coverage
  is as visible as that of amounts;
* what could not be read is not there; it is never zero and never repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from attestation.enums import Provenance, SignerKind
from attestation.instants import Instant
from attestation.readings import Reading


class Meter(Protocol):
    """A meter that is asked for its newest readings."""

    provenance: Provenance
    """How the message that carries the readings came to be sent."""
    signer: SignerKind
    """Who signs for the meter; the gateway, for all that cannot sign themselves."""

    def read(self, now: Instant) -> Sequence[Reading]:
        """
        Give the readings that are due at `now`, oldest first; none where none is due.

        May give the same readings again until `forget` is called.

        Raises:
            MeterUnreadable: If the meter does not answer; asking later may help.
        """

    def forget(self) -> None:
        """Let go of what the last `read` gave: it is in the outbox, on disk."""


class ReadingFile(Protocol):
    """A file of readings, imported once."""

    def readings(self) -> Iterator[Reading]:
        """Give every reading of the file, in the file's order."""
