"""What the office drafts about keys, and what it does not."""

from __future__ import annotations

import json

import pytest

from api.office import key_requests
from api.office.authority import DeviceAuthority
from api.office.errors import NotInForce, OnePerson, WrongPlace
from api.office.parts import ActPart, FollowingRecord, RecordPart, body_hash
from api.office.signing import check_request
from attestation.enums import CloseReason
from attestation.errors import EncodingError, Error, SignatureError
from attestation.ids import Kid, MessageId
from attestation.key_bodies import EpochClosing, KeyClosing
from attestation.records import body_of_record
from chain.acts import CloseKey, Compromise, Enrolment
from devices.closing_statements import ClosingStatement
from devices.errors import EnrolmentError
from devices.rotation import ClosedEpoch
from tests.support.office import (
    APPROVER,
    INITIATOR,
    NOW,
    ORIGIN,
    MadeUpChain,
    device_authority,
    device_request,
    drafting,
    seeded,
    signed_by,
    trust_root,
)

OLD, NEW = Kid(b"o" * 32), Kid(b"n" * 32)
CLOSED = ClosedEpoch(OLD, 0, 41, MessageId(b"m" * 32), "rotation")


@pytest.fixture
def chain() -> MadeUpChain:
    """A chain on which both keys are enrolled and open."""
    made_up = MadeUpChain()
    made_up.open_slot(OLD)
    made_up.open_slot(NEW)
    return made_up


def statement(**changes: object) -> ClosingStatement:
    """Give what a plant says of a chain that ended."""
    said = {
        "origin": ORIGIN,
        "kid": OLD,
        "reason": "rotation",
        "closed": CLOSED,
        "next_kid": NEW,
    }
    return ClosingStatement(**(said | changes))  # type: ignore[arg-type]


def test_keys_count_from_a_later_index() -> None:
    """A log that grows leaves time to sign."""
    request = key_requests.enrol(drafting(), device_authority(), [device_request()], after=30)
    act = request.parts[0]
    assert isinstance(act, ActPart)
    assert isinstance(act.act, Enrolment)

    assert act.act.enrolled_index == 42


def test_many_keys_in_one_request() -> None:
    """Acts stand first, so that they become final together; each has its record."""
    requests = [device_request(f"em-0{number}") for number in range(3)]
    request = key_requests.enrol(drafting(), device_authority(), requests)

    assert [type(part) for part in request.parts] == [ActPart] * 3 + [RecordPart] * 3
    check_request(signed_by(request, INITIATOR, APPROVER), trust_root(), now=NOW)


def test_same_request_twice() -> None:
    """One key is enrolled once."""
    with pytest.raises(EnrolmentError, match="two of the requests"):
        key_requests.enrol(drafting(), device_authority(), [device_request()] * 2)


def test_key_that_is_enrolled_already() -> None:
    """The chain knows it."""
    chain = MadeUpChain()
    chain.open_slot(seeded("em-01").public_key.kid)

    with pytest.raises(EnrolmentError, match="already"):
        key_requests.enrol(drafting(chain), device_authority(), [device_request()])


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("series", ["em-02/energy/total/"], None),
        ("possession", "AAAA" * 21 + "AA==", SignatureError),
        ("origin", "log.example/log/91440300MA5EXAMP72", EnrolmentError),
        ("epoch", -1, EncodingError),
        ("extra", 1, EncodingError),
    ],
    ids=["series", "possession", "log", "epoch", "more"],
)
def test_edited_device_request(name: str, value: object, error: type[Error] | None) -> None:
    """What the device did not prove is refused; what it only said is for people to read."""
    content = json.loads(device_request())
    content[name] = value
    edited = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()

    if error is None:
        request = key_requests.enrol(drafting(), device_authority(), [edited])
        assert "em-02" in str(request.parts[1].content())
    else:
        with pytest.raises(error):
            key_requests.enrol(drafting(), device_authority(), [edited])


def test_initiator_who_is_not_in_force() -> None:
    """Nobody drafts for a person who no longer acts for the enterprise."""
    chain = MadeUpChain(persons={APPROVER.address: b"a" * 32})

    with pytest.raises(NotInForce, match="no initiator"):
        key_requests.enrol(drafting(chain), device_authority(), [device_request()])


def test_two_keys_of_one_person() -> None:
    """Two-person rules compare persons, not addresses."""
    one = b"p" * 32
    chain = MadeUpChain(persons={INITIATOR.address: one, APPROVER.address: one})

    with pytest.raises(OnePerson, match="one person"):
        key_requests.enrol(drafting(chain), device_authority(), [device_request()])


