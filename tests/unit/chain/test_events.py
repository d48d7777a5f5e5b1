"""The follower of events: it resumes anywhere and survives reorganisations."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.errors import EncodingError, Retry
from chain.abi import Interface
from chain.errors import Reorganised, WentBack
from chain.events import (
    Cursor,
    EventFollower,
    EventSource,
    format_cursor,
    parse_cursor,
    read_events,
)
from tests.support.memory_chain import MemoryChain

ABI: list[dict[str, Any]] = [
    {
        "type": "event",
        "name": "Pinned",
        "inputs": [{"name": "logId", "type": "bytes32", "indexed": True}],
    }
]
INTERFACE = Interface(ABI)
ADDRESS = b"\x11" * 20
SOURCE = EventSource(ADDRESS, INTERFACE)


@pytest.fixture
def chain() -> MemoryChain:
    chain = MemoryChain()
    chain.mine(5)
    return chain


def follower(chain: MemoryChain, *, range_blocks: int = 100) -> EventFollower:
    return EventFollower(chain, [SOURCE], first_block=3, range_blocks=range_blocks)


def pin(chain: MemoryChain, number: int, address: bytes = ADDRESS) -> None:
    chain.emit(address, (INTERFACE.topic("Pinned"), number.to_bytes(32, "big")))


def numbers(events: Any) -> list[int]:
    return [int.from_bytes(event.arguments["logId"], "big") for event in events]


def test_events_are_read_in_order(chain: MemoryChain) -> None:
    """Events come in chain order, other contracts' left out."""
    pin(chain, 1)
    pin(chain, 99, b"\x22" * 20)
    pin(chain, 2)

    batch = follower(chain).poll()

    assert numbers(batch.events) == [1, 2]
    assert batch.is_caught_up
    assert batch.rolled_back_to is None


def test_nothing_is_read_twice(chain: MemoryChain) -> None:
    """A stored cursor goes on where it stopped, also through its text."""
    pin(chain, 1)
    first = follower(chain).poll()
    pin(chain, 2)

    second = follower(chain).poll(parse_cursor(format_cursor(first.cursor)))

    assert numbers(second.events) == [2]


def test_nothing_new(chain: MemoryChain) -> None:
    """Without a new block there is nothing to ask."""
    cursor = follower(chain).poll().cursor
    chain.log_ranges.clear()

    batch = follower(chain).poll(cursor)

    assert (batch.events, batch.cursor, chain.log_ranges) == ((), cursor, [])


def test_questions_are_bounded(chain: MemoryChain) -> None:
    """One poll asks for one range of blocks, and says that it is not at the end."""
    chain.mine(10)

    batch = follower(chain, range_blocks=4).poll()

    assert chain.log_ranges == [(3, 6)]
    assert not batch.is_caught_up


def test_reorganisation_is_told(chain: MemoryChain) -> None:
    """Blocks that left the chain are named, and what replaced them is read."""
    pin(chain, 1)
    pin(chain, 2)
    pin(chain, 3)
    cursor = follower(chain).poll().cursor
    chain.reorganise(2)
    pin(chain, 4)

    batch = follower(chain).poll(cursor)

    assert batch.rolled_back_to == 6
    assert numbers(batch.events) == [4]


def test_shorter_chain_is_a_reorganisation(chain: MemoryChain) -> None:
    """A chain that lost its newest blocks is rolled back, not waited for."""
    pin(chain, 1)
    pin(chain, 2)
    cursor = follower(chain).poll().cursor
    del chain.blocks[7:]

    batch = follower(chain).poll(cursor)

    assert (batch.rolled_back_to, batch.events) == (6, ())


def test_roll_back_is_told_once(chain: MemoryChain) -> None:
    """After the roll-back the cursor stands on the new chain."""
    pin(chain, 1)
    cursor = follower(chain).poll().cursor
    chain.reorganise(1)

    cursor = follower(chain).poll(cursor).cursor

    assert follower(chain).poll(cursor).rolled_back_to is None


def test_chain_without_any_remembered_block_went_back(chain: MemoryChain) -> None:
    """When nothing remembered is left, it is another chain: fatal."""
    cursor = follower(chain).poll().cursor
    chain.reorganise(5)

    with pytest.raises(WentBack, match="none of the 2 blocks") as caught:
        follower(chain).poll(cursor)

    assert caught.value.retry is Retry.FATAL


@pytest.mark.parametrize("depth", [1, 3], ids=["the range", "the block before it"])
def test_change_while_reading_is_noticed(chain: MemoryChain, depth: int) -> None:
    """Records read across a reorganisation are not believed."""
    cursor = follower(chain).poll().cursor
    pin(chain, 1)
    pin(chain, 2)
    chain.before_logs = lambda: chain.reorganise(depth)

    with pytest.raises(Reorganised, match="6 to 7") as caught:
        follower(chain).poll(cursor)

    assert caught.value.retry is Retry.LATER


def test_window_is_bounded(chain: MemoryChain) -> None:
    """A cursor does not grow with the chain."""
    cursor: Cursor | None = None
    for number in range(100):
        pin(chain, number)
        cursor = follower(chain).poll(cursor).cursor

    assert cursor is not None
    assert len(cursor.marks) == 64


@pytest.mark.parametrize("text", ["", "[]", "{}", "[[1]]", '[[1, "zz"]]', "[1]", "null"])
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    """Text of another form is no cursor."""
    with pytest.raises(EncodingError, match="cursor"):
        parse_cursor(text)


def test_final_blocks_are_read_in_bounded_questions(chain: MemoryChain) -> None:
    """Reading a range asks several times and gives one row of events."""
    pin(chain, 1)
    chain.mine(6)
    pin(chain, 2)

    events = list(read_events(chain, [SOURCE], from_block=0, to_block=13, range_blocks=5))

    assert numbers(events) == [1, 2]
    assert chain.log_ranges == [(0, 4), (5, 9), (10, 13)]
