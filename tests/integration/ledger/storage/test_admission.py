"""Admission: what is decided about a message, and that it is decided once."""

from __future__ import annotations

import gc
import tracemalloc
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from attestation.answers import Refusal, parse_answer
from attestation.enums import CloseReason, LogState
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_HOUR, Instant
from attestation.key_bodies import KeyClosing
from attestation.keys import Algorithm, normalise_low_s
from ledger.database import Database
from ledger.log.decisions import Admitted, Decision, Duplicate, Refused, Submission
from ledger.log.quotas import Quota
from tests.support.enterprise import OTHER_USC, USC, Device, Enterprise, reading, signed_at


def stored(enterprise: Enterprise) -> list[bytes]:
    """Give the messages of the log in order of admission."""
    with enterprise.database.reading() as uow:
        entries = list(uow.messages.stream(enterprise.log.number))
    return [each.content for each in entries if each.content[0] == 0xD2]


def refusal_of(enterprise: Enterprise, decision: Decision) -> Refusal:
    """Check a signed refusal as a gateway does."""
    assert isinstance(decision, Refused)
    assert decision.answer is not None
    answer = parse_answer(decision.answer, origin=enterprise.origin, key=enterprise.answer_key)
    assert isinstance(answer, Refusal)
    return answer


@pytest.mark.parametrize("algorithm", Algorithm, ids=lambda each: each.name)
def test_messages_are_stored_as_they_came(enterprise: Enterprise, algorithm: Algorithm) -> None:
    """Byte for byte, in the order of arrival."""
    device = Device(algorithm=algorithm)
    enterprise.enrol(device)
    messages = device.row(5)
    decisions = enterprise.admit(*messages)

    assert all(isinstance(each, Admitted) for each in decisions)
    assert stored(enterprise) == [each.encoded for each in messages]


def test_ids_ascend_in_the_order_of_the_batch(enterprise: Enterprise, device: Device) -> None:
    """The first of a batch is the first in the log."""
    decisions = enterprise.admit(*device.row(5))
    numbers = [each.admission_id for each in decisions if isinstance(each, Admitted)]

    assert numbers == sorted(numbers)


def test_same_message_again_gets_the_first_answer(enterprise: Enterprise, device: Device) -> None:
    """Redelivery stores nothing."""
    message = device.sign()
    (first,) = enterprise.admit(message)
    (again,) = enterprise.admit(message)

    assert isinstance(first, Admitted)
    assert again == Duplicate(enterprise.log.number, first.admission_id)
    assert len(stored(enterprise)) == 1


def test_same_message_twice_in_a_batch_is_stored_once(
    enterprise: Enterprise, device: Device
) -> None:
    """A batch may hold its own duplicates."""
    message = device.sign()
    first, again = enterprise.admit(message, message)

    assert isinstance(first, Admitted)
    assert again == Duplicate(enterprise.log.number, first.admission_id)


def test_resignature_is_the_same_message(enterprise: Enterprise) -> None:
    """Equal words under another signature: an ECDSA signer may sign again."""
    device = Device(algorithm=Algorithm.ESP256)
    enterprise.enrol(device)
    message = device.sign()
    (first,) = enterprise.admit(message)
    again = _resigned(device, message.encoded, message.to_be_signed)
    (second,) = enterprise.admit(again)

    assert again != message.encoded
    assert isinstance(first, Admitted)
    assert second == Duplicate(enterprise.log.number, first.admission_id)


def _resigned(device: Device, encoded: bytes, to_be_signed: bytes) -> bytes:
    """Sign the same words with a fresh nonce."""
    key = device.key.private_key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(to_be_signed, ec.ECDSA(hashes.SHA256())))
    signature = normalise_low_s(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return encoded[:-64] + signature


def test_late_and_out_of_order_messages_are_admitted(
    enterprise: Enterprise, device: Device
) -> None:
    """A gap is not a refusal."""
    first, second, third, fourth = device.row(4)
    late = enterprise.admit(fourth, first) + enterprise.admit(third) + enterprise.admit(second)

    assert all(isinstance(each, Admitted) for each in late)


@pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "second", "last"])
def test_damaged_message_does_not_hold_up_its_batch(
    enterprise: Enterprise, device: Device, place: int
) -> None:
    """Each message gets its own decision."""
    batch = [each.encoded for each in device.row(4)]
    batch[place] = batch[place][:-1] + bytes((batch[place][-1] ^ 1,))
    decisions = enterprise.admit(*batch)

    kinds = [type(each) for each in decisions]
    assert kinds == [Refused if at == place else Admitted for at in range(4)]


