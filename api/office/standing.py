"""
For which party each signer of a request speaks, and whether it may, now, by the party's own node.

An act names its party in words; a verifier's statement does not, so that its party is read from
the inventory. The contract asks the same when an act is handed in; asking before spares people a
signature, and covers records, of which the contract sees nothing.

Source: CONTRACTS section 1 (representatives are persons; two-person rules compare persons);
`contracts/README.md` (who signs which act).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from api.office.desk import ChainDesk
from api.office.errors import NotInForce, OnePerson
from api.office.parts import ActPart
from api.office.request import SigningRequest
from attestation.enums import RepresentativeRole
from attestation.ids import parse_origin
from chain.acts import Appointment, OpenLog, Recovery, Registration, Removal
from chain.addresses import format_address
from chain.bindings.inventory_registry import inventory_id_of
from chain.bindings.party_registry import party_id_of
from chain.inventory_acts import (
    InventoryDraft,
    InventorySubmission,
    ResultConfirmation,
    Step,
    VerificationAssignment,
    VerificationStatement,
)
from chain.sampling_acts import NonceCommitment, SamplingPlan
from chain.signed_acts import signers_of
from chain.typed_data import Act

_RIGHTS: Final = {
    "initiator": RepresentativeRole.INITIATOR,
    "approver": RepresentativeRole.APPROVER,
    "lead_verifier": RepresentativeRole.INITIATOR,
    "technical_reviewer": RepresentativeRole.APPROVER,
    "remover": RepresentativeRole.APPROVER,
}
"""What a key must be of its party to sign in a role; other roles are judged by the contract."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a key may sign in a role for a party."""

    role: str
    address: bytes
    party: bytes
    """Party id, 32 bytes."""


def check_standing(desk: ChainDesk, request: SigningRequest) -> None:
    """
    Check everybody who signs a request.

    Raises:
        NotInForce: If a key has not its role in force.
        OnePerson: If two keys of one party are one person's.
        NodeUnavailable: If the node does not answer.
    """
    known: dict[tuple[bytes, bytes], str] = {}
    for claim in dict.fromkeys(_claims(desk, request)):
        if not desk.parties.is_in_force(claim.party, claim.address, _RIGHTS[claim.role]):
            right = _RIGHTS[claim.role].name.lower()
            raise NotInForce(
                f"{format_address(claim.address)} is at present no {right} of the party that"
                f" signs as {claim.role}"
            )
        found = desk.parties.representative(claim.party, claim.address)
        for person in () if found is None else found.persons:
            other = known.setdefault((claim.party, person), claim.role)
            if other != claim.role:
                raise OnePerson(f"{other} and {claim.role} are one person of a party")
    registrar = request.signers.get("registrar")
    if registrar is not None and not desk.parties.is_registrar(registrar):
        raise NotInForce(f"{format_address(registrar)} is no registrar at present")


def _claims(desk: ChainDesk, request: SigningRequest) -> Iterator[Claim]:
    spoken: set[str] = set()
    for act in (part.act for part in request.parts if isinstance(part, ActPart)):
        party = _party_of(desk, act)
        for role, address in signers_of(act).items():
            spoken.add(role)
            # A key may always take itself out.
            takes_itself_out = isinstance(act, Removal) and act.remover == act.key
            if party is not None and role in _RIGHTS and not takes_itself_out:
                yield Claim(role, address, party)
    if request.origin is None:
        return
    # Who signs records alone speaks for the enterprise whose log it is.
    enterprise = party_id_of(request.origin.usc)
    for role in ("initiator", "approver"):
        if role in request.signers and role not in spoken:
            yield Claim(role, request.signers[role], enterprise)


def _party_of(desk: ChainDesk, act: Act) -> bytes | None:
    """Give the party whose persons sign an act in words; None where the act itself registers it."""
    match act:
        case InventoryDraft() | InventorySubmission():
            return party_id_of(act.subject.credit_code)
        case VerificationAssignment() | ResultConfirmation():
            return party_id_of(act.regulator)
        case Step() | NonceCommitment():
            return party_id_of(act.actor)
        case SamplingPlan():
            return party_id_of(act.verifier)
        case VerificationStatement():
            found = desk.inventories.inventory(inventory_id_of(act.subject))
            return None if found is None else found.verifier
        case OpenLog() | Appointment() | Removal():
            return party_id_of(act.credit_code)
        case Registration() | Recovery():
            return None
        case _:
            return _of_log(act)


def _of_log(act: Act) -> bytes | None:
    origin = getattr(act, "origin", None)
    if not isinstance(origin, str):
        return None
    return party_id_of(parse_origin(origin).usc)
