"""
The acts that InventoryRegistry takes: each signed by two persons of one party.

A step is one struct under nine names; the name says which step it is.

Source: `contracts/interfaces/IInventoryRegistry.sol`; CONTRACTS section 2; FORMATS section 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from attestation.enums import InventoryStep
from chain.typed_data import (
    Act,
    Address,
    Struct,
    Text,
    Texts,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uint256,
    Word,
)

Tonnes = Annotated[int, "uint64", "total_tCO2e"]


@dataclass(frozen=True, slots=True)
class Subject(Struct):
    """What an act is about, in words."""

    enterprise: Text
    """Registered name."""
    credit_code: Text
    unit_code: Text
    """Code of the unit (机组或设施编码), or `enterprise` for the whole."""
    period_from: Uint64
    """Unix seconds, included."""
    period_to: Uint64
    """Unix seconds, excluded."""


About = Annotated[Subject, "Subject"]


@dataclass(frozen=True, slots=True)
class InventoryDraft(Act):
    """The enterprise begins an inventory."""

    subject: About
    sector: Uint8
    """A `Sector`."""
    report_year: Uint16
    document_hash: Word
    """SHA-256 of the draft, or zero."""
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class InventorySubmission(Act):
    """The enterprise submits a version; it pins the log's newest checkpoint."""

    subject: About
    version: Uint32
    """One more than the newest, from 1 on."""
    origin: Text
    log_size: Uint64
    """Entries it was worked out from; the pinned checkpoint has as many at least."""
    inputs_hash: Word
    lines_root: Word
    line_count: Uint64
    """Leaves of the tree of lines."""
    total_t: Tonnes
    """Whole tonnes of CO2 equivalent."""
    document_hash: Word
    """SHA-256 of the version's document."""
    laboratories: Texts
    """Codes of the laboratories whose tests it uses; at most 8."""
    reason: Text
    """Why there is another version; empty for the first only."""
    previous_state: Word
    """State hash that is acted on."""
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class VerificationAssignment(Act):
    """The provincial authority fixes who verifies, reviews and confirms."""

    subject: About
    version: Uint32
    regulator: Text
    """Code of the provincial authority that acts, and will confirm."""
    city_regulator: Text
    """Code of the city authority that reviews; empty for none."""
    verifier: Text
    lead_verifier: Address
    technical_reviewer: Address
    reason: Text
    """Why, for a reassignment."""
    previous_state: Word
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class VerificationStatement(Act):
    """The verifier states its opinion; by its lead verifier and its technical reviewer."""

    subject: About
    version: Uint32
    inputs_hash: Word
    """As the verifier worked it out."""
    total_t: Tonnes
    """As the verifier worked it out."""
    opinion: Uint8
    """A `VerificationOpinion`."""
    report_hash: Word
    """SHA-256 of the body of the report."""
    previous_state: Word
    lead_verifier: Address
    technical_reviewer: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class ResultConfirmation(Act):
    """The provincial authority that assigned confirms a stated result."""

    subject: About
    version: Uint32
    regulator: Text
    inputs_hash: Word
    """As the authority worked it out."""
    total_t: Tonnes
    """As the authority worked it out."""
    previous_state: Word
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Step(Act):
    """An act that moves an inventory on for a reason; signed under the name of a subclass."""

    subject: About
    version: Uint32
    """Newest version, 0 before the first."""
    actor: Text
    """Code of the party that acts."""
    reason: Text
    """Not empty."""
    document_hash: Word
    """SHA-256 of a document that says more; zero for none, which findings do not allow."""
    previous_state: Word
    initiator: Address
    approver: Address
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class VerificationFindings(Step):
    """The verifier raises findings (不符合项); the document lists them."""


@dataclass(frozen=True, slots=True)
class FindingsResponse(Step):
    """The enterprise answers findings without another version."""


@dataclass(frozen=True, slots=True)
class CityReview(Step):
    """The city authority reviewed the stated result."""


@dataclass(frozen=True, slots=True)
class InventoryWithdrawal(Step):
    """The enterprise takes back what it submitted."""


@dataclass(frozen=True, slots=True)
class InventoryRejection(Step):
    """The provincial authority refuses it; a restatement ends with it."""


@dataclass(frozen=True, slots=True)
class ResultObjection(Step):
    """The enterprise or the national authority asks for a review (申请复核)."""


@dataclass(frozen=True, slots=True)
class ObjectionUpheld(Step):
    """The objection is right: the result is accepted no more, and verified anew."""


@dataclass(frozen=True, slots=True)
class ObjectionDismissed(Step):
    """The objection is wrong: the result stays confirmed."""


@dataclass(frozen=True, slots=True)
class InventoryReopening(Step):
    """The provincial authority asks for a restatement of an accepted result."""


STEPS: Final[Mapping[InventoryStep, type[Step]]] = {
    InventoryStep.FINDINGS: VerificationFindings,
    InventoryStep.RESPONSE: FindingsResponse,
    InventoryStep.REVIEW: CityReview,
    InventoryStep.WITHDRAWAL: InventoryWithdrawal,
    InventoryStep.REJECTION: InventoryRejection,
    InventoryStep.OBJECTION: ResultObjection,
    InventoryStep.OBJECTION_UPHELD: ObjectionUpheld,
    InventoryStep.OBJECTION_DISMISSED: ObjectionDismissed,
    InventoryStep.REOPENING: InventoryReopening,
}
"""The name under which each step is signed."""


def kind_of_step(act: Step) -> InventoryStep:
    """Give the kind of a step, from the name it is signed under."""
    kinds = {name: kind for kind, name in STEPS.items()}
    return kinds[type(act)]
