"""
Tables of what parties are entitled to, as the final events of Credentials say it.

Rows are only added, each at the place of its event: what held as of a block is what stands at or
below it. All of it can be read from the chain again, so it is forgotten only to be read anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.models.base import KeyPart, Model, Small


class CredentialRow(Model):
    """A party's credential from an event on, until its next row."""

    __tablename__ = "credential"

    party_id: Mapped[bytes] = mapped_column(primary_key=True)
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    """Block time."""
    kind: Mapped[Small]
    """A `PartyKind`."""
    tier: Mapped[Small]
    """A `RegulatorTier`."""
    sectors: Mapped[Any] = mapped_column(JSON)
    """List of `Sector`s."""
    areas: Mapped[Any] = mapped_column(JSON)
    """List of codes of GB/T 2260, 0 for the nation."""
    valid_from_s: Mapped[int]
    valid_to_s: Mapped[int]
    """First second no more valid."""
    cma: Mapped[str]
    cnas: Mapped[str]
    document_hash: Mapped[bytes]
    act_digest: Mapped[bytes]
    """Of the grant."""
    status: Mapped[Small]
    """A `CredentialStatus`."""
    reason: Mapped[str]
    """Of the status; empty from the grant on."""
    state: Mapped[bytes]
    """What the next act about the party's credentials names."""


class PartyGroupRow(Model):
    """The group of related firms that a party is in from an event on."""

    __tablename__ = "party_group"

    party_id: Mapped[bytes] = mapped_column(primary_key=True)
    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    name: Mapped[str]
    """Empty for none."""
    act_digest: Mapped[bytes]


class ConflictOfInterestRow(Model):
    """A time during which a body may not verify an enterprise, or in a province."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (Index(None, "body"),)

    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    at_s: Mapped[int]
    body: Mapped[bytes]
    enterprise: Mapped[bytes | None]
    """The enterprise that it advised; absent where it prepares reports in a province."""
    province: Mapped[int | None]
    from_s: Mapped[int]
    to_s: Mapped[int]
    """First second at which it may again; equal to the begin where the time was cleared."""
    reason: Mapped[str]
    act_digest: Mapped[bytes]


class VerificationYearRow(Model):
    """A calendar year in which a verifier verified an enterprise."""

    __tablename__ = "verification_year"
    __table_args__ = (Index(None, "verifier", "enterprise"),)

    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    verifier: Mapped[bytes]
    enterprise: Mapped[bytes]
    year: Mapped[int]


class RotationRuleRow(Model):
    """The most years in a row in which one verifier may verify one enterprise."""

    __tablename__ = "rotation_rule"

    block_number: Mapped[KeyPart]
    log_index: Mapped[KeyPart]
    max_years: Mapped[int]
    """0 for no limit."""
    source: Mapped[str]
