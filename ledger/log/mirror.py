"""
Mirroring somebody else's log: an own copy, and an alert when the log does not keep its word.

Each step fetches what is new, leads it to the new checkpoint and only then stores it. A log that
shows two histories is caught with both signed checkpoints in hand. What was mirrored is never
overwritten by what contradicts it.

Source: C2SP tlog-tiles; C2SP tlog-checkpoint; RFC 9162, section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from attestation.checkpoints import Checkpoint, open_checkpoint
from attestation.errors import EncodingError, VerificationError
from attestation.ids import HASH_LENGTH
from attestation.merkle import EMPTY_ROOT, CompactRange, hash_leaf
from attestation.notes import NoteVerifier
from attestation.tiles import (
    TILE_WIDTH,
    TileCoordinate,
    TileReader,
    encode_entry_bundle,
    entry_bundles_between,
    tile_growth,
    tile_width,
)
from ledger.errors import ForkDetected, NotIntegrated
from ledger.log.mirror_folder import MirrorFolder
from ledger.log.sources import CHECKPOINT_PATH, LogSource, SignedCheckpoint
from ledger.log.tree import edge_nodes, root_at


class AlertKind(Enum):
    """What a log did that it must not do."""

    FORK = "fork"
    """Two signed checkpoints, or a checkpoint and an anchor, that contradict each other."""
    WENT_BACK = "went_back"
    """It shows a smaller checkpoint than before; a prefix of what is mirrored."""
    MALFORMED = "malformed"
    """Its checkpoint has no form, or is not signed by its key."""
    TILES_CONTRADICT = "tiles_contradict"
    """Its tiles do not lead to its checkpoint: they are damaged, or the history is another."""
    ENTRY_CHANGED = "entry_changed"
    """An entry it serves does not have the leaf hash in its tree."""
    PIECE_CHANGED = "piece_changed"
    """Something it keeps besides the log is not what its name or the log says, or was another."""
    BROKEN_PROMISE = "broken_promise"
    """A message that it promised to integrate by now is not in the log."""
    EVIDENCE_MISSING = "evidence_missing"
    """The chain has no anchor of it at all."""
    EVIDENCE_LATE = "evidence_late"
    """A checkpoint has waited for its anchor for too long."""
    NOT_PUBLISHED = "not_published"
    """The chain holds a larger checkpoint than the log publishes."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing a log did that it must not do."""

    kind: AlertKind
    detail: str
    evidence: str | None = None
    """Name of the file kept as evidence, where there is one."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What one step of a mirror did."""

    origin: str
    old_size: int
    size: int
    unread: int
    """New entries that may not be read here; their leaf hashes are mirrored all the same."""
    alerts: tuple[Alert, ...]


