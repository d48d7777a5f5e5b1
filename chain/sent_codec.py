"""
Call data that somebody sent, decoded as Solidity decodes them.

Solidity looks at the length of a text and at nothing that fills up its last word; who insisted on
zeros there could not read what a contract has taken.

Source: Solidity contract ABI specification, "Strict Encoding Mode".
"""

from __future__ import annotations

from typing import Any, Final

from eth_abi.codec import ABICodec
from eth_abi.decoding import ByteStringDecoder, ContextFramesBytesIO, decode_uint_256
from eth_abi.exceptions import InsufficientDataBytes
from eth_abi.registry import ABIRegistry, BaseEquals, registry

_BYTES: Final = "bytes"


class _AnyPadding(ByteStringDecoder):
    """Bytes of any length, whatever comes after them."""

    def read_data_from_stream(self, stream: ContextFramesBytesIO) -> bytes:
        """Read the length, and as many bytes."""
        length: int = decode_uint_256(stream)
        data: bytes = stream.read(length)
        if len(data) < length:
            raise InsufficientDataBytes(f"{length} bytes are announced and {len(data)} are there")
        return data


def _registry() -> ABIRegistry:
    known: Any = registry  # without types of its own, as what follows
    equals: Any = BaseEquals
    made: ABIRegistry = known.copy()
    made.unregister_decoder(_BYTES)
    made.register_decoder(equals(_BYTES, with_sub=False), _AnyPadding, label=_BYTES)
    return made


SENT_CODEC: Final = ABICodec(_registry())
"""For texts too, as bytes: the two are encoded alike."""
