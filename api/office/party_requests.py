"""
Requests about parties and their persons, and about what parties are entitled to.

A party is registered by a registrar and its own first keys. Later its approver adds keys and takes
them out; a key that was lost is taken out at once, and a party that lost all is given new ones by
the Council. Delegation during an absence is an appointment, with its removal drafted beside it.

Source: CONTRACTS section 1; `contracts/interfaces/IPartyRegistry.sol`, `ICredentials.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.office.act_drafting import ActDrafting
from api.office.drafting import draw_nonce
from api.office.errors import Contradicted, WrongPlace
from api.office.request import SigningRequest
from api.office.subjects import registered_name
from attestation.enums import CredentialStatus, PartyKind, RegulatorTier, RepresentativeRole, Sector
from chain.acts import Appointment, Attestation, Recovery, Registration, Removal, Seat
from chain.addresses import ZERO_ADDRESS, format_address
from chain.bindings.party_registry import Party, party_id_of
from chain.credential_acts import (
    AdviceRecord,
    CredentialChange,
    CredentialGrant,
    EarlierVerification,
    GroupMembership,
    PreparationRecord,
)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a credential grants; which of it a kind of party needs is said in `ICredentials`."""

    sectors: tuple[Sector, ...]
    areas: tuple[int, ...]
    """Codes of GB/T 2260, 0 for the nation."""
    tier: RegulatorTier
    valid_from_s: int
    valid_to_s: int
    """First second no more valid."""
    document_hash: bytes
    """SHA-256 of the document that grants it."""
    cma: str = ""
    cnas: str = ""


# --- parties and their persons -------------------------------------------------------------------


def register(
    drafting: ActDrafting,
    code: str,
    name: str,
    kind: PartyKind,
    seats: Sequence[Seat],
    registrar: bytes,
) -> SigningRequest:
    """
    Draft the act by which registrar and party register it; each first key signs too.

    Raises:
        Contradicted: If the party is registered, or an initiator or an approver is missing.
    """
    if drafting.desk.parties.party(party_id_of(code)) is not None:
        raise Contradicted(f"{code} is registered already")
    _require_both(seats)
    act = Registration(
        kind=int(kind),
        name=name,
        credit_code=code,
        seats=tuple(seats),
        registrar=registrar,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )
    return drafting.request(f"Register {code} {name}", [act])


def attest(drafting: ActDrafting, code: str, person: bytes, registrar: bytes) -> SigningRequest:
    """
    Draft a registrar's word that a commitment stands for one living person, for one party.

    Raises:
        WrongPlace: If the party is not registered.
    """
    _found(drafting, code)
    act = Attestation(code, person, registrar, draw_nonce(), drafting.deadline_s)
    return drafting.request(f"Attest a person of {code}", [act])


def appoint(
    drafting: ActDrafting, code: str, seat: Seat, approver: bytes, *, replaces: bytes = ZERO_ADDRESS
) -> SigningRequest:
    """
    Draft the act that adds a key, or puts it in another's place; it counts after 4 working days.

    Raises:
        WrongPlace: If the party is not registered.
        Contradicted: If the key acts for the party already.
    """
    _found(drafting, code)
    if drafting.desk.parties.is_in_force(
        party_id_of(code), seat.key, RepresentativeRole(seat.role)
    ):
        raise Contradicted(f"{format_address(seat.key)} acts for {code} in this role already")
    act = Appointment(
        credit_code=code,
        seat=seat,
        replaces=replaces,
        approver=approver,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )
    return drafting.request(f"Appoint {format_address(seat.key)} for {code}", [act])


def remove(drafting: ActDrafting, code: str, key: bytes, remover: bytes) -> SigningRequest:
    """
    Draft the act that takes a key out at once; by an approver, or by the key itself.

    Raises:
        WrongPlace: If the party is not registered.
        Contradicted: If the key never was the party's.
    """
    _found(drafting, code)
    if drafting.desk.parties.representative(party_id_of(code), key) is None:
        raise Contradicted(f"{format_address(key)} is no key of {code}")
    act = Removal(code, key, remover, draw_nonce(), drafting.deadline_s)
    return drafting.request(f"Remove {format_address(key)} from {code}", [act])


def end_of_delegation(
    drafting: ActDrafting, code: str, key: bytes, approver: bytes
) -> SigningRequest:
    """
    Draft the removal that ends a delegation, to be handed in when the absence is over.

    The key need not be the party's yet: it is appointed in the meantime.

    Raises:
        WrongPlace: If the party is not registered.
    """
    _found(drafting, code)
    act = Removal(code, key, approver, draw_nonce(), drafting.deadline_s)
    return drafting.request(f"End the delegation to {format_address(key)}", [act])


