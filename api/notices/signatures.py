"""
Signatures of webhooks: HMAC-SHA-256 with a secret of the endpoint, Ed25519 with the server's key.

What is signed is `{id}.{timestamp}.{payload}`, so that a receiver refuses what is old, and what it
has seen. Two secrets live while one takes the other's place: one signature for each.

Source: Standard Webhooks 1.0.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.keys import SoftwareKey

SECRET_LENGTH: Final = 32
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - a prefix
_PUBLIC_PREFIX: Final = "whpk_"


@dataclass(frozen=True, slots=True)
class Signed:
    """A message as it is sent."""

    headers: dict[str, str]
    payload: bytes


def new_secret() -> bytes:
    """Draw a secret, 32 bytes."""
    return secrets.token_bytes(SECRET_LENGTH)


def format_secret(secret: bytes) -> str:
    """Write a secret as receivers' libraries take it."""
    return _SECRET_PREFIX + base64.b64encode(secret).decode()


def format_public_key(key: SoftwareKey) -> str:
    """Write the server's public key as receivers' libraries take it."""
    return _PUBLIC_PREFIX + base64.b64encode(key.public_key.raw).decode()


def sign_message(
    message: str,
    payload: bytes,
    *,
    live: Iterable[bytes],
    key: SoftwareKey,
    now: Instant,
) -> Signed:
    """
    Sign a message as it is sent now.

    Args:
        message: Its id, the same at each attempt.
        payload: JSON in UTF-8.
        live: The endpoint's secrets.
        key: The server's Ed25519 key.
        now: Of this attempt.
    """
    timestamp = now // MILLISECONDS_PER_SECOND
    content = f"{message}.{timestamp}.".encode() + payload
    signatures = [f"v1,{_text(hmac.digest(secret, content, 'sha256'))}" for secret in live]
    signatures.append(f"v1a,{_text(key.sign(content))}")
    headers = {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
    return Signed(headers, payload)


def _text(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
