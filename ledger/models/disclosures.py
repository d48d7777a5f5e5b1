"""
Tables of what is shown to outsiders: disclosures, their openings, and the bodies of reports.

Of a link only the SHA-256 of its token is kept. Openings and bodies are written once.
"""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import AutoNumber, Model


class DisclosureRow(Model):
    """One line or message that an enterprise shows to whoever has the link."""

    __tablename__ = "disclosure"
    __table_args__ = (Index(None, "usc", "created_at_ms", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """Names it for people; opens nothing."""
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    usc: Mapped[str]
    scope: Mapped[str]
    """`line` or `message`."""
    subject: Mapped[str]
    """What is shown, in words."""
    label: Mapped[str]
    """For whom, in the enterprise's words."""
    content: Mapped[bytes]
    """The bundle."""
    created_by: Mapped[str]
    created_at_ms: Mapped[int]
    expires_at_ms: Mapped[int]
    most_openings: Mapped[int]
    revoked_at_ms: Mapped[int | None]


class DisclosureOpeningRow(Model):
    """Somebody opened a link."""

    __tablename__ = "disclosure_opening"
    __table_args__ = (Index(None, "disclosure", "opened_at_ms"),)

    id: Mapped[AutoNumber]
    disclosure: Mapped[str]
    opened_at_ms: Mapped[int]


class ReportBodyRow(Model):
    """The body of a report that a verifier signed."""

    __tablename__ = "report_body"
    __table_args__ = (Index(None, "inventory_id"),)

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    inventory_id: Mapped[bytes]
    version: Mapped[int]
    content: Mapped[bytes]
    stored_at_ms: Mapped[int]
