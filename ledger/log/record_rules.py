"""
What a record may say, judged by what is registered: the rules of each type.

Form and signature are checked before; here stands what needs the log: whether the key, series or
reading exists, whether the certificates lead to the platform's root, whether the chain's slot
agrees. A rule raises; it changes nothing.

Source: FORMATS sections 1 to 3 and 7; CONTRACTS section 2 (DeviceRegistry).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from attestation.action_bodies import Action
from attestation.certificates import verify_authority, verify_device_certificate
from attestation.errors import EncodingError, VerificationError
from attestation.ids import Kid
from attestation.instants import Instant
from attestation.key_bodies import (
    CertificateAuthority,
    EpochClosing,
    Equivocation,
    KeyClosing,
    KeyEnrolment,
    Successor,
)
from attestation.keys import PublicKey, check_prime_order, verify_possession
from attestation.record_bodies import Body
from attestation.records import Record, body_of_record
from attestation.series_bodies import (
    Calibration,
    Correction,
    Gap,
    Instrument,
    MeterExchange,
    Multiplier,
    SeriesRegistration,
)
from attestation.statements import Statement
from ledger.errors import NotRegistered, RecordRefused
from ledger.log.case_rules import CaseStatement, check_case_statement
from ledger.log.corrections import find_reading
from ledger.log.sample_rules import SampleStatement, check_sample_statement
from ledger.log.statement_rules import check_statement
from ledger.repositories.devices import DeviceKey
from ledger.repositories.logs import Log
from ledger.repositories.parties import KeySlot
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordRules:
    """
    The rules of the foundation's types.

    Args:
        roots: DER of the platform's root certificates, by key id.
        has_chain: Whether keys are enrolled and closed on a chain. Without one their records stand
            alone, and say so.
        operator_log: Origin of the operator's own log, the only one in which actions stand; None
            where the operator keeps none.
    """

    roots: Mapping[bytes, bytes]
    has_chain: bool
    operator_log: str | None = None

    def check(self, uow: UnitOfWork, log: Log, record: Record, *, now: Instant) -> None:
        """
        Check what a record says.

        Args:
            uow: A unit of work.
            log: The log the record is for.
            record: Of a known type, signed by somebody who may sign records of that type.
            now: Present time.

        Raises:
            RecordRefused: If it contradicts what is registered.
            NotRegistered: If it rests on what is not in the log, or not yet.
        """
        try:
            body = body_of_record(record)
            if isinstance(body, SampleStatement):
                check_sample_statement(uow, log, record, body, now=now)
            if isinstance(body, CaseStatement):
                check_case_statement(uow, log, record, body, now=now)
            if isinstance(body, Action):
                self._check_action(log)
            self._check(uow, log, body, now)
        except (VerificationError, EncodingError) as error:
            raise RecordRefused(error.message) from error

    def _check(self, uow: UnitOfWork, log: Log, body: Body, now: Instant) -> None:
        match body:
            case CertificateAuthority():
                self._check_authority(log, body, now)
            case KeyEnrolment():
                self._check_enrolment(uow, log, body, now)
            case KeyClosing():
                self._check_closing(uow, log, body)
            case EpochClosing():
                _check_epoch(uow, log, body)
            case Equivocation():
                raise RecordRefused("evidence is made by admission, of the second message")
            case Successor():
                _check_successor(uow, log, body)
            case SeriesRegistration() | Gap() | Correction():
                _check_series_record(uow, log, body)
            case Instrument() | Multiplier() | Calibration() | MeterExchange():
                pass  # facts about instruments stand by themselves
            case Statement():
                check_statement(uow, log, body)
            case _:
                assert_never(body)

    def _root(self, key_id: bytes) -> bytes:
        root = self.roots.get(key_id)
        if root is None:
            raise RecordRefused(f"{key_id.hex()} is no root of this platform")
        return root

    def _check_authority(self, log: Log, body: CertificateAuthority, now: Instant) -> None:
        authority = verify_authority(body.certificate, self._root(body.root), at=now)
        if authority.usc != log.usc:
            raise RecordRefused(f"an authority of {authority.usc} in the log of {log.usc}")

    def _check_enrolment(self, uow: UnitOfWork, log: Log, body: KeyEnrolment, now: Instant) -> None:
        if uow.devices.key(log.number, body.kid) is not None:
            raise RecordRefused("the key is enrolled already")
        key = PublicKey.from_spki(body.spki)
        check_prime_order(key)
        verify_possession(key, log.origin, body.possession)
        leaf, issuer = body.certificates
        if issuer not in uow.devices.authorities(log.number):
            raise NotRegistered("the issuing authority is not registered in this log")
        self._verify_leaf(leaf, issuer, log, body.kid, now)
        slot = self._slot(uow, log, body.kid, body.act)
        if slot is None:
            return
        if (slot.record_hash, slot.act_digest) != (body.enrolment_hash, body.act):
            raise RecordRefused("the act on chain names another record, or another act")
        if slot.closed_index is not None:
            raise RecordRefused("the key is closed on chain")
        if slot.enrolled_index > uow.heads.get(log.number).size:
            # Every index this record can get is at least the size of the tree now.
            raise NotRegistered(f"the key is enrolled from index {slot.enrolled_index} on")

    def _verify_leaf(self, leaf: bytes, issuer: bytes, log: Log, kid: bytes, now: Instant) -> None:
        refusal: VerificationError | None = None
        for root in self.roots.values():
            try:
                verify_device_certificate(leaf, issuer, root, at=now, usc=log.usc, kid=Kid(kid))
            except VerificationError as error:
                refusal = error
            else:
                return
        raise RecordRefused("the certificates lead to no root of this platform") from refusal

    def _check_action(self, log: Log) -> None:
        if log.origin != self.operator_log:
            raise RecordRefused("actions stand in the operator's own log")

    def _slot(self, uow: UnitOfWork, log: Log, kid: bytes, act: bytes | None) -> KeySlot | None:
        """Give the key's slot on chain; None where there is no chain."""
        if not self.has_chain:
            if act is not None:
                raise RecordRefused("an act is named, but there is no chain")
            return None
        slots = uow.parties.slots(log.log_id, kid)
        if act is None:
            raise RecordRefused("keys are enrolled and closed on chain, and no act is named")
        if not slots:
            raise NotRegistered("the key has no slot on chain")
        return slots[0]

    def _check_closing(self, uow: UnitOfWork, log: Log, body: KeyClosing) -> None:
        key = _require_key(uow, log, body.kid)
        if key.closing_index is not None:
            raise RecordRefused("the key is closed by a record already")
        slot = self._slot(uow, log, body.kid, body.act)
        if slot is not None and slot.closed_index is None:
            raise NotRegistered("the key is open on chain, as far as the chain was read")
        if slot is not None and (slot.closed_index, slot.reason) != (
            body.closed_index,
            body.reason,
        ):
            raise RecordRefused("the chain closed the key at another index or for another reason")
        if slot is None and body.closed_index < uow.heads.get(log.number).size:
            raise RecordRefused("a key is not closed in the past; say since when it is suspected")


