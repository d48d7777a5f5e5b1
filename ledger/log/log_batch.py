"""
Deciding about the checked messages of one log, inside one unit of work.

Decided in the order of arrival: whether the same was said before, whether the place is taken by
other words, whether key and epoch are open, and whether time goes forward. In the common case
nothing is asked of the database a message: the state of an epoch says that a number is new.

Source: FORMATS sections 1 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.entries import EntryKind
from attestation.enums import LogState
from attestation.instants import MILLISECONDS_PER_HOUR, Instant
from ledger.errors import AdmissionError, Equivocation, Frozen, Malformed, RevokedKey
from ledger.log.arrivals import Arrival, check_epoch, check_key, check_order
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused
from ledger.log.epoch_book import EpochBook, EpochState
from ledger.log.equivocation import Evidence
from ledger.log.refusing import Refusals
from ledger.log.voice import Voice
from ledger.repositories.admissions import Place, StoredEquivocation, StoredMessage
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """What the ledger promises, and how often it says so."""

    integrate_within_ms: int = MILLISECONDS_PER_HOUR
    """A promise names the time of admission plus this."""
    promise_after_ms: int = 1000
    """One promise answers everything that an epoch sends within this time."""


class LogBatch:
    """
    One batch of one log.

    Args:
        uow: A writing unit of work, to be committed by the caller; it holds the admission lock.
        log: The log, as it is under that lock.
        voice: Signs refusals.
        evidence: Makes the records of equivocations.
        policy: What is promised.
        now: When the batch was received.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        log: Log,
        *,
        voice: Voice,
        evidence: Evidence,
        policy: AdmissionPolicy,
        now: Instant,
    ) -> None:
        self._uow = uow
        self._log = log
        self._evidence = evidence
        self._refusals = Refusals(uow, log, voice, now)
        self._integrate_by = now + policy.integrate_within_ms
        self._promise_due = Instant(now + policy.promise_after_ms)
        self._now = now
        self._known: dict[Place, StoredMessage] = {}
        self._fresh: list[StoredMessage] = []
        self._rows: list[tuple[int, EntryKind, bytes]] = []

    def decide(self, arrivals: Sequence[Arrival]) -> list[Decision]:
        """
        Decide about messages in the order given, and store what was decided.

        Returns:
            One decision a message, in order.
        """
        # 1. Nothing is admitted to a log that stands still.
        if self._log.state is not LogState.ACTIVE:
            refused = Refused(Frozen.code, f"the log is {self._log.state.name.lower()}")
            return [refused] * len(arrivals)
        # 2. Load what is known of their places.
        names = {(arrival.checked.kid, arrival.checked.epoch) for arrival in arrivals}
        self._book = EpochBook(self._uow, self._log.number, names)
        self._size = self._uow.heads.get(self._log.number).size
        self._load(arrivals)
        # 3. Decide.
        numbers = self._uow.messages.draw_ids(len(arrivals))
        decisions = list(map(self._decide, arrivals, numbers))
        # 4. Store; refusals and evidence were stored as they came up.
        self._uow.admissions.add_messages(self._log.number, self._fresh)
        self._uow.messages.add(self._log.number, self._rows, received_at=self._now)
        self._book.store()
        return decisions

    def _load(self, arrivals: Sequence[Arrival]) -> None:
        taken: dict[tuple[bytes, int], list[int]] = {}
        refused: list[bytes] = []
        for arrival in arrivals:
            checked = arrival.checked
            state = self._book.of(checked)
            if checked.sequence <= state.max_sequence:
                taken.setdefault((checked.kid, checked.epoch), []).append(checked.sequence)
            if state.has_refusals:
                refused.append(checked.statement_hash)
        for (kid, epoch), sequences in taken.items():
            found = self._uow.admissions.messages(self._log.number, kid, epoch, sequences)
            self._known |= {message.place: message for message in found.values()}
        self._refusals.load(refused)

    def _decide(self, arrival: Arrival, number: int) -> Decision:
        checked, state = arrival.checked, self._book.of(arrival.checked)
        # A number above the greatest of its epoch is not taken.
        known = self._known.get(arrival.place) if checked.sequence <= state.max_sequence else None
        if known is not None and known.statement_hash == checked.statement_hash:
            state.owe(arrival.gateway, self._promise_due)
            return Duplicate(self._log.number, known.admission_id)
        again = self._refusals.again(arrival)
        if again is not None:
            return again
        try:
            if known is not None:
                return self._dispute(arrival, state, known, number)
            self._check(arrival, state)
        except AdmissionError as error:
            return self._refuse(arrival, state, error.stable_code, error.message)[0]
        if checked.code is not None:
            return self._refuse(arrival, state, checked.code, checked.detail)[0]
        return self._admit(arrival, state, number)

    def _check(self, arrival: Arrival, state: EpochState) -> None:
        check_key(arrival, self._size)
        check_epoch(arrival.checked, state)
        if arrival.checked.code is None:
            check_order(self._uow, self._log.number, arrival.checked, state, self._fresh)

    def _admit(self, arrival: Arrival, state: EpochState, number: int) -> Admitted:
        checked = arrival.checked
        message = StoredMessage(
            checked.kid,
            checked.epoch,
            checked.sequence,
            checked.message_id,
            checked.statement_hash,
            checked.signed_at,
            number,
        )
        self._fresh.append(message)
        self._rows.append((number, EntryKind.MESSAGE, arrival.content))
        self._known[arrival.place] = message
        state.admit(checked, number, integrate_by=self._integrate_by)
        state.owe(arrival.gateway, self._promise_due)
        return Admitted(self._log.number, number)

    def _refuse(
        self, arrival: Arrival, state: EpochState, code: str, detail: str
    ) -> tuple[Refused, bytes]:
        state.has_refusals = state.is_changed = True
        return self._refusals.refuse(arrival, code, detail)

    def _dispute(
        self, arrival: Arrival, state: EpochState, first: StoredMessage, number: int
    ) -> Decision:
        """Keep the proof of an equivocation and close the epoch; see `ledger.log.equivocation`."""
        closed_index = arrival.key.closed_index
        if closed_index is not None and closed_index <= self._size:
            raise RevokedKey(f"the key is closed since index {closed_index}")
        check_epoch(arrival.checked, state)
        if arrival.checked.code == Malformed.code:
            raise Malformed(arrival.checked.detail)
        record = self._evidence.of(self._log.origin, self._content(first), arrival.content)
        self._rows.append((number, EntryKind.RECORD, record.encoded))
        self._uow.admissions.add_record(
            self._log.number, record.content_hash, number, record.record_type
        )
        self._uow.admissions.add_equivocation(
            self._log.number,
            StoredEquivocation(
                *arrival.place, first.admission_id, arrival.content, number, self._now
            ),
        )
        state.closed_at = arrival.checked.sequence
        detail = f"other words under sequence {arrival.checked.sequence}"
        _, answer = self._refuse(arrival, state, Equivocation.code, detail)
        return Equivocal(self._log.number, number, answer)

    def _content(self, message: StoredMessage) -> bytes:
        for number, _, content in self._rows:
            if number == message.admission_id:
                return content
        number = message.admission_id
        return self._uow.messages.contents(self._log.number, [number])[number]
