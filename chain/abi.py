"""
Calls, results, events and errors of a contract, encoded and decoded by its ABI.

Addresses and fixed bytes are `bytes`, numbers `int`, structs dictionaries by field name.
What does not decode never leaks the codec's own exceptions. A contract takes any bytes for a text,
from whoever may sign: what is no UTF-8, and NUL, which databases refuse, is read as U+FFFD.

Source: Solidity contract ABI specification; `eth_abi` is the codec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_abi.exceptions import EncodingError as CodecEncodingError

from attestation.errors import EncodingError
from attestation.ids import keccak256
from chain.errors import ArtifactError, NodeUnavailable
from chain.sent_codec import SENT_CODEC
from chain.values import RawLog

Entry = Mapping[str, Any]
SELECTOR_LENGTH = 4
_DYNAMIC = ("string", "bytes")


@dataclass(frozen=True, slots=True)
class Event:
    """A contract's event with its arguments by name, and the log record it was read from."""

    name: str
    arguments: Mapping[str, Any]
    log: RawLog


class Interface:
    """What one contract's ABI lets one say to it and read from it."""

    def __init__(self, abi: Iterable[Entry]) -> None:
        entries = tuple(abi)
        self._functions = _by_name(entries, "function")
        self._events = {_topic(entry): entry for entry in entries if entry["type"] == "event"}
        self._constructor = next((e for e in entries if e["type"] == "constructor"), None)
        self.errors: Mapping[bytes, Entry] = {
            selector_of(entry): entry for entry in entries if entry["type"] == "error"
        }

    def encode_call(self, name: str, *arguments: object) -> bytes:
        """
        Give the call data of a function.

        Raises:
            EncodingError: If an argument does not fit its type.
        """
        entry = self._function(name, len(arguments))
        return selector_of(entry) + encode_arguments(entry["inputs"], arguments)

    def encode_constructor(self, *arguments: object) -> bytes:
        """Give the constructor's arguments as they follow the creation code."""
        inputs = self._constructor["inputs"] if self._constructor else ()
        return encode_arguments(inputs, arguments)

    def decode_result(self, name: str, data: bytes) -> Any:
        """
        Read a function's result: the value where there is one, else a dictionary by name.

        Raises:
            NodeUnavailable: If the bytes are not such a result.
        """
        outputs = self._function(name)["outputs"]
        values = decode_arguments(outputs, data)
        return next(iter(values.values())) if len(outputs) == 1 else values

    def decode_call(self, data: bytes) -> tuple[str, dict[str, Any]] | None:
        """
        Read call data: the function's name and its arguments by name; None for another's.

        Anybody may have written them: padding, at which a contract does not look, may be anything.

        Raises:
            NodeUnavailable: If the arguments do not decode.
        """
        selector, rest = data[:SELECTOR_LENGTH], data[SELECTOR_LENGTH:]
        for entries in self._functions.values():
            for entry in entries:
                if selector_of(entry) == selector:
                    return entry["name"], decode_arguments(entry["inputs"], rest, is_sent=True)
        return None

    def decode_log(self, log: RawLog) -> Event | None:
        """Read a log record, or give None where it is not an event of this contract."""
        entry = self._events.get(log.topics[0]) if log.topics else None
        if entry is None:
            return None
        indexed = [field for field in entry["inputs"] if field["indexed"]]
        plain = [field for field in entry["inputs"] if not field["indexed"]]
        if len(log.topics) != len(indexed) + 1:
            return None
        arguments = decode_arguments(plain, log.data)
        for field, topic in zip(indexed, log.topics[1:], strict=True):
            arguments[field["name"]] = _decode_topic(field, topic)
        return Event(entry["name"], arguments, log)

    def topic(self, event_name: str) -> bytes:
        """Give the first topic of an event, 32 bytes."""
        for topic, entry in self._events.items():
            if entry["name"] == event_name:
                return topic
        raise ArtifactError(f"no event {event_name} in this contract")

    def selector(self, name: str) -> bytes:
        """Give a function's selector, 4 bytes."""
        return selector_of(self._function(name))

    @property
    def selectors(self) -> Mapping[bytes, str]:
        """All functions: selector to signature."""
        return {
            selector_of(entry): signature_of(entry)
            for entries in self._functions.values()
            for entry in entries
        }

    def _function(self, name: str, arity: int | None = None) -> Entry:
        candidates = [
            entry
            for entry in self._functions.get(name, ())
            if arity is None or len(entry["inputs"]) == arity
        ]
        if len(candidates) != 1:
            raise ArtifactError(f"{len(candidates)} functions {name} with {arity} arguments")
        return candidates[0]


