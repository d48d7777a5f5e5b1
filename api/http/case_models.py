"""What the operations on cases answer and take: decimal strings with units, instants in UTC."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from api.http.inventories import ChangeModel, LineModel
from api.http.models import Model

HASH: Final = "^[0-9a-f]{64}$"
PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text that people write: no control characters but line breaks and tabs."""
PARTY_CODE: Final = r"^[0-9A-Za-z.-]{1,64}$"


class CaseAmount(Model):
    """A decimal string with its unit."""

    value: str
    unit: str


class CaseParty(Model):
    """A party by its code and registered name."""

    code: str
    name: str


class CaseCountdown(Model):
    """A clock that runs."""

    name: Literal["objection", "decision", "finding"]
    until: str
    days_left: int = Field(description="Whole natural days; negative where the time is over.")
    working_days: int | None = Field(description="Working days that it was set for.")
    working_days_left: int | None = Field(
        description="After today; null where it is none of working days, or not in the calendar."
    )


class CaseReason(Model):
    """One reason for which a case is risky."""

    name: str
    points: int
    english: str
    chinese: str


class CaseSummary(Model):
    """A case as it stands in the queue."""

    case: str
    enterprise: CaseParty
    unit: str
    period: str
    report_year: int
    sector: str
    area: int = Field(description="Code of GB/T 2260 where the enterprise reports.")
    state: str = Field(description="State on chain.")
    stage: str = Field(description="Stage after the verification guide.")
    countdowns: list[CaseCountdown]
    version: int | None
    total: CaseAmount | None
    verifier: CaseParty | None
    regulator: CaseParty | None
    city_regulator: CaseParty | None
    lead_verifier: str | None = Field(description="Address of the head of the team.")
    technical_reviewer: str | None
    waits_for: str | None = Field(description="Kind of party whose turn it is.")
    lines_seen: int
    lines: int
    risk: int = Field(description="Sum of the reasons' points; it orders a list.")
    reasons: list[CaseReason]


class CaseList(Model):
    """Cases that the caller may read."""

    cases: list[CaseSummary]
    next: str | None = Field(description="Cursor of the next page.")


class CaseVersion(Model):
    """A submitted version."""

    number: int
    submitted_at: str
    total: CaseAmount
    inputs_hash: str
    lines_root: str
    document: str = Field(description="SHA-256 of the version's document.")
    log_size: int
    reason: str
    restates: int | None
    restated_by: int | None
    opinion: str | None
    report: str | None
    stored_number: int | None = Field(description="Number of the version kept here; null for none.")


class CaseAct(Model):
    """An act that took effect."""

    name: str
    at: str
    block_number: int
    transaction: str
    digest: str
    signers: dict[str, str]
    state_before: str
    state_after: str
    version: int
    reason: str
    document: str | None


class CaseDrawStep(Model):
    """A step of the draw of a sample."""

    version: int
    draw: int = Field(description="Number of the draw for that version.")
    step: str
    at: str
    block_number: int
    party: str | None = Field(description="Id of the party whose nonce it is.")
    word: str | None = Field(
        description="Commitment, hash of the plan, of the block, nonce or seed; by the step."
    )
    draw_block: int | None = Field(description="Block whose hash goes into the seed.")
    reveal_until: str | None
    strict: bool = Field(
        description="Settled: a nonce is missing. Missing: it had been fixed beforehand."
    )
    reason: str
    digest: str | None = Field(description="Of the act, where the step was signed.")


class CaseModel(CaseSummary):
    """A case as it stands."""

    log: str | None
    state_hash: str = Field(description="What the next act names.")
    accepted_version: int | None
    is_final: bool
    versions: list[CaseVersion]
    changes: list[ChangeModel] = Field(description="Since the submission before.")
    acts: list[CaseAct]
    draws: list[CaseDrawStep] = Field(description="Every step of the draws of samples.")
    findings_open: int
    findings: int
    uncorrected_gco2e: str
    effects_unknown: list[int] = Field(description="Findings that count and state no effect.")
    visits: int


class CaseLine(LineModel):
    """A line of the newest version, and whether it was seen as it stands."""

    seen: bool
    changed: bool = Field(description="Seen, and says something else now.")
    seen_at: str | None
    seen_by: str | None


class CaseLines(Model):
    """The lines of the newest version."""

    case: str
    version: int | None
    seen: int
    changed: list[str]
    lines: list[CaseLine]


class TickRequest(Model):
    """Which lines were seen, or not."""

    lines: list[Annotated[str, Field(max_length=200, pattern=PLAIN)]] = Field(
        min_length=1, max_length=1000, description="Names of lines."
    )
    seen: bool = Field(default=True, description="False takes the ticks back.")


class CaseAnchor(Model):
    """What is meant: a line, a document, an entry, or a series in a time; exactly one of them."""

    line: str | None = Field(default=None, min_length=1, max_length=200, pattern=PLAIN)
    document: str | None = Field(default=None, pattern=HASH)
    entry: int | None = Field(default=None, ge=0, le=1 << 48)
    series: str | None = Field(default=None, max_length=200, pattern=PLAIN)
    from_s: int | None = Field(default=None, ge=0, le=253_402_300_799)
    to_s: int | None = Field(default=None, ge=0, le=253_402_300_799)


class CommentRequest(Model):
    """Something to say about a place of the case, or about the case."""

    text: str = Field(min_length=1, max_length=4000, pattern=PLAIN)
    anchor: CaseAnchor | None = None


class ReplyRequest(Model):
    """An answer in a conversation; it may resolve it or open it again."""

    text: str = Field(min_length=1, max_length=4000, pattern=PLAIN)
    kind: Literal["reply", "resolved", "reopened"] = "reply"


class CommentModel(Model):
    """One word of a conversation."""

    number: int
    kind: str
    party: str
    actor: str
    version: int
    text: str
    at: str


class ConversationModel(Model):
    """A conversation."""

    number: int
    anchor: CaseAnchor | None
    resolved: bool
    said: list[CommentModel]


class ConversationList(Model):
    """The conversations of a case, in the order in which they began."""

    case: str
    conversations: list[ConversationModel]