def test_garbage_is_counted_and_not_kept(enterprise: Enterprise, device: Device) -> None:
    """What nobody signed leaves no trace but a number."""
    (decision,) = enterprise.admit(device.sign().encoded[:-1] + b"\0")

    assert isinstance(decision, Refused)
    assert decision.answer is None
    assert stored(enterprise) == []
    assert enterprise.admission.counts == {"admission.signature": 1}


def test_genuine_refusal_is_signed_and_names_the_message(
    enterprise: Enterprise, device: Device
) -> None:
    """The gateway can check that this refusal is of this message."""
    message = device.sign(reading(0, value=-1))
    (decision,) = enterprise.admit(message)
    refusal = refusal_of(enterprise, decision)

    assert (refusal.kid, refusal.epoch, refusal.sequence) == (device.kid, 0, 0)
    assert refusal.message_id == message.message_id
    assert refusal.code == "admission.implausible"


def test_genuine_refusal_is_kept_with_its_bytes(enterprise: Enterprise, device: Device) -> None:
    """What was refused can be looked at later."""
    message = device.sign(reading(0, value=-1))
    enterprise.admit(message)
    with enterprise.database.reading() as uow:
        (refusal,) = uow.admissions.refusals_of(enterprise.log.number, device.kid, 0)

    assert refusal.content == message.encoded
    assert stored(enterprise) == []


def test_refusal_is_final(enterprise: Enterprise, device: Device) -> None:
    """The same message gets the same signed words, though it would pass today."""
    message = device.sign(reading(200), at=signed_at(200))
    (first,) = enterprise.admit(message)
    enterprise.now = signed_at(300)
    (again,) = enterprise.admit(message)

    assert refusal_of(enterprise, first).code == "admission.future"
    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert again.answer == first.answer


def test_refused_message_twice_in_a_batch_is_kept_once(
    enterprise: Enterprise, device: Device
) -> None:
    """The second gets the answer of the first."""
    message = device.sign(reading(0, value=-1))
    first, again = enterprise.admit(message, message)

    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert first.answer == again.answer


def test_message_after_a_refused_one_is_admitted(enterprise: Enterprise, device: Device) -> None:
    """A refusal leaves a gap, not a dead device."""
    refused, following = device.sign(reading(0, value=-1)), device.sign(reading(1))
    decisions = enterprise.admit(refused, following)

    assert [type(each) for each in decisions] == [Refused, Admitted]


def test_time_must_not_go_back_in_an_epoch(enterprise: Enterprise, device: Device) -> None:
    """A message signed before the one before it is refused."""
    first = device.sign(reading(0), at=Instant(signed_at(1) + 1))
    second = device.sign(reading(1), at=signed_at(1))
    decisions = enterprise.admit(first, second)

    assert refusal_of(enterprise, decisions[1]).code == "admission.signed_before_previous"


def test_equal_times_are_no_step_back(enterprise: Enterprise, device: Device) -> None:
    """Two messages may be signed in the same millisecond."""
    at = signed_at(1)
    decisions = enterprise.admit(device.sign(reading(0), at=at), device.sign(reading(1), at=at))

    assert [type(each) for each in decisions] == [Admitted, Admitted]


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "later batch"])
@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [(-1, Refused), (0, Admitted), (5, Admitted), (10, Admitted), (11, Refused)],
    ids=["before", "as before", "between", "as after", "after"],
)
def test_late_message_must_fit_between_its_neighbours(
    enterprise: Enterprise, device: Device, at_ms: int, expected: type, in_one_batch: bool
) -> None:
    """A message that comes late was signed in its turn all the same."""
    start = signed_at(5)
    first = device.sign(reading(0), at=start)
    late = device.sign(reading(1), at=Instant(start + at_ms))
    third = device.sign(reading(2), at=Instant(start + 10))
    if in_one_batch:
        decision = enterprise.admit(first, third, late)[-1]
    else:
        enterprise.admit(first, third)
        (decision,) = enterprise.admit(late)

    assert type(decision) is expected


