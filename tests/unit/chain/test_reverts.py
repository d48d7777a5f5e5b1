"""Reasons of reverts, from the bytes a node gives."""

from __future__ import annotations

import pytest

from chain.abi import Entry, encode_arguments, selector_of
from chain.reverts import decode_revert

SIZE: Entry = {
    "type": "error",
    "name": "CheckpointRegistry_SizeNotGreater",
    "inputs": [{"name": "latestSize", "type": "uint64"}, {"name": "size", "type": "uint64"}],
}
ERRORS = {selector_of(SIZE): SIZE}
REASON: Entry = {"type": "error", "name": "Error", "inputs": [{"name": "reason", "type": "string"}]}


def test_custom_error_has_its_name_and_arguments() -> None:
    """A custom error is named, with its arguments, also in the message."""
    data = selector_of(SIZE) + encode_arguments(SIZE["inputs"], (9, 7))

    refusal = decode_revert(data, errors=ERRORS)

    assert refusal.name == "CheckpointRegistry_SizeNotGreater"
    assert refusal.arguments == {"latestSize": 9, "size": 7}
    assert "SizeNotGreater(latestSize=9, size=7)" in refusal.message


def test_reason_string_is_read() -> None:
    """A reason string of an older contract is read."""
    data = bytes.fromhex("08c379a0") + encode_arguments(REASON["inputs"], ("too late",))

    assert decode_revert(data).arguments == {"reason": "too late"}


def test_panic_is_read() -> None:
    """A panic gives its code."""
    refusal = decode_revert(bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big"))

    assert (refusal.name, refusal.arguments) == ("Panic", {"code": 0x11})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x12\x34\x56",
        b"\xde\xad\xbe\xef",
        selector_of(SIZE) + b"\x01",
        b"\x08\xc3\x79\xa0\xff",
    ],
    ids=["nothing", "three bytes", "unknown", "arguments cut", "reason cut"],
)
def test_unknown_reason_is_no_crash(data: bytes) -> None:
    """Whatever bytes come, the refusal is ours and keeps them."""
    refusal = decode_revert(data, errors=ERRORS | {b"\x08\xc3\x79\xa0": REASON})

    assert refusal.name == ""
    assert b"".join(refusal.arguments.values()) == data
