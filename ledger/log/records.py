"""
Admission of records and digests: what people and the accounts say, stored like a message.

A record is judged by form, log, signature, signer, and the rules of its type, in this order. The
same record again gives the first answer again. A refusal is kept and signed where the signature
was that of somebody who may write into the log. Its effect comes later, when it is integrated, in
the order of the log.

Source: FORMATS section 4; `docs/formats/records.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from attestation.digests import decode_digest
from attestation.entries import EntryKind
from attestation.enums import LogState
from attestation.errors import EncodingError, Retry, SignatureError
from attestation.instants import Instant
from attestation.messages import MAX_ENTRY_LENGTH
from attestation.records import Record, is_known, parse_record, verify_record
from ledger.errors import (
    AdmissionError,
    Frozen,
    Malformed,
    RecordRefused,
    SignatureRefused,
    TooLarge,
    WrongLog,
)
from ledger.log.decisions import Admitted, Decision, Duplicate, Refused
from ledger.log.record_rules import RecordRules
from ledger.log.record_signers import SIGNING_RULES, SigningRule, require_signer
from ledger.log.voice import Voice
from ledger.repositories.admissions import StoredRefusal
from ledger.repositories.logs import Log, LogNumber
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory


class RecordAdmission:
    """
    The way of records and digests into logs.

    Args:
        unit_of_work: Makes writing units of work.
        voice: Signs refusals.
        rules: What records of the foundation's types may say.
        operator: Address of the ledger's operator, `0x` and 40 hexadecimal digits.
        further: Who may sign records of further types.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        *,
        voice: Voice,
        rules: RecordRules,
        operator: str,
        further: Mapping[str, SigningRule] | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._voice = voice
        self._rules = rules
        self._operator = operator
        self._signing = {**SIGNING_RULES, **(further or {})}

    def admit_record(self, number: LogNumber, content: bytes, *, now: Instant) -> Decision:
        """
        Decide about a record; one transaction.

        Args:
            number: The log it was sent to.
            content: From outside.
            now: When it was received.

        Raises:
            StorageUnavailable: If the database is busy or gone; do it again.
        """
        with self._unit_of_work() as uow:
            log = uow.logs.get(number)
            try:
                record = _parse(content, log)
            except AdmissionError as error:
                return Refused(error.stable_code, error.message)
            uow.messages.lock(number)
            known = uow.admissions.record(number, record.content_hash)
            if known is not None:
                return Duplicate(number, known)
            refusal = uow.admissions.refusals(number, [record.content_hash])
            if refusal:
                first = refusal[record.content_hash]
                return Refused(first.code, "refused before", first.answer)
            decision = self._decide(uow, log, record, content, now)
            # Commit point: decided; admitted bytes will be integrated.
            uow.commit()
        return decision

    def admit_digest(self, number: LogNumber, content: bytes, *, now: Instant) -> Decision:
        """
        Store an activity digest that the ledger's own accounts have made.

        Raises:
            StorageUnavailable: If the database is busy or gone; do it again.
        """
        with self._unit_of_work() as uow:
            log = uow.logs.get(number)
            uow.messages.lock(number)
            content_hash = sha256(content).digest()
            known = uow.admissions.record(number, content_hash)
            if known is not None:
                return Duplicate(number, known)
            try:
                _require_active(log)
                _check_digest(uow, log, content)
            except AdmissionError as error:
                return Refused(error.stable_code, error.message)
            except Frozen as error:
                return Refused(error.stable_code, error.message)
            decision = _store(uow, log, EntryKind.DIGEST, content, content_hash, "", now)
            # Commit point: it will be integrated.
            uow.commit()
        return decision

    def _decide(
        self, uow: UnitOfWork, log: Log, record: Record, content: bytes, now: Instant
    ) -> Decision:
        try:
            _require_active(log)
            require_signer(uow, log, record, rules=self._signing, operator=self._operator, now=now)
        except (AdmissionError, Frozen) as error:
            return Refused(error.stable_code, error.message)
        try:
            if is_known(record):
                self._rules.check(uow, log, record, now=now)
        except AdmissionError as error:
            if error.retry is Retry.LATER:
                return Refused(error.stable_code, error.message)
            return self._refuse(uow, log, record, content, error, now)
        return _store(
            uow, log, EntryKind.RECORD, content, record.content_hash, record.record_type, now
        )

    def _refuse(
        self,
        uow: UnitOfWork,
        log: Log,
        record: Record,
        content: bytes,
        error: AdmissionError,
        now: Instant,
    ) -> Refused:
        message_id = sha256(content).digest()
        answer = self._voice.refuse(log.origin, error.stable_code, message_id, None)
        uow.admissions.add_refusal(
            log.number,
            StoredRefusal(record.content_hash, message_id, error.stable_code, answer, content, now),
        )
        return Refused(error.stable_code, error.message, answer)


def _parse(content: bytes, log: Log) -> Record:
    if len(content) > MAX_ENTRY_LENGTH:
        raise TooLarge(f"{len(content)} bytes, at most {MAX_ENTRY_LENGTH} allowed")
    try:
        record = parse_record(content)
    except EncodingError as error:
        raise Malformed(error.message) from error
    if record.origin != log.origin:
        raise WrongLog(f"a record for {record.origin}, sent to {log.origin}")
    try:
        verify_record(record)
    except (SignatureError, EncodingError) as error:
        raise SignatureRefused(error.message) from error
    return record


def _require_active(log: Log) -> None:
    if log.state is not LogState.ACTIVE:
        raise Frozen(f"the log is {log.state.name.lower()}")


def _check_digest(uow: UnitOfWork, log: Log, content: bytes) -> None:
    try:
        digest = decode_digest(content)
    except EncodingError as error:
        raise Malformed(error.message) from error
    if digest.origin_hash != log.log_id:
        raise WrongLog("a digest for another log")
    if digest.last_index >= uow.heads.get(log.number).size:
        raise RecordRefused(f"entry {digest.last_index} is not in the tree")


def _store(
    uow: UnitOfWork,
    log: Log,
    kind: EntryKind,
    content: bytes,
    content_hash: bytes,
    record_type: str,
    now: Instant,
) -> Admitted:
    admission_id = uow.messages.draw_ids(1)[0]
    uow.messages.add(log.number, [(admission_id, kind, content)], received_at=now)
    uow.admissions.add_record(log.number, content_hash, admission_id, record_type)
    return Admitted(log.number, admission_id)
