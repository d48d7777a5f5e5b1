"""Two statements under one place: both are kept, neither counts, and the epoch ends before them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.answers import parse_answer
from attestation.enums import CloseReason
from attestation.equivocations import verify_equivocation
from attestation.ids import ZERO_HASH
from attestation.key_bodies import Equivocation, KeyClosing
from attestation.keys import Algorithm
from attestation.merkle import hash_leaf
from attestation.messages import SignedMessage
from attestation.records import body_of_record, parse_record, verify_record
from attestation.series_bodies import Correction, ReadingReference
from ledger.log.counting import counted_readings
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused
from ledger.log.epoch_survey import open_tails
from ledger.log.marks import Mark
from tests.support.enterprise import SERIES, START_S, Device, Enterprise, reading


def twin(device: Device, sequence: int, *, value: int = 6) -> SignedMessage:
    """Sign other words under a number that was used; the device itself does not go on from it."""
    return replace(device).sign(
        reading(sequence, value=value),
        sequence=sequence,
        previous=b"\x01" * 32 if sequence else ZERO_HASH,
    )


def counted(enterprise: Enterprise) -> list[int]:
    """Give the numbers of the quarter hours that count."""
    with enterprise.database.reading() as uow:
        return sorted(
            (each.reading.start_s - START_S) // 900
            for each in counted_readings(uow, enterprise.log, SERIES, START_S, START_S + 90_000)
        )


def code_of(decision: Decision) -> str:
    """Give the code of a refusal."""
    assert isinstance(decision, Refused)
    return decision.code


def evidence_of(enterprise: Enterprise, decision: Decision) -> Equivocation:
    """Load the record that holds both."""
    assert isinstance(decision, Equivocal)
    with enterprise.database.reading() as uow:
        contents = uow.messages.contents(enterprise.log.number, [decision.evidence_id])
    record = parse_record(contents[decision.evidence_id])
    verify_record(record)
    body = body_of_record(record)
    assert isinstance(body, Equivocation)
    return body


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "later batch"])
def test_both_messages_are_kept_as_one_proof(
    enterprise: Enterprise, device: Device, in_one_batch: bool
) -> None:
    """Whoever reads the record can check both signatures."""
    first = device.sign()
    second = twin(device, 0)
    if in_one_batch:
        decision = enterprise.admit(first, second)[1]
    else:
        enterprise.admit(first)
        (decision,) = enterprise.admit(second)
    proved = verify_equivocation(
        evidence_of(enterprise, decision), origin=enterprise.origin, key=device.key.public_key
    )

    assert [each.encoded for each in proved] == [first.encoded, second.encoded]


def test_second_message_is_refused_with_a_signed_answer(
    enterprise: Enterprise, device: Device
) -> None:
    """The gateway learns which of its messages was the second."""
    second = twin(device, 0)
    decision = enterprise.admit(device.sign(), second)[1]
    assert isinstance(decision, Equivocal)
    refusal = parse_answer(decision.answer, origin=enterprise.origin, key=enterprise.answer_key)

    assert refusal.code == "admission.equivocation"  # type: ignore[union-attr]
    assert refusal.message_id == second.message_id  # type: ignore[union-attr]


def test_each_gets_its_first_answer_again(enterprise: Enterprise, device: Device) -> None:
    """The first stays admitted, the second stays refused, and nothing new is proved."""
    first, second = device.sign(), twin(device, 0)
    enterprise.admit(first, second)
    decisions = enterprise.admit(first, second)

    assert isinstance(decisions[0], Duplicate)
    assert code_of(decisions[1]) == "admission.equivocation"
    with enterprise.database.reading() as uow:
        assert len(uow.admissions.equivocations(enterprise.log.number)) == 1


def test_third_statement_of_a_place_is_only_refused(enterprise: Enterprise, device: Device) -> None:
    """There is nothing left to prove; a flood of them fills no log."""
    enterprise.admit(device.sign(), twin(device, 0))
    decisions = enterprise.admit(twin(device, 0, value=7), twin(device, 0, value=8))

    assert [code_of(each) for each in decisions] == ["admission.epoch_closed"] * 2


def test_epoch_is_closed_from_the_disputed_place_on(enterprise: Enterprise, device: Device) -> None:
    """Later messages of the epoch are refused, also those that hang on the first variant."""
    enterprise.admit(*device.row(3))
    enterprise.admit(twin(device, 1))

    assert code_of(enterprise.admit(device.sign())[0]) == "admission.epoch_closed"


def test_late_message_below_the_disputed_place_is_admitted(
    enterprise: Enterprise, device: Device
) -> None:
    """What both branches share may still arrive."""
    first, second, third = device.row(3)
    enterprise.admit(first, third)
    enterprise.admit(twin(device, 2))

    assert isinstance(enterprise.admit(second)[0], Admitted)


def test_proof_at_a_lower_number_moves_the_closing_down(
    enterprise: Enterprise, device: Device
) -> None:
    """The lowest fork is where the branches part."""
    enterprise.admit(*device.row(4))
    enterprise.admit(twin(device, 3))
    (decision,) = enterprise.admit(twin(device, 1))
    with enterprise.database.reading() as uow:
        epoch = uow.admissions.epochs(enterprise.log.number, [(device.kid, 0)])[device.kid, 0]

    assert isinstance(decision, Equivocal)
    assert epoch.closed_at == 1


def test_proof_at_a_higher_number_is_not_needed(enterprise: Enterprise, device: Device) -> None:
    """Beyond the closing nothing counts anyway."""
    enterprise.admit(*device.row(4))
    enterprise.admit(twin(device, 1))

    assert code_of(enterprise.admit(twin(device, 3))[0]) == "admission.epoch_closed"


def test_nothing_counts_from_the_disputed_place_on(enterprise: Enterprise, device: Device) -> None:
    """Neither variant, nor what hangs on one of them."""
    enterprise.accept(*device.row(5))
    enterprise.admit(twin(device, 2))
    enterprise.integrate()

    assert counted(enterprise) == [0, 1]


def test_other_epochs_and_keys_are_untouched(enterprise: Enterprise, device: Device) -> None:
    """A dispute is of one epoch of one key."""
    other = Device(name="em-02", series=("em-02/energy/total/",))
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    enterprise.file(enterprise.enrolment(other))
    enterprise.accept(*device.row(2), *other.row(2))
    enterprise.admit(twin(device, 1))
    device.next_epoch()

    assert isinstance(enterprise.admit(other.sign())[0], Admitted)
    assert isinstance(enterprise.admit(device.sign(reading(5)))[0], Admitted)


def test_next_epoch_follows_the_last_undisputed_message(
    enterprise: Enterprise, device: Device
) -> None:
    """Message s - 1, which both branches share, is the end of the epoch: no tail is missing."""
    messages = device.row(4)
    enterprise.accept(*messages)
    enterprise.admit(twin(device, 2))
    device.next_epoch(previous=messages[1].message_id)
    enterprise.accept(device.sign(reading(5)))

    with enterprise.database.reading() as uow:
        assert open_tails(uow, enterprise.log) == []


def test_next_epoch_that_follows_a_disputed_message_shows_a_missing_tail(
    enterprise: Enterprise, device: Device
) -> None:
    """A chain that goes on from one branch leaves the end of the epoch open."""
    enterprise.accept(*device.row(4))
    enterprise.admit(twin(device, 2))
    device.next_epoch()
    enterprise.accept(device.sign(reading(5)))

    with enterprise.database.reading() as uow:
        (tail,) = open_tails(uow, enterprise.log)
    assert (tail.kid, tail.epoch) == (device.kid, 0)


def test_dispute_at_message_0_leads_back_to_the_epoch_before(
    enterprise: Enterprise, device: Device
) -> None:
    """With no undisputed message left, the next epoch follows what this one followed."""
    first = device.sign()
    device.next_epoch()
    enterprise.accept(first, device.sign(reading(1)))
    enterprise.admit(
        replace(device).sign(reading(1, value=6), sequence=0, previous=first.message_id)
    )
    device.next_epoch(previous=first.message_id)
    enterprise.accept(device.sign(reading(5)))

    with enterprise.database.reading() as uow:
        assert open_tails(uow, enterprise.log) == []


def test_dispute_at_the_very_first_message_leaves_no_tail(
    enterprise: Enterprise, device: Device
) -> None:
    """Where nothing undisputed is left, the next epoch follows the variant its signer had."""
    enterprise.accept(device.sign())
    enterprise.admit(twin(device, 0))
    device.next_epoch()
    enterprise.accept(device.sign(reading(5)))

    with enterprise.database.reading() as uow:
        assert open_tails(uow, enterprise.log) == []


def test_saying_it_again_is_a_conflict(enterprise: Enterprise, device: Device) -> None:
    """Equivocation cannot be used to replace what was said."""
    messages = device.row(3)
    enterprise.accept(*messages)
    enterprise.admit(twin(device, 1))
    device.next_epoch(previous=messages[0].message_id)
    enterprise.accept(device.sign(reading(1, value=1)), device.sign(reading(9)))

    assert counted(enterprise) == [0, 9]


def test_correction_names_the_disputed_reading_that_counts(
    enterprise: Enterprise, device: Device
) -> None:
    """What the enterprise signs for counts again, and says so."""
    messages = device.row(3)
    enterprise.accept(*messages)
    enterprise.admit(twin(device, 1))
    enterprise.integrate()
    enterprise.file(
        Correction(
            series=SERIES,
            from_s=START_S + 900,
            to_s=START_S + 1800,
            reason="the meter was read again",
            counts=ReadingReference(entry=hash_leaf(messages[1].encoded), reading=0),
        )
    )
    with enterprise.database.reading() as uow:
        found = list(counted_readings(uow, enterprise.log, SERIES, START_S + 900, START_S + 1800))

    assert counted(enterprise) == [0, 1]
    assert {Mark.CORRECTED, Mark.DISPUTED} <= found[0].marks


def test_closed_key_proves_nothing(enterprise: Enterprise, device: Device) -> None:
    """Whoever steals an old key cannot undo its history."""
    enterprise.accept(*device.row(3))
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    enterprise.file(KeyClosing(kid=device.kid, reason=CloseReason.REVOKED, closed_index=size))
    (decision,) = enterprise.admit(twin(device, 1))

    assert code_of(decision) == "admission.revoked_key"
    assert counted(enterprise) == [0, 1, 2]


def test_statement_that_breaks_a_rule_is_evidence_all_the_same(
    enterprise: Enterprise, device: Device
) -> None:
    """It was signed; that it would be refused as well does not take it back."""
    decision = enterprise.admit(device.sign(), twin(device, 0, value=-1))[1]

    assert isinstance(decision, Equivocal)


def test_long_messages_are_named_by_id_and_kept_beside(enterprise: Enterprise) -> None:
    """The record stays an entry; the second message is handed out as a file."""
    device = Device(algorithm=Algorithm.ESP256)
    enterprise.enrol(device)
    rows = [[reading(at, value=value + at * 7919 % 1000) for at in range(1500)] for value in (1, 2)]
    enterprise.now = type(enterprise.now)((START_S + 1501 * 900) * 1000)
    with_backfill = [replace(device).sign(*row, provenance=1) for row in rows]
    decision = enterprise.admit(*with_backfill)[1]
    body = evidence_of(enterprise, decision)
    with enterprise.database.reading() as uow:
        (stored,) = uow.admissions.equivocations(enterprise.log.number)
    files = {each.message_id: each.encoded for each in with_backfill}

    assert [each.message for each in body.messages] == [None, None]
    assert stored.second_content == with_backfill[1].encoded
    verify_equivocation(body, origin=enterprise.origin, key=device.key.public_key, files=files)
