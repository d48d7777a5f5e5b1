"""
What a session with the broker is made of: address, settings, what arrives and what becomes of
what is sent.

Source: MQTT 5.0, sections 3.1.2 (session), 3.4.2 (reason codes of PUBACK), 4.9 (flow control).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, whom to trust and who we are; all files are PEM."""

    host: str
    """A name or address that stands in the broker's certificate."""
    port: int
    authorities: Path
    """Certificates of the authorities that may have issued the broker's certificate."""
    certificate: Path
    """Our certificate, followed by those between it and the platform root."""
    private_key: Path
    password: bytes | None = None


class ProtocolChoice(StrEnum):
    """Which version of MQTT to speak."""

    AUTO = "auto"
    """5, and 3.1.1 with a broker that does not know it."""
    MQTT_5 = "5"
    MQTT_3_1_1 = "3.1.1"


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What the session is; the defaults hold for gateway and ledger alike."""

    client_id: str
    """Fixed, and the certificate's subject: the broker allows no other."""
    subscriptions: tuple[str, ...] = ()
    receive_maximum: int = 100
    """Arrivals that may be unacknowledged; also the bound of our memory."""
    window: int = 200
    """Messages of ours that may be unacknowledged."""
    session_expiry_s: int = 7 * 86_400
    """How long the broker queues for us while we are away."""
    keepalive_s: int = 30
    reconnect_min_s: float = 0.5
    reconnect_max_s: float = 60.0
    answer_timeout_s: float = 4.0
    """A broker that leaves CONNECT unanswered for longer is spoken to in the other version."""
    acknowledgement_timeout_s: float = 60.0
    """A broker that takes longer to acknowledge is left and connected again."""
    protocol: ProtocolChoice = ProtocolChoice.AUTO


class PublishOutcome(StrEnum):
    """What became of a message handed to the broker."""

    TAKEN = "taken"
    """Queued for at least one subscriber."""
    NO_SUBSCRIBER = "no_subscriber"
    """Reason code 0x10: nobody has a subscription; not delivered."""
    NOT_AUTHORISED = "not_authorised"
    QUOTA_EXCEEDED = "quota_exceeded"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    LOST = "lost"
    """The connection ended before the broker answered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that arrived, to be acknowledged once it is safe."""

    generation: int
    mid: int
    topic: str
    payload: bytes
    arrival: int
    """Number of the arrival within its generation, from 0."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of one `publish`, by the token it gave."""

    token: int
    outcome: PublishOutcome
