"""
Whose message some admitted bytes are, read where a header has its one form.

Only for bytes that admission has parsed: nothing is checked here. It takes a fifth of the time of
parsing the header, which counts where every entry of a log passes by.

Source: `docs/formats/signed-message.md`, section 2 (order and encoding of the labels).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from attestation.messages import parse_header

# d2 84 58 len | a9 01 alg 03 18 70 04 58 20 kid | 3a 00 01 11 70 epoch | 3a 00 01 11 71 sequence
_KID_AT: Final = 13
_EPOCH_AT: Final = 50
_LABEL_LENGTH: Final = 5
_EPOCH_LABEL: Final = b"\x3a\x00\x01\x11\x70"
_SEQUENCE_LABEL: Final = b"\x3a\x00\x01\x11\x71"
_SMALL: Final = 0x18
"""CBOR integers below it are their own first byte; above it stand 1, 2, 4 or 8 bytes."""


class MessagePlace(NamedTuple):
    """The numbers that no other message of a log has."""

    kid: bytes
    """32 bytes."""
    epoch: int
    sequence: int


def place_of(content: bytes) -> MessagePlace:
    """
    Read the place of an admitted message.

    Raises:
        EncodingError: If the bytes are not a message at all.
    """
    epoch, after = _integer(content, _EPOCH_AT)
    sequence, _ = _integer(content, after + _LABEL_LENGTH)
    is_usual = (
        content[_EPOCH_AT - _LABEL_LENGTH : _EPOCH_AT] == _EPOCH_LABEL
        and content[after : after + _LABEL_LENGTH] == _SEQUENCE_LABEL
    )
    if not is_usual:
        header = parse_header(content)
        return MessagePlace(header.kid, header.epoch, header.sequence)
    return MessagePlace(content[_KID_AT : _KID_AT + 32], epoch, sequence)


def _integer(content: bytes, at: int) -> tuple[int, int]:
    """Read an unsigned CBOR integer and the place after it; 0 where there is none."""
    first = content[at] if at < len(content) else 0
    if first < _SMALL:
        return first, at + 1
    end = at + 1 + (1 << (first - _SMALL) % 4)
    return int.from_bytes(content[at + 1 : end], "big"), end
