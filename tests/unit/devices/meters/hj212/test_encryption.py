"""Encrypted regions open with the station's key, and are refused with any other or none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import RegionEncrypted
from devices.hj212.checksum import checksum
from devices.hj212.encryption import decrypt_region, encrypt_region, open_frame
from devices.hj212.frames import Frame, FrameParser, encode_frame

KEY = b"0" * 16
HEAD = b"QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&"
REGION = b"DataTime=20240601085857;a34013-Rtd=12.34,a34013-Flag=N"
PLAIN = HEAD + REGION + b"&&"


def received(sent: bytes) -> Frame:
    """Give a frame as it comes off the line."""
    (frame,) = FrameParser().feed(sent)
    return frame


def encrypted(region: bytes, *, check_value: int = checksum(PLAIN)) -> Frame:
    """Give the frame of an encrypted region, with the check value of the plain segment."""
    return received(encode_frame(HEAD + region + b"&&", check_value=check_value))


def test_cipher_is_sm4() -> None:
    """The example of GB/T 32907-2016, annex A.1."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")

    assert encrypt_region(block, block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_what_is_left_of_16_bytes_stays_plain() -> None:
    """There is no padding: the last bytes that fill no group are sent as they are."""
    region = encrypt_region(REGION, KEY)

    assert len(region) == len(REGION) == 54
    assert region[48:] == REGION[48:] != region[:6]


def test_right_key_opens_the_region() -> None:
    """The check value proves that the key was right."""
    assert open_frame(encrypted(encrypt_region(REGION, KEY)), KEY) == PLAIN


def test_printed_form_is_read_too() -> None:
    """Some loggers send the cipher text as the standard prints it."""
    groups, tail = encrypt_region(REGION, KEY)[:48], REGION[48:]
    printed = b"{" + ",".join(f"0x{byte:02X}" for byte in groups).encode() + b"}" + tail

    assert open_frame(encrypted(printed), KEY) == PLAIN


def test_check_value_of_the_cipher_text_is_accepted_where_the_key_makes_sense_of_it() -> None:
    """Loggers that reckon the check value last are understood all the same."""
    segment = HEAD + encrypt_region(REGION, KEY) + b"&&"
    frame = received(encode_frame(segment))

    assert frame.intact
    assert open_frame(frame, KEY) == PLAIN
    with pytest.raises(RegionEncrypted, match="does not open"):
        open_frame(frame, b"1" * 16)


def test_no_key_is_a_typed_refusal() -> None:
    """Without a key nothing is taken, and it is said why."""
    with pytest.raises(RegionEncrypted, match="no key"):
        open_frame(encrypted(encrypt_region(REGION, KEY)), None)


@pytest.mark.parametrize("place", [0, 15, 16, 47])
def test_wrong_key_or_changed_byte_is_refused(place: int) -> None:
    """A key that does not fit, or a byte changed on the way, does not pass the check value."""
    region = bytearray(encrypt_region(REGION, KEY))
    with pytest.raises(RegionEncrypted, match="does not open"):
        open_frame(encrypted(bytes(region)), b"1" * 16)

    region[place] ^= 1
    with pytest.raises(RegionEncrypted, match="does not open"):
        open_frame(encrypted(bytes(region)), KEY)


def test_plain_frame_needs_no_key() -> None:
    """A station with a key may still send plain text; an empty region is plain."""
    assert open_frame(received(encode_frame(PLAIN)), KEY) == PLAIN
    empty = HEAD + b"&&"
    assert open_frame(received(encode_frame(empty)), KEY) == empty


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.binary(min_size=16, max_size=16))
def test_decrypting_undoes_encrypting(region: bytes, key: bytes) -> None:
    """For any region and key, unless the cipher text happens to look printed."""
    sent = encrypt_region(region, key)

    assert sent.startswith(b"{0x") or sent.startswith(b"{}") or decrypt_region(sent, key) == region
