"""
The index of search: items by their words, restricted by what the caller may see and as of when.

One inverted index serves both databases: a word is a row, and what is asked for is the
intersection of its words. An item of a log held as of a block where that block's anchors cover its
entry; an item of the chain, where its own block is not later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
)

from attestation.canonical import Json
from attestation.instants import Instant
from ledger.models import AnchorRow, SavedQueryRow, SearchCursorRow, SearchItemRow, SearchWordRow
from ledger.repositories.bulk import copy_rows, is_one_of, table_of
from ledger.repositories.logs import LogNumber
from ledger.search.kinds import ItemKind
from ledger.search.words import AskedWord, asked_words

_ITEM: Final = (
    "kind",
    "key",
    "title",
    "enterprise",
    "log_number",
    "entry_index",
    "block_number",
    "at_ms",
    "body",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that can be found."""

    kind: ItemKind
    key: str
    title: str
    at: Instant
    enterprise: str | None = None
    log: LogNumber | None = None
    entry_index: int | None = None
    block_number: int | None = None
    body: Mapping[str, Json]
    id: int = 0
    """Drawn when it is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is asked for; what is absent is not asked."""

    words: str = ""
    kinds: tuple[ItemKind, ...] = ()
    enterprises: tuple[str, ...] | None = None
    """Only of these enterprises, and what is public."""
    enterprise: str | None = None
    """Only of this one."""
    since: Instant | None = None
    until: Instant | None = None
    """As of this time."""
    as_of_block: int | None = None


