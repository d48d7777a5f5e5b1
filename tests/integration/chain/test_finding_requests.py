"""Requests of records about a case: drafted at a verifier's desk, signed, and only by its keys."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from api.office.case_requests import VERIFIER as ROLE
from api.office.case_requests import draft_verifier_record
from api.office.errors import NotInForce, SignaturesMissing, WrongSigner
from api.office.parts import RecordPart
from api.office.request import SigningRequest, format_request, parse_request
from api.office.signing import require_complete, sign_request, signed_record
from api.office.words import describe
from attestation.case_bodies import Anchor, Finding, SiteVisit
from attestation.enums import FindingKind, FindingSeverity
from attestation.instants import MILLISECONDS_PER_SECOND
from attestation.records import parse_record
from tests.support.agreements import PROVINCE, VERIFIER, Agreement
from tests.support.case_office import SCOPE, CaseOffices
from tests.support.chain import ChainWorld

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def offices(shared_world: ChainWorld) -> Iterator[CaseOffices]:
    """The offices of a case, with credentials, once."""
    with shared_world.undone():
        yield CaseOffices.begin(Agreement.begin(shared_world))


def finding(offices: CaseOffices) -> Finding:
    """Give a finding about a line."""
    now_s = offices.now // MILLISECONDS_PER_SECOND
    return Finding(
        inventory=SCOPE.inventory_id,
        version=1,
        number=1,
        verifier=VERIFIER,
        kind=FindingKind.MISSTATEMENT,
        severity=FindingSeverity.MAJOR,
        anchor=Anchor(line="emissions:2024:total:emissions"),
        title="coal of March 皮带秤",
        text="the belt scale was not checked",
        effect_gco2e=-1_250_000_000,
        raised_s=now_s,
        due_s=now_s + 86_400,
    )


def draft(
    offices: CaseOffices, body: Finding | SiteVisit, signer: bytes, verifier: str = VERIFIER
) -> SigningRequest:
    """Draft a record at the verifier's desk."""
    return draft_verifier_record(
        offices.desk(VERIFIER), body, signer, verifier=verifier, now=offices.now, days=7
    )


def test_finding_is_carried_as_a_file_and_signed_by_one_person(offices: CaseOffices) -> None:
    """What comes out is the record, by the lead verifier, in the enterprise's log."""
    lead = offices.agreement.parties[VERIFIER].initiator
    request = parse_request(format_request(draft(offices, finding(offices), lead.address)))
    signed = sign_request(request, lead, offices.root, now=offices.now)
    require_complete(signed)
    record = parse_record(signed_record(signed, 1))

    assert request.signers == {ROLE: lead.address}
    assert (record.record_type, record.signer) == ("finding", "0x" + lead.address.hex())
    assert record.origin == offices.log.origin


def test_person_reads_what_a_finding_says(offices: CaseOffices) -> None:
    """Title, effect with its unit, and what it is about stand in the words."""
    reviewer = offices.agreement.parties[VERIFIER].approver
    (part,) = draft(offices, finding(offices), reviewer.address).parts
    words = str(describe(part))

    for said in ("coal of March 皮带秤", "-1250000000", "emissions:2024:total:emissions"):
        assert said in words


def test_visit_commits_to_its_persons(offices: CaseOffices) -> None:
    """The record holds salted commitments, no names."""
    lead = offices.agreement.parties[VERIFIER].initiator
    now_s = offices.now // MILLISECONDS_PER_SECOND
    visit = SiteVisit(
        inventory=SCOPE.inventory_id,
        version=1,
        verifier=VERIFIER,
        from_s=now_s - 3600,
        to_s=now_s,
        place="control room",
        latitude_udeg=24_479_834,
        longitude_udeg=118_089_425,
        persons=(sha256(b"salt" + b"lead").digest(),),
        observations=("the scale runs",),
    )
    (part,) = draft(offices, visit, lead.address).parts

    assert isinstance(part, RecordPart)
    body: Any = part.draft.content()["body"]
    assert body["persons"] == [visit.persons[0].hex()]


def test_keys_of_others_draft_nothing_for_the_verifier(offices: CaseOffices) -> None:
    """Neither the province's key, nor the verifier's for another party."""
    parties = offices.agreement.parties
    with pytest.raises(NotInForce, match="may not speak"):
        draft(offices, finding(offices), parties[PROVINCE].initiator.address)
    with pytest.raises(NotInForce, match="may not speak"):
        draft(offices, finding(offices), parties[VERIFIER].initiator.address, PROVINCE)


def test_only_the_named_person_signs(offices: CaseOffices) -> None:
    """The technical reviewer's signature does not stand for the lead's."""
    keys = offices.agreement.parties[VERIFIER]
    request = draft(offices, finding(offices), keys.initiator.address)

    with pytest.raises(WrongSigner):
        sign_request(request, keys.approver, offices.root, now=offices.now)
    with pytest.raises(SignaturesMissing):
        require_complete(request)