def recover(drafting: ActDrafting, code: str, seats: Sequence[Seat]) -> SigningRequest:
    """
    Draft the act that gives new keys to a party that lost all; each new key signs.

    It takes effect by a decision of the Council, which hands it in.

    Raises:
        WrongPlace: If the party is not registered.
        Contradicted: If an initiator or an approver is missing.
    """
    era = _found(drafting, code).era
    _require_both(seats)
    act = Recovery(code, era, tuple(seats), draw_nonce(), drafting.deadline_s)
    return drafting.request(f"Give {code} new keys", [act])


# --- what parties are entitled to ----------------------------------------------------------------


def grant(drafting: ActDrafting, code: str, granted: Granted, registrar: bytes) -> SigningRequest:
    """
    Draft a registrar's act that grants a party what its kind needs.

    Raises:
        WrongPlace: If the party is not registered.
        Contradicted: If the time of validity is empty.
    """
    if granted.valid_from_s >= granted.valid_to_s:
        raise Contradicted("the credential would never be valid")
    act = CredentialGrant(
        name=registered_name(drafting.desk, code),
        credit_code=code,
        cma=granted.cma,
        cnas=granted.cnas,
        sectors=tuple(int(each) for each in granted.sectors),
        areas=granted.areas,
        tier=int(granted.tier),
        document_hash=granted.document_hash,
        valid_from=granted.valid_from_s,
        valid_to=granted.valid_to_s,
        current=_credential_state(drafting, code),
        registrar=registrar,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )
    return drafting.request(f"Grant a credential to {code} {act.name}", [act])


def change(
    drafting: ActDrafting, code: str, status: CredentialStatus, reason: str, registrar: bytes
) -> SigningRequest:
    """
    Draft a registrar's act that suspends a credential, lifts the suspension, or withdraws it.

    Raises:
        WrongPlace: If the party is not registered.
        Contradicted: If there is no reason.
    """
    _found(drafting, code)
    if not reason:
        raise Contradicted("another status needs a reason")
    act = CredentialChange(
        credit_code=code,
        status=int(status),
        reason=reason,
        current=_credential_state(drafting, code),
        registrar=registrar,
        nonce=draw_nonce(),
        deadline=drafting.deadline_s,
    )
    return drafting.request(f"Set the credential of {code} to {status.name.lower()}", [act])


def record_advice(
    drafting: ActDrafting,
    body: str,
    enterprise: str,
    span: tuple[int, int],
    reason: str,
    registrar: bytes,
) -> SigningRequest:
    """Draft a registrar's act: a body advised an enterprise; errors as `attest`."""
    _found(drafting, body)
    _found(drafting, enterprise)
    act = AdviceRecord(
        body, enterprise, *span, reason, registrar, draw_nonce(), drafting.deadline_s
    )
    return drafting.request(f"Record that {body} advised {enterprise}", [act])


def record_preparation(
    drafting: ActDrafting,
    body: str,
    province: int,
    span: tuple[int, int],
    reason: str,
    registrar: bytes,
) -> SigningRequest:
    """Draft a registrar's act: a body prepares reports in a province; errors as `attest`."""
    _found(drafting, body)
    act = PreparationRecord(
        body, province, *span, reason, registrar, draw_nonce(), drafting.deadline_s
    )
    return drafting.request(f"Record that {body} prepares reports in {province}", [act])


def set_group(
    drafting: ActDrafting, code: str, current: str, group: str, registrar: bytes
) -> SigningRequest:
    """Draft a registrar's act that puts a party into a group, or takes it out; as `attest`."""
    _found(drafting, code)
    act = GroupMembership(code, current, group, registrar, draw_nonce(), drafting.deadline_s)
    return drafting.request(f"Put {code} into the group {group or '(none)'}", [act])


def record_earlier(
    drafting: ActDrafting, verifier: str, enterprise: str, year: int, registrar: bytes
) -> SigningRequest:
    """Draft a registrar's act: a verification before the chain recorded them; as `attest`."""
    _found(drafting, verifier)
    _found(drafting, enterprise)
    act = EarlierVerification(
        verifier, enterprise, year, registrar, draw_nonce(), drafting.deadline_s
    )
    return drafting.request(f"Record that {verifier} verified {enterprise} in {year}", [act])


def _found(drafting: ActDrafting, code: str) -> Party:
    party = drafting.desk.parties.party(party_id_of(code))
    if party is None:
        raise WrongPlace(f"{code} is no registered party")
    return party


def _credential_state(drafting: ActDrafting, code: str) -> bytes:
    return drafting.desk.credentials.state_of(party_id_of(code))


def _require_both(seats: Sequence[Seat]) -> None:
    roles = {RepresentativeRole(seat.role) for seat in seats}
    if not {RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER} <= roles:
        raise Contradicted("a party needs an initiator and an approver")