def test_closed_key_is_refused(enterprise: Enterprise, device: Device) -> None:
    """A revoked key says nothing more."""
    enterprise.accept(*device.row(2))
    _close(enterprise, device, CloseReason.REVOKED)
    (decision,) = enterprise.admit(device.sign())

    assert refusal_of(enterprise, decision).code == "admission.revoked_key"


def test_key_that_closes_later_still_speaks(enterprise: Enterprise, device: Device) -> None:
    """The index decides, and the closing one is not reached yet."""
    enterprise.accept(*device.row(2))
    _close(enterprise, device, CloseReason.REVOKED, later=5)

    assert isinstance(enterprise.admit(device.sign())[0], Admitted)


def test_rotated_key_is_heard_up_to_its_last_message(
    enterprise: Enterprise, device: Device
) -> None:
    """What was under way when the key was rotated still counts."""
    messages = device.row(4)
    enterprise.accept(messages[0])
    _close(enterprise, device, CloseReason.ROTATED, last=2)
    decisions = enterprise.admit(*messages[1:])

    assert [type(each) for each in decisions] == [Admitted, Admitted, Refused]


def _close(
    enterprise: Enterprise,
    device: Device,
    reason: CloseReason,
    *,
    later: int = 0,
    last: int | None = None,
) -> None:
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    enterprise.file(
        KeyClosing(
            kid=device.kid,
            reason=reason,
            closed_index=size + later,
            last_epoch=None if last is None else 0,
            last_sequence=last,
        )
    )


@pytest.mark.parametrize(
    "state", [LogState.RECOVERING, LogState.FROZEN, LogState.CLOSED], ids=lambda each: each.name
)
def test_log_that_rests_decides_nothing(
    enterprise: Enterprise, device: Device, state: LogState
) -> None:
    """The gateway keeps its messages and sends them again."""
    with enterprise.database.unit_of_work() as uow:
        uow.logs.set_state(enterprise.log.number, state)
        uow.commit()
    message = device.sign()
    (decision,) = enterprise.admit(message)

    assert decision == Refused("log.frozen", f"the log is {state.name.lower()}")
    assert stored(enterprise) == []


def test_unknown_device_is_admitted_once_it_is_enrolled(enterprise: Enterprise) -> None:
    """Not knowing a key is no refusal for good."""
    device = Device()
    message = device.sign()
    (before,) = enterprise.admit(message)
    enterprise.enrol(device)
    (after,) = enterprise.admit(message)

    assert isinstance(before, Refused)
    assert (before.code, before.answer) == ("admission.unknown_device", None)
    assert isinstance(after, Admitted)


def test_gateway_over_its_quota_is_held_back(database: Database) -> None:
    """What is over the quota is not decided about; the next second it is."""
    enterprise = Enterprise(database, quota=Quota(messages_per_s=1, burst=2))
    device = Device()
    enterprise.enrol(device)
    messages = device.row(3)
    decisions = enterprise.admit(*messages)
    enterprise.pass_time(1000)
    (later,) = enterprise.admit(messages[2])

    assert [type(each) for each in decisions] == [Admitted, Admitted, Refused]
    assert decisions[2] == Refused("admission.throttled", "over the sender's quota")
    assert isinstance(later, Admitted)


def test_gateways_of_two_plants_may_have_one_name(database: Database) -> None:
    """The flood of the one does not use up what the other may send."""
    ours = Enterprise(database, quota=Quota(messages_per_s=1, burst=2))
    theirs = Enterprise(database, usc=OTHER_USC)
    one, two = Device(), Device(name="em-02", origin=theirs.origin)
    ours.enrol(one)
    theirs.enrol(two)
    flood = [
        Submission(each.encoded, "gateway-1", sender=f"CN=gateway-1,O={USC}") for each in one.row(9)
    ]
    quiet = Submission(two.sign().encoded, "gateway-1", sender=f"CN=gateway-1,O={OTHER_USC}")
    decisions = ours.admission.admit([*flood, quiet], now=ours.now)

    assert [isinstance(each, Admitted) for each in decisions] == [True] * 2 + [False] * 7 + [True]