class SearchRepository:
    """Reads and writes `search_item`, `search_word`, `search_cursor` and `saved_query`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, item: Item, words: frozenset[bytes]) -> None:
        """Store an item under its words; one that is there is replaced."""
        self._remove(item.kind, item.key)
        values = (
            item.kind.value,
            item.key,
            item.title,
            item.enterprise,
            item.log,
            item.entry_index,
            item.block_number,
            item.at,
            dict(item.body),
        )
        number = self._connection.execute(
            insert(SearchItemRow)
            .values(dict(zip(_ITEM, values, strict=True)))
            .returning(SearchItemRow.id)
        ).scalar_one()
        rows = [(word, number) for word in sorted(words)]
        copy_rows(self._connection, table_of(SearchWordRow), ("word", "item"), rows)

    def has(self, item: Item) -> bool:
        """Say whether an item is stored with this title and body."""
        row = self._connection.execute(
            select(SearchItemRow.title, SearchItemRow.body).where(
                SearchItemRow.kind == item.kind.value, SearchItemRow.key == item.key
            )
        ).one_or_none()
        return row is not None and (row.title, row.body) == (item.title, dict(item.body))

    def find(self, search: Search, *, before: int | None = None, limit: int) -> list[Item]:
        """Load the newest items that meet a search; `before` is the id to go on below."""
        statement = self._narrowed(select(table_of(SearchItemRow)), search)
        if before is not None:
            statement = statement.where(SearchItemRow.id < before)
        rows = self._connection.execute(statement.order_by(SearchItemRow.id.desc()).limit(limit))
        return [_item(row._mapping) for row in rows]

    def count(self, search: Search) -> dict[ItemKind, int]:
        """Count what meets a search, by kind."""
        statement = self._narrowed(select(SearchItemRow.kind, func.count()), search)
        rows = self._connection.execute(statement.group_by(SearchItemRow.kind)).all()
        return {ItemKind(kind): number for kind, number in rows}

    def enterprises(self, search: Search) -> list[str]:
        """Give the credit codes of the enterprises whose things meet a search, ordered."""
        statement = self._narrowed(select(SearchItemRow.enterprise).distinct(), search)
        statement = statement.where(SearchItemRow.enterprise.is_not(None))
        rows = self._connection.execute(statement.order_by(SearchItemRow.enterprise))
        return list(rows.scalars())

    def cursor(self, source: str, *, lock: bool = False) -> tuple[int, ...]:
        """Give how far a source was indexed; nothing where it was not begun."""
        statement = select(SearchCursorRow.position).where(SearchCursorRow.source == source)
        if lock:
            statement = statement.with_for_update()
        return tuple(self._connection.execute(statement).scalar_one_or_none() or ())

    def move_cursor(self, source: str, *position: int) -> None:
        """Note how far a source was indexed, in the unit of work of what was found there."""
        self._connection.execute(delete(SearchCursorRow).where(SearchCursorRow.source == source))
        values = {"source": source, "position": list(position)}
        self._connection.execute(insert(SearchCursorRow).values(values))

    def clear(self, *sources: str) -> None:
        """Forget everything that was indexed, and how far these sources were."""
        for model in (SearchWordRow, SearchItemRow):
            self._connection.execute(delete(model))
        self._connection.execute(delete(SearchCursorRow).where(SearchCursorRow.source.in_(sources)))

    # --- saved queries -------------------------------------------------------------------------

    def save(self, owner: str, name: str, query: Mapping[str, Json], *, at: Instant) -> None:
        """Keep a query under a name; one of that name is replaced."""
        self.forget(owner, name)
        self._connection.execute(
            insert(SavedQueryRow).values(owner=owner, name=name, query=dict(query), saved_at_ms=at)
        )

    def saved(self, owner: str) -> dict[str, tuple[Mapping[str, Json], Instant]]:
        """Give what somebody keeps: query and time of saving by name."""
        rows = self._connection.execute(
            select(table_of(SavedQueryRow))
            .where(SavedQueryRow.owner == owner)
            .order_by(SavedQueryRow.name)
        )
        return {row.name: (row.query, Instant(row.saved_at_ms)) for row in rows}

    def forget(self, owner: str, name: str) -> bool:
        """Forget a query; False if there was none of that name."""
        removed = self._connection.execute(
            delete(SavedQueryRow).where(SavedQueryRow.owner == owner, SavedQueryRow.name == name)
        )
        return removed.rowcount > 0

    # --- how a search is asked -----------------------------------------------------------------

    def _narrowed(
        self, statement: Select[*tuple[Any, ...]], search: Search
    ) -> Select[*tuple[Any, ...]]:
        conditions = [_has_word(each) for each in asked_words(search.words)]
        if search.kinds:
            kinds = [each.value for each in search.kinds]
            conditions.append(is_one_of(self._connection, SearchItemRow.kind, kinds))
        if search.enterprise is not None:
            conditions.append(SearchItemRow.enterprise == search.enterprise)
        if search.enterprises is not None:
            own = is_one_of(self._connection, SearchItemRow.enterprise, search.enterprises)
            conditions.append(or_(SearchItemRow.enterprise.is_(None), own))
        if search.since is not None:
            conditions.append(SearchItemRow.at_ms >= search.since)
        if search.until is not None:
            conditions.append(SearchItemRow.at_ms <= search.until)
        if search.as_of_block is not None:
            conditions.append(_held_at(search.as_of_block))
        return statement.where(*conditions)

    def _remove(self, kind: ItemKind, key: str) -> None:
        found = self._connection.execute(
            select(SearchItemRow.id).where(
                SearchItemRow.kind == kind.value, SearchItemRow.key == key
            )
        ).scalar_one_or_none()
        if found is not None:
            self._connection.execute(delete(SearchWordRow).where(SearchWordRow.item == found))
            self._connection.execute(delete(SearchItemRow).where(SearchItemRow.id == found))


def _has_word(asked: AskedWord) -> ColumnElement[bool]:
    word = SearchWordRow.word == asked.word
    if asked.is_prefix:
        word = SearchWordRow.word >= asked.word
        if asked.end is not None:
            word = and_(word, SearchWordRow.word < asked.end)
    return SearchItemRow.id.in_(select(SearchWordRow.item).where(word))


def _held_at(block: int) -> ColumnElement[bool]:
    covering = (
        select(AnchorRow.log_number)
        .where(
            AnchorRow.log_number == SearchItemRow.log_number,
            AnchorRow.block_number <= block,
            AnchorRow.size > SearchItemRow.entry_index,
        )
        .exists()
    )
    return or_(
        SearchItemRow.block_number <= block,
        and_(SearchItemRow.entry_index.is_not(None), covering),
    )


def _item(fields: Mapping[Any, Any]) -> Item:
    log = fields["log_number"]
    return Item(
        kind=ItemKind(fields["kind"]),
        key=fields["key"],
        title=fields["title"],
        at=Instant(fields["at_ms"]),
        enterprise=fields["enterprise"],
        log=None if log is None else LogNumber(log),
        entry_index=fields["entry_index"],
        block_number=fields["block_number"],
        body=fields["body"],
        id=fields["id"],
    )
