"""What the operations on the work of a case answer and take: findings, checks, sign-off."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.http.case_models import HASH, PLAIN, CaseAmount, CaseAnchor
from api.http.inventories import ChangeModel, CheckModel
from api.http.models import Model


class EstimateModel(Model):
    """A conservative estimate (保守估计)."""

    formula: str
    amount_gco2e: str
    difference_gco2e: str


class FindingStep(Model):
    """What was said about a finding."""

    type: Literal["finding-response", "finding-closing", "finding-reopening"]
    entry: int
    leaf_hash: str
    signer: str
    at: str
    text: str
    conclusion: str | None
    estimate: EstimateModel | None
    corrections: list[str]
    version: int | None


class FindingModel(Model):
    """A finding (不符合项) with everything that was said about it."""

    number: int
    entry: int
    leaf_hash: str
    signer: str
    version: int
    verifier: str
    kind: str
    severity: str
    state: str
    anchor: CaseAnchor
    about: str
    title: str
    text: str
    effect_gco2e: str | None
    uncorrected_gco2e: str | None = Field(description="Null where it counts and nobody says.")
    raised_at: str
    due_at: str
    steps: list[FindingStep]


class FindingList(Model):
    """The findings of a case, and what they add up to."""

    case: str
    uncorrected_gco2e: str
    effects_unknown: list[int]
    findings: list[FindingModel]


class VisitModel(Model):
    """A visit to the site (现场核查)."""

    entry: int
    leaf_hash: str
    signer: str
    verifier: str
    version: int
    from_: str = Field(alias="from")
    to: str
    place: str
    latitude: str = Field(description="Decimal degrees, WGS 84.")
    longitude: str
    persons: list[str] = Field(description="Salted commitments.")
    observations: list[str]
    files: list[str] = Field(description="SHA-256 of each.")


class VisitList(Model):
    """The visits of a case."""

    case: str
    visits: list[VisitModel]


class CaseChecks(Model):
    """The checks panel."""

    evidence: list[CheckModel] = Field(description="About the evidence, made now.")
    kept: list[CheckModel] = Field(description="The version's own cross-checks.")


class ReadinessPoint(Model):
    """One point of the checklist."""

    name: str
    met: bool
    english: str
    chinese: str


class ApprovalModel(Model):
    """One of the two who approve."""

    role: str
    address: str | None
    stands: bool
    fallen: bool = Field(description="Approved, and something changed since.")


class CaseReadiness(Model):
    """The checklist for sign-off."""

    case: str
    ready: bool
    points: list[ReadinessPoint]
    basis: str = Field(description="Hash of what is approved as the case stands.")
    approvals: list[ApprovalModel]


class ApprovalRequest(Model):
    """Whether the caller approves the case as it stands."""

    approved: bool = True
    basis: str = Field(
        pattern=HASH, description="As the checklist shows it: what the caller has seen."
    )


class ImpartialityQuestionModel(Model):
    """One question of impartiality."""

    name: str
    outcome: str
    english: str
    chinese: str


class Impartiality(Model):
    """Whether a verifier may verify the enterprise."""

    case: str
    verifier: str
    questions: list[ImpartialityQuestionModel]


class RecheckStep(Model):
    """One step of the recheck."""

    name: str
    outcome: str
    detail: str


class AgreementModel(Model):
    """One thing that everybody signs, by whom it is said how."""

    name: str
    outcome: str
    reported: str | None
    recomputed: str | None
    on_chain: str
    difference: str | None


class DifferingLine(Model):
    """A line that comes out otherwise."""

    line: str
    reported: CaseAmount | None
    recomputed: CaseAmount | None
    difference: CaseAmount | None


class RecomputationModel(Model):
    """Everything side by side."""

    case: str
    computed_by: str = Field(
        description="Host of the server that worked it out: nobody's own result but that one's."
    )
    outcome: str
    steps: list[RecheckStep]
    agreements: list[AgreementModel]
    lines: int
    differing: list[DifferingLine]


class OtherFactorModel(Model):
    """A factor as the caller holds it to be."""

    guide: str = Field(max_length=100, pattern=PLAIN)
    quantity: str = Field(max_length=100, pattern=PLAIN)
    subject: str = Field(max_length=100, pattern=PLAIN)
    values: list[Annotated[str, Field(pattern=r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$")]] = Field(
        min_length=1, max_length=50, description="Decimal strings, as many as the factor has."
    )


class OtherValueModel(Model):
    """A stated value as the caller holds it to be."""

    parameter: str = Field(max_length=200, pattern=PLAIN)
    value: str = Field(pattern=r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$")
    unit: str = Field(min_length=1, max_length=32, pattern=r"^\S+$")


class WhatIfRequest(Model):
    """What should be otherwise."""

    factors: list[OtherFactorModel] = Field(default=[], max_length=100)
    values: list[OtherValueModel] = Field(default=[], max_length=100)


class WhatIfModel(Model):
    """What would come out; nothing of it is kept."""

    case: str
    computed_by: str
    total_before: CaseAmount | None
    total: CaseAmount | None
    difference: CaseAmount | None
    changes: list[ChangeModel]
