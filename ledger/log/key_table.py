"""
The keys and series that messages are judged by, as one value that travels to worker processes.

It is made from the read models of registered keys and series, and carries their version; a
worker that holds an older version says so and is given the newer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestation.enums import SignerKind
from attestation.instants import Instant
from attestation.keys import PublicKey
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """What is registered of one series."""

    index: int
    """Index of the record that registered it: its name in derived tables."""
    unit: str
    register: bool
    since_s: int
    """First second it is expected to speak of."""
    max_lateness_ms: int
    """Live readings may end at most so long before they are signed."""
    minimum: int
    """Least plausible value times 10**bound_scale."""
    maximum: int
    """Greatest plausible value times 10**bound_scale."""
    bound_scale: int


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """One key that is enrolled in one log."""

    log: LogNumber
    origin: str
    key: PublicKey
    signer: SignerKind
    first_epoch: int
    """The epoch its first message opens."""
    not_before: Instant
    """Begin of the validity of its certificates."""
    not_after: Instant
    """End of the validity of its certificates, included."""
    series: Mapping[str, SeriesRule]
    """What it may speak of, by series id."""
    closed_index: int | None = None
    """First index at which it no longer speaks; None while it is open."""
    last_granted: tuple[int, int] | None = None
    """(epoch, sequence) up to which later messages of a rotated or decommissioned key count."""


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Every enrolled key, by key id; a key may be enrolled in several logs."""

    version: int
    keys: Mapping[bytes, tuple[EnrolledKey, ...]]

    def enrolled(self, kid: bytes, log: LogNumber) -> EnrolledKey:
        """
        Give a key that is enrolled in a log.

        Raises:
            KeyError: If it is not.
        """
        for key in self.keys[kid]:
            if key.log == log:
                return key
        raise KeyError(log)
