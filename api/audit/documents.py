"""Actions as documents: the same for HTTP and for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attestation.action_bodies import Action
from attestation.action_proofs import FILE, ActionProofs, format_actions
from attestation.canonical import Json
from attestation.instants import Instant, format_instant
from attestation.packages import Package
from ledger.log.parties import FOLLOWER
from ledger.repositories.actions import ActionFilter, StoredAction
from ledger.repositories.logs import Log
from ledger.tables import Column, Table, table_files
from ledger.unit_of_work import UnitOfWork

_COLUMNS: Final = (
    Column("number", "序号", is_number=True),
    Column("at", "时间"),
    Column("actor", "操作者"),
    Column("role", "角色"),
    Column("on_behalf_of", "代表"),
    Column("what", "操作"),
    Column("subject", "对象"),
    Column("enterprise", "企业"),
    Column("chain_reference", "链上引用"),
    Column("changes", "变更"),
)


def action_document(action: StoredAction) -> dict[str, Json]:
    """Give an action as it is kept, with what it changed field by field."""
    return body_document(action.body) | {
        "changes": changes_of(action.change),
        "in_log": action.place is not None,
    }


def body_document(body: Action) -> dict[str, Json]:
    """Give what the record of an action says."""
    return {
        "number": body.number,
        "at": format_instant(Instant(body.at_ms)),
        "actor": body.actor,
        "role": body.role,
        "on_behalf_of": body.on_behalf_of,
        "what": body.what,
        "subject": body.subject,
        "enterprise": body.enterprise,
        "change": None if body.change is None else body.change.hex(),
        "signature": None if body.signature is None else f"0x{body.signature.hex()}",
        "chain_reference": body.chain_reference,
    }


def changes_of(change: Mapping[str, Json] | None) -> list[Json]:
    """Give a change field by field: name, from, to; a field that was not there is null."""
    if change is None:
        return []
    before, after = (_fields(change.get(side)) for side in ("before", "after"))
    return [
        {"field": name, "from": before.get(name), "to": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def query_of(wanted: ActionFilter) -> dict[str, Json]:
    """Give a filter as a package's manifest has it."""
    return {
        "actor": wanted.actor,
        "subject": wanted.subject,
        "what": wanted.what,
        "enterprise": wanted.usc,
        "day": None if wanted.day is None else wanted.day.isoformat(),
        "until": None if wanted.until is None else format_instant(wanted.until),
    }


def as_of(uow: UnitOfWork, logs: Iterable[Log]) -> dict[str, Json]:
    """Say how far the chain was read, and how many entries each log had."""
    cursor = uow.parties.cursor(FOLLOWER)
    block = None if cursor is None else cursor[0]
    sizes: dict[str, Json] = {log.origin: uow.heads.get(log.number).size for log in logs}
    return {"block": block, "logs": sizes}


def action_package(
    actions: Sequence[StoredAction],
    proofs: ActionProofs,
    wanted: ActionFilter,
    *,
    as_of: dict[str, Json],
    now: Instant,
) -> Package:
    """Put actions into a package: with their proofs, and as tables for spreadsheets."""
    return Package(
        kind="actions",
        made_at=now,
        query=query_of(wanted),
        as_of=as_of,
        files={FILE: format_actions(proofs), **table_files(_table(actions))},
    )


def _table(actions: Sequence[StoredAction]) -> Table:
    rows = []
    for each in actions:
        document = action_document(each)
        row = [document[column.name] for column in _COLUMNS[:-1]]
        changes = json.dumps(document["changes"], ensure_ascii=False)
        rows.append([*(_cell(value) for value in row), changes])
    return Table("actions", _COLUMNS, rows)


def _cell(value: Json) -> str | int | None:
    return value if isinstance(value, str | int) else None


def _fields(side: Json) -> Mapping[str, Json]:
    return side if isinstance(side, dict) else {}
