"""
Frames on the line (通讯包): a stream of bytes, in any pieces, to whole data segments.

`##`, length in four decimal digits, data segment, check value in four hexadecimal digits, CR LF.
The parser never guesses: what is no frame is skipped and counted, and the search goes on at the
next byte, so that a damaged length cannot swallow the frames after it. How the stream is cut into
pieces changes nothing.

An encrypted segment (HJ 212-2025) carries the check value of its plain text; it is handed on
unproven (`intact` false) and judged where the key is.

Source: HJ 212-2017, section 6.3; HJ 212-2025, sections 6.3 and 6.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from devices.errors import ProtocolError
from devices.hj212.checksum import checksum

MAX_SEGMENT_BYTES: Final = 4096
"""Longest data segment taken; the standard allows 1024, and loggers exceed it."""
LENGTH_LIMIT: Final = 9999
"""Four digits hold no more."""

_START: Final = b"##"
_HEADER_BYTES: Final = 6
_CHECK_BYTES: Final = 4
_END: Final = b"\r\n"
_NEXT_FRAME: Final = re.compile(rb"\r\n##\d{4}")
_REGION_START: Final = b"CP=&&"
_REGION_END: Final = b"&&"
_PRINTABLE: Final = re.compile(rb"[\x20-\x7e]*")
_SEPARATORS: Final = b"\r\n"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, taken off the line."""

    segment: bytes
    """The data segment; up to `LENGTH_LIMIT` bytes, as they came."""
    check_value: int
    """The 16-bit check value that came with it."""
    intact: bool
    """Whether the check value is that of the segment; only an encrypted one may differ."""


def encode_frame(segment: bytes, *, check_value: int | None = None) -> bytes:
    """
    Make a frame of a data segment.

    Args:
        segment: The data segment.
        check_value: The check value of the plain text, where the segment is encrypted.

    Raises:
        ProtocolError: If the segment is too long for four digits.
    """
    if len(segment) > LENGTH_LIMIT:
        raise ProtocolError(f"a segment of {len(segment)} bytes, at most {LENGTH_LIMIT} fit")
    value = checksum(segment) if check_value is None else check_value
    return b"##%04d%b%04X\r\n" % (len(segment), segment, value)


class FrameParser:
    """
    The receiving end of one connection.

    Args:
        max_segment_bytes: Longer claims are no frames.
    """

    def __init__(self, *, max_segment_bytes: int = MAX_SEGMENT_BYTES) -> None:
        self._max_segment_bytes = max_segment_bytes
        self._buffer = bytearray()
        self.skipped_bytes = 0
        """Bytes that were no part of a frame, line ends between frames not counted."""
        self.damaged_frames = 0
        """Frames in form whose check value was wrong."""

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait for the rest of their frame; bounded by the longest frame."""
        return len(self._buffer)

    def feed(self, received: bytes) -> list[Frame]:
        """Take in the next piece of the stream, and give the frames that it completes."""
        self._buffer += received
        frames: list[Frame] = []
        position = 0
        while True:
            position = self._next_start(position)
            end = self._claimed_end(position)
            if end is None:
                break
            frame = self._frame(position, end) if end > position else None
            if frame is None:
                # Only the first `#` is given up: the frame may begin at the second.
                position = self._skip(position, position + 1)
                continue
            frames.append(frame)
            position = end
        del self._buffer[:position]
        return frames

    def _next_start(self, position: int) -> int:
        """Go to the next `##`, or to where one may yet begin."""
        found = self._buffer.find(_START, position)
        if found < 0:
            found = len(self._buffer) - self._buffer.endswith(b"#", position)
        return self._skip(position, found)

    def _skip(self, position: int, end: int) -> int:
        skipped = bytes(self._buffer[position:end])
        self.skipped_bytes += len(skipped.translate(None, delete=_SEPARATORS))
        return end

    def _claimed_end(self, position: int) -> int | None:
        """
        Say where the frame that may begin at `position` ends.

        Returns:
            None while more bytes must come; `position` itself if no frame begins there.
        """
        header = self._buffer[position : position + _HEADER_BYTES]
        digits = header[len(_START) :]
        if digits and not (digits.isdigit() and digits.isascii()):
            return position
        if len(header) < _HEADER_BYTES:
            return None
        length = int(digits)
        if length > self._max_segment_bytes:
            return position
        end = position + _HEADER_BYTES + length + _CHECK_BYTES
        if _NEXT_FRAME.search(self._buffer, position, end):
            return position
        return None if len(self._buffer) < end else end

    def _frame(self, position: int, end: int) -> Frame | None:
        """Give the frame in `[position, end)`, or None if it is none."""
        segment = bytes(self._buffer[position + _HEADER_BYTES : end - _CHECK_BYTES])
        digits = bytes(self._buffer[end - _CHECK_BYTES : end])
        # Cheap looks first: the check value is reckoned only for what has the form of a segment.
        if not _is_hexadecimal(digits) or not segment.endswith(_REGION_END):
            return None
        check_value = int(digits, 16)
        if checksum(segment) == check_value:
            return Frame(segment, check_value, intact=True)
        if _may_be_encrypted(segment):
            return Frame(segment, check_value, intact=False)
        self.damaged_frames += 1
        return None


def _is_hexadecimal(digits: bytes) -> bool:
    return re.fullmatch(rb"[0-9A-Fa-f]{4}", digits) is not None


def _may_be_encrypted(segment: bytes) -> bool:
    """Say whether the segment has a readable head and a data region that is not readable."""
    head, found, rest = segment.partition(_REGION_START)
    region = rest.removesuffix(_REGION_END)
    if not found or not _PRINTABLE.fullmatch(head):
        return False
    return region.startswith(b"{0x") or not _PRINTABLE.fullmatch(region)
