"""
Frames come off a stream whole, whatever surrounds them and however it is cut.

The oracle of the properties is a parser that looks at the whole stream at once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import ProtocolError
from devices.hj212.checksum import checksum
from devices.hj212.frames import Frame, FrameParser, encode_frame
from devices.hj212.packets import format_packet, parse_packet
from devices.hj212.regions import parse_region

SEGMENT = (
    b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&"
)
FRAME = b"##0101" + SEGMENT + b"1C80\r\n"

FRAMES = st.builds(
    lambda text: encode_frame(b"ST=31;CN=2011;MN=1;CP=&&" + text.encode() + b"&&"),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30),
)
NOISE = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"#", b"##", b"###", b"##9999", b"##0101", b"\r\n", b"##00", FRAME[:60]]),
)
STREAMS = st.lists(st.one_of(FRAMES, NOISE), max_size=8).map(b"".join)


def parse_whole(stream: bytes) -> tuple[list[Frame], int, int]:
    """Parse a stream in one piece; give frames and the two counters."""
    parser = FrameParser()
    frames = parser.feed(stream)
    return frames, parser.skipped_bytes, parser.damaged_frames


def vectors(shared: Path) -> list[dict[str, Any]]:
    """Give the frames of public sources."""
    content = (shared / "vectors" / "hj212" / "frames.json").read_text(encoding="utf-8")
    return list(json.loads(content))


@pytest.mark.shared
def test_frames_of_public_sources_are_read_and_written_again(shared: Path) -> None:
    """Annex examples of two editions and frames of the field, byte for byte."""
    cases = vectors(shared)
    for case in cases:
        (frame,) = FrameParser().feed(case["frame"].encode())
        packet = parse_packet(frame.segment)
        parse_region(packet.region)

        assert frame.intact, case["name"]
        assert f"{frame.check_value:04X}" == case["declared_crc"]
        assert encode_frame(format_packet(packet)) == case["frame"].encode()
    assert len(cases) >= 7


@pytest.mark.shared
def test_frames_of_public_sources_come_out_of_one_stream(shared: Path) -> None:
    """All of them, with noise between them, one byte at a time."""
    cases = vectors(shared)
    stream = b"noise##" + b"\x00##12".join(case["frame"].encode() for case in cases)
    parser = FrameParser()
    frames = [frame for byte in stream for frame in parser.feed(bytes([byte]))]

    assert [f"{frame.check_value:04X}" for frame in frames] == [c["declared_crc"] for c in cases]


def test_checksum_of_the_annex() -> None:
    """The example of annex A has the check value 1C80; Modbus would have another."""
    assert checksum(SEGMENT) == 0x1C80


def test_frame_may_come_in_pieces_and_with_others() -> None:
    """Two frames in one piece are two; one frame in two pieces is one."""
    parser = FrameParser()

    assert len(parser.feed(FRAME + FRAME[:20])) == 1
    assert parser.pending_bytes == 20
    assert parser.feed(FRAME[20:]) == [Frame(SEGMENT, 0x1C80, intact=True)]
    assert (parser.pending_bytes, parser.skipped_bytes) == (0, 0)


def test_line_end_may_be_missing_and_digits_small() -> None:
    """Loggers leave out CR LF, or write the check value in small letters."""
    bare = FRAME[:-6] + b"1c80"

    assert len(FrameParser().feed(bare + bare)) == 2


@pytest.mark.parametrize(
    "damaged",
    [
        FRAME.replace(b"##0101", b"##0102"),
        FRAME.replace(b"##0101", b"##0100"),
        FRAME.replace(b"##0101", b"##9999"),
        FRAME.replace(b"##0101", b"##1 01"),
        FRAME.replace(b"##0101", b"##0900"),
        FRAME.replace(b"=30", b"=31"),
        FRAME.replace(b"1C80", b"1C81"),
        FRAME[:50],
        FRAME[3:],
    ],
    ids=[
        "longer",
        "shorter",
        "endless",
        "no number",
        "swallowing",
        "value",
        "check",
        "cut",
        "head",
    ],
)
def test_damaged_frame_does_not_take_the_next_with_it(damaged: bytes) -> None:
    """Whatever is wrong with one frame, those after it are read."""
    frames = FrameParser().feed(damaged + FRAME + FRAME)

    assert frames == [Frame(SEGMENT, 0x1C80, intact=True)] * 2


def test_third_hash_sign_is_noise() -> None:
    """A frame may begin at the second of three signs."""
    assert len(FrameParser().feed(b"#" + FRAME)) == 1


def test_longer_segments_than_allowed_are_no_frames() -> None:
    """The size limit holds, and the parser waits for nothing."""
    parser = FrameParser(max_segment_bytes=100)

    assert parser.feed(FRAME) == []
    assert parser.pending_bytes == 0


def test_what_waits_is_bounded() -> None:
    """A stream that never completes a frame does not fill the memory."""
    parser = FrameParser()
    for _ in range(100):
        parser.feed(b"##4000" + b"x" * 1000)

    assert parser.pending_bytes <= 4096 + 10
    assert parser.skipped_bytes > 90_000


def test_unreadable_region_is_handed_on_unproven() -> None:
    """An encrypted region has the check value of its plain text, which is not known here."""
    encrypted = SEGMENT.replace(b"RtdInterval=30", b"\x8f\xe1\x00&&##\xff\r\n!\x91\x17\x1b")
    (frame,) = FrameParser().feed(encode_frame(encrypted, check_value=0x1C80))

    assert frame == Frame(encrypted, 0x1C80, intact=False)


def test_segment_beyond_four_digits_cannot_be_sent() -> None:
    """The length field has four digits."""
    with pytest.raises(ProtocolError, match="9999"):
        encode_frame(b"x" * 10_000)


@settings(max_examples=300, deadline=None)
@given(STREAMS, st.data())
def test_cutting_the_stream_changes_nothing(stream: bytes, data: st.DataObject) -> None:
    """Any bytes in any pieces give the same frames, and the same counts of what was none."""
    parser = FrameParser()
    frames: list[Frame] = []
    rest = stream
    while rest:
        length = data.draw(st.integers(1, len(rest)))
        frames += parser.feed(rest[:length])
        rest = rest[length:]

    assert (frames, parser.skipped_bytes, parser.damaged_frames) == parse_whole(stream)


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAMES, max_size=5), st.data())
def test_joined_frames_are_all_found(frames: list[bytes], data: st.DataObject) -> None:
    """Frames among noise that cannot begin one are found, each once, in order."""
    quiet = st.binary(max_size=8).map(lambda noise: noise.replace(b"#", b"."))
    stream = b"".join(data.draw(quiet) + frame for frame in frames)

    found, _, damaged = parse_whole(stream)

    assert [encode_frame(frame.segment) for frame in found] == frames
    assert damaged == 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_survived(stream: bytes) -> None:
    """Bytes of any kind lead to frames or to nothing, never to an error."""
    frames, skipped, _ = parse_whole(stream)

    assert skipped + sum(len(frame.segment) + 10 for frame in frames) <= len(stream)
