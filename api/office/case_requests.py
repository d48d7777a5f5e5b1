"""
Requests of records about a case: findings and what becomes of them, visits to the site.

What a verifier says is signed by one of its persons, in the log of the enterprise; the enterprise
answers by its approver. A request holds one record, so that nobody signs two things at once.

Source: `docs/formats/case-records.md`, section 2.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, TypeAlias

from api.office.desk import Desk
from api.office.drafting import APPROVER, Drafting
from api.office.errors import NotInForce
from api.office.parts import RecordPart
from api.office.request import SigningRequest
from attestation.case_bodies import (
    Finding,
    FindingClosing,
    FindingReopening,
    FindingResponse,
    SiteVisit,
)
from attestation.enums import RepresentativeRole
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from attestation.records import SALT_LENGTH, draft_record
from chain.addresses import format_address
from chain.bindings.party_registry import party_id_of

VERIFIER: Final = "verifier"
"""Role of a verifier's person in a request."""
_MAY_SPEAK: Final = (RepresentativeRole.INITIATOR, RepresentativeRole.APPROVER)

VerifierBody: TypeAlias = Finding | FindingClosing | FindingReopening | SiteVisit


def draft_verifier_record(
    desk: Desk,
    body: VerifierBody,
    signer: bytes,
    *,
    verifier: str,
    now: Instant,
    days: int,
    supersedes: Sequence[bytes] = (),
) -> SigningRequest:
    """
    Draft a record that a person of the verifier signs.

    Args:
        desk: The verifier's office, open at the enterprise's log.
        body: What is said.
        signer: Address of the person's key.
        verifier: Code of the verifier.
        now: Present time.
        days: How long it may be signed and handed in.
        supersedes: Leaf hashes of the entries it takes the place of.

    Raises:
        NotInForce: If the key may not speak for the verifier at present.
        EncodingError: If the record is too long.
    """
    party = party_id_of(verifier)
    if not any(desk.parties.is_in_force(party, signer, each) for each in _MAY_SPEAK):
        raise NotInForce(f"{format_address(signer)} may not speak for {verifier} at present")
    end = now + days * MILLISECONDS_PER_DAY
    subject = subject_of(body)
    draft = draft_record(
        body,
        origin=str(desk.origin),
        subject=subject,
        salt=secrets.token_bytes(SALT_LENGTH),
        signer="0x" + signer.hex(),
        supersedes=supersedes,
    )
    return SigningRequest(
        title=subject,
        origin=desk.origin,
        chain_id=desk.chain_id,
        log_size=desk.log_size(),
        drafted_at=now,
        deadline=Instant(end - end % MILLISECONDS_PER_SECOND),
        signers={VERIFIER: signer},
        parts=(RecordPart(draft),),
    )


def draft_response(drafting: Drafting, body: FindingResponse) -> SigningRequest:
    """
    Draft the enterprise's answer to a finding.

    Raises:
        NotInForce: If the approver has not that role at present.
        EncodingError: If the record is too long.
    """
    subject = subject_of(body)
    return drafting.request(subject, [drafting.record(body, subject)], APPROVER)


def subject_of(body: VerifierBody | FindingResponse) -> str:
    """Say what a record is about, in words a signer recognises."""
    match body:
        case Finding():
            return f"finding {body.number}: {body.title}"[:200]
        case FindingResponse():
            return f"answer to finding {body.number}"
        case FindingClosing():
            word = body.conclusion.name.lower().replace("_", " ")
            return f"finding {body.number} closed as {word}"
        case FindingReopening():
            return f"finding {body.number} opened again"
        case SiteVisit():
            return f"visit to {body.place}"[:200]
