"""
InventoryRegistry: what enterprise, verifier and authorities signed, and which result is accepted.

Source: `contracts/interfaces/IInventoryRegistry.sol`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import InventoryState, Sector
from attestation.ids import ZERO_HASH, keccak256
from chain.abi import encode_arguments
from chain.client import BlockName, ChainClient
from chain.contract import Contract
from chain.inventory_acts import (
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Step,
    Subject,
    VerificationAssignment,
    VerificationStatement,
    kind_of_step,
)
from chain.values import Call

_ID_FIELDS: Final = tuple(
    {"name": "", "type": kind} for kind in ("string", "string", "string", "uint64", "uint64")
)


@dataclass(frozen=True, slots=True)
class RegisteredInventory:
    """An inventory as the registry holds it."""

    state_hash: bytes
    """What the next act must name."""
    enterprise: bytes
    """Party id, as the three that follow."""
    unit_id: bytes
    verifier: bytes | None
    regulator: bytes | None
    city_regulator: bytes | None
    lead_verifier: bytes
    """Address; zero while no verifier is assigned, as that of the reviewer."""
    technical_reviewer: bytes
    state: InventoryState
    sector: Sector
    report_year: int
    months: int
    """Months of the period, bit 0 for January."""
    area: int
    """Code of GB/T 2260 where the enterprise reported when it drafted."""
    version: int
    """Newest; 0 before the first."""
    accepted_version: int
    """0 while no result is accepted."""
    is_reviewed: bool
    objections: int
    """Who objected to the newest confirmation: bit 0 the enterprise, bit 1 the nation."""
    objectable_until_s: int
    decision_due_s: int


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A submitted version as the registry holds it."""

    inputs_hash: bytes
    lines_root: bytes
    log_id: bytes
    log_root: bytes
    log_size: int
    line_count: int
    total_t: int
    restates: int
    """Version whose accepted result it replaced; 0 for none."""
    restated_by: int
    laboratories: tuple[bytes, ...]
    """Party ids."""


class InventoryRegistry:
    """The registry at an address."""

    NAME: Final = "InventoryRegistry"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    # --- acts ------------------------------------------------------------------------------

    def draft(
        self, act: InventoryDraft, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Begin an inventory."""
        return self.contract.call("draft", act.values(), initiator_signature, approver_signature)

    def submit(
        self, act: InventorySubmission, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Submit a version."""
        return self.contract.call("submit", act.values(), initiator_signature, approver_signature)

    def assign(
        self, act: VerificationAssignment, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Fix who verifies, reviews and confirms."""
        return self.contract.call("assign", act.values(), initiator_signature, approver_signature)

    def conclude(
        self,
        act: VerificationStatement,
        *,
        lead_verifier_signature: bytes,
        technical_reviewer_signature: bytes,
    ) -> Call:
        """Conclude the verification with an opinion."""
        return self.contract.call(
            "conclude", act.values(), lead_verifier_signature, technical_reviewer_signature
        )

    def confirm(
        self, act: ResultConfirmation, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Confirm a stated result."""
        return self.contract.call("confirm", act.values(), initiator_signature, approver_signature)

    def take(self, act: Step, *, initiator_signature: bytes, approver_signature: bytes) -> Call:
        """Move an inventory on for a reason; the act's name says by which step."""
        kind = int(kind_of_step(act))
        return self.contract.call(
            "take", kind, act.values(), initiator_signature, approver_signature
        )

    # --- reading ---------------------------------------------------------------------------

    def inventory(
        self, inventory_id: bytes, *, at: BlockName = "latest"
    ) -> RegisteredInventory | None:
        """Read an inventory; None if it was never drafted."""
        fields = self.contract.read("inventory", inventory_id, at=at)
        if fields["state"] == InventoryState.NONE:
            return None
        return RegisteredInventory(
            state_hash=fields["stateHash"],
            enterprise=fields["enterprise"],
            unit_id=fields["unitId"],
            verifier=_party(fields["verifier"]),
            regulator=_party(fields["regulator"]),
            city_regulator=_party(fields["cityRegulator"]),
            lead_verifier=fields["leadVerifier"],
            technical_reviewer=fields["technicalReviewer"],
            state=InventoryState(fields["state"]),
            sector=Sector(fields["sector"]),
            report_year=fields["reportYear"],
            months=fields["months"],
            area=fields["area"],
            version=fields["version"],
            accepted_version=fields["acceptedVersion"],
            is_reviewed=fields["isReviewed"],
            objections=fields["objections"],
            objectable_until_s=fields["objectableUntil"],
            decision_due_s=fields["decisionDue"],
        )

    def version(
        self, inventory_id: bytes, number: int, *, at: BlockName = "latest"
    ) -> RegisteredVersion | None:
        """Read a submitted version; None if there is none of that number."""
        fields = self.contract.read("versionOf", inventory_id, number, at=at)
        if fields["logId"] == ZERO_HASH:
            return None
        return RegisteredVersion(
            inputs_hash=fields["inputsHash"],
            lines_root=fields["linesRoot"],
            log_id=fields["logId"],
            log_root=fields["logRoot"],
            log_size=fields["logSize"],
            line_count=fields["lineCount"],
            total_t=fields["total_tCO2e"],
            restates=fields["restates"],
            restated_by=fields["restatedBy"],
            laboratories=tuple(fields["laboratories"]),
        )

    def is_final(self, inventory_id: bytes, *, at: BlockName = "latest") -> bool:
        """Say whether a result is accepted, and nobody can or did object to it."""
        answer: bool = self.contract.read("isFinal", inventory_id, at=at)
        return answer

    def accepted_months(self, enterprise: bytes, unit_code: str, year: int) -> int:
        """Read the months of a year that accepted results of a unit count, bit 0 for January."""
        return int(
            self.contract.read("acceptedMonths", enterprise, keccak256(unit_code.encode()), year)
        )


def inventory_id_of(subject: Subject) -> bytes:
    """
    Give an inventory's id, 32 bytes.

    Source: `contracts/types/Ids.sol`.
    """
    return keccak256(
        encode_arguments(
            _ID_FIELDS,
            (
                "inventory",
                subject.credit_code,
                subject.unit_code,
                subject.period_from,
                subject.period_to,
            ),
        )
    )


def _party(party_id: bytes) -> bytes | None:
    return None if party_id == ZERO_HASH else party_id
