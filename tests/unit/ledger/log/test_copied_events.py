"""Events of the chain read back from a mirror's copy: each as it was, whatever its fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from attestation.errors import EncodingError
from ledger import ports
from ledger.log.copied_events import CopiedEvents, read_event
from ledger.log.mirror_events import EventCopy, events_to_lines
from ledger.ports import ChainEvent, ChainPosition, PartyRegistered

EVENTS = get_args(ChainEvent)


def made_up(kind: Any, full: bool) -> Any:
    """Give a value of a type; of an optional one none, or the longest there is."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        others = [each for each in parts if each is not type(None)]
        if len(others) > 1:
            return {"some": ["plain", 1, None]}
        return made_up(others[0], full) if full or len(others) == len(parts) else None
    if origin is tuple:
        return (made_up(parts[0], full),) * 2 if full else ()
    if origin is not None:
        return {"name": made_up(parts[1], full)} if full else {}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind, vars(ports))
        return kind(**{each.name: made_up(hints[each.name], full) for each in fields(kind)})
    simple = {bytes: b"\x01\xff", int: 7, str: "文字", bool: True}
    return simple[kind]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_is_read_back(kind: type, full: bool) -> None:
    """With every field that the ports give it: a new event needs nothing here."""
    event = made_up(kind, full)

    assert read_event(json.loads(events_to_lines([event]))) == event


def party(block: int) -> PartyRegistered:
    return PartyRegistered(
        ChainPosition(block, 0, bytes(32), 1), b"p" * 32, 1, f"code {block}", True
    )


class SmallChain:
    """A chain of ten blocks with a party in every third."""

    def final_block(self) -> tuple[int, bytes]:
        return 9, b"h" * 32

    def block_hash(self, _number: int) -> bytes | None:
        return b"h" * 32

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        return [party(block) for block in (0, 3, 6, 9) if from_block <= block <= to_block]


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[CopiedEvents]:
    """A copy of the chain."""
    copy = EventCopy(tmp_path)
    copy.follow(SmallChain())
    yield CopiedEvents(copy)


def test_copy_is_a_chain_of_its_own(copied: CopiedEvents) -> None:
    """Whoever follows a chain can follow the copy."""
    assert copied.final_block() == (9, b"h" * 32)
    assert copied.events(1, 6) == [party(3), party(6)]
    assert (copied.block_hash(10), copied.block_hash(9)) == (None, b"h" * 32)


def test_empty_copy_has_no_block(tmp_path: Path) -> None:
    """A mirror without a node has read nothing."""
    assert CopiedEvents(EventCopy(tmp_path)).final_block()[0] == -1


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"event": "Unheard"},
        {"event": "PartyRegistered"},
        {
            "event": "PartyRegistered",
            "at": {},
            "party_id": "zz",
            "kind": 1,
            "code": "",
            "active": 1,
        },
    ],
)
def test_what_is_no_event_is_refused(content: dict[str, Any]) -> None:
    """A line that was edited is not taken for something else."""
    with pytest.raises(EncodingError):
        read_event(content)
