"""Signing requests: written, read, signed by two persons, and refused when they are not right."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from api.office import key_requests
from api.office.errors import (
    OnePerson,
    RequestEdited,
    RequestExpired,
    SignaturesMissing,
    SignedAlready,
    WrongPlace,
    WrongSigner,
)
from api.office.parts import ActPart, RecordPart
from api.office.request import SigningRequest, format_request, parse_request
from api.office.signing import check_request, require_complete, sign_request, signed_record
from api.office.words import describe, document_of
from attestation.errors import EncodingError
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.key_bodies import KeyEnrolment
from attestation.records import body_of_record, parse_record, verify_record
from chain.acts import Enrolment
from tests.support.office import (
    APPROVER,
    INITIATOR,
    NOW,
    STRANGER,
    device_authority,
    device_request,
    drafting,
    signed_by,
    trust_root,
)

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def enrolment() -> SigningRequest:
    """A request that enrols one key."""
    return key_requests.enrol(drafting(), device_authority(), [device_request()])


def changed(request: SigningRequest, change: Change) -> SigningRequest:
    """Give a request whose file somebody edited."""
    document = json.loads(format_request(request))
    change(document)
    return parse_request(json.dumps(document, ensure_ascii=False).encode())


def test_request_is_read_back(enrolment: SigningRequest) -> None:
    """A file says what was drafted, signatures included."""
    signed = signed_by(enrolment, INITIATOR)

    assert parse_request(format_request(signed)) == signed


def test_two_persons_sign_act_record_and_request(enrolment: SigningRequest) -> None:
    """After both have signed, the act has two signatures and the record that of the approver."""
    signed = signed_by(enrolment, INITIATOR, APPROVER)
    require_complete(signed)
    record = parse_record(signed_record(signed, 2))

    assert verify_record(record) == "0x" + APPROVER.address.hex()
    assert signed.signature(1, INITIATOR.address) != signed.signature(1, APPROVER.address)


def test_act_and_record_name_each_other(enrolment: SigningRequest) -> None:
    """The record names the act's digest, the act the body without it."""
    act, record = enrolment.parts
    assert isinstance(act, ActPart)
    assert isinstance(act.act, Enrolment)
    assert isinstance(record, RecordPart)
    body = body_of_record(record.draft)
    assert isinstance(body, KeyEnrolment)

    assert body.act == act.digest(enrolment.chain_id)
    assert act.act.record_hash == body.enrolment_hash


def test_initiator_alone_is_not_enough(enrolment: SigningRequest) -> None:
    """Two signatures are demanded where the contract demands them."""
    with pytest.raises(SignaturesMissing, match="approver"):
        require_complete(signed_by(enrolment, INITIATOR))


def test_stranger_may_not_sign(enrolment: SigningRequest) -> None:
    """A key that the request does not name signs nothing."""
    with pytest.raises(WrongSigner, match="is not asked to sign"):
        sign_request(enrolment, STRANGER, trust_root(), now=NOW)


def test_same_person_does_not_sign_twice(enrolment: SigningRequest) -> None:
    """The second signature is another person's."""
    signed = signed_by(enrolment, INITIATOR)

    with pytest.raises(SignedAlready, match="has signed"):
        sign_request(signed, INITIATOR, trust_root(), now=NOW)


def test_expired_request_is_not_signed(enrolment: SigningRequest) -> None:
    """After the deadline nobody signs; at it, one still may."""
    check_request(enrolment, trust_root(), now=enrolment.deadline)
    late = Instant(enrolment.deadline + 1)

    with pytest.raises(RequestExpired, match="deadline"):
        sign_request(enrolment, INITIATOR, trust_root(), now=late)


@pytest.mark.parametrize(
    "root",
    [trust_root(chain_id=1), trust_root(devices=b"\x09" * 20)],
    ids=["another chain", "another contract"],
)
def test_request_for_another_place(enrolment: SigningRequest, root: Any) -> None:
    """Whoever trusts another chain or contract does not sign it."""
    with pytest.raises(WrongPlace, match=r"for (chain|DeviceRegistry)"):
        check_request(enrolment, root, now=NOW)


