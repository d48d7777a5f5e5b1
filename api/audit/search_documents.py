"""What a search has found, as documents, rows and packages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attestation.canonical import Json
from attestation.instants import Instant, format_instant
from attestation.packages import Package
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.searching import Item, Search
from ledger.search.kinds import ItemKind
from ledger.tables import Column, Table, table_files

_COLUMNS: Final = (
    Column("kind", "种类"),
    Column("title", "名称"),
    Column("key", "标识"),
    Column("enterprise", "企业"),
    Column("log", "日志"),
    Column("entry_index", "条目序号", is_number=True),
    Column("block_number", "区块", is_number=True),
    Column("at", "时间"),
    Column("link", "链接"),
)


def item_document(item: Item, logs: dict[LogNumber, Log]) -> dict[str, Json]:
    """Give an item with the address at which it is read."""
    log = None if item.log is None else logs.get(item.log)
    return {
        "kind": item.kind.value,
        "key": item.key,
        "title": item.title,
        "enterprise": item.enterprise,
        "log": None if log is None else log.name,
        "entry_index": item.entry_index,
        "block_number": item.block_number,
        "at": format_instant(item.at) if item.at else None,
        "link": link_of(item, log),
        "body": dict(item.body),
    }


def link_of(item: Item, log: Log | None) -> str | None:
    """Give the address under `/v1` that shows an item; None where it has none of its own."""
    inventory_id = item.body.get("inventory_id")
    if item.kind in (ItemKind.CASE, ItemKind.ACT):
        return f"/v1/cases/{inventory_id}"
    if log is None:
        return None
    if item.kind is ItemKind.VERSION:
        number = item.body.get("number")
        return f"/v1/logs/{log.name}/inventories/{inventory_id}/versions/{number}"
    if item.entry_index is not None:
        return f"/v1/logs/{log.name}/entries/{item.entry_index}"
    return f"/v1/logs/{log.name}"


def query_document(search: Search) -> dict[str, Json]:
    """Give what was asked for, as the ledger of actions and a package have it."""
    return {
        "q": search.words,
        "kinds": [each.value for each in search.kinds],
        "enterprise": search.enterprise,
        "since": _instant(search.since),
        "until": _instant(search.until),
        "as_of_block": search.as_of_block,
    }


def search_package(
    items: Sequence[Item],
    logs: dict[LogNumber, Log],
    search: Search,
    *,
    as_of: dict[str, Json],
    now: Instant,
) -> Package:
    """Put what was found into a package: the same table as CSV, XLSX and Parquet."""
    documents = [item_document(each, logs) for each in items]
    names = [each.name for each in _COLUMNS]
    rows = [[_cell(document[name]) for name in names] for document in documents]
    return Package(
        kind="search",
        made_at=now,
        query=query_document(search),
        as_of=as_of,
        files=table_files(Table("results", _COLUMNS, rows)),
    )


def _cell(value: Json) -> str | int | None:
    return value if isinstance(value, str | int) else None


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