class Mirror:
    """
    Follows one log.

    Args:
        folder: The copy.
        source: The log, or somebody who serves it.
        verifier: The log's key, from a trust root and not from the log.

    Raises:
        ForkDetected: If the copy contradicts itself; it was changed at rest.
    """

    def __init__(self, folder: MirrorFolder, source: LogSource, verifier: NoteVerifier) -> None:
        self.folder = folder
        self._source = source
        self._verifier = verifier
        self._own = self._load()
        self._tree = self._load_tree()

    @property
    def origin(self) -> str:
        """Origin of the log."""
        return self._verifier.name

    @property
    def verifier(self) -> NoteVerifier:
        """The log's key."""
        return self._verifier

    @property
    def size(self) -> int:
        """Number of entries whose leaf hashes are mirrored."""
        return self._tree.size

    def root(self, size: int) -> bytes:
        """Give the root hash of the first `size` mirrored entries, 32 bytes."""
        return root_at(self._reader(self.size), size) if size else EMPTY_ROOT

    def entries(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """Give (index, bytes) of the mirrored entries in `[start, end)` that could be read."""
        source = self.folder.source()
        found: list[tuple[int, bytes]] = []
        for number in range(start // TILE_WIDTH, -(-min(end, self.size) // TILE_WIDTH)):
            bundle = source.entries(number, size=self.size) or []
            found.extend(enumerate(bundle, number * TILE_WIDTH))
        return [(index, entry) for index, entry in found if start <= index < end]

    @property
    def checkpoint(self) -> SignedCheckpoint | None:
        """The newest mirrored checkpoint; None before the first."""
        return self._own

    def complete(self) -> Mirrored:
        """
        Fetch the entries that could not be read before; `unread` are those that still cannot.

        Raises:
            Error: If the source cannot be reached; what was stored until then holds.
        """
        source, size = self.folder.source(), self.size
        missing = [
            each
            for each in entry_bundles_between(0, size)
            if source.entries(each.number, size=size) is None
        ]
        return self._result(size, *self._store_bundles(missing, 0, size))

    def follow(self) -> Mirrored:
        """
        Fetch what is new, once; to be called again and again.

        Raises:
            Error: If the source cannot be reached; what was stored until then holds.
        """
        old_size = self.size
        try:
            signed = self._source.checkpoint(self._verifier)
        except (EncodingError, VerificationError) as error:
            return self._result(old_size, 0, [Alert(AlertKind.MALFORMED, error.message)])
        if signed is None:
            return self._result(old_size, 0, [Alert(AlertKind.MALFORMED, "no checkpoint")])
        if signed.checkpoint.size <= self.size:
            return self._result(old_size, 0, self._compare(signed))
        return self._extend(signed)

    # --- what is not larger ----------------------------------------------------------------------

    def _compare(self, signed: SignedCheckpoint) -> list[Alert]:
        size = signed.checkpoint.size
        if signed.checkpoint.root != self.root(size):
            return [self._fork(signed, f"another root for size {size} than was mirrored")]
        if size < self.size:
            detail = f"it shows size {size} after size {self.size}"
            return [Alert(AlertKind.WENT_BACK, detail)]
        return []

    def _fork(self, signed: SignedCheckpoint, detail: str) -> Alert:
        own = self._own.note if self._own else ""
        name = f"fork-{sha256(signed.note.encode()).hexdigest()[:16]}.txt"
        self.folder.keep(name, f"{own}\n{signed.note}".encode())
        return Alert(AlertKind.FORK, detail, name)

    # --- what is larger --------------------------------------------------------------------------

    def _extend(self, signed: SignedCheckpoint) -> Mirrored:
        old_size, size = self.size, signed.checkpoint.size
        tree = self._tree.copy()
        try:
            runs = tree.append_many(list(self._source.leaf_hashes(old_size, size, size=size)))
        except NotIntegrated as error:
            return self._result(old_size, 0, [Alert(AlertKind.TILES_CONTRADICT, error.message)])
        if tree.root() != signed.checkpoint.root:
            detail = f"the tiles of size {size} do not lead to its checkpoint"
            fork = self._fork(signed, detail)
            return self._result(
                old_size, 0, [Alert(AlertKind.TILES_CONTRADICT, detail, fork.evidence)]
            )
        for growth in tile_growth(runs):
            self._store_tile(growth.level, growth.number, growth.offset, growth.hashes)
        unread, alerts = self._store_entries(old_size, size)
        # Commit point: the copy has everything its checkpoint covers, and the checkpoint now.
        self.folder.store(CHECKPOINT_PATH, signed.note.encode())
        self._own, self._tree = signed, tree
        return self._result(old_size, unread, alerts)

    def _store_tile(self, level: int, number: int, offset: int, hashes: bytes) -> None:
        held = self._tile(level, number, offset) if offset else b""
        width = offset + len(hashes) // HASH_LENGTH
        self.folder.store(TileCoordinate(level, number, width).path, held + hashes)

    def _store_entries(self, old_size: int, size: int) -> tuple[int, list[Alert]]:
        return self._store_bundles(entry_bundles_between(old_size, size), old_size, size)

    def _store_bundles(
        self, coordinates: Iterable[TileCoordinate], old_size: int, size: int
    ) -> tuple[int, list[Alert]]:
        unread, alerts = 0, []
        for coordinate in coordinates:
            first = coordinate.number * TILE_WIDTH
            try:
                bundle = self._source.entries(coordinate.number, size=size)
            except EncodingError as error:
                alerts.append(Alert(AlertKind.ENTRY_CHANGED, f"{coordinate.path}: {error.message}"))
                continue
            if bundle is None:
                unread += first + coordinate.width - max(first, old_size)
                continue
            tile = self._tile(0, coordinate.number, coordinate.width)
            wrong = [
                first + at
                for at, entry in enumerate(bundle)
                if hash_leaf(entry) != tile[at * HASH_LENGTH : (at + 1) * HASH_LENGTH]
            ]
            if wrong:
                detail = f"entry {wrong[0]} does not have its leaf hash"
                alerts.append(Alert(AlertKind.ENTRY_CHANGED, detail))
                continue
            self.folder.store(coordinate.path, encode_entry_bundle(bundle))
        return unread, alerts

    # --- the copy --------------------------------------------------------------------------------

    def _load(self) -> SignedCheckpoint | None:
        note = self.folder.fetch(CHECKPOINT_PATH)
        if note is None:
            return None
        return SignedCheckpoint(open_checkpoint(note.decode(), self._verifier), note.decode())

    def _load_tree(self) -> CompactRange:
        own: Checkpoint | None = self._own.checkpoint if self._own else None
        if own is None or own.size == 0:
            return CompactRange()
        tree = CompactRange(own.size, edge_nodes(self._reader(own.size), own.size))
        if tree.root() != own.root:
            raise ForkDetected(f"the mirrored tiles of {self.origin} are not its checkpoint's")
        return tree

    def _reader(self, size: int) -> TileReader:
        return TileReader(self._tile, size)

    def _tile(self, level: int, number: int, width: int) -> bytes:
        # The copy may have the tile at the width it had with the newest checkpoint, or full.
        held = tile_width(level, number, self._own_size())
        for wide in dict.fromkeys((width, held, TILE_WIDTH)):
            if wide:
                tile = self.folder.fetch(TileCoordinate(level, number, wide).path)
                if tile is not None:
                    return tile[: width * HASH_LENGTH]
        raise ForkDetected(f"the mirror has lost tile {number} of level {level} of {self.origin}")

    def _own_size(self) -> int:
        return self._own.checkpoint.size if self._own else 0

    def _result(self, old_size: int, unread: int, alerts: Sequence[Alert]) -> Mirrored:
        return Mirrored(self.origin, old_size, self.size, unread, tuple(alerts))
