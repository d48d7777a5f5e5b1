"""What came along when an enterprise arrived from another operator, and is nowhere else."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from ledger.models.base import KeyPart, LogNumber, Model


class EarlierActionsRow(Model):
    """What was done about an enterprise at one earlier operator, with its proofs."""

    __tablename__ = "earlier_actions"

    log_number: Mapped[LogNumber]
    number: Mapped[KeyPart]
    """1 for the first operator."""
    vkey: Mapped[str]
    """Key of that operator's own log, as it was trusted when the log arrived."""
    content: Mapped[bytes]
    """`actions.json` of `docs/formats/action-records.md`, section 3."""
