"""Tiles and entries by the range, for whoever reads a tree whole, grows it or serves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select

from ledger.models import EntryRow, MessageKeyRow, MessageRow, TileRow
from ledger.repositories.logs import LogNumber

_PAGE: Final = 64
"""Tiles loaded at a time: half a mebibyte."""
_TILE: Final = select(TileRow.hashes).where(
    TileRow.log_number == bindparam("log"),
    TileRow.level == bindparam("level"),
    TileRow.number == bindparam("number"),
)
"""Built once: building a statement takes longer than running it."""
_ADMISSION: Final = select(MessageKeyRow.admission_id).where(
    MessageKeyRow.log_number == bindparam("log"),
    MessageKeyRow.kid == bindparam("kid"),
    MessageKeyRow.epoch == bindparam("epoch"),
    MessageKeyRow.sequence == bindparam("sequence"),
)


class TreeRepository:
    """Reads `tile` and `entry` by the range."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tiles(
        self, log: LogNumber, coordinates: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], bytes]:
        """Load some tiles by (level, number); those that do not exist are left out."""
        found: dict[tuple[int, int], bytes] = {}
        # One by one: for a list of pairs PostgreSQL reads every tile of the log.
        for level, number in coordinates:
            place = {"log": log, "level": level, "number": number}
            hashes = self._connection.execute(_TILE, place).scalar_one_or_none()
            if hashes is not None:
                found[level, number] = hashes
        return found

    def level(self, log: LogNumber, level: int) -> Iterator[tuple[int, bytes]]:
        """Give (number, hashes) of every tile of a level in order, page by page."""
        after = -1
        while True:
            statement = (
                select(TileRow.number, TileRow.hashes)
                .where(TileRow.log_number == log, TileRow.level == level, TileRow.number > after)
                .order_by(TileRow.number)
                .limit(_PAGE)
            )
            rows = self._connection.execute(statement).all()
            if not rows:
                return
            yield from rows
            after = rows[-1][0]

    def contents(self, log: LogNumber, start: int, end: int) -> list[bytes]:
        """Load the bytes of entries `[start, end)` in order; fewer where the log ends."""
        statement = (
            select(MessageRow.content)
            .select_from(EntryRow)
            .join(
                MessageRow,
                (MessageRow.log_number == EntryRow.log_number)
                & (MessageRow.admission_id == EntryRow.admission_id),
            )
            .where(EntryRow.log_number == log, EntryRow.index >= start, EntryRow.index < end)
            .order_by(EntryRow.index)
        )
        return list(self._connection.execute(statement).scalars())

    def admission_of(self, log: LogNumber, kid: bytes, epoch: int, sequence: int) -> int | None:
        """Give the admission of a device message by its numbers."""
        place = {"log": log, "kid": kid, "epoch": epoch, "sequence": sequence}
        return self._connection.execute(_ADMISSION, place).scalar_one_or_none()
