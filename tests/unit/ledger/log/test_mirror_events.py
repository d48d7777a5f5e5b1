"""A mirror's copy of chain events: complete, in order, and never over a lost block."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import ChainWentBack
from ledger.log.mirror_events import EventCopy
from ledger.ports import ChainEvent, ChainPosition, KeyClosed, KeyCompromised


def block_hash(number: int, fork: str = "") -> bytes:
    """Give a block's hash."""
    return sha256(f"{fork}{number}".encode()).digest()


def closed(block: int) -> KeyClosed:
    """Give an event of a block."""
    at = ChainPosition(block, 0, block_hash(block), 1_800_000_000 + block)
    return KeyClosed(at, b"\x01" * 32, b"\x02" * 32, closed_index=block, reason=3)


class ScriptedEvents:
    """A chain of some blocks; each block of a multiple of three closes a key."""

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks
        self.fork = ""
        self.asked: list[tuple[int, int]] = []

    def final_block(self) -> tuple[int, bytes]:
        """Give the newest block."""
        return self.blocks, block_hash(self.blocks, self.fork)

    def block_hash(self, number: int) -> bytes | None:
        """Give a block's hash."""
        return block_hash(number, self.fork) if number <= self.blocks else None

    def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
        """Give the events of some blocks."""
        self.asked.append((from_block, to_block))
        return [closed(block) for block in range(from_block, to_block + 1) if block % 3 == 0]


def copied_blocks(copy: EventCopy) -> list[int]:
    """Give the blocks of the events that are copied."""
    return [line["at"]["block_number"] for line in copy.read()]


def test_every_event_is_copied_once(tmp_path: Path) -> None:
    """Steps continue where the last one ended, also after a restart."""
    chain = ScriptedEvents(7)
    first = EventCopy(tmp_path).follow(chain)
    chain.blocks = 12
    second = EventCopy(tmp_path).follow(chain)

    assert (first, second) == (3, 2)
    assert copied_blocks(EventCopy(tmp_path)) == [0, 3, 6, 9, 12]
    assert chain.asked == [(0, 7), (8, 12)]


def test_long_ranges_are_read_in_parts(tmp_path: Path) -> None:
    """A chain of many blocks is read ten thousand at a time."""
    chain = ScriptedEvents(25_000)
    EventCopy(tmp_path).follow(chain)

    assert chain.asked == [(0, 9_999), (10_000, 19_999), (20_000, 25_000)]


def test_a_line_says_everything(tmp_path: Path) -> None:
    """An event is written with its kind, its place and all its fields."""
    copy = EventCopy(tmp_path)
    copy.follow(ScriptedEvents(0))

    (line,) = copy.read()
    assert line["event"] == "KeyClosed"
    assert line["kid"] == "02" * 32
    assert line["at"]["block_hash"] == block_hash(0).hex()


def test_a_step_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    """Lines behind the cursor are written over."""
    copy = EventCopy(tmp_path)
    copy.follow(ScriptedEvents(3))
    with (tmp_path / "events.jsonl").open("a") as lines:
        lines.write('{"event": "half a li')

    copy.follow(ScriptedEvents(6))

    assert copied_blocks(copy) == [0, 3, 6]


@pytest.mark.parametrize(("blocks", "fork"), [(4, ""), (5, "other"), (9, "other")])
def test_a_lost_block_is_fatal(tmp_path: Path, blocks: int, fork: str) -> None:
    """A chain that no longer has the block that was read last is not followed."""
    copy = EventCopy(tmp_path)
    chain = ScriptedEvents(5)
    copy.follow(chain)
    chain.blocks, chain.fork = blocks, fork

    with pytest.raises(ChainWentBack, match="block 5"):
        copy.follow(chain)


def test_every_kind_of_event_can_be_written(tmp_path: Path) -> None:
    """Kinds without a reason or an index are written as well."""
    at = ChainPosition(1, 0, block_hash(1), 7)

    class OneEvent(ScriptedEvents):
        def events(self, from_block: int, to_block: int) -> Sequence[ChainEvent]:
            return [KeyCompromised(at, b"\x01" * 32, b"\x02" * 32, since_index=9)]

    copy = EventCopy(tmp_path)
    copy.follow(OneEvent(1))

    assert copy.read()[0]["since_index"] == 9
