"""
Tables of search: what there is to find, the words it is found by, and what somebody asks again.

Items and words are derived of logs, chain and inventories; emptying them and indexing from the
start gives them again. Words are bytes, so that they have one order on every database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, KeyPart, Model


class SearchItemRow(Model):
    """One thing that can be found."""

    __tablename__ = "search_item"
    __table_args__ = (UniqueConstraint("kind", "key"), Index(None, "enterprise", "id"))

    id: Mapped[AutoNumber]
    kind: Mapped[str]
    """An `ItemKind`."""
    key: Mapped[str]
    """Its name among the items of its kind."""
    title: Mapped[str]
    enterprise: Mapped[str | None]
    """Credit code of the enterprise whose it is; absent where it is public."""
    log_number: Mapped[int | None]
    entry_index: Mapped[int | None]
    """Of the entry that says it."""
    block_number: Mapped[int | None]
    """Block from which the chain says it."""
    at_ms: Mapped[int]
    body: Mapped[Any] = mapped_column(JSON)
    """Where to look: names and numbers."""


class SearchWordRow(Model):
    """A word by which an item is found."""

    __tablename__ = "search_word"
    __table_args__ = (Index(None, "item"),)

    word: Mapped[bytes] = mapped_column(primary_key=True)
    item: Mapped[KeyPart]


class SearchCursorRow(Model):
    """How far a source was followed: by the index, and by whatever else is derived of events."""

    __tablename__ = "search_cursor"

    source: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[Any] = mapped_column(JSON)
    """A list of numbers, as the source orders its things."""


class SavedQueryRow(Model):
    """A query that somebody keeps under a name."""

    __tablename__ = "saved_query"

    owner: Mapped[str] = mapped_column(primary_key=True)
    """Actor to whom it belongs."""
    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[Any] = mapped_column(JSON)
    saved_at_ms: Mapped[int]
