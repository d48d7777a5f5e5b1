"""
Readmission: storing entries that a log once held, after their rows were lost.

They were judged when they were admitted, and the tree is their proof; so nothing is judged again,
nothing is answered and nothing is owed. What is stored under the same name already is passed over.

Source: DESIGN section 6, going back; FORMATS section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from attestation.entries import EntryKind, classify_entry
from attestation.instants import Instant
from attestation.key_bodies import Equivocation
from attestation.messages import SignedMessage, parse_message
from attestation.records import Record, body_of_record, is_known, parse_record
from ledger.log.ranges import Ranges
from ledger.repositories.admissions import (
    EpochAdmission,
    Place,
    StoredEquivocation,
    StoredMessage,
)
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_UNKNOWN = 0
"""Admission id of a first message whose bytes are not found yet; ids begin at 1."""


def readmit(uow: UnitOfWork, log: Log, entries: Sequence[bytes], now: Instant) -> None:
    """
    Store entries in the order given; the caller holds the log's admission lock and commits.

    Args:
        uow: A writing unit of work.
        log: The log they belong to.
        entries: Bytes whose leaf hashes stand in the log's tree.
        now: Present time, kept as the time of receipt.
    """
    numbered = list(zip(uow.messages.draw_ids(len(entries)), entries, strict=True))
    kinds = {number: classify_entry(content) for number, content in numbered}
    stored = _messages(
        uow,
        log,
        [
            (number, parse_message(content, origin=log.origin))
            for number, content in numbered
            if kinds[number] is EntryKind.MESSAGE
        ],
        now,
    )
    for number, content in numbered:
        kind = kinds[number]
        if (kind is EntryKind.DIGEST and _digest(uow, log, number, content)) or (
            kind is EntryKind.RECORD and _record(uow, log, number, content, now)
        ):
            stored.add(number)
    uow.messages.add(
        log.number,
        [(number, kinds[number], content) for number, content in numbered if number in stored],
        received_at=now,
    )


def _messages(
    uow: UnitOfWork, log: Log, messages: Sequence[tuple[int, SignedMessage]], now: Instant
) -> set[int]:
    """Store the keys of messages, and give the numbers of those whose bytes are to be stored."""
    taken = _taken(uow, log, [message for _, message in messages])
    epochs = uow.admissions.epochs(
        log.number, {(message.header.kid, message.header.epoch) for _, message in messages}
    )
    fresh: list[StoredMessage] = []
    stored: set[int] = set()
    for number, message in messages:
        header = message.header
        place = (bytes(header.kid), header.epoch, header.sequence)
        taken_by = taken.get(place)
        if taken_by == message.message_id:
            continue
        stored.add(number)
        if taken_by is not None:
            # Other bytes under the same numbers came while the log was older than itself. The
            # tree holds these; the survey finds that the place is disputed.
            continue
        taken[place] = message.message_id
        fresh.append(_key(message, number))
        name = place[:2]
        epochs[name] = _extended(epochs.get(name) or EpochAdmission(*name), message, number, now)
    uow.admissions.add_messages(log.number, fresh)
    changed = {(message.kid, message.epoch) for message in fresh}
    uow.admissions.put_epochs(log.number, [epochs[name] for name in sorted(changed)])
    return stored


def _taken(uow: UnitOfWork, log: Log, messages: Sequence[SignedMessage]) -> dict[Place, bytes]:
    """Give the ids of the messages that are stored under the same places."""
    by_epoch: dict[tuple[bytes, int], list[int]] = {}
    for message in messages:
        header = message.header
        by_epoch.setdefault((bytes(header.kid), header.epoch), []).append(header.sequence)
    taken: dict[Place, bytes] = {}
    for (kid, epoch), sequences in by_epoch.items():
        found = uow.admissions.messages(log.number, kid, epoch, sequences)
        taken.update({message.place: message.message_id for message in found.values()})
    return taken


def _key(message: SignedMessage, number: int) -> StoredMessage:
    header = message.header
    return StoredMessage(
        header.kid,
        header.epoch,
        header.sequence,
        message.message_id,
        sha256(message.to_be_signed).digest(),
        header.signed_at,
        number,
    )


def _extended(
    epoch: EpochAdmission, message: SignedMessage, number: int, now: Instant
) -> EpochAdmission:
    header = message.header
    if header.sequence > epoch.max_sequence:
        epoch = replace(epoch, max_sequence=header.sequence, max_signed_at=header.signed_at)
    ranges: Ranges = epoch.ranges.add(header.sequence)
    return replace(epoch, ranges=ranges, last_admission_id=number, integrate_by=now)


def _digest(uow: UnitOfWork, log: Log, number: int, content: bytes) -> bool:
    return _name(uow, log, number, sha256(content).digest(), "")


def _record(uow: UnitOfWork, log: Log, number: int, content: bytes, now: Instant) -> bool:
    record = parse_record(content)
    is_new = _name(uow, log, number, record.content_hash, record.record_type)
    if is_new and is_known(record):
        _equivocation(uow, log, number, record, now)
    return is_new


def _name(uow: UnitOfWork, log: Log, number: int, content_hash: bytes, record_type: str) -> bool:
    if uow.admissions.record(log.number, content_hash) is not None:
        return False
    uow.admissions.add_record(log.number, content_hash, number, record_type)
    return True


def _equivocation(uow: UnitOfWork, log: Log, number: int, record: Record, now: Instant) -> None:
    """Close the epoch again that an equivocation closed."""
    body = body_of_record(record)
    if not isinstance(body, Equivocation):
        return
    place = (body.kid, body.epoch, body.sequence)
    if any(
        (known.kid, known.epoch, known.sequence) == place
        for known in uow.admissions.equivocations(log.number)
    ):
        return  # the same dispute was found again meanwhile, in another record
    first = uow.admissions.message(log.number, place)
    second = next(
        (
            evidence.message
            for evidence in body.messages
            if first is None or evidence.message_id != first.message_id
        ),
        None,
    )
    uow.admissions.add_equivocation(
        log.number,
        StoredEquivocation(
            *place, first.admission_id if first else _UNKNOWN, second or b"", number, now
        ),
    )
    name = (body.kid, body.epoch)
    epoch = uow.admissions.epochs(log.number, [name]).get(name) or EpochAdmission(*name)
    closed_at = body.sequence if epoch.closed_at is None else min(epoch.closed_at, body.sequence)
    uow.admissions.put_epochs(log.number, [replace(epoch, closed_at=closed_at)])
