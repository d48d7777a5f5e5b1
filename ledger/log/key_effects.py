"""
What records about keys and epochs do to what is derived of a log.

Source: FORMATS sections 1, 3 and 7; `docs/formats/records.md`, section 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from attestation.key_bodies import (
    CertificateAuthority,
    EpochClosing,
    Equivocation,
    KeyClosing,
    KeyEnrolment,
    Successor,
)
from ledger.log.certificate_validity import common_validity
from ledger.log.closures import mark_closed_key
from ledger.log.gaps import GapTrack
from ledger.log.marks import Mark
from ledger.repositories.devices import DeviceKey, EpochSuccession
from ledger.repositories.logs import Log
from ledger.repositories.surveys import EpochProgress
from ledger.unit_of_work import UnitOfWork

KeyBody = CertificateAuthority | KeyEnrolment | KeyClosing | EpochClosing | Equivocation | Successor


def apply_key_body(uow: UnitOfWork, log: Log, index: int, body: KeyBody) -> None:
    """Let a record about keys take effect; see `ledger.log.effects`."""
    match body:
        case CertificateAuthority():
            uow.devices.add_authority(log.number, index, body.certificate)
        case KeyEnrolment():
            _enrol(uow, log, index, body)
        case KeyClosing():
            _close(uow, log, index, body)
        case EpochClosing():
            _end_epoch(uow, log, index, body)
        case Equivocation():
            _dispute(uow, log, index, body)
        case Successor():
            pass  # says which log this one continues, nothing about what it adds up to
        case _:
            assert_never(body)


def _enrol(uow: UnitOfWork, log: Log, index: int, body: KeyEnrolment) -> None:
    if uow.devices.key(log.number, body.kid) is not None:
        return
    not_before, not_after = common_validity(body.certificates)
    key = DeviceKey(
        kid=body.kid,
        index=index,
        spki=body.spki,
        signer=body.signer,
        first_epoch=body.epoch,
        not_before=not_before,
        not_after=not_after,
        gateway=body.gateway,
    )
    uow.devices.add_key(log.number, key, body.series)


def _close(uow: UnitOfWork, log: Log, index: int, body: KeyClosing) -> None:
    key = uow.devices.key(log.number, body.kid)
    if key is None or key.closing_index is not None:
        return
    last = None
    if body.last_epoch is not None and body.last_sequence is not None:
        last = body.last_epoch, body.last_sequence
    uow.devices.close_key(
        log.number,
        body.kid,
        closing_index=index,
        closed_index=body.closed_index,
        reason=body.reason,
        last=last,
    )
    mark_closed_key(uow, log, body.kid, before_index=index)


def _end_epoch(uow: UnitOfWork, log: Log, index: int, body: EpochClosing) -> None:
    succession = EpochSuccession(
        kid=body.kid,
        closed_epoch=body.closed_epoch,
        index=index,
        last_sequence=body.last_sequence,
        last_message=body.last_message,
        next_kid=body.next_kid or body.kid,
    )
    uow.devices.put_succession(log.number, succession)
    name = body.kid, body.closed_epoch
    progress = uow.surveys.epochs(log.number, [name]).get(name) or EpochProgress(*name)
    # The record says how many messages there are: those that are not there are missing.
    track = GapTrack(progress.next_sequence)
    track.expect(body.last_sequence + 1, index=index)
    uow.gaps.save_sequence_gaps(log.number, *name, track.changes())
    uow.surveys.put_epochs(
        log.number,
        [replace(progress, next_sequence=track.frontier, last_message_id=body.last_message)],
    )
    _check_follower(uow, log, index, succession)


def _check_follower(uow: UnitOfWork, log: Log, index: int, succession: EpochSuccession) -> None:
    """Mark message 0 of the next epoch where it names another message as the last."""
    place = succession.next_kid, succession.closed_epoch + 1, 0
    known = uow.surveys.epochs(log.number, [place[:2]]).get(place[:2])
    if known is None or known.first_previous in (None, succession.last_message):
        return
    first = uow.admissions.message(log.number, place)
    at = None if first is None else uow.entries.index_of(log.number, first.admission_id)
    if at is not None and at < index:
        uow.surveys.add_marks(log.number, Mark.BROKEN_LINK, [at])


def _dispute(uow: UnitOfWork, log: Log, index: int, body: Equivocation) -> None:
    """Nothing of the epoch counts by itself from the disputed place on."""
    name = body.kid, body.epoch
    progress = uow.surveys.epochs(log.number, [name]).get(name) or EpochProgress(*name)
    if progress.disputed_from is not None and progress.disputed_from <= body.sequence:
        return
    uow.surveys.put_epochs(log.number, [replace(progress, disputed_from=body.sequence)])
    disputed = uow.surveys.messages_of(
        log.number, body.kid, epoch=body.epoch, from_sequence=body.sequence
    )
    uow.surveys.add_marks(
        log.number, Mark.DISPUTED, [earlier for earlier, _, _ in disputed if earlier < index]
    )
