"""Tiles, checkpoints and cosignatures: what is published of a log's tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from attestation.instants import Instant
from ledger.models import CheckpointRow, CosignatureRow, RebuildingRow, TileRow
from ledger.repositories.bulk import copy_rows, table_of, upsert
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint that was signed."""

    log: LogNumber
    size: int
    root: bytes
    note: str
    """The signed note, with the log's own signature line only."""
    signed_at: Instant


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's newest cosignature on a checkpoint."""

    witness: str
    line: str
    """The note's signature line, without its line end."""
    signed_at_s: int


class TileRepository:
    """Reads and grows `tile`: the widest version of each hash tile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, log: LogNumber, level: int, number: int) -> bytes | None:
        """Give the hashes of a tile, 32 bytes each, as many as there are yet."""
        return self._connection.execute(
            select(TileRow.hashes).where(
                TileRow.log_number == log, TileRow.level == level, TileRow.number == number
            )
        ).scalar_one_or_none()

    def put(self, log: LogNumber, tiles: Iterable[tuple[int, int, bytes]]) -> None:
        """
        Store (level, number, hashes) tiles, new or grown.

        Raises:
            AppendOnly: If a tile's stored hashes are not the beginning of the new ones.
        """
        upsert(
            self._connection,
            TileRow,
            ("log_number", "level", "number", "hashes"),
            ((log, level, number, hashes) for level, number, hashes in tiles),
            changes=["hashes"],
        )

    def add_full(self, log: LogNumber, tiles: Iterable[tuple[int, int, bytes]]) -> None:
        """
        Store (level, number, hashes) tiles that do not exist yet; faster than `put`.

        Raises:
            StorageConflict: If one exists.
        """
        copy_rows(
            self._connection,
            table_of(TileRow),
            ("log_number", "level", "number", "hashes"),
            ((log, level, number, hashes) for level, number, hashes in tiles),
        )

    def clear(self, log: LogNumber) -> None:
        """Remove a log's tiles, to be derived again in the same unit of work."""
        self._connection.execute(insert(RebuildingRow).values(log_number=log))
        self._connection.execute(delete(TileRow).where(TileRow.log_number == log))
        self._connection.execute(delete(RebuildingRow).where(RebuildingRow.log_number == log))


class CheckpointRepository:
    """Reads and writes `checkpoint` and `cosignature`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, checkpoint: StoredCheckpoint) -> None:
        """
        Store a checkpoint.

        Raises:
            StorageConflict: If there is one of this size.
        """
        self._connection.execute(
            _ADD_CHECKPOINT,
            {
                "log_number": checkpoint.log,
                "size": checkpoint.size,
                "root": checkpoint.root,
                "note": checkpoint.note,
                "signed_at_ms": checkpoint.signed_at,
            },
        )

    def get(self, log: LogNumber, size: int) -> StoredCheckpoint | None:
        """Load the checkpoint of a size."""
        return self._first(_CHECKPOINT, {"log": log, "size": size})

    def newest(self, log: LogNumber) -> StoredCheckpoint | None:
        """Load the checkpoint of the largest size."""
        return self._first(_NEWEST_CHECKPOINT, {"log": log})

    def covering(self, log: LogNumber, index: int) -> StoredCheckpoint | None:
        """Load the first checkpoint that covers an entry."""
        return self._first(_COVERING_CHECKPOINT, {"log": log, "index": index})

    def stream(self, log: LogNumber, *, page: int = 1024) -> Iterator[StoredCheckpoint]:
        """Give every checkpoint by ascending size, page by page."""
        size = -1
        while True:
            statement = (
                _CHECKPOINTS.where(CheckpointRow.size > size)
                .order_by(CheckpointRow.size)
                .limit(page)
            )
            rows = [_checkpoint(row) for row in self._connection.execute(statement, {"log": log})]
            if not rows:
                return
            yield from rows
            size = rows[-1].size

    def cosign(self, log: LogNumber, size: int, cosignature: Cosignature) -> None:
        """Store a cosignature; a newer one of the same witness takes its place."""
        upsert(
            self._connection,
            CosignatureRow,
            ("log_number", "size", "witness", "line", "signed_at_s"),
            [(log, size, cosignature.witness, cosignature.line, cosignature.signed_at_s)],
            changes=["line", "signed_at_s"],
        )

    def cosignatures(self, log: LogNumber, size: int) -> list[Cosignature]:
        """Load the cosignatures on a checkpoint, ordered by witness."""
        rows = self._connection.execute(
            select(CosignatureRow.witness, CosignatureRow.line, CosignatureRow.signed_at_s)
            .where(CosignatureRow.log_number == log, CosignatureRow.size == size)
            .order_by(CosignatureRow.witness)
        )
        return [Cosignature(*row) for row in rows]

    def _first(
        self, statement: Select[int, int, bytes, str, int], named: Mapping[str, object]
    ) -> StoredCheckpoint | None:
        row = self._connection.execute(statement, named).first()
        return None if row is None else _checkpoint(row)


# Built once: building a statement takes longer than running it.
_ADD_CHECKPOINT: Final = insert(table_of(CheckpointRow))
_CHECKPOINTS: Final = select(
    CheckpointRow.log_number,
    CheckpointRow.size,
    CheckpointRow.root,
    CheckpointRow.note,
    CheckpointRow.signed_at_ms,
).where(CheckpointRow.log_number == bindparam("log"))
_CHECKPOINT: Final = _CHECKPOINTS.where(CheckpointRow.size == bindparam("size"))
_NEWEST_CHECKPOINT: Final = _CHECKPOINTS.order_by(CheckpointRow.size.desc()).limit(1)
_COVERING_CHECKPOINT: Final = (
    _CHECKPOINTS.where(CheckpointRow.size > bindparam("index"))
    .order_by(CheckpointRow.size)
    .limit(1)
)


def _checkpoint(row: tuple[int, int, bytes, str, int]) -> StoredCheckpoint:
    log, size, root, note, signed_at = row
    return StoredCheckpoint(LogNumber(log), size, root, note, Instant(signed_at))
