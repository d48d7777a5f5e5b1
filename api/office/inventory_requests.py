"""
Requests about an inventory, from its begin to its confirmation, and back.

State hash and version are read from the party's own node, so that an act takes effect on the state
its signers saw and on no other. What the enterprise submitted is compared with the version at hand
before anybody is asked to sign for it.

Source: `contracts/interfaces/IInventoryRegistry.sol`; FORMATS section 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from api.office.act_drafting import ActDrafting
from api.office.comparing import compare_version
from api.office.desk import Desk
from api.office.drafting import draw_nonce
from api.office.errors import Contradicted, NotInThisState, OnePerson
from api.office.request import SigningRequest
from api.office.subjects import registered_name, subject_of
from attestation.enums import InventoryState, InventoryStep, Sector, VerificationOpinion, label
from attestation.ids import ZERO_HASH
from chain.bindings.inventory_registry import (
    RegisteredInventory,
    inventory_id_of,
)
from chain.inventory_acts import (
    STEPS,
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Subject,
    VerificationAssignment,
    VerificationStatement,
)
from ledger.inventory.agreeing import Submission
from ledger.inventory.identity import Scope


@dataclass(frozen=True, slots=True)
class Pair:
    """The two persons of a party who sign."""

    initiator: bytes
    """Address, 20 bytes; of a verifier the head of the team."""
    approver: bytes
    """Address; of a verifier the technical reviewer."""

    def __post_init__(self) -> None:
        if self.initiator == self.approver:
            raise OnePerson("initiator and approver are two persons")


class _Signed(TypedDict):
    initiator: bytes
    approver: bytes
    nonce: int
    deadline: int


class InventoryDrafting:
    """
    Drafts the acts on one inventory.

    Args:
        drafting: The request under way, at a desk with the enterprise's log.
        scope: Of the inventory.
        pair: Who shall sign.
    """

    def __init__(self, drafting: ActDrafting, scope: Scope, pair: Pair) -> None:
        self._drafting = drafting
        self._scope = scope
        self._pair = pair
        self._desk = drafting.desk
        self.subject: Subject = subject_of(drafting.desk, scope)
        self.inventory_id = inventory_id_of(self.subject)

    # --- the enterprise ------------------------------------------------------------

    def begin(self, sector: Sector, *, document_hash: bytes = ZERO_HASH) -> SigningRequest:
        """
        Draft the act that begins the inventory.

        Raises:
            NotInThisState: If it was begun before.
        """
        if self._desk.inventories.inventory(self.inventory_id) is not None:
            raise NotInThisState("the inventory was begun before")
        act = InventoryDraft(
            subject=self.subject,
            sector=int(sector),
            report_year=self._scope.report_year,
            document_hash=document_hash,
            **self._signed(),
        )
        return self._drafting.request(f"Begin inventory {self._name}", [act])

    def submit(
        self, carried: Submission, *, laboratories: Sequence[str] = (), reason: str = ""
    ) -> SigningRequest:
        """
        Draft the act that submits a version.

        Args:
            carried: The final version at hand.
            laboratories: Codes of those whose tests it uses.
            reason: Why there is another version; empty for the first only.

        Raises:
            NotInThisState: If the inventory was not begun.
            Contradicted: If the version is of another inventory, or the reason is missing.
        """
        found = self._found()
        if carried.inventory_id != self.inventory_id:
            raise Contradicted("the version at hand is of another inventory")
        if bool(reason) != bool(found.version):
            raise Contradicted("the first version has no reason, and every later one has")
        origin = self._desk.origin if isinstance(self._desk, Desk) else ""
        act = InventorySubmission(
            subject=self.subject,
            version=found.version + 1,
            origin=str(origin),
            log_size=carried.log_size,
            inputs_hash=carried.inputs_hash,
            lines_root=carried.lines_root,
            line_count=carried.line_count,
            total_t=carried.total_t,
            document_hash=carried.document_sha256,
            laboratories=tuple(laboratories),
            reason=reason,
            previous_state=found.state_hash,
            **self._signed(),
        )
        title = f"Submit version {act.version} of {self._name}: {act.total_t} tCO2e"
        return self._drafting.request(title, [act])

    # --- the authorities ------------------------------------------------------------

    def assign(
        self,
        regulator: str,
        verifier: str,
        team: Pair,
        *,
        city_regulator: str = "",
        reason: str = "",
    ) -> SigningRequest:
        """
        Draft the act that fixes who verifies, reviews and confirms.

        Raises:
            NotInThisState: If nothing was submitted.
            WrongPlace: If a party is not registered.
            Contradicted: If it is another assignment and has no reason.
        """
        found = self._found()
        if found.state is not InventoryState.SUBMITTED and not reason:
            raise Contradicted("another assignment needs a reason")
        for code in (verifier, *((city_regulator,) if city_regulator else ())):
            registered_name(self._desk, code)
        act = VerificationAssignment(
            subject=self.subject,
            version=found.version,
            regulator=regulator,
            city_regulator=city_regulator,
            verifier=verifier,
            lead_verifier=team.initiator,
            technical_reviewer=team.approver,
            reason=reason,
            previous_state=found.state_hash,
            **self._signed(),
        )
        return self._drafting.request(f"Assign {verifier} to verify {self._name}", [act])

    def confirm(self, regulator: str, carried: Submission) -> SigningRequest:
        """
        Draft the act that confirms a stated result.

        Args:
            regulator: Code of the authority.
            carried: The version as the authority worked it out.

        Raises:
            NotInThisState: If no result is stated.
            Contradicted: If the version at hand is not the one that was submitted.
        """
        found = self._found(InventoryState.VERIFIED)
        self._compare(carried, found)
        act = ResultConfirmation(
            subject=self.subject,
            version=found.version,
            regulator=regulator,
            inputs_hash=carried.inputs_hash,
            total_t=carried.total_t,
            previous_state=found.state_hash,
            **self._signed(),
        )
        return self._drafting.request(f"Confirm {self._name}: {act.total_t} tCO2e", [act])

    # --- the verifier ------------------------------------------------------------

    def conclude(
        self, carried: Submission, opinion: VerificationOpinion, report_hash: bytes
    ) -> SigningRequest:
        """
        Draft the verifier's statement.

        Args:
            carried: The version as the verifier worked it out.
            opinion: Its opinion.
            report_hash: SHA-256 of the body of its report.

        Raises:
            NotInThisState: If it is not under verification.
            Contradicted: If the version at hand is not the one that was submitted, or others
                were assigned.
        """
        found = self._found(InventoryState.UNDER_VERIFICATION)
        self._compare(carried, found)
        named = (found.lead_verifier, found.technical_reviewer)
        if named != (self._pair.initiator, self._pair.approver):
            raise Contradicted("others were assigned as lead verifier and technical reviewer")
        act = VerificationStatement(
            subject=self.subject,
            version=found.version,
            inputs_hash=carried.inputs_hash,
            total_t=carried.total_t,
            opinion=int(opinion),
            report_hash=report_hash,
            previous_state=found.state_hash,
            lead_verifier=self._pair.initiator,
            technical_reviewer=self._pair.approver,
            nonce=draw_nonce(),
            deadline=self._drafting.deadline_s,
        )
        title = f"State {label(opinion)} on {self._name}: {act.total_t} tCO2e"
        return self._drafting.request(title, [act])

    # --- anybody named ------------------------------------------------------------

    def step(
        self, kind: InventoryStep, actor: str, reason: str, *, document_hash: bytes = ZERO_HASH
    ) -> SigningRequest:
        """
        Draft an act that moves the inventory on for a reason.

        Raises:
            NotInThisState: If the inventory was not begun.
            Contradicted: If there is no reason, or findings come without a document.
        """
        found = self._found()
        if not reason:
            raise Contradicted("a step needs a reason")
        if kind is InventoryStep.FINDINGS and document_hash == ZERO_HASH:
            raise Contradicted("findings need the document that lists them")
        act = STEPS[kind](
            subject=self.subject,
            version=found.version,
            actor=actor,
            reason=reason,
            document_hash=document_hash,
            previous_state=found.state_hash,
            **self._signed(),
        )
        return self._drafting.request(f"{label(kind).capitalize()}: {self._name}", [act])

    # --- what they rest on ------------------------------------------------------------

    def _signed(self) -> _Signed:
        return {
            "initiator": self._pair.initiator,
            "approver": self._pair.approver,
            "nonce": draw_nonce(),
            "deadline": self._drafting.deadline_s,
        }

    @property
    def _name(self) -> str:
        return f"{self._scope.usc} {self._scope.unit} {self._scope.period.label}"

    def _found(self, *states: InventoryState) -> RegisteredInventory:
        found = self._desk.inventories.inventory(self.inventory_id)
        if found is None:
            raise NotInThisState("the inventory was never begun on the chain")
        if states and found.state not in states:
            raise NotInThisState(f"the inventory is {label(found.state)}")
        return found

    def _compare(self, carried: Submission, found: RegisteredInventory) -> None:
        submitted = self._desk.inventories.version(self.inventory_id, found.version)
        compare_version(carried, submitted)
