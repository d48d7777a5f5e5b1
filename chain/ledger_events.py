"""
What the ledger is told of the chain: keys, parties, representatives and logs.

Names and fields are those of `ledger/ports.py`. Every event has its place in the chain; two
events of one log record have the same place. What parties agree upon stands in `agreed_events`.
"""

from __future__ import annotations

from dataclasses import dataclass

from chain.agreed_events import AgreedEvent
from chain.positions import ChainPosition


@dataclass(frozen=True, slots=True)
class KeyEnrolled:
    """A device key is valid from an index on."""

    at: ChainPosition
    log_id: bytes
    kid: bytes
    algorithm: int
    """COSE algorithm with the sign dropped: 9 is ESP256, 19 is Ed25519."""
    enrolled_index: int
    record_hash: bytes
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class KeyClosed:
    """A device key is no more valid from an index on."""

    at: ChainPosition
    log_id: bytes
    kid: bytes
    closed_index: int
    reason: int
    """A `CloseReason`."""


@dataclass(frozen=True, slots=True)
class KeyCompromised:
    """What a device key signed from an index on is under suspicion."""

    at: ChainPosition
    log_id: bytes
    kid: bytes
    since_index: int


@dataclass(frozen=True, slots=True)
class PartyRegistered:
    """A party was registered."""

    at: ChainPosition
    party_id: bytes
    kind: int
    """A `PartyKind`."""
    code: str
    active: bool
    name: str = ""
    """Registered name."""


@dataclass(frozen=True, slots=True)
class RepresentativeChanged:
    """A person's key has another role from a time on; one event for each person behind a key."""

    at: ChainPosition
    party_id: bytes
    address: bytes
    person: bytes
    role: int
    """A `RepresentativeRole`; `NONE` where the key ends."""
    active_from_s: int


@dataclass(frozen=True, slots=True)
class LogRegistered:
    """A log was opened or closed, or has another operator."""

    at: ChainPosition
    log_id: bytes
    state: int
    """A `LogState`."""
    operator: bytes
    """20 bytes; zero where it is closed."""
    vkey_hash: bytes


LedgerEvent = (
    KeyEnrolled
    | KeyClosed
    | KeyCompromised
    | PartyRegistered
    | RepresentativeChanged
    | LogRegistered
    | AgreedEvent
)
