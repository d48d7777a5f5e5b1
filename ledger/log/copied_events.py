"""
A mirror's copy of the chain's events, read back as events, so that read models are made of it.

Fields are read by the types that `ledger/ports.py` gives them: nothing of an event is named here.

Source: `ledger.ports.ChainEvents`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from attestation.errors import EncodingError
from attestation.ids import ZERO_HASH
from ledger import ports
from ledger.log.mirror_events import EventCopy
from ledger.ports import ChainEvent

_EVENTS: Final[Mapping[str, type[Any]]] = {each.__name__: each for each in get_args(ChainEvent)}


class CopiedEvents:
    """
    The events of a copy, as a chain gives them.

    Continuity was checked when they were copied; hashes of blocks before the last are not kept.

    Args:
        copy: Of the chain's events.
    """

    def __init__(self, copy: EventCopy) -> None:
        self._copy = copy
        self._read: list[ChainEvent] | None = None

    def final_block(self) -> tuple[int, bytes]:
        """Give number and hash of the last block that was copied; block −1 where none was."""
        return self._copy.last_block()

    def block_hash(self, number: int) -> bytes | None:
        """Give the hash of the last block, zeros of an earlier one, None beyond."""
        last, block_hash = self.final_block()
        if number > last:
            return None
        return block_hash if number == last else ZERO_HASH

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        """
        Give the events of a closed range of blocks, in order.

        Raises:
            EncodingError: If a line is not an event.
        """
        if self._read is None:
            self._read = [read_event(line) for line in self._copy.read()]
        return [each for each in self._read if from_block <= each.at.block_number <= to_block]


def read_event(content: Mapping[str, Any]) -> ChainEvent:
    """
    Read an event from its JSON object.

    Raises:
        EncodingError: If it is not one that this ledger knows.
    """
    kind = _EVENTS.get(str(content.get("event")))
    if kind is None:
        raise EncodingError(f"no event {content.get('event')}")
    try:
        event: ChainEvent = _object(kind, content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EncodingError(f"not an event {kind.__name__}") from error
    return event


def _object(kind: Any, content: Mapping[str, Any]) -> Any:
    types = _types(kind)
    named = {each.name for each in fields(kind)} & content.keys()
    return kind(**{name: _value(types[name], content[name]) for name in named})


@cache
def _types(kind: type[object]) -> dict[str, Any]:
    return get_type_hints(kind, vars(ports))


def _value(kind: Any, content: Any) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _optional(parts, content)
    if origin is tuple:
        return tuple(_value(parts[0], each) for each in content)
    if origin is not None and issubclass(origin, Mapping):
        return {name: _value(parts[1], each) for name, each in content.items()}
    if kind is bytes:
        return bytes.fromhex(content)
    if isinstance(kind, type) and is_dataclass(kind):
        return _object(kind, content)
    return content


def _optional(parts: tuple[Any, ...], content: Any) -> Any:
    others = [each for each in parts if each is not type(None)]
    # A union of several kinds of plain JSON stands for itself.
    return content if content is None or len(others) != 1 else _value(others[0], content)
