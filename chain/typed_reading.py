"""
Structs of typed data read back from the JSON that a wallet shows: one form each, nothing else.

Numbers and bytes are text, a struct is an object with exactly its members, an array a list.

Source: EIP-712; FORMATS section 10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from attestation.errors import EncodingError
from chain.addresses import parse_address
from chain.typed_data import Struct, named_members

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,77}")
_BYTES = re.compile(r"bytes(\d+)")
_AnyStruct = TypeVar("_AnyStruct", bound=Struct)


def read_struct(kind: type[_AnyStruct], message: object) -> _AnyStruct:
    """
    Read a struct from its members by their Solidity names.

    Args:
        kind: What it is.
        message: From outside.

    Raises:
        EncodingError: If a member is missing, unknown or malformed.
    """
    members = named_members(kind)
    if not isinstance(message, Mapping) or message.keys() != {each for _, (each, _) in members}:
        raise refusal(f"an act {kind.__name__} has not exactly its fields")
    structs = kind.structs()
    values = {field: _read(text, message[name], structs) for field, (name, text) in members}
    return kind(**values)


def struct_of_values(kind: type[_AnyStruct], values: Mapping[str, Any]) -> _AnyStruct:
    """Make a struct of its members by their Solidity names, as a contract's ABI decodes them."""
    structs = kind.structs()
    members = named_members(kind)
    return kind(**{field: _value(text, values[name], structs) for field, (name, text) in members})


def refusal(message: str) -> EncodingError:
    """Make the error of JSON that is no such struct."""
    return EncodingError(message, code="encoding.typed_data")


def _value(kind: str, value: Any, structs: Mapping[str, type[Struct]]) -> Any:
    if kind.endswith("[]"):
        return tuple(_value(kind[:-2], item, structs) for item in value)
    return struct_of_values(structs[kind], value) if kind in structs else value


def _read(kind: str, value: object, structs: Mapping[str, type[Struct]]) -> object:
    if kind.endswith("[]"):
        if not isinstance(value, list | tuple):
            raise refusal(f"{value!r} is no list")
        return tuple(_read(kind[:-2], item, structs) for item in value)
    if kind in structs:
        return read_struct(structs[kind], value)
    if kind == "bool" and isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise refusal(f"{value!r} is no text")
    return _read_text(kind, value)


def _read_text(kind: str, value: str) -> object:
    if kind == "string" and value.isprintable():
        return value
    if kind == "address":
        return parse_address(value)
    if kind.startswith("uint") and _NUMBER.fullmatch(value):
        return int(value)
    if kind == "bytes" and _HEX.fullmatch(value):
        return bytes.fromhex(value[2:])
    width = _BYTES.fullmatch(kind)
    if width and _HEX.fullmatch(value) and len(value) == 2 + 2 * int(width[1]):
        return bytes.fromhex(value[2:])
    raise refusal(f"{value!r} is no {kind}")
