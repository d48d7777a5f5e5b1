"""
The table of persons' details: all that is kept of people, and all of it can be erased.

A row without a ciphertext says that there were details and when they were erased.
"""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import Model


class PersonDetailRow(Model):
    """What is known of a person of a party, encrypted under that person's own key."""

    __tablename__ = "person_detail"

    code: Mapped[str] = mapped_column(primary_key=True)
    """Of the party that the person acts for."""
    person: Mapped[bytes] = mapped_column(primary_key=True)
    """Salted id, 32 bytes: what log and chain know."""
    nonce: Mapped[bytes | None]
    ciphertext: Mapped[bytes | None]
    """With the tag; absent once erased."""
    stored_at_ms: Mapped[int]
    erased_at_ms: Mapped[int | None]
