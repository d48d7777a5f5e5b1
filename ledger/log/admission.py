"""
Admission: signed bytes become part of a log, or are refused for good, and either is said.

A message is admitted when its row is committed; only after that is the courier's copy
acknowledged. Doing a batch again, after any failure or none, gives the first answers again.

Source: FORMATS sections 1, 3 and 6; DESIGN sections 3 and 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from attestation.instants import Instant
from ledger.errors import Throttled
from ledger.log.arrivals import Arrival
from ledger.log.checkers import Checker, PendingCheck
from ledger.log.checking import Candidate, Checked, Garbage
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused, Submission
from ledger.log.devices import load_key_table
from ledger.log.equivocation import Evidence
from ledger.log.key_table import KeyTable
from ledger.log.log_batch import AdmissionPolicy, LogBatch
from ledger.log.quotas import Quota, Quotas
from ledger.log.voice import Voice
from ledger.repositories.logs import LogNumber
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch that is being checked."""

    submissions: Sequence[Submission]
    table: KeyTable
    pending: PendingCheck
    checked: Sequence[int]
    """Places in the batch of what is checked; the rest is over its gateway's quota."""
    now: Instant


class Admission:
    """
    The way of device messages into logs.

    Args:
        unit_of_work: Makes writing units of work.
        reading: Makes reading units of work.
        checker: Checks messages, here or in worker processes.
        voice: Signs refusals.
        evidence: Makes the records of equivocations.
        policy: What is promised.
        quota: Of each gateway; None sets no limit.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        reading: UnitOfWorkFactory,
        checker: Checker,
        *,
        voice: Voice,
        evidence: Evidence,
        policy: AdmissionPolicy | None = None,
        quota: Quota | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._checker = checker
        self._voice = voice
        self._evidence = evidence
        self._policy = policy or AdmissionPolicy()
        self._quotas = Quotas(quota)
        self._table = KeyTable(-1, {})
        self.counts: Counter[str] = Counter()
        """Decisions by code since the start (`admitted`, `duplicate` or the code of a refusal)."""

    def admit(self, batch: Sequence[Submission], *, now: Instant) -> list[Decision]:
        """
        Decide about a batch; one transaction.

        Args:
            batch: From outside, in order of arrival.
            now: When it was received.

        Returns:
            One decision a submission, in order, all of them committed.

        Raises:
            StorageUnavailable: If the database is busy or gone; do the batch again.
            CheckingInterrupted: If a worker process died; do the batch again.
        """
        return self.settle(self.begin(batch, now=now))

    def admit_all(
        self, batches: Iterable[tuple[Sequence[Submission], Instant]]
    ) -> Iterator[list[Decision]]:
        """
        Decide about batches one after the other, checking each while the one before is stored.

        Raises: as `admit`; the batch it was about, and those after it, are to be done again.
        """
        begun: Begun | None = None
        for batch, now in batches:
            following = self.begin(batch, now=now)
            if begun is not None:
                yield self.settle(begun)
            begun = following
        if begun is not None:
            yield self.settle(begun)

    def begin(self, batch: Sequence[Submission], *, now: Instant) -> Begun:
        """Hand a batch to the checker; nothing is decided yet."""
        table = self._refreshed_table()
        # 1. Quotas: what is over them costs no signature check.
        checked = [
            place
            for place, submission in enumerate(batch)
            if submission.gateway is None or self._quotas.take(submission.gateway, now=now)
        ]
        # 2. Form, key, signature, times and readings of each message by itself.
        candidates = [Candidate(batch[place].content, batch[place].log) for place in checked]
        return Begun(batch, table, self._checker.start(candidates, table, now=now), checked, now)

    def settle(self, begun: Begun) -> list[Decision]:
        """Wait for the checker, decide and commit."""
        decided: dict[int, Decision] = {}
        arrivals: dict[LogNumber, dict[int, Arrival]] = {}
        for place, result in zip(begun.checked, begun.pending.results(), strict=True):
            match result:
                case Garbage():
                    decided[place] = Refused(result.code, result.detail)
                case Checked():
                    arrival = _arrival(begun, place, result)
                    arrivals.setdefault(result.log, {})[place] = arrival
        if arrivals:
            with self._unit_of_work() as uow:
                # 3. What needs the database. Logs in one order, so that no two admitters wait
                #    for each other.
                for number in sorted(arrivals):
                    decided |= self._decide(uow, number, arrivals[number], begun.now)
                # Commit point: decided. The courier's copies may be acknowledged.
                uow.commit()
        throttled = Refused(Throttled.code, "over the gateway's quota")
        decisions = [decided.get(place, throttled) for place in range(len(begun.submissions))]
        self.counts.update(_code(decision) for decision in decisions)
        return decisions

    def _decide(
        self, uow: UnitOfWork, number: LogNumber, arrivals: dict[int, Arrival], now: Instant
    ) -> dict[int, Decision]:
        batch = LogBatch(
            uow,
            uow.logs.get(number),
            voice=self._voice,
            evidence=self._evidence,
            policy=self._policy,
            now=now,
        )
        return dict(zip(arrivals, batch.decide(list(arrivals.values())), strict=True))

    def _refreshed_table(self) -> KeyTable:
        with self._reading() as uow:
            if uow.devices.version() != self._table.version:
                self._table = load_key_table(uow)
        return self._table


def _arrival(begun: Begun, place: int, checked: Checked) -> Arrival:
    submission = begun.submissions[place]
    key = next(key for key in begun.table.keys[checked.kid] if key.log == checked.log)
    return Arrival(checked, submission.content, submission.gateway, key)


def _code(decision: Decision) -> str:
    match decision:
        case Admitted():
            return "admitted"
        case Duplicate():
            return "duplicate"
        case Equivocal():
            return "equivocation"
        case Refused():
            return decision.code
