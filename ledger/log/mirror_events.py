"""
A mirror's own copy of the chain's events: one JSON line an event, in order.

The lines are enough to rebuild every read model that is fed by events. Reading goes on where the
last complete block ended, and stops when the chain has lost a block that was final.

Source: DESIGN section 6 (`mirror`); `ledger.ports.ChainEvents`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ledger.errors import ChainWentBack
from ledger.ports import ChainEvent, ChainEvents

_BLOCKS: Final = 10_000
"""Blocks a step; the events of the registries are few."""


class EventCopy:
    """
    The events of one chain in a folder.

    Args:
        folder: Made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = folder / "events.jsonl"
        self._cursor = folder / "events.cursor"

    def follow(self, chain: ChainEvents) -> int:
        """
        Copy what has become final since the last call, and give the number of events.

        Raises:
            ChainWentBack: If the block that was read last is no longer part of the chain.
        """
        newest, _ = chain.final_block()
        copied = 0
        while (start := self._next_block(chain, newest)) <= newest:
            end = min(start + _BLOCKS - 1, newest)
            events = chain.events(start, end)
            self._append(events_to_lines(events), end, chain.block_hash(end) or b"")
            copied += len(events)
        return copied

    def read(self) -> list[dict[str, Any]]:
        """Give the events that are copied, as JSON objects, in order."""
        if not self._lines.is_file():
            return []
        _, _, length = self._load_cursor()
        content = self._lines.read_bytes()[:length]
        return [json.loads(line) for line in content.splitlines()]

    def last_block(self) -> tuple[int, bytes]:
        """Give number and hash of the last block that was copied; block −1 where none was."""
        number, block_hash, _ = self._load_cursor()
        return number, bytes.fromhex(block_hash)

    def _next_block(self, chain: ChainEvents, newest: int) -> int:
        number, block_hash, _ = self._load_cursor()
        if number < 0:
            return 0
        if number > newest or (chain.block_hash(number) or b"").hex() != block_hash:
            raise ChainWentBack(f"block {number} was final and is no longer part of the chain")
        return number + 1

    def _append(self, lines: str, block: int, block_hash: bytes) -> None:
        _, _, length = self._load_cursor()
        # A step that was cut off left lines behind the cursor; they are written over.
        with self._lines.open("r+b" if self._lines.exists() else "w+b") as file:
            file.truncate(length)
            file.seek(length)
            file.write(lines.encode())
            file.flush()
            length = file.tell()
        aside = self._cursor.with_suffix(".part")
        aside.write_text(json.dumps([block, block_hash.hex(), length]), encoding="ascii")
        # Commit point: lines up to this length are copied.
        aside.replace(self._cursor)

    def _load_cursor(self) -> tuple[int, str, int]:
        if not self._cursor.is_file():
            return -1, "", 0
        number, block_hash, length = json.loads(self._cursor.read_text(encoding="ascii"))
        return number, block_hash, length


def events_to_lines(events: Iterable[ChainEvent]) -> str:
    """Give one JSON line an event, bytes in hex."""
    return "".join(
        json.dumps({"event": type(event).__name__, **_plain(asdict(event))}, sort_keys=True) + "\n"
        for event in events
    )


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in content.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain_value(each) for each in value]
    return _plain(value) if isinstance(value, Mapping) else value
