"""
Admission: signed bytes become part of a log, or are refused for good, and either is said.

A message is admitted when its row is committed; only after that is the courier's copy
acknowledged. Doing a batch again, after any failure or none, gives the first answers again.

Source: FORMATS sections 1, 3 and 6; DESIGN sections 3 and 6.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from attestation.instants import Instant
from ledger.errors import Throttled
from ledger.log.arrivals import Arrival
from ledger.log.checkers import Checker, PendingCheck
from ledger.log.checking import Candidate, Garbage
from ledger.log.decisions import Decision, Refused, Submission
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
    """Places in the batch of what is checked; the rest is over its quota."""
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
        quota: Of each gateway, and of each log for what came without one; None sets no limit.
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
            place for place, submission in enumerate(batch) if self._is_within(submission, now)
        ]
        # 2. Form, key, signature, times and readings of each message by itself.
        candidates = [Candidate(batch[place].content, batch[place].log) for place in checked]
        return Begun(batch, table, self._checker.start(candidates, table, now=now), checked, now)

    def settle(self, begun: Begun) -> list[Decision]:
        """Wait for the checker, decide and commit."""
        throttled: Decision = Refused(Throttled.code, "over the sender's quota")
        decisions = [throttled] * len(begun.submissions)
        arrivals: defaultdict[LogNumber, dict[int, Arrival]] = defaultdict(dict)
        for place, result in zip(begun.checked, begun.pending.results(), strict=True):
            if isinstance(result, Garbage):
                decisions[place] = Refused(result.code, result.detail)
                continue
            content, gateway, sent_to, _ = begun.submissions[place]
            if gateway is None and sent_to is not None:
                self._quotas.charge(_by_log(sent_to), now=begun.now)
            key = begun.table.enrolled(result.kid, result.log)
            arrivals[result.log][place] = Arrival(result, content, gateway, key)
        if arrivals:
            with self._unit_of_work() as uow:
                # 3. What needs the database. Logs in one order, so that no two admitters wait
                #    for each other.
                for number in sorted(arrivals):
                    decided = self._decide(uow, number, [*arrivals[number].values()], begun.now)
                    for place, decision in zip(arrivals[number], decided, strict=True):
                        decisions[place] = decision
                # Commit point: decided. The courier's copies may be acknowledged.
                uow.commit()
        self.counts.update([decision.code for decision in decisions])
        return decisions

    def _is_within(self, submission: Submission, now: Instant) -> bool:
        """
        Say whether a message is within its quota.

        A gateway has shown who it is, and its quota is charged here. What came without one is
        counted for the log it was sent to, and only once a key of that log has signed it: else
        anybody could use up another's quota.
        """
        name = submission.sender or submission.gateway
        if name is not None:
            return self._quotas.take(name, now=now)
        if submission.log is None:
            return True
        return not self._quotas.wait_ms(_by_log(submission.log), now=now)

    def _decide(
        self, uow: UnitOfWork, number: LogNumber, arrivals: Sequence[Arrival], now: Instant
    ) -> list[Decision]:
        # Keep other admitters out; from here on ids ascend in the order of commit.
        uow.messages.lock(number)
        batch = LogBatch(
            uow,
            uow.logs.get(number),
            voice=self._voice,
            evidence=self._evidence,
            policy=self._policy,
            now=now,
        )
        return batch.decide(arrivals)

    def _refreshed_table(self) -> KeyTable:
        with self._reading() as uow:
            if uow.devices.version() != self._table.version:
                self._table = load_key_table(uow)
        return self._table


def _by_log(number: LogNumber) -> str:
    return f"log {number}"
