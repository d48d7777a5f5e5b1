"""
Topics of the courier: one `up` and one `down` for each gateway.

The name of a gateway on the broker is the subject of its TLS certificate as Mosquitto writes it,
`CN=<gateway>,O=<usc>`. An enterprise's certificate authority can issue only under its own `O=`,
and the broker lets a subject write only to its own `up`. The ledger does not rely on it:
a message proves its device by its signature.

Source: FORMATS section 7; MQTT 5.0 section 4.7; RFC 4514 for the order in the subject's text
(the certificate encodes `O` before `CN`, the text shows them in reverse).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from attestation.errors import EncodingError
from attestation.ids import parse_gateway_id, parse_usc

ALL_UP: Final = "cs/v1/+/up"
"""Filter of every gateway's messages; only the ledger may subscribe to it."""

_UP = re.compile(r"cs/v1/CN=([a-z0-9-]{1,40}),O=([0-9A-Z]{18})/up")
_SHARE_GROUP = re.compile(r"[a-z0-9-]{1,40}")
_REMEMBERED: Final = 16_384  # gateways whose topics need not be read again with each message


@dataclass(frozen=True, slots=True)
class GatewayName:
    """A gateway connection: its id within the enterprise, and the enterprise."""

    gateway: str
    """1 to 40 characters of `[a-z0-9-]`."""
    usc: str
    """Unified social credit code (统一社会信用代码) of the enterprise."""

    def __post_init__(self) -> None:
        parse_gateway_id(self.gateway)
        parse_usc(self.usc)

    @property
    def subject(self) -> str:
        """The certificate subject as the broker shows it, also the client id and user name."""
        return f"CN={self.gateway},O={self.usc}"

    @property
    def up(self) -> str:
        """The topic this gateway publishes signed messages to."""
        return f"cs/v1/{self.subject}/up"

    @property
    def down(self) -> str:
        """The topic this gateway receives signed answers from."""
        return f"cs/v1/{self.subject}/down"


@lru_cache(maxsize=_REMEMBERED)
def parse_up_topic(topic: str) -> GatewayName:
    """
    Read which gateway an `up` topic belongs to; untrusted, good for routing answers back.

    Raises:
        EncodingError: If the topic has another form, or the credit code does not hold.
    """
    match = _UP.fullmatch(topic)
    if match is None:
        raise EncodingError(f"not a gateway's topic: {topic!r}", code="encoding.topic")
    return GatewayName(gateway=match[1], usc=match[2])


def up_filter(share_group: str | None = None) -> str:
    """
    Give the filter of all gateways' messages, shared among the members of a group if one is named.

    Raises:
        EncodingError: If the group's name is not 1 to 40 characters of `[a-z0-9-]`.

    Source: MQTT 5.0, section 4.8.2.
    """
    if share_group is None:
        return ALL_UP
    if not _SHARE_GROUP.fullmatch(share_group):
        raise EncodingError(f"not a share group: {share_group!r}", code="encoding.topic")
    return f"$share/{share_group}/{ALL_UP}"
