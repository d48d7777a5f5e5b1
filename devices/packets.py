"""
MQTT packets that carry messages and acknowledge them, with QoS 1; all others are the client's.

The client takes longer over the properties of one PUBLISH than admission takes over its readings,
and they say nothing we use.

Source: MQTT 5.0, sections 1.5.5 (variable byte integer), 2.1 (fixed header), 3.3 (PUBLISH) and
3.4 (PUBACK); MQTT 3.1.1, where they have no properties.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from devices.errors import BrokerUnavailable

PUBLISH, PUBACK = 0x30, 0x40
_QOS_1: Final = 0x02
_TYPE: Final = 0xF0
_MAX_INTEGER_BYTES: Final = 4
_MORE: Final = 0x80


class Published(NamedTuple):
    """What came in a PUBLISH."""

    mid: int
    """Packet id; 0 where the quality of service is 0."""
    topic: str
    """Empty where it is not UTF-8: no broker passes such a topic on, and it names no gateway."""
    payload: bytes


def packet_end(arrived: bytes) -> int | None:
    """
    Give the length of the packet that begins what arrived; None while it is not there whole.

    Raises:
        BrokerUnavailable: If it does not begin with the head of a packet.
    """
    length, at = _variable_integer(arrived, 1)
    if at is None or at + length > len(arrived):
        return None
    return at + length


def type_of(packet: bytes) -> int:
    """Give a packet's type: the upper half of its first byte, such as `PUBLISH`."""
    return packet[0] & _TYPE


def encode_publish(mid: int, topic: str, payload: bytes, *, has_properties: bool) -> bytes:
    """Write a PUBLISH with QoS 1, without properties."""
    name = topic.encode()
    none = b"\0" if has_properties else b""
    length = 2 + len(name) + 2 + len(none) + len(payload)
    return b"".join(
        (
            bytes((PUBLISH | _QOS_1, *_encode_variable_integer(length))),
            *(len(name).to_bytes(2, "big"), name),
            *(mid.to_bytes(2, "big"), none, payload),
        )
    )


def encode_puback(mid: int) -> bytes:
    """Write a PUBACK that says the message is taken."""
    return bytes((PUBACK, 2, mid >> 8, mid & 0xFF))


def parse_puback(packet: bytes) -> tuple[int, int]:
    """
    Read a PUBACK: packet id and reason code, which is 0 where it is left out.

    Args:
        packet: The whole packet, from outside.

    Raises:
        BrokerUnavailable: If it is malformed.
    """
    _, at = _variable_integer(packet, 1)
    if at is None or len(packet) < at + 2:
        raise BrokerUnavailable("the broker sent a malformed PUBACK")
    mid = int.from_bytes(packet[at : at + 2], "big")
    return mid, packet[at + 2] if len(packet) > at + 2 else 0


def parse_publish(packet: bytes, *, has_properties: bool) -> Published:
    """
    Read a PUBLISH.

    Args:
        packet: The whole packet, from outside.
        has_properties: Whether the connection speaks MQTT 5.

    Raises:
        BrokerUnavailable: If it is malformed, or of a quality of service never asked for.
    """
    _, topic_at = _variable_integer(packet, 1)
    topic_at = (topic_at or len(packet)) + 2
    at = topic_end = topic_at + int.from_bytes(packet[topic_at - 2 : topic_at], "big")
    quality, mid = packet[0] >> 1 & 3, 0
    if quality:
        at += 2
        mid = int.from_bytes(packet[topic_end:at], "big")
    if has_properties:
        length, properties_at = _variable_integer(packet, at)
        at = len(packet) + 1 if properties_at is None else properties_at + length
    if at > len(packet) or quality > 1 or (mid == 0) == (quality == 1):
        raise BrokerUnavailable("the broker sent a malformed PUBLISH")
    try:
        topic = packet[topic_at:topic_end].decode()
    except UnicodeDecodeError:
        topic = ""
    return Published(mid, topic, packet[at:])


def _encode_variable_integer(number: int) -> Iterator[int]:
    while number >= _MORE:
        yield number & ~_MORE & 0xFF | _MORE
        number >>= 7
    yield number


def _variable_integer(encoded: bytes, start: int) -> tuple[int, int | None]:
    """Read an integer of up to four bytes, and give the place after it; None if it is cut off."""
    number = 0
    for place in range(_MAX_INTEGER_BYTES):
        if start + place >= len(encoded):
            return 0, None
        byte = encoded[start + place]
        number |= (byte & ~_MORE) << 7 * place
        if byte < _MORE:
            return number, start + place + 1
    raise BrokerUnavailable("the broker sent a packet whose length has more than four bytes")