def test_what_comes_without_a_gateway_is_counted_for_its_log(database: Database) -> None:
    """Only what a key of the log has signed is counted; garbage sent to it is not."""
    enterprise = Enterprise(database, quota=Quota(messages_per_s=1, burst=2))
    device = Device()
    enterprise.enrol(device)
    first, second, third = device.row(3)
    number = enterprise.log.number

    def submit(content: bytes) -> str:
        (decision,) = enterprise.admission.admit(
            [Submission(content, log=number)], now=enterprise.now
        )
        return decision.code

    assert {submit(b"\xd2" + bytes([each])) for each in range(9)} == {"admission.malformed"}
    assert [submit(each.encoded) for each in (first, second)] == ["admitted", "admitted"]
    assert submit(third.encoded) == "admission.throttled"
    enterprise.pass_time(1000)
    assert submit(third.encoded) == "admitted"


def test_batch_may_hold_messages_of_several_logs(database: Database) -> None:
    """Each finds its log by its key."""
    ours, theirs = Enterprise(database), Enterprise(database, usc=OTHER_USC)
    device = Device()
    stranger = Device(name="em-02", origin=theirs.origin)
    ours.enrol(device)
    theirs.enrol(stranger)
    decisions = ours.admit(device.sign(), stranger.sign(), device.sign())

    assert [each.log for each in decisions if isinstance(each, Admitted)] == [
        ours.log.number,
        theirs.log.number,
        ours.log.number,
    ]


def test_message_sent_to_the_wrong_log_is_not_taken(enterprise: Enterprise, device: Device) -> None:
    """A door that belongs to one log leads into no other."""
    wrong = type(enterprise.log.number)(enterprise.log.number + 1)
    submission = Submission(device.sign().encoded, log=wrong)
    (decision,) = enterprise.admission.admit([submission], now=enterprise.now)

    assert isinstance(decision, Refused)
    assert decision.code == "admission.wrong_log"


def test_batches_are_decided_in_order(enterprise: Enterprise, device: Device) -> None:
    """While one batch is stored the next is checked; the order stays."""
    messages = device.row(7)
    batches = [([Submission(each.encoded)], enterprise.now) for each in messages]
    decisions = list(enterprise.admission.admit_all(batches))

    assert [len(each) for each in decisions] == [1] * 7
    assert stored(enterprise) == [each.encoded for each in messages]


def test_empty_batch_is_nothing(enterprise: Enterprise) -> None:
    """No submissions, no decisions."""
    assert enterprise.admission.admit([], now=enterprise.now) == []


def test_decisions_are_counted_by_code(enterprise: Enterprise, device: Device) -> None:
    """The counts are what a metric shows."""
    message = device.sign()
    enterprise.admit(message, message, device.sign(reading(1, value=-1)), b"noise")

    assert enterprise.admission.counts == {
        "admitted": 1,
        "duplicate": 1,
        "admission.implausible": 1,
        "admission.malformed": 1,
    }


def test_key_of_message_leads_to_its_bytes(enterprise: Enterprise, device: Device) -> None:
    """By its numbers a message is found again."""
    message = device.sign()
    enterprise.admit(message)
    with enterprise.database.reading() as uow:
        found = uow.admissions.message(enterprise.log.number, (device.kid, 0, 0))
        assert found is not None
        content = uow.messages.contents(enterprise.log.number, [found.admission_id])

    assert content == {found.admission_id: message.encoded}
    assert found.statement_hash == sha256(message.to_be_signed).digest()


def test_promise_names_the_time_of_integration(enterprise: Enterprise, device: Device) -> None:
    """What is promised is written with what is admitted."""
    enterprise.admit(*device.row(3))
    with enterprise.database.reading() as uow:
        epoch = uow.admissions.epochs(enterprise.log.number, [(device.kid, 0)])[device.kid, 0]

    assert epoch.ranges.pairs == ((0, 3),)
    assert epoch.gateway == "gw-1"
    assert epoch.integrate_by == enterprise.now + MILLISECONDS_PER_HOUR


def test_memory_stays_flat(sqlite_url: str) -> None:
    """What was admitted leaves nothing behind in the process."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        device = Device()
        enterprise.enrol(device)
        enterprise.pass_time(30 * MILLISECONDS_PER_DAY)
        batches = [
            [device.sign(reading(50 * number + each)).encoded for each in range(50)]
            for number in range(40)
        ]
        for batch in batches[:10]:
            enterprise.admit(*batch)
        gc.collect()
        tracemalloc.start()
        for batch in batches[10:]:
            enterprise.admit(*batch)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert held < 64 * 1024
