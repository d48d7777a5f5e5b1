"""
The table of events: what happened in a log, for whoever follows it.

Rows are written once. Nothing rests on them: what an event tells of stands in the log, on the
chain or in a table of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model, Small


class EventRow(Model):
    """One thing that happened."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("log_number", "kind", "subject"),
        Index(None, "log_number", "id"),
    )

    id: Mapped[AutoNumber]
    """Ascending in the order in which events became visible."""
    log_number: Mapped[int]
    kind: Mapped[Small]
    """An `EventKind`."""
    subject: Mapped[str]
    """What it is about among the events of its kind, so that nothing is told twice."""
    body: Mapped[Any] = mapped_column(JSON)
    happened_at_ms: Mapped[int]
