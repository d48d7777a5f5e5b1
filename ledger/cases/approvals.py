"""
Approvals of a case: given for what stands, and fallen when that changes.

An approval is of the version, its inputs and result, and of every finding with all that was said
about it. Whoever gave it need not take it back when something changes: it is of something else
then. Two persons approve: the lead verifier and the technical reviewer that the chain names.

Source: DESIGN section 8; SCREENS section 2.1, items 2 and 7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attestation.canonical import Json, canonical_json
from attestation.instants import Instant
from ledger.cases.case import Case
from ledger.cases.errors import CaseRefused
from ledger.repositories.cases import Approval

LEAD: Final = "lead verifier"
REVIEWER: Final = "technical reviewer"


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the two persons who approve, and whether they do."""

    role: str
    address: bytes | None
    """20 bytes; None while nobody is named."""
    approval: Approval | None
    """The newest word of that key; None where it never spoke."""
    basis: bytes
    """Hash of the case as it stands."""

    @property
    def stands(self) -> bool:
        """Whether the case is approved as it stands."""
        found = self.approval
        return found is not None and found.is_given and found.basis == self.basis

    @property
    def has_fallen(self) -> bool:
        """Whether something was approved that has changed since."""
        found = self.approval
        return found is not None and found.is_given and found.basis != self.basis


def basis_of(case: Case) -> bytes:
    """Give the hash of what is approved of a case as it stands, 32 bytes."""
    version = case.version
    submitted: Json = None
    if version is not None:
        submitted = {
            "number": version.number,
            "inputs_hash": version.inputs_hash.hex(),
            "lines_root": version.lines_root.hex(),
            "document": version.document_hash.hex(),
            "total_t": version.total_t,
        }
    findings: list[Json] = [
        [
            each.finding.place.leaf_hash.hex(),
            *(step.place.leaf_hash.hex() for step in each.steps),
        ]
        for each in case.threads
    ]
    content: dict[str, Json] = {
        "inventory": case.inventory_id.hex(),
        "version": submitted,
        "findings": findings,
        "visits": [each.place.leaf_hash.hex() for each in case.visits],
    }
    return sha256(canonical_json(content)).digest()


def seats(case: Case, approvals: Iterable[Approval]) -> tuple[Seat, Seat]:
    """
    Give the two who approve, with what they last said.

    Args:
        case: The case.
        approvals: Of the case, in order.
    """
    # Whoever left one verifier for another approved for the former one.
    code = None if case.verifier is None else case.verifier.code
    newest = {each.address: each for each in approvals if each.party == code}
    basis = basis_of(case)

    def seat(role: str, address: bytes | None) -> Seat:
        return Seat(role, address, None if address is None else newest.get(address), basis)

    inventory = case.inventory
    return seat(LEAD, inventory.lead_verifier), seat(REVIEWER, inventory.technical_reviewer)


def approval_by(case: Case, address: bytes, *, is_given: bool, now: Instant) -> Approval:
    """
    Make the approval of a person as the case stands, or the taking back of it.

    Raises:
        CaseRefused: If the key is not one of the two that the chain names.
    """
    inventory = case.inventory
    named = (inventory.lead_verifier, inventory.technical_reviewer)
    if case.verifier is None or address not in named:
        raise CaseRefused("only the lead verifier and the technical reviewer named approve")
    return Approval(
        inventory_id=case.inventory_id,
        party=case.verifier.code,
        address=address,
        basis=basis_of(case),
        is_given=is_given,
        at=now,
    )
