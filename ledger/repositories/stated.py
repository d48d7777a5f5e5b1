"""
The records of a log that accounting rests on, found by type, by what they are about, and by time.

The table only says where they stand; what they say is read from their entries each time, so that
it is what the tree holds.

Source: `docs/formats/inventory-records.md`, section 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, Select, delete, insert, select, update

from attestation.records import Record, body_of_record, parse_record
from attestation.statements import About, Statement
from ledger.models import StatedRecordRow
from ledger.repositories.bulk import is_one_of, table_of
from ledger.repositories.entries import EntryRepository
from ledger.repositories.logs import LogNumber

StatementType = TypeVar("StatementType", bound=Statement)

_PLACE: Final = (
    "index",
    "record_type",
    "key",
    "from_s",
    "to_s",
    "leaf_hash",
    "supersedes_index",
    "superseded_by_index",
)


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """Where a record that accounting rests on stands."""

    index: int
    record_type: str
    key: str
    from_s: int
    to_s: int | None
    leaf_hash: bytes
    supersedes_index: int | None
    superseded_by_index: int | None

    def is_superseded(self, *, size: int | None = None) -> bool:
        """Say whether a later record took its place; of the first `size` entries, where given."""
        by = self.superseded_by_index
        return by is not None and (size is None or by < size)

    def holds(self, at_s: int) -> bool:
        """Say whether it holds at a second."""
        return self.from_s <= at_s and (self.to_s is None or at_s < self.to_s)


@dataclass(frozen=True, slots=True)
class StatedRecord(Generic[StatementType]):
    """A record that accounting rests on, with what it says."""

    place: StatedPlace
    record: Record
    """As its entry has it: signer, subject and signature included."""
    body: StatementType

    @property
    def index(self) -> int:
        """Index of its entry."""
        return self.place.index


class StatedRepository:
    """Reads and writes `stated_record`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._entries = EntryRepository(connection)

    def add(self, log: LogNumber, index: int, record: Record, about: About) -> None:
        """
        Store where a record stands, and what it takes the place of.

        It supersedes only records of its own type about the same thing; other leaf hashes that
        it names have no effect here.
        """
        superseded = self._named(log, record, about.key)
        self._connection.execute(
            insert(StatedRecordRow).values(
                log_number=log,
                index=index,
                record_type=record.record_type,
                key=about.key,
                from_s=about.from_s,
                to_s=about.to_s,
                leaf_hash=record.leaf_hash,
                supersedes_index=max(superseded, default=None),
            )
        )
        table = table_of(StatedRecordRow)
        self._connection.execute(
            update(table)
            .where(
                table.c.log_number == log,
                is_one_of(self._connection, table.c.index, superseded),
                table.c.superseded_by_index.is_(None),
            )
            .values(superseded_by_index=index)
        )

    def listed(
        self,
        log: LogNumber,
        kind: type[StatementType],
        key: str | None = None,
        *,
        size: int | None = None,
    ) -> tuple[StatedRecord[StatementType], ...]:
        """
        Load the records of a type, of one key or all, in index order, superseded ones too.

        Args:
            log: The log.
            kind: Class of their bodies.
            key: What they are about.
            size: Only the first entries of the log are looked at.
        """
        return self._load(log, kind, self._places(log, kind.record_type, key, size))

    def newest(
        self, log: LogNumber, kind: type[StatementType], key: str, *, size: int | None = None
    ) -> StatedRecord[StatementType] | None:
        """Load the newest record of a type and key that is not superseded."""
        places = self._places(log, kind.record_type, key, size)
        standing = [place for place in places if not place.is_superseded(size=size)]
        return self._last(log, kind, standing)

    def at(
        self,
        log: LogNumber,
        kind: type[StatementType],
        key: str,
        at_s: int,
        *,
        size: int | None = None,
    ) -> StatedRecord[StatementType] | None:
        """
        Load the record of a type and key that holds at a second.

        Of several that are not superseded, the one that begins last holds, and of those that
        begin together, the newest.
        """
        places = self._places(log, kind.record_type, key, size)
        return self._last(log, kind, _holding(places, at_s, size))

    def all_at(
        self, log: LogNumber, kind: type[StatementType], at_s: int, *, size: int | None = None
    ) -> tuple[StatedRecord[StatementType], ...]:
        """Load, for every key of a type, the record that holds at a second, in index order."""
        places = _holding(self._places(log, kind.record_type, None, size), at_s, size)
        last = {place.key: place for place in places}
        return self._load(log, kind, sorted(last.values(), key=lambda each: each.index))

    def get(
        self, log: LogNumber, kind: type[StatementType], index: int
    ) -> StatedRecord[StatementType] | None:
        """Load the record of a type at an index; None where something else stands there."""
        table = table_of(StatedRecordRow)
        statement = _places_of(log).where(
            table.c.index == index, table.c.record_type == kind.record_type
        )
        return self._last(log, kind, self._fetch(statement))

    def named(
        self, log: LogNumber, kind: type[StatementType], leaf_hash: bytes
    ) -> StatedRecord[StatementType] | None:
        """Load the record of a type whose entry has a leaf hash."""
        table = table_of(StatedRecordRow)
        statement = _places_of(log).where(
            table.c.leaf_hash == leaf_hash, table.c.record_type == kind.record_type
        )
        return self._last(log, kind, self._fetch(statement))

    def indexes(self, log: LogNumber) -> list[int]:
        """List the indexes of all records of a log that accounting rests on."""
        table = table_of(StatedRecordRow)
        statement = select(table.c.index).where(table.c.log_number == log).order_by(table.c.index)
        return list(self._connection.execute(statement).scalars())

    def clear(self, log: LogNumber) -> None:
        """Forget where the records of a log stand, to derive it again."""
        table = table_of(StatedRecordRow)
        self._connection.execute(delete(table).where(table.c.log_number == log))

    def _named(self, log: LogNumber, record: Record, key: str) -> list[int]:
        if not record.supersedes:
            return []
        table = table_of(StatedRecordRow)
        statement = select(table.c.index).where(
            table.c.log_number == log,
            table.c.record_type == record.record_type,
            table.c.key == key,
            is_one_of(self._connection, table.c.leaf_hash, record.supersedes),
        )
        return list(self._connection.execute(statement).scalars())

    def _places(
        self, log: LogNumber, record_type: str, key: str | None, size: int | None
    ) -> list[StatedPlace]:
        table = table_of(StatedRecordRow)
        statement = _places_of(log).where(table.c.record_type == record_type)
        if key is not None:
            statement = statement.where(table.c.key == key)
        if size is not None:
            statement = statement.where(table.c.index < size)
        return self._fetch(statement)

    def _fetch(self, statement: Select[Any]) -> list[StatedPlace]:
        return [StatedPlace(*row) for row in self._connection.execute(statement)]

    def _last(
        self, log: LogNumber, kind: type[StatementType], places: list[StatedPlace]
    ) -> StatedRecord[StatementType] | None:
        return self._load(log, kind, places[-1:])[0] if places else None

    def _load(
        self, log: LogNumber, kind: type[StatementType], places: Iterable[StatedPlace]
    ) -> tuple[StatedRecord[StatementType], ...]:
        wanted = list(places)
        if not wanted:
            return ()
        entries = self._entries.many(log, [place.index for place in wanted])
        found: list[StatedRecord[StatementType]] = []
        for place in wanted:
            record = parse_record(entries[place.index].content)
            body = body_of_record(record)
            if not isinstance(body, kind):
                raise TypeError(f"entry {place.index} is no {kind.record_type}")
            found.append(StatedRecord(place, record, body))
        return tuple(found)


def _holding(places: Iterable[StatedPlace], at_s: int, size: int | None) -> list[StatedPlace]:
    """Give the places that hold at a second; what takes the place of another comes later."""
    holding = [
        place for place in places if not place.is_superseded(size=size) and place.holds(at_s)
    ]
    return sorted(holding, key=lambda each: (each.from_s, each.index))


def _places_of(log: LogNumber) -> Select[Any]:
    table = table_of(StatedRecordRow)
    return (
        select(*(table.c[name] for name in _PLACE))
        .where(table.c.log_number == log)
        .order_by(table.c.index)
    )
