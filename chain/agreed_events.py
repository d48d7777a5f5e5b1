"""
What the ledger is told of agreements: credentials, inventories and the evidence bound to them.

Names and fields are those of `ledger/ports.py`; places are explained in `ledger_events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestation.canonical import Json
from chain.positions import ChainPosition


@dataclass(frozen=True, slots=True)
class CredentialGranted:
    """Credentials granted a party what its kind needs; a later grant replaces it."""

    at: ChainPosition
    party_id: bytes
    kind: int
    """A `PartyKind`."""
    tier: int
    """A `RegulatorTier`."""
    sectors: tuple[int, ...]
    """`Sector`s."""
    areas: tuple[int, ...]
    """Codes of GB/T 2260, 0 for the nation."""
    valid_from_s: int
    valid_to_s: int
    """First second no more valid."""
    cma: str
    cnas: str
    document_hash: bytes
    act_digest: bytes
    state: bytes
    """What the next act about the party's credentials names, 32 bytes."""


@dataclass(frozen=True, slots=True)
class CredentialStatusSet:
    """A party's newest credential was suspended, restored or withdrawn."""

    at: ChainPosition
    party_id: bytes
    status: int
    """A `CredentialStatus`."""
    reason: str
    state: bytes


@dataclass(frozen=True, slots=True)
class AdviceRecorded:
    """A body may not verify an enterprise that it advised, for a time."""

    at: ChainPosition
    body: bytes
    enterprise: bytes
    from_s: int
    to_s: int
    """First second at which it may again."""
    reason: str
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class PreparationRecorded:
    """A body may not verify where it prepares reports, for a time."""

    at: ChainPosition
    body: bytes
    province: int
    from_s: int
    to_s: int
    reason: str
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class GroupSet:
    """A party belongs to a group of related firms; an empty name is none."""

    at: ChainPosition
    party_id: bytes
    group: str
    act_digest: bytes


@dataclass(frozen=True, slots=True)
class VerificationYear:
    """A verifier verified an enterprise in a calendar year."""

    at: ChainPosition
    verifier: bytes
    enterprise: bytes
    year: int


@dataclass(frozen=True, slots=True)
class RotationSet:
    """The most years in a row in which one verifier may verify one enterprise changed."""

    at: ChainPosition
    max_years: int
    """0 for no limit."""
    source: str


@dataclass(frozen=True, slots=True)
class InventoryDrafted:
    """An inventory was begun."""

    at: ChainPosition
    inventory_id: bytes
    enterprise: bytes
    unit_code: str
    period_from_s: int
    period_to_s: int
    sector: int
    """A `Sector`."""
    area: int
    """Code of GB/T 2260 where the enterprise reports."""
    document_hash: bytes
    """Zero for none."""


@dataclass(frozen=True, slots=True)
class VersionSubmitted:
    """A version of an inventory was submitted; it stands on the checkpoint pinned for it."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    inputs_hash: bytes
    lines_root: bytes
    log_id: bytes
    log_root: bytes
    log_size: int
    line_count: int
    total_t: int
    """Whole tonnes of CO2 equivalent."""
    laboratories: tuple[bytes, ...]
    """Party ids."""
    document_hash: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class VerifierAssigned:
    """Who verifies, reviews and confirms an inventory was fixed."""

    at: ChainPosition
    inventory_id: bytes
    verifier: bytes
    regulator: bytes
    city_regulator: bytes
    """Zero for none."""
    lead_verifier: bytes
    """Address, 20 bytes."""
    technical_reviewer: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class ResultStated:
    """The verifier stated its opinion."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    opinion: int
    """A `VerificationOpinion`."""
    report_hash: bytes


@dataclass(frozen=True, slots=True)
class ResultAccepted:
    """A result is accepted."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    total_t: int
    objectable_until_s: int
    """First second at which nobody may object any more."""


@dataclass(frozen=True, slots=True)
class ResultRestated:
    """An accepted result was replaced by another; both stay."""

    at: ChainPosition
    inventory_id: bytes
    old_version: int
    new_version: int
    old_total_t: int
    new_total_t: int


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A party moved an inventory on for a reason."""

    at: ChainPosition
    inventory_id: bytes
    kind: int
    """An `InventoryStep`."""
    actor: bytes
    """Party id."""
    reason: str
    document_hash: bytes
    """Zero for none."""
    decision_due_s: int
    """Of an objection: first second at which the nation decides on it; else 0."""


@dataclass(frozen=True, slots=True)
class InventoryAct:
    """An act as the call data of its transaction has it."""

    name: str
    """Name of its type."""
    fields: Mapping[str, Json]
    """As a wallet shows them."""
    signers: Mapping[str, bytes]
    """Address by role."""


@dataclass(frozen=True, slots=True)
class InventoryAdvanced:
    """An act took effect on an inventory; of its events the last."""

    at: ChainPosition
    inventory_id: bytes
    state: int
    """An `InventoryState`."""
    version: int
    act_digest: bytes
    state_hash: bytes
    """What the next act names, 32 bytes."""
    tx_hash: bytes
    act: InventoryAct | None
    """None where the call data of the transaction do not show it."""


@dataclass(frozen=True, slots=True)
class EvidenceBound:
    """A line of an inventory was bound to an activity digest of the log."""

    at: ChainPosition
    inventory_id: bytes
    line_id: bytes
    use: bytes
    version: int
    index: int
    """Of the digest in the log."""
    commitment: bytes


@dataclass(frozen=True, slots=True)
class DrawAdvanced:
    """A step of the draw of a sample."""

    at: ChainPosition
    inventory_id: bytes
    version: int
    draw: int
    """Number of the draw for that version, from 1 on."""
    step: int
    """A `DrawStep`."""
    party: bytes
    """Party id of whose nonce it is; zero where it is nobody's."""
    word: bytes
    """Commitment, hash of the plan, of the block, nonce or seed; zero where there is none."""
    draw_block: int
    """Block whose hash goes into the seed; 0 where the step does not say."""
    reveal_until_s: int
    """First second at which no nonce is taken; 0 where the step does not say."""
    is_strict: bool
    """Of a settled draw: whether a nonce is missing. Of a missing one: whether it was fixed."""
    reason: str
    """Why there is another plan; else empty."""
    act_digest: bytes
    """Zero where nobody signed the step."""


AgreedEvent = (
    CredentialGranted
    | CredentialStatusSet
    | AdviceRecorded
    | PreparationRecorded
    | GroupSet
    | VerificationYear
    | RotationSet
    | InventoryDrafted
    | VersionSubmitted
    | VerifierAssigned
    | ResultStated
    | ResultAccepted
    | ResultRestated
    | StepTaken
    | InventoryAdvanced
    | EvidenceBound
    | DrawAdvanced
)
