"""
The work on cases that is no record: ticks, comments, approvals; only added to.

What stands is worked out by `ledger.cases`; here rows are written, and given back in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from attestation.canonical import Json
from attestation.enums import CommentKind
from attestation.instants import Instant
from ledger.models import CaseApprovalRow, CaseCommentRow, CaseTickRow
from ledger.repositories.bulk import table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A party has seen a line, or takes that back."""

    inventory_id: bytes
    party: str
    """Code of the party."""
    actor: str
    line: str
    """Name of the line."""
    version: int
    """As on chain."""
    substance: bytes
    """Hash of the line as it was seen, 32 bytes."""
    is_seen: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Something said in the conversation of a case."""

    inventory_id: bytes
    kind: CommentKind
    root: int | None = None
    """Number of the comment that began the conversation; None in that one."""
    anchor: Mapping[str, Json] | None = None
    """What it is about; in the one that begins the conversation, and only there."""
    version: int
    """As on chain, when it was said."""
    party: str
    actor: str
    text: str
    at: Instant
    number: int = 0
    """Given by the database; 0 before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person of the verifier approves a case as it stands, or takes that back."""

    inventory_id: bytes
    party: str
    address: bytes
    """Of the person's key, 20 bytes."""
    basis: bytes
    """Hash of what was approved, 32 bytes."""
    is_given: bool
    at: Instant


class CaseRepository:
    """Reads and writes `case_tick`, `case_comment` and `case_approval`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_tick(self, tick: Tick) -> None:
        """Add a tick, or the taking back of one."""
        self._connection.execute(
            insert(CaseTickRow).values(
                inventory_id=tick.inventory_id,
                party=tick.party,
                actor=tick.actor,
                line=tick.line,
                version=tick.version,
                substance=tick.substance,
                is_seen=tick.is_seen,
                at_ms=tick.at,
            )
        )

    def ticks(self, inventory_id: bytes, party: str) -> list[Tick]:
        """Load what a party said of the lines of a case, in order."""
        table = table_of(CaseTickRow)
        rows = self._connection.execute(
            select(table)
            .where(table.c.inventory_id == inventory_id, table.c.party == party)
            .order_by(table.c.number)
        )
        return [
            Tick(
                inventory_id=row.inventory_id,
                party=row.party,
                actor=row.actor,
                line=row.line,
                version=row.version,
                substance=row.substance,
                is_seen=row.is_seen,
                at=Instant(row.at_ms),
            )
            for row in rows
        ]

    def add_comment(self, comment: Comment) -> int:
        """Add a word to the conversation, and give its number; one that was copied has it."""
        given = {"number": comment.number} if comment.number else {}
        number: int = self._connection.execute(
            insert(CaseCommentRow)
            .values(
                **given,
                inventory_id=comment.inventory_id,
                root=comment.root,
                kind=int(comment.kind),
                anchor=None if comment.anchor is None else dict(comment.anchor),
                version=comment.version,
                party=comment.party,
                actor=comment.actor,
                text=comment.text,
                at_ms=comment.at,
            )
            .returning(CaseCommentRow.number)
        ).scalar_one()
        return number

    def comments(self, inventory_id: bytes) -> list[Comment]:
        """Load the conversation of a case, in order."""
        table = table_of(CaseCommentRow)
        rows = self._connection.execute(
            select(table).where(table.c.inventory_id == inventory_id).order_by(table.c.number)
        )
        return [_comment(row._mapping) for row in rows]

    def comment(self, inventory_id: bytes, number: int) -> Comment | None:
        """Load a word of the conversation of a case by its number."""
        table = table_of(CaseCommentRow)
        row = self._connection.execute(
            select(table).where(table.c.inventory_id == inventory_id, table.c.number == number)
        ).one_or_none()
        return None if row is None else _comment(row._mapping)

    def add_approval(self, approval: Approval) -> None:
        """Add an approval, or the taking back of one."""
        self._connection.execute(
            insert(CaseApprovalRow).values(
                inventory_id=approval.inventory_id,
                party=approval.party,
                address=approval.address,
                basis=approval.basis,
                is_given=approval.is_given,
                at_ms=approval.at,
            )
        )

    def approvals(self, inventory_id: bytes) -> list[Approval]:
        """Load the approvals of a case, in order."""
        table = table_of(CaseApprovalRow)
        rows = self._connection.execute(
            select(table).where(table.c.inventory_id == inventory_id).order_by(table.c.number)
        )
        return [
            Approval(
                inventory_id=row.inventory_id,
                party=row.party,
                address=row.address,
                basis=row.basis,
                is_given=row.is_given,
                at=Instant(row.at_ms),
            )
            for row in rows
        ]


def _comment(fields: Any) -> Comment:
    return Comment(
        inventory_id=fields["inventory_id"],
        kind=CommentKind(fields["kind"]),
        root=fields["root"],
        anchor=fields["anchor"],
        version=fields["version"],
        party=fields["party"],
        actor=fields["actor"],
        text=fields["text"],
        at=Instant(fields["at_ms"]),
        number=fields["number"],
    )
