"""MQTT packets of messages and their acknowledgements, as a broker may send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BrokerUnavailable
from devices.flow import InFlight
from devices.packets import (
    PUBACK,
    PUBLISH,
    Published,
    encode_puback,
    encode_publish,
    packet_end,
    parse_puback,
    parse_publish,
    type_of,
)


@pytest.mark.parametrize("has_properties", [True, False], ids=["MQTT 5", "MQTT 3.1.1"])
@pytest.mark.parametrize("length", [0, 1, 100, 200, 20_000, 65_535, 2_200_000])
def test_publish_is_read_back(length: int, has_properties: bool) -> None:
    """Lengths of one to four bytes, with and without properties."""
    packet = encode_publish(513, "a/b", bytes(length), has_properties=has_properties)

    assert type_of(packet) == PUBLISH
    assert packet_end(packet + b"\x40") == len(packet)
    found = parse_publish(packet, has_properties=has_properties)
    assert found == Published(513, "a/b", bytes(length))


def test_packet_that_is_not_there_whole_has_no_end() -> None:
    """Wherever the network cuts it, a packet is waited for."""
    packet = encode_publish(1, "a/b", bytes(200), has_properties=True)

    assert [packet_end(packet[:at]) for at in range(len(packet))] == [None] * len(packet)


def test_properties_are_passed_over() -> None:
    """Whatever a broker adds to a message, the payload is what follows it."""
    properties = b"\x26\x00\x01k\x00\x01v"
    body = b"\x00\x01t\x00\x07" + bytes((len(properties),)) + properties + b"payload"

    packet = bytes((0x3B, len(body))) + body
    assert parse_publish(packet, has_properties=True) == Published(7, "t", b"payload")


def test_message_with_qos_0_has_no_packet_id() -> None:
    """It cannot be acknowledged."""
    assert parse_publish(b"\x30\x05\x00\x01t\x00x", has_properties=True) == Published(0, "t", b"x")


def test_topic_that_is_no_text_is_no_topic() -> None:
    """It names no gateway, and its message is not taken for another's."""
    packet = encode_publish(1, "ab", b"x", has_properties=False).replace(b"ab", b"\xff\xfe")

    assert parse_publish(packet, has_properties=False).topic == ""


@pytest.mark.parametrize(
    "packet",
    [
        b"\x32\x00",
        b"\x32\x02\x00\x01",
        b"\x32\x05\x00\x05t\x00\x01",
        b"\x32\x05\x00\x01t\x00\x01",
        b"\x32\x06\x00\x01t\x00\x01\x05",
        b"\x32\x06\x00\x01t\x00\x01\x80",
        b"\x32\x06\x00\x01t\x00\x00\x00",
        b"\x34\x06\x00\x01t\x00\x01\x00",
        b"\x36\x06\x00\x01t\x00\x01\x00",
        b"\x32\x09\x00\x01t\x00\x01\x80\x80\x80\x80",
    ],
    ids=[
        "empty",
        "no topic",
        "topic cut off",
        "no properties",
        "properties cut off",
        "length cut off",
        "id 0",
        "qos 2",
        "qos 3",
        "length of five bytes",
    ],
)
def test_malformed_publish_ends_the_connection(packet: bytes) -> None:
    """What a broker must not send is an error of the broker, and no message."""
    with pytest.raises(BrokerUnavailable, match="the broker sent"):
        parse_publish(packet, has_properties=True)


def test_length_of_five_bytes_is_no_packet() -> None:
    """MQTT knows no such length."""
    with pytest.raises(BrokerUnavailable, match="four bytes"):
        packet_end(b"\x30\xff\xff\xff\xff\x01")


def test_acknowledgement_is_read_back() -> None:
    """Ours says nothing but the number."""
    packet = encode_puback(0xABCD)

    assert (type_of(packet), packet_end(packet)) == (PUBACK, 4)
    assert parse_puback(packet) == (0xABCD, 0)


@pytest.mark.parametrize(("tail", "code"), [("", 0), ("87", 0x87), ("1000", 0x10)])
def test_reason_may_be_left_out(tail: str, code: int) -> None:
    """No reason code says success."""
    body = b"\x00\x02" + bytes.fromhex(tail)

    assert parse_puback(bytes((0x40, len(body))) + body) == (2, code)


def test_acknowledgement_without_number_is_malformed() -> None:
    """It acknowledges nothing."""
    with pytest.raises(BrokerUnavailable, match="PUBACK"):
        parse_puback(b"\x40\x01\x00")


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_give_a_value_or_our_error(body: bytes, has_properties: bool) -> None:
    """Nothing a broker sends breaks the thread that reads it."""
    for first in (0x30, 0x32, 0x40):
        packet = bytes((first, len(body))) + body
        try:
            if first == PUBACK:
                parse_puback(packet)
            else:
                parse_publish(packet, has_properties=has_properties)
        except BrokerUnavailable:
            continue


def test_packet_ids_go_round_and_are_free() -> None:
    """No id is given twice at a time, 0 never, and that of the client's SUBSCRIBE not first."""
    flight = InFlight()
    first = flight.free_mid()
    flight.add(first, 100)
    later = [flight.free_mid() for _ in range(65_535)]

    assert first == 2
    assert first not in later
    assert set(later) <= set(range(1, 65_536))
