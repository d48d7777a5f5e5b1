"""
A follower of contracts' events that can be stopped anywhere and survives reorganisations.

The cursor names the blocks it stood on, by number and hash, and is all there is to store.
When the newest of them has left the chain, the follower goes back to the newest that has not and
says so; whoever keeps what it read drops everything above that block and reads it anew.

Source: Ethereum JSON-RPC, eth_getLogs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from attestation.errors import EncodingError
from chain.abi import Event, Interface
from chain.client import BlockName
from chain.errors import Reorganised, WentBack
from chain.finality import is_canonical
from chain.values import Block, RawLog

DEFAULT_RANGE_BLOCKS: Final = 2000  # below what nodes allow; Besu's own limit is 5000
_WINDOW: Final = 64
"""Blocks a cursor remembers: a reorganisation that passes them all is no reorganisation."""


class LogReader(Protocol):
    """What following asks of a node."""

    def block(self, name: BlockName) -> Block | None:
        """Fetch a block, or None."""

    def block_number(self) -> int:
        """Fetch the newest block's number."""

    def logs(
        self, addresses: Sequence[bytes], *, from_block: int, to_block: int
    ) -> tuple[RawLog, ...]:
        """Fetch log records in a closed range, in chain order."""


@dataclass(frozen=True, slots=True)
class EventSource:
    """A contract whose events are followed."""

    address: bytes
    interface: Interface


@dataclass(frozen=True, slots=True)
class Mark:
    """A block the follower has read up to."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a follower stands: blocks it has read, in ascending order; at least one."""

    marks: tuple[Mark, ...]

    @property
    def block_number(self) -> int:
        """The last block that was read."""
        return self.marks[-1].number


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll found."""

    rolled_back_to: int | None
    """Everything kept of blocks above this one is void; None without a reorganisation."""
    events: tuple[Event, ...]
    """In chain order, after the roll-back."""
    cursor: Cursor
    """To be stored together with the events."""
    is_caught_up: bool


class EventFollower:
    """
    Reads the events of some contracts, range by range.

    Args:
        node: The node to read from.
        sources: Whose events.
        first_block: Before this block there is nothing to read: that of the deployment.
        range_blocks: How many blocks one question may span.
    """

    def __init__(
        self,
        node: LogReader,
        sources: Sequence[EventSource],
        *,
        first_block: int,
        range_blocks: int = DEFAULT_RANGE_BLOCKS,
    ) -> None:
        self._node = node
        self._sources = tuple(sources)
        self._first_block = first_block
        self._range_blocks = range_blocks

    def poll(self, cursor: Cursor | None = None) -> Batch:
        """
        Read the next range of blocks.

        Args:
            cursor: From the batch before; None to begin at the first block.

        Raises:
            WentBack: If every block the cursor remembers has left the chain.
            Reorganised: If the chain changed while it was read; nothing is lost, poll again.
        """
        marks = self._canonical_marks(cursor or self._start())
        is_rolled_back = cursor is not None and len(marks) < len(cursor.marks)
        rolled_back_to = marks[-1].number if is_rolled_back else None
        first = marks[-1].number + 1
        newest = self._node.block_number()
        last = min(newest, marks[-1].number + self._range_blocks)
        if last < first:
            return Batch(rolled_back_to, (), Cursor(marks), is_caught_up=True)
        events, read = self._read(marks[-1], first, last)
        kept = (*marks, *read)[-_WINDOW:]
        return Batch(rolled_back_to, events, Cursor(kept), is_caught_up=last == newest)

    def _start(self) -> Cursor:
        before = max(self._first_block - 1, 0)  # the genesis block has no events
        block = self._node.block(before)
        if block is None:
            raise WentBack(f"the chain has no block {before} yet, events begin after it")
        return Cursor((Mark(block.number, block.hash),))

    def _canonical_marks(self, cursor: Cursor) -> tuple[Mark, ...]:
        """Drop the marks that have left the chain, from the newest down."""
        marks = list(cursor.marks)
        while marks and not is_canonical(self._node, marks[-1].number, marks[-1].hash):
            marks.pop()
        if not marks:
            raise WentBack(
                f"none of the {len(cursor.marks)} blocks remembered up to block"
                f" {cursor.block_number} is in the chain any more"
            )
        return tuple(marks)

    def _read(
        self, previous: Mark, first: int, last: int
    ) -> tuple[tuple[Event, ...], tuple[Mark, ...]]:
        end = self._node.block(last)
        addresses = [source.address for source in self._sources]
        logs = self._node.logs(addresses, from_block=first, to_block=last)
        # The records are of one chain if both ends of the range still stand after reading them.
        is_steady = (
            end is not None
            and is_canonical(self._node, last, end.hash)
            and is_canonical(self._node, previous.number, previous.hash)
        )
        if end is None or not is_steady:
            raise Reorganised(f"blocks {first} to {last} changed while they were read")
        blocks = {log.block_number: log.block_hash for log in logs} | {last: end.hash}
        marks = tuple(Mark(number, blocks[number]) for number in sorted(blocks))
        return decode_events(self._sources, logs), marks


def read_events(
    node: LogReader,
    sources: Sequence[EventSource],
    *,
    from_block: int,
    to_block: int,
    range_blocks: int = DEFAULT_RANGE_BLOCKS,
) -> Iterator[Event]:
    """Read events of a closed range of blocks that are final, in bounded questions."""
    addresses = [source.address for source in sources]
    for first in range(from_block, to_block + 1, range_blocks):
        last = min(first + range_blocks - 1, to_block)
        yield from decode_events(sources, node.logs(addresses, from_block=first, to_block=last))


def decode_events(sources: Sequence[EventSource], logs: Sequence[RawLog]) -> tuple[Event, ...]:
    """Read log records by the contract they come from; unknown events are left out."""
    interfaces = {source.address: source.interface for source in sources}
    decoded = (interfaces[log.address].decode_log(log) for log in logs if log.address in interfaces)
    return tuple(event for event in decoded if event is not None)


def format_cursor(cursor: Cursor) -> str:
    """Give a cursor as JSON text, to be stored."""
    return json.dumps([[mark.number, mark.hash.hex()] for mark in cursor.marks])


def parse_cursor(text: str) -> Cursor:
    """
    Read a stored cursor.

    Raises:
        EncodingError: If it has another form.
    """
    try:
        marks = tuple(Mark(int(number), bytes.fromhex(block)) for number, block in json.loads(text))
    except (ValueError, TypeError) as error:
        raise EncodingError("not a cursor", code="encoding.cursor") from error
    if not marks:
        raise EncodingError("a cursor without a block", code="encoding.cursor")
    return Cursor(marks)