def signature_of(entry: Entry) -> str:
    """Give `name(type,…)` of a function, event or error."""
    return f"{entry['name']}({','.join(_type_of(field) for field in entry['inputs'])})"


def selector_of(entry: Entry) -> bytes:
    """Give the first four bytes of the signature's hash."""
    return keccak256(signature_of(entry).encode())[:SELECTOR_LENGTH]


def encode_arguments(fields: Sequence[Entry], values: Sequence[object]) -> bytes:
    """
    Encode values by their ABI fields; structs may be dictionaries.

    Raises:
        EncodingError: If one does not fit its type.
    """
    try:
        ordered = [_ordered(field, value) for field, value in zip(fields, values, strict=True)]
        return encode([_type_of(field) for field in fields], ordered)
    except (CodecEncodingError, KeyError, TypeError, ValueError) as error:
        raise EncodingError(f"arguments do not fit the contract: {error}") from error


def decode_arguments(
    fields: Sequence[Entry], data: bytes, *, is_sent: bool = False
) -> dict[str, Any]:
    """
    Decode values by their ABI fields, by name; unnamed ones by position.

    Args:
        fields: Of the ABI.
        data: From outside.
        is_sent: Whether it is call data that somebody made, and no answer of a node.

    Raises:
        NodeUnavailable: If the bytes are not such values.
    """
    try:
        # Bytes are encoded as texts are; which of them are text is our own business.
        types = [_type_of(field).replace("string", "bytes") for field in fields]
        values = SENT_CODEC.decode(types, data) if is_sent else decode(types, data)
    except (DecodingError, ValueError, OverflowError) as error:
        raise NodeUnavailable(
            f"an answer of {len(data)} bytes does not decode", code="chain.answer_malformed"
        ) from error
    return {
        field["name"] or str(position): _named(field, value)
        for position, (field, value) in enumerate(zip(fields, values, strict=True))
    }


def _by_name(entries: Iterable[Entry], kind: str) -> Mapping[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry["type"] == kind:
            grouped.setdefault(entry["name"], []).append(entry)
    return grouped


def _topic(entry: Entry) -> bytes:
    return keccak256(signature_of(entry).encode())


def _type_of(field: Entry) -> str:
    kind: str = field["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(_type_of(component) for component in field["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def _element(field: Entry) -> Entry:
    return {**field, "type": field["type"].rpartition("[")[0]}


def _ordered(field: Entry, value: Any) -> Any:
    """Turn dictionaries into tuples in the order of the ABI, at any depth."""
    kind: str = field["type"]
    if kind.endswith("]"):
        element = _element(field)
        return [_ordered(element, item) for item in value]
    if kind != "tuple":
        return value
    components = field["components"]
    items = [value[part["name"]] for part in components] if isinstance(value, Mapping) else value
    return tuple(_ordered(part, item) for part, item in zip(components, items, strict=True))


def _named(field: Entry, value: Any) -> Any:
    """Turn tuples into dictionaries, addresses into bytes and texts into text, at any depth."""
    kind: str = field["type"]
    if kind.endswith("]"):
        element = _element(field)
        return tuple(_named(element, item) for item in value)
    if kind == "tuple":
        parts = zip(field["components"], value, strict=True)
        return {part["name"]: _named(part, item) for part, item in parts}
    if kind == "address":
        return bytes.fromhex(value[2:])
    return _text(value) if kind == "string" else value


def _text(content: bytes) -> str:
    return content.decode(errors="replace").replace("\0", "\ufffd")


def _decode_topic(field: Entry, topic: bytes) -> Any:
    """Read an indexed argument; of a dynamic one or a struct the chain keeps only the hash."""
    kind: str = field["type"]
    if kind in _DYNAMIC or kind.endswith("]") or kind.startswith("tuple"):
        return topic
    return decode_arguments([field], topic)[field["name"] or "0"]
