"""
What the entries say, checked again: kinds, places, keys of messages, signatures.

Keys are learned from the log's own records as they pass by, not from any table, so that a check
from an empty memory and one of a running ledger are the same. Gaps and messages of closed keys
are no damage; they are counted.

Source: FORMATS sections 1, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from attestation.entries import EntryKind, classify_entry
from attestation.errors import EncodingError, VerificationError
from attestation.headers import Header
from attestation.key_bodies import KeyClosing, KeyEnrolment
from attestation.messages import parse_header
from attestation.records import body_of_record, is_known, parse_record, verify_record
from ledger.log.fsck_report import Check, Report, State
from ledger.log.fsck_signatures import Signatures, SignatureTask
from ledger.log.ranges import EMPTY, Ranges
from ledger.repositories.audit import AuditedEntry, AuditRepository
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_Epoch = tuple[bytes, int]


@dataclass(slots=True)
class _Key:
    """A key as the log's records describe it."""

    spki: bytes
    enrolled_index: int
    closed_index: int | None = None
    last_granted: tuple[int, int] | None = None

    def counts(self, index: int, header: Header) -> bool:
        """Say whether a message at an index counts under this key (FORMATS section 3)."""
        if index < self.enrolled_index:
            return False
        if self.closed_index is None or index < self.closed_index:
            return True
        place = (header.epoch, header.sequence)
        return self.last_granted is not None and place <= self.last_granted


class MessageCheck:
    """
    Checks what entries say, page by page.

    Args:
        uow: A reading unit of work.
        log: The log.
        report: Where findings go.
        signatures: Checks signatures; None where they are left out.
    """

    def __init__(
        self, uow: UnitOfWork, log: Log, report: Report, signatures: Signatures | None
    ) -> None:
        self._log = log
        self._report = report
        self._signatures = signatures
        self._audit = AuditRepository(uow.connection)
        self._seen: dict[_Epoch, Ranges] = {}
        self._keys: dict[bytes, _Key] = {}

    def page(self, entries: Sequence[AuditedEntry]) -> None:
        """Check the entries of one page, in order."""
        arrived: dict[_Epoch, dict[int, AuditedEntry]] = {}
        tasks: list[SignatureTask] = []
        for entry in entries:
            if entry.content is None:
                continue
            kind = self._kind(entry, entry.content)
            if kind is EntryKind.MESSAGE:
                header = self._message(entry, entry.content, arrived)
                if header is not None:
                    tasks.extend(self._task(entry, entry.content, header))
            elif kind is EntryKind.RECORD:
                self._record(entry, entry.content)
        for (kid, epoch), messages in arrived.items():
            self._compare_keys(kid, epoch, messages)
        if self._signatures is not None:
            self._note(self._signatures.submit(tasks))

    def finish(self) -> None:
        """Wait for the last signatures, and count what is missing in each epoch."""
        if self._signatures is not None:
            self._note(self._signatures.wait())
        for ranges in self._seen.values():
            highest = ranges.pairs[-1][1]
            missing = ranges.missing(0, highest)
            self._report.notes["missing sequence numbers"] += missing.count
            self._report.notes["sequence gaps"] += len(missing)

    def _kind(self, entry: AuditedEntry, content: bytes) -> EntryKind | None:
        try:
            kind = classify_entry(content)
        except EncodingError as error:
            self._add(entry.number, State.CHANGED, error.message)
            return None
        if kind != entry.kind:
            detail = f"stored as kind {entry.kind}, its bytes are a {kind.name.lower()}"
            self._add(entry.number, State.CHANGED, detail)
        return kind

    def _message(
        self,
        entry: AuditedEntry,
        content: bytes,
        arrived: dict[_Epoch, dict[int, AuditedEntry]],
    ) -> Header | None:
        self._report.looked_at[Check.MESSAGES] += 1
        try:
            header = parse_header(content)
        except EncodingError as error:
            self._add(entry.number, State.CHANGED, error.message)
            return None
        name = (header.kid, header.epoch)
        seen = self._seen.get(name, EMPTY)
        if header.sequence in seen:
            detail = f"sequence {header.sequence} of epoch {header.epoch} stands in the log twice"
            self._add(entry.number, State.CONFLICTING, detail)
            return header
        self._seen[name] = seen.add(header.sequence)
        arrived.setdefault(name, {})[header.sequence] = entry
        return header

    def _compare_keys(self, kid: bytes, epoch: int, messages: dict[int, AuditedEntry]) -> None:
        """Compare `message_key`, by which duplicates are known, with the messages themselves."""
        stored = self._audit.message_keys(self._log.number, kid, epoch, list(messages))
        for sequence, entry in messages.items():
            found = stored.get(sequence)
            expected = (sha256(entry.content or b"").digest(), entry.admission_id)
            if found is None:
                self._add(entry.number, State.MISSING, "its numbers are not among the admitted")
            elif found != expected:
                self._add(entry.number, State.CHANGED, "its numbers are kept for another message")

    # --- keys and signatures ---------------------------------------------------------------------

    def _record(self, entry: AuditedEntry, content: bytes) -> None:
        try:
            record = parse_record(content)
            if self._signatures is not None:
                self._report.looked_at[Check.SIGNATURES] += 1
                verify_record(record)
            body = body_of_record(record) if is_known(record) else None
        except EncodingError as error:
            self._add(entry.number, State.CHANGED, error.message)
            return
        except VerificationError as error:
            self._report.add(
                Check.SIGNATURES, f"entry {entry.number}", State.UNSIGNED, error.message
            )
            return
        if isinstance(body, KeyEnrolment):
            self._keys[body.kid] = _Key(body.spki, entry.number)
        elif isinstance(body, KeyClosing) and body.kid in self._keys:
            key = self._keys[body.kid]
            key.closed_index = body.closed_index
            if body.last_epoch is not None and body.last_sequence is not None:
                key.last_granted = body.last_epoch, body.last_sequence

    def _task(self, entry: AuditedEntry, content: bytes, header: Header) -> Iterable[SignatureTask]:
        if self._signatures is None:
            return
        self._report.looked_at[Check.SIGNATURES] += 1
        key = self._keys.get(header.kid)
        if key is None:
            detail = f"no record enrols key {header.kid.hex()} before it"
            self._report.add(Check.SIGNATURES, f"entry {entry.number}", State.UNSIGNED, detail)
            return
        if not key.counts(entry.number, header):
            # It was admitted before the closing took effect; it stands, and does not count.
            self._report.notes["messages of closed keys"] += 1
        yield SignatureTask(entry.number, content, key.spki)

    def _note(self, refused: Iterable[tuple[int, str]]) -> None:
        for index, detail in refused:
            self._report.add(Check.SIGNATURES, f"entry {index}", State.UNSIGNED, detail)

    def _add(self, index: int, state: State, detail: str) -> None:
        self._report.add(Check.MESSAGES, f"entry {index}", state, detail)