def _require_key(uow: UnitOfWork, log: Log, kid: bytes) -> DeviceKey:
    key = uow.devices.key(log.number, kid)
    if key is None:
        raise NotRegistered(f"no key {kid.hex()} is enrolled")
    return key


def _require_series(uow: UnitOfWork, log: Log, name: str) -> Series:
    series = uow.series.all(log.number).get(name)
    if series is None:
        raise NotRegistered(f"series {name} is not registered")
    return series


def _check_epoch(uow: UnitOfWork, log: Log, body: EpochClosing) -> None:
    _require_key(uow, log, body.kid)
    if body.next_kid is not None:
        _require_key(uow, log, body.next_kid)
    place = body.kid, body.closed_epoch, body.last_sequence
    last = uow.admissions.message(log.number, place)
    if last is not None and last.message_id != body.last_message:
        raise RecordRefused("another message is admitted under the last number")


def _check_successor(uow: UnitOfWork, log: Log, body: Successor) -> None:
    if uow.heads.get(log.number).size or uow.messages.waiting(log.number, 0)[0]:
        raise RecordRefused("a successor is named by the first entry of its log")
    if log.predecessor is None or uow.logs.get(log.predecessor).origin != body.predecessor:
        raise RecordRefused(f"this log does not continue {body.predecessor}")


def _check_series_record(
    uow: UnitOfWork, log: Log, body: SeriesRegistration | Gap | Correction
) -> None:
    match body:
        case SeriesRegistration():
            known = uow.series.all(log.number).get(body.series)
            if known is not None and (known.unit, known.register, known.since_s) != (
                body.unit,
                body.register,
                body.since_s,
            ):
                raise RecordRefused("unit, kind and begin of a series do not change")
        case Gap():
            if body.series is not None:
                _require_series(uow, log, body.series)
            if body.kid is not None:
                _require_key(uow, log, body.kid)
        case Correction():
            _check_correction(uow, log, body)


def _check_correction(uow: UnitOfWork, log: Log, body: Correction) -> None:
    series = _require_series(uow, log, body.series)
    if body.replacement is not None and body.replacement.unit != series.unit:
        raise RecordRefused(f"a replacement in {body.replacement.unit}, not in {series.unit}")
    surveyed = uow.surveys.cursor(log.number)
    if body.counts is not None and not find_reading(uow, log, series, body, before_index=surveyed):
        raise NotRegistered("no such reading inside these seconds is in the log")
