"""
The tree derived again from the entries: leaf hashes, every tile, the root of every checkpoint.

One pass over the entries in order, in flat memory. Where an entry and its tile disagree, the level
above says which of them was changed; the check then goes on with the other, so that one changed
byte is one finding and not a finding at every level and checkpoint above it.

Source: RFC 9162, section 2.1; C2SP tlog-tiles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from attestation.checkpoints import open_checkpoint
from attestation.errors import EncodingError, VerificationError
from attestation.ids import HASH_LENGTH
from attestation.merkle import CompactRange, NodeRun, hash_leaf
from attestation.notes import NoteVerifier, parse_vkey
from attestation.tiles import (
    TILE_WIDTH,
    tile_growth,
    tile_width,
)
from ledger.log.fsck_report import Check, Report, State
from ledger.repositories.audit import AuditedEntry, AuditRepository
from ledger.repositories.logs import Head, Log
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

_PAGE_TILES: Final = 16
"""Level-0 tiles a page: 4 096 entries."""
_SHOWN: Final = 8
"""Places named in one finding."""


class TreeCheck:
    """
    Derives one log's tree.

    Args:
        uow: A reading unit of work: one snapshot.
        log: The log.
        head: Its head in that snapshot.
        report: Where findings go.
        sizes: Sizes whose root hashes are wanted besides those of checkpoints.
    """

    def __init__(
        self, uow: UnitOfWork, log: Log, head: Head, report: Report, *, sizes: Iterable[int] = ()
    ) -> None:
        self._log = log
        self._head = head
        self._report = report
        self._audit = AuditRepository(uow.connection)
        self._tree = TreeRepository(uow.connection)
        self._checkpoints = uow.checkpoints.stream(log.number)
        self._next: StoredCheckpoint | None = next(self._checkpoints, None)
        self._newest: StoredCheckpoint | None = None
        self._verifier: NoteVerifier | None = None
        self._range = CompactRange()
        self._sizes = deque(sorted({size for size in sizes if size <= head.size}))
        self.roots: dict[int, bytes] = {}
        """Root hash by size, for the sizes that were wanted; filled while the check runs."""
        self._growing: dict[int, tuple[int, bytearray]] = {}
        """By level from 1 up: number and hashes of the tile that is being filled."""

    def run(self) -> Iterator[list[AuditedEntry]]:
        """Check page by page, and give each page's entries to whoever checks them further."""
        self._verifier = self._key()
        self._check_checkpoints()
        step = _PAGE_TILES * TILE_WIDTH
        for start in range(0, self._head.size, step):
            end = min(start + step, self._head.size)
            entries = self._audit.entries(self._log.number, start, end)
            self._check_page(start, end, {entry.number: entry for entry in entries})
            yield entries
        self._finish()

    # --- entries and the lowest tiles --------------------------------------------------------

    def _check_page(self, start: int, end: int, entries: dict[int, AuditedEntry]) -> None:
        self._report.looked_at[Check.ENTRIES] += end - start
        for first in range(start, end, TILE_WIDTH):
            number = first // TILE_WIDTH
            width = tile_width(0, number, self._head.size)
            stored = self._load(0, number, width)
            computed = [_leaf_hash(entries.get(index)) for index in range(first, first + width)]
            leaf_hashes = (
                [leaf or bytes(HASH_LENGTH) for leaf in computed]
                if stored is None
                else self._settle(number, stored, computed, entries)
            )
            self._append(leaf_hashes)

    def _settle(
        self,
        number: int,
        stored: list[bytes],
        computed: list[bytes | None],
        entries: dict[int, AuditedEntry],
    ) -> list[bytes]:
        """Compare a tile with its entries; give the leaf hashes to go on with."""
        if stored == computed:
            return stored
        first = number * TILE_WIDTH
        whole = [leaf for leaf in computed if leaf is not None]
        if len(whole) == len(stored) and not self._is_confirmed(number, stored):
            places = [at for at, leaf in enumerate(whole) if leaf != stored[at]]
            detail = f"its hashes at {_places(places)} are not those of the entries"
            self._report.add(Check.TILES, f"tile 0/{number}", State.CHANGED, detail)
            return whole
        for at, (leaf, expected) in enumerate(zip(computed, stored, strict=True)):
            if leaf != expected:
                self._report_entry(first + at, leaf, stored, first, entries)
        return stored

    def _report_entry(
        self,
        index: int,
        leaf: bytes | None,
        stored: list[bytes],
        first: int,
        entries: dict[int, AuditedEntry],
    ) -> None:
        resource = f"entry {index}"
        if leaf is None:
            what = "no row" if index not in entries else "its bytes are not stored any more"
            self._report.add(Check.ENTRIES, resource, State.MISSING, what)
            return
        detail = "its bytes do not have the leaf hash that stands in the tree"
        if leaf in stored:
            detail += f"; they belong to entry {first + stored.index(leaf)}"
        self._report.add(Check.ENTRIES, resource, State.CHANGED, detail)

    def _is_confirmed(self, number: int, stored: list[bytes]) -> bool:
        """Say whether the level above, or the head for the last tile, holds this tile's hashes."""
        subtree = CompactRange()
        subtree.append_many(stored)
        if len(stored) < TILE_WIDTH:
            low = self._head.size % TILE_WIDTH
            return self._head_hashes()[-low.bit_count() :] == subtree.hashes
        above = self._load_raw(1, number // TILE_WIDTH)
        at = number % TILE_WIDTH * HASH_LENGTH
        return above[at : at + HASH_LENGTH] == subtree.root()

    def _head_hashes(self) -> tuple[bytes, ...]:
        encoded = self._head.compact_range
        return tuple(encoded[at : at + HASH_LENGTH] for at in range(0, len(encoded), HASH_LENGTH))

    # --- the tree above -----------------------------------------------------------------------

    def _append(self, leaf_hashes: list[bytes]) -> None:
        """Append the leaf hashes, stopping at each checkpoint on the way to compare its root."""
        done = 0
        while done < len(leaf_hashes):
            ahead = [self._next.size] if self._next is not None else []
            ahead.extend(islice(self._sizes, 1))
            stop = min((len(leaf_hashes), *(done + size - self._range.size for size in ahead)))
            self._check_tiles(self._range.append_many(leaf_hashes[done:stop]))
            done = stop
            self._check_checkpoints()

    def _check_tiles(self, runs: list[NodeRun]) -> None:
        for growth in tile_growth(runs):
            if growth.level == 0:
                continue  # compared entry by entry
            number, hashes = self._growing.get(growth.level, (growth.number, bytearray()))
            if number != growth.number:
                hashes = bytearray()
            hashes += growth.hashes
            self._growing[growth.level] = growth.number, hashes
            if len(hashes) == TILE_WIDTH * HASH_LENGTH:
                self._compare_tile(growth.level, growth.number, bytes(hashes))

    def _compare_tile(self, level: int, number: int, computed: bytes) -> None:
        stored = self._load(level, number, len(computed) // HASH_LENGTH)
        if stored is not None and b"".join(stored) != computed:
            expected = [
                computed[at : at + HASH_LENGTH] for at in range(0, len(computed), HASH_LENGTH)
            ]
            places = [at for at, node in enumerate(expected) if node != stored[at]]
            detail = f"its hashes at {_places(places)} are not those of the level below"
            self._report.add(Check.TILES, f"tile {level}/{number}", State.CHANGED, detail)

    def _load(self, level: int, number: int, width: int) -> list[bytes] | None:
        """Load a tile and check its width; None where it cannot be compared."""
        self._report.looked_at[Check.TILES] += 1
        tile = self._load_raw(level, number)
        resource = f"tile {level}/{number}"
        if len(tile) < width * HASH_LENGTH:
            state = State.CHANGED if tile else State.MISSING
            detail = f"{len(tile)} bytes, {width * HASH_LENGTH} expected"
            self._report.add(Check.TILES, resource, state, detail)
            return None
        if len(tile) > width * HASH_LENGTH:
            detail = f"{len(tile)} bytes, {width * HASH_LENGTH} expected"
            self._report.add(Check.TILES, resource, State.EXTRA, detail)
        return [tile[at * HASH_LENGTH : (at + 1) * HASH_LENGTH] for at in range(width)]

    def _load_raw(self, level: int, number: int) -> bytes:
        return self._tree.tiles(self._log.number, [(level, number)]).get((level, number), b"")

    # --- checkpoints ---------------------------------------------------------------------------

    def _key(self) -> NoteVerifier | None:
        try:
            return parse_vkey(self._log.vkey)
        except (EncodingError, VerificationError) as error:
            self._report.add(Check.HEAD, "verification key", State.CHANGED, error.message)
            return None

    def _check_checkpoints(self) -> None:
        """Check every checkpoint of the size that has been reached."""
        while self._next is not None and self._next.size <= self._range.size:
            self._check_checkpoint(self._next)
            self._newest = self._next
            self._next = next(self._checkpoints, None)
        while self._sizes and self._sizes[0] <= self._range.size:
            self.roots[self._sizes.popleft()] = self._range.root()

    def _check_checkpoint(self, stored: StoredCheckpoint) -> None:
        self._report.looked_at[Check.CHECKPOINTS] += 1
        resource = f"checkpoint {stored.size}"
        if stored.root != self._range.root():
            detail = "its root is not that of the entries before it"
            self._report.add(Check.CHECKPOINTS, resource, State.CHANGED, detail)
        if self._verifier is None:
            return
        try:
            checkpoint = open_checkpoint(stored.note, self._verifier)
        except (EncodingError, VerificationError) as error:
            self._report.add(Check.CHECKPOINTS, resource, State.UNSIGNED, error.message)
            return
        if (checkpoint.size, checkpoint.root) != (stored.size, stored.root):
            detail = "its signed note says another size or root"
            self._report.add(Check.CHECKPOINTS, resource, State.CHANGED, detail)

    # --- the end --------------------------------------------------------------------------------

    def _finish(self) -> None:
        self._report.root = self._range.root()
        for level, (number, hashes) in sorted(self._growing.items()):
            if len(hashes) < TILE_WIDTH * HASH_LENGTH:
                self._compare_tile(level, number, bytes(hashes))
        self._check_head()
        self._check_extra()
        while self._next is not None:
            resource = f"checkpoint {self._next.size}"
            detail = f"the log has {self._head.size} entries"
            self._report.add(Check.CHECKPOINTS, resource, State.EXTRA, detail)
            self._next = next(self._checkpoints, None)

    def _check_head(self) -> None:
        self._report.looked_at[Check.HEAD] += 1
        if self._head.root != self._range.root():
            self._report.add(Check.HEAD, "head", State.CHANGED, "its root is not the entries'")
        if self._head.compact_range != self._range.to_bytes():
            detail = "its compact range is not the entries'"
            self._report.add(Check.HEAD, "head", State.CHANGED, detail)
        if self._newest is None or self._newest.size != self._head.size:
            detail = "no checkpoint of the head's size"
            self._report.add(
                Check.CHECKPOINTS, f"checkpoint {self._head.size}", State.MISSING, detail
            )

    def _check_extra(self) -> None:
        beyond = self._audit.entries_from(self._log.number, self._head.size)
        if beyond:
            detail = f"{beyond} rows at or beyond the head's size"
            self._report.add(Check.ENTRIES, f"entry {self._head.size}", State.EXTRA, detail)
        for level, number in self._audit.tile_names(self._log.number):
            if not tile_width(level, number, self._head.size):
                detail = "the tree has no such tile"
                self._report.add(Check.TILES, f"tile {level}/{number}", State.EXTRA, detail)


def _leaf_hash(entry: AuditedEntry | None) -> bytes | None:
    return None if entry is None or entry.content is None else hash_leaf(entry.content)


def _places(places: list[int]) -> str:
    shown = ", ".join(str(at) for at in places[:_SHOWN])
    return f"places {shown}" + (", …" if len(places) > _SHOWN else "")
