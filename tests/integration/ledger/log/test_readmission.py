"""Storing again what a log once held, on both databases."""

from __future__ import annotations

from hashlib import sha256

from attestation.digests import ActivityDigest, encode_digest
from attestation.eip712 import address_of
from attestation.ids import parse_origin
from attestation.key_bodies import Equivocation, MessageEvidence
from attestation.messages import parse_header
from attestation.records import draft_record, sign_record
from ledger.log.readmission import readmit
from tests.fakes.plant import ORIGIN, Meter, Plant
from tests.support import attested

SECRET = sha256(b"operator").digest()


def waiting(plant: Plant) -> list[bytes]:
    """Give what is stored and not integrated, in order."""
    with plant.database.reading() as uow:
        return [entry.content for entry in uow.messages.after(plant.log.number, 0, limit=100)]


def other_words(meter: Meter, sequence: int) -> bytes:
    """Sign something else as a meter's message."""
    return attested.message(
        signer=meter.key,
        origin=ORIGIN,
        epoch=0,
        sequence=sequence,
        previous=b"\x07" * 32 if sequence else bytes(32),
    ).encoded


def evidence(first: bytes, second: bytes, kid: bytes, sequence: int) -> bytes:
    """Sign the record of an equivocation."""
    body = Equivocation(
        kid=kid,
        epoch=0,
        sequence=sequence,
        messages=tuple(
            MessageEvidence(message_id=sha256(each).digest(), message=each)
            for each in (first, second)
        ),
    )
    draft = draft_record(
        body, origin=ORIGIN, subject="two messages", salt=bytes(16), signer=address_of(SECRET)
    )
    return sign_record(draft, SECRET).encoded


def digest(number: int) -> bytes:
    """Give an activity digest of the log."""
    return encode_digest(
        ActivityDigest(
            origin_hash=parse_origin(ORIGIN).log_id,
            unit_id=bytes(32),
            series_hash=bytes(32),
            from_s=0,
            to_s=1 + number,
            first_index=0,
            last_index=0,
            gap_count=0,
            commitment=bytes(32),
        )
    )


def test_messages_are_stored_with_their_numbers(plant: Plant) -> None:
    """Key, epoch, sequence and progress of the epoch are what admission would have stored."""
    meter = Meter()
    entries = meter.sign(5)
    plant.admit(entries[2:])
    kid = meter.key.public_key.kid
    with plant.database.reading() as uow:
        stored = uow.admissions.message(plant.log.number, (kid, 0, 3))
        epoch = uow.admissions.epochs(plant.log.number, [(kid, 0)])[kid, 0]

    assert stored is not None
    assert stored.message_id == sha256(entries[3]).digest()
    assert epoch.ranges.pairs == ((2, 5),)
    assert epoch.max_sequence == 4
    assert epoch.promise_due is None


def test_what_is_stored_is_passed_over(plant: Plant) -> None:
    """Messages, records and digests are stored once, in one batch or in two."""
    meter = Meter()
    first, second = meter.sign(1)[0], other_words(meter, 0)
    record = evidence(first, second, meter.key.public_key.kid, 0)
    entries = [first, record, digest(1), first, record, digest(1)]
    plant.admit(entries)
    plant.admit(entries)

    assert waiting(plant) == [first, record, digest(1)]


def test_other_words_under_the_same_numbers_are_stored_without_them(plant: Plant) -> None:
    """Bytes that the tree holds are stored, also when their numbers were taken meanwhile."""
    meter = Meter()
    own, other = meter.sign(1)[0], other_words(meter, 0)
    plant.admit([own])
    plant.admit([other])

    assert waiting(plant) == [own, other]
    with plant.database.reading() as uow:
        header = parse_header(other)
        stored = uow.admissions.message(plant.log.number, (header.kid, 0, 0))
    assert stored is not None
    assert stored.message_id == sha256(own).digest()


def test_an_equivocation_closes_its_epoch_again(plant: Plant) -> None:
    """The evidence brings back what admission knew of the dispute."""
    meter = Meter()
    entries = meter.sign(3)
    kid = meter.key.public_key.kid
    plant.admit([*entries, evidence(entries[1], other_words(meter, 1), kid, 1)])
    with plant.database.reading() as uow:
        epoch = uow.admissions.epochs(plant.log.number, [(kid, 0)])[kid, 0]
        (found,) = uow.admissions.equivocations(plant.log.number)

    assert epoch.closed_at == 1
    assert found.second_content == other_words(meter, 1)


def test_the_same_dispute_in_another_record_is_one_dispute(plant: Plant) -> None:
    """Evidence that was made twice is stored twice and disputes once."""
    meter = Meter()
    (first,) = meter.sign(1)
    kid, second = meter.key.public_key.kid, other_words(meter, 0)
    again = evidence(second, first, kid, 0)
    plant.admit([first, evidence(first, second, kid, 0), again])

    assert len(waiting(plant)) == 3
    with plant.database.reading() as uow:
        assert len(uow.admissions.equivocations(plant.log.number)) == 1


def test_nothing_is_owed_for_what_is_stored_again(plant: Plant) -> None:
    """Nobody is promised or answered anything."""
    with plant.database.unit_of_work() as uow:
        readmit(uow, plant.log, Meter().sign(3), plant.now)
        due = uow.admissions.due(plant.log.number, plant.now, limit=10)

    assert due == []