def test_authority_of_another_root() -> None:
    """An authority that leads to no platform root of the trust root certifies nothing here."""
    authority = device_authority()
    other = DeviceAuthority(authority.issuer, b"another root", 365)

    with pytest.raises(WrongPlace, match="platform root"):
        key_requests.register_authority(drafting(), other)


def test_rotation_names_last_message_and_next_key(chain: MadeUpChain) -> None:
    """The act closes at an index to come; the records say where the chain ends and who goes on."""
    request = key_requests.rotate(drafting(chain), statement(), after=1000)
    act = request.parts[0]
    bodies = [body_of_record(p.draft) for p in request.parts if isinstance(p, RecordPart)]
    closing = next(body for body in bodies if isinstance(body, KeyClosing))
    epoch = next(body for body in bodies if isinstance(body, EpochClosing))

    assert isinstance(act, ActPart)
    assert isinstance(act.act, CloseKey)
    assert (act.act.closed_index, act.act.reason) == (1012, CloseReason.ROTATED)
    assert (epoch.last_sequence, epoch.next_kid) == (41, NEW)
    assert (closing.last_epoch, closing.last_sequence, closing.closed_index) == (0, 41, 1012)
    check_request(signed_by(request, APPROVER), trust_root(), now=NOW)


def test_rotation_to_a_key_that_is_not_enrolled(chain: MadeUpChain) -> None:
    """The old key is not closed before the new one counts."""
    del chain.slots[NEW]

    with pytest.raises(EnrolmentError, match="not enrolled"):
        key_requests.rotate(drafting(chain), statement(), after=0)


def test_closed_key_is_not_closed_again(chain: MadeUpChain) -> None:
    """The chain says that it is closed, and why."""
    chain.open_slot(OLD, reason=CloseReason.REVOKED, closed_index=9)

    with pytest.raises(EnrolmentError, match="closed: revoked"):
        key_requests.rotate(drafting(chain), statement(), after=0)


def test_decommissioned_key_has_no_successor(chain: MadeUpChain) -> None:
    """A statement that names a key to go on is of a rotation."""
    with pytest.raises(EnrolmentError, match="rotation"):
        key_requests.decommission(drafting(chain), statement(), after=0)


def test_key_that_never_signed_is_revoked_instead(chain: MadeUpChain) -> None:
    """An orderly closing names a last message, and there is none."""
    with pytest.raises(EnrolmentError, match="never signed"):
        key_requests.decommission(drafting(chain), statement(next_kid=None, closed=None), after=0)


def test_epoch_of_the_same_key(chain: MadeUpChain) -> None:
    """After an equivocation one record says where the epoch ends."""
    request = key_requests.end_epoch(drafting(chain), statement(next_kid=None))

    assert [type(part) for part in request.parts] == [RecordPart]


def test_revocation_leaves_the_index_to_the_chain(chain: MadeUpChain) -> None:
    """It takes effect at what is anchored then; its record is drafted afterwards."""
    request = key_requests.revoke(drafting(chain), OLD, compromised_since_s=5, suspect_from=3)
    acts = {type(p.act).__name__: p.act for p in request.parts if isinstance(p, ActPart)}
    (following,) = (p for p in request.parts if isinstance(p, FollowingRecord))

    assert isinstance(acts["CloseKey"], CloseKey)
    assert isinstance(acts["Compromise"], Compromise)
    assert acts["CloseKey"].closed_index == 0
    assert acts["CloseKey"].record_hash == body_hash(following.body)
    check_request(signed_by(request, APPROVER), trust_root(), now=NOW)

    chain.open_slot(OLD, reason=CloseReason.REVOKED, closed_index=77)
    record = key_requests.closing_record(drafting(chain), following, b"d" * 32)
    (part,) = record.parts
    assert isinstance(part, RecordPart)
    body = body_of_record(part.draft)
    assert isinstance(body, KeyClosing)
    assert (body.closed_index, body.act, body.compromised_since_s) == (77, b"d" * 32, 5)


def test_record_of_a_closing_the_chain_does_not_know(chain: MadeUpChain) -> None:
    """There is no index to name yet."""
    request = key_requests.revoke(drafting(chain), OLD)
    (following,) = (p for p in request.parts if isinstance(p, FollowingRecord))

    with pytest.raises(EnrolmentError, match="not closed on chain"):
        key_requests.closing_record(drafting(chain), following, b"d" * 32)