def _title(document: dict[str, Any]) -> None:
    document["title"] = "Enrol the key of em-02"


def _index(document: dict[str, Any]) -> None:
    document["parts"][0]["fields"]["enrolledIndex"] = "13"


def _subject(document: dict[str, Any]) -> None:
    document["parts"][1]["record"]["subject"] = "key of em-02"


def _dropped_record(document: dict[str, Any]) -> None:
    document["parts"].pop()


def _deadline(document: dict[str, Any]) -> None:
    document["deadline"] = "2026-01-01T00:00:00Z"


def _moved_signature(document: dict[str, Any]) -> None:
    entry = document["signatures"][0]
    entry["parts"]["1"] = entry["request"]


@pytest.mark.parametrize(
    "change",
    [_title, _index, _subject, _dropped_record, _deadline, _moved_signature],
    ids=lambda change: change.__name__.strip("_"),
)
def test_edited_request_is_refused(enrolment: SigningRequest, change: Change) -> None:
    """Whatever is changed after the first signature, the second person sees it."""
    edited = changed(signed_by(enrolment, INITIATOR), change)

    with pytest.raises(RequestEdited):
        sign_request(edited, APPROVER, trust_root(), now=NOW)


def test_act_for_another_key_than_the_record(enrolment: SigningRequest) -> None:
    """Before anybody signs, act and record must be about one key."""

    def other_key(document: dict[str, Any]) -> None:
        document["parts"][0]["fields"]["kid"] = "0x" + "11" * 32

    with pytest.raises(RequestEdited, match="differ"):
        check_request(changed(enrolment, other_key), trust_root(), now=NOW)


def test_one_key_for_two_roles(enrolment: SigningRequest) -> None:
    """A request that names one key twice is not for two persons."""

    def one_person(document: dict[str, Any]) -> None:
        document["signers"]["initiator"] = document["signers"]["approver"]

    with pytest.raises(OnePerson, match="one key"):
        check_request(changed(enrolment, one_person), trust_root(), now=NOW)


def test_signer_who_is_not_named_above(enrolment: SigningRequest) -> None:
    """A part that somebody else should sign does not stand in a request."""

    def without_initiator(document: dict[str, Any]) -> None:
        del document["signers"]["initiator"]

    with pytest.raises(RequestEdited, match="names others"):
        check_request(changed(enrolment, without_initiator), trust_root(), now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(version=2),
        lambda document: document.pop("deadline"),
        lambda document: document.update(more=1),
        lambda document: document.update(parts=[]),
        lambda document: document["parts"][0].update(kind="deed"),
        lambda document: document["parts"][0]["fields"].update(nonce="01"),
        lambda document: document["parts"][0]["fields"].update(algorithm="300"),
        lambda document: document["parts"][0].update(contract="Council"),
        lambda document: document["parts"][1]["record"].update(salt="00"),
        lambda document: document.update(signers={"king": "0x" + "11" * 20}),
    ],
)
def test_what_is_no_request(enrolment: SigningRequest, change: Change) -> None:
    """A file in any other form is refused as such."""
    with pytest.raises(EncodingError):
        changed(enrolment, change)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"a":1,"a":1}', b'{"a":0.5}'])
def test_what_is_no_json_of_ours(content: bytes) -> None:
    """Bytes from anywhere lead to one kind of error."""
    with pytest.raises(EncodingError):
        parse_request(content)


def test_words_say_what_is_signed(enrolment: SigningRequest) -> None:
    """A person reads the key, the index, the algorithm by name and the series."""
    act, record = (dict(describe(part)[1]) for part in enrolment.parts)

    assert act["algorithm"] == "19 (ED25519)"
    assert act["enrolledIndex"] == "12"
    assert record["series"] == "em-01/energy/total/"
    assert document_of(enrolment)["signers"][0]["signed"] is False


def test_deadline_lies_in_the_acts_too(enrolment: SigningRequest) -> None:
    """The contract judges by the same second as the office."""
    act = enrolment.parts[0]
    assert isinstance(act, ActPart)
    assert isinstance(act.act, Enrolment)

    assert act.act.deadline * 1000 == enrolment.deadline == NOW + 7 * MILLISECONDS_PER_DAY
