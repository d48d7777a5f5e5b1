"""
Surveying: following the entries of a log and deriving what they add up to.

Entries are applied in index order, a stretch of them and the cursor in one transaction. What is
derived (registered keys and series, gaps, conflicts, marks, spans) depends on the entries and on
final chain events alone: not on batches, and not on when the survey was done. So it can be
emptied and derived again.

Source: DESIGN sections 2 (P2, P5, P13) and 6; FORMATS sections 1 to 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from attestation.entries import EntryKind
from attestation.messages import parse_message
from attestation.records import body_of_record, is_known, parse_record
from attestation.sample_bodies import LabReport
from ledger.log.closures import speaks
from ledger.log.effects import REGISTERING, apply_body
from ledger.log.epoch_survey import Surveyed, survey_epochs
from ledger.log.marks import Mark
from ledger.log.series_survey import survey_series
from ledger.log.telling import tell_digest, tell_record, tell_report_alarms
from ledger.repositories.devices import DeviceKey
from ledger.repositories.entries import Entry
from ledger.repositories.logs import Log, LogNumber
from ledger.repositories.parties import KeySlot
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

BATCH: Final = 2000
"""Entries a transaction: enough to share its cost, few enough to be done again without harm."""
BATCH_BYTES: Final = 64 * 2**10
"""
Bytes of entries a transaction, the last entry in whole: some 12 000 readings. On SQLite every
other writer waits meanwhile, and readings, not entries, are what takes time.
"""
_PAGE: Final = 64
"""Entries read at once: of long ones a transaction takes no more."""


class Surveyor:
    """
    Follows logs.

    Args:
        unit_of_work: Makes writing units of work.
        batch: Most entries a transaction.
        batch_bytes: Bytes of entries after which a transaction ends.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        *,
        batch: int = BATCH,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._batch = batch
        self._batch_bytes = batch_bytes

    def survey(self, number: LogNumber) -> int:
        """
        Apply the next entries of a log, and give how many; 0 where it has come to the head.

        May be repeated at any time; several surveyors of one log wait for each other.
        """
        with self._unit_of_work() as uow:
            start = uow.surveys.lock_cursor(number)
            end = min(start + self._batch, uow.heads.get(number).size)
            if start < end:
                log = uow.logs.get(number)
                end = survey_entries(uow, log, start, end, max_bytes=self._batch_bytes)
                uow.surveys.move_cursor(number, end)
            # Commit point: what the entries add up to, and the cursor beyond them.
            uow.commit()
        return end - start

    def survey_all(self, number: LogNumber) -> int:
        """Apply every entry up to the head, and give how many."""
        total = 0
        while done := self.survey(number):
            total += done
        return total

    def rebuild(self, number: LogNumber) -> int:
        """
        Forget everything derived of a log and derive it again; give the number of entries.

        Admission judges by what is there meanwhile, so the log should be frozen.
        """
        with self._unit_of_work() as uow:
            uow.surveys.lock_cursor(number)
            for derived in (
                uow.surveys,
                uow.gaps,
                uow.spans,
                uow.devices,
                uow.series,
                uow.stated,
            ):
                derived.clear(number)
            uow.devices.changed()
            # Commit point: forgotten. The survey begins at the first entry.
            uow.commit()
        return self.survey_all(number)


def survey_entries(uow: UnitOfWork, log: Log, start: int, end: int, *, max_bytes: int) -> int:
    """
    Apply entries `[start, end)`, or fewer where `max_bytes` are reached before.

    Returns:
        The index up to which they are applied. The caller holds the cursor, moves it and commits.
    """
    board = _Board(uow, log)
    length = 0
    for entry in uow.entries.between(log.number, start, end, page=_PAGE):
        if length >= max_bytes:
            end = entry.index
            break
        length += len(entry.content)
        if entry.kind is EntryKind.MESSAGE:
            board.message(entry)
        elif entry.kind is EntryKind.RECORD:
            board.record(entry)
        else:
            tell_digest(uow, log, entry)
    board.close()
    return end


class _Board:
    """Messages wait here until a record comes between or the stretch ends."""

    def __init__(self, uow: UnitOfWork, log: Log) -> None:
        self._uow = uow
        self._log = log
        self._waiting: list[Surveyed] = []
        self._has_reports = False
        self._load()

    def message(self, entry: Entry) -> None:
        """Let a message wait."""
        message = parse_message(entry.content, origin=self._log.origin)
        message_id = sha256(entry.content).digest()
        self._waiting.append(Surveyed(entry.index, entry.admission_id, message, message_id))

    def record(self, entry: Entry) -> None:
        """Apply a record, after everything before it."""
        record = parse_record(entry.content)
        if not is_known(record):
            # Of a kind that says nothing about readings.
            tell_record(self._uow, self._log, entry, record, None)
            return
        self.flush()
        body = body_of_record(record)
        apply_body(self._uow, self._log, entry.index, body, record)
        tell_record(self._uow, self._log, entry, record, body)
        self._has_reports |= isinstance(body, LabReport)
        if isinstance(body, REGISTERING):
            self._load()

    def close(self) -> None:
        """Apply what waits, and look at all laboratory reports where one has come."""
        self.flush()
        if self._has_reports:
            tell_report_alarms(self._uow, self._log)

    def flush(self) -> None:
        """Apply the messages that wait."""
        if not self._waiting:
            return
        self._mark_invalid(self._waiting)
        survey_epochs(self._uow, self._log, self._waiting, self._keys)
        survey_series(self._uow, self._log, self._waiting, self._series)
        self._waiting = []

    def _load(self) -> None:
        number = self._log.number
        self._keys: dict[bytes, DeviceKey] = {
            key.kid: key for key in self._uow.devices.keys(number)
        }
        self._series: dict[str, Series] = self._uow.series.all(number)
        self._slots: dict[bytes, KeySlot] = {
            slot.kid: slot for slot in self._uow.parties.slots(self._log.log_id)
        }

    def _mark_invalid(self, messages: Sequence[Surveyed]) -> None:
        invalid: list[int] = []
        for message in messages:
            header = message.message.header
            key, slot = self._keys.get(header.kid), self._slots.get(header.kid)
            place = header.epoch, header.sequence
            if key is None or not speaks(key, slot, message.index, place):
                invalid.append(message.index)
        self._uow.surveys.add_marks(self._log.number, Mark.KEY_INVALID, invalid)
