"""
Signing for the chain: which logs are due, what they have to say, one transaction for all.

The chain is asked for each log's newest anchor before anything is signed, so an anchor that was
sent and forgotten (a backup was restored) is found and never sent twice.

Source: DESIGN section 6; CONTRACTS section 2 (`anchorMany`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.enums import LogState, OutboxState
from attestation.errors import Error, Retry
from attestation.instants import Instant
from attestation.witness_policy import WitnessPolicy
from ledger.errors import StorageConflict
from ledger.log.anchor_finality import AnchorFinality
from ledger.log.anchor_requests import (
    ANCHOR_NOW,
    AnchorRequests,
    format_targets,
    parse_targets,
)
from ledger.log.anchor_rules import MAX_LOGS, AnchorRules
from ledger.log.anchor_targets import Comparison, Standing, compare, make_target
from ledger.ports import Anchorer, AnchorTarget, PreparedTransaction
from ledger.repositories.batches import BatchRepository
from ledger.repositories.logs import LogNumber
from ledger.repositories.outbox import OutboxItem
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

_IN_FLIGHT = (OutboxState.SIGNED, OutboxState.BROADCAST)


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of looking for logs to anchor."""

    item: OutboxItem | None = None
    """The stored item, still to be sent; None where nothing was signed."""
    origins: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    """Origins that are behind their anchor and were stopped."""


class AnchorSigning:
    """
    Signs the next transaction of one operator key.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        anchorer: The chain.
        requests: Where wishes are written.
        finality: Where anchors found on the chain are noted.
        policy: Which checkpoint of a log is public, and so anchored.
        rules: How often.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        readings: UnitOfWorkFactory,
        anchorer: Anchorer,
        *,
        requests: AnchorRequests,
        finality: AnchorFinality,
        policy: WitnessPolicy,
        rules: AnchorRules,
    ) -> None:
        self._units = units
        self._readings = readings
        self._anchorer = anchorer
        self._requests = requests
        self._finality = finality
        self._policy = policy
        self._rules = rules
        self._last_signed: dict[LogNumber, Instant] | None = None

    def sign_next(self, now: Instant) -> Signed:
        """
        Sign one transaction for the logs that are due and store it; it is not sent here.

        Does nothing while a transaction of the key is on its way into a block.

        Raises:
            Error: Of the chain, if no node answers.
            ForkDetected: If the chain knows another history of a log.
            StorageConflict: If another worker owns the key too.
        """
        due = self._due(now)
        comparisons = [self._compare(number) for number in _logs_of(due)[:MAX_LOGS]]
        behind = self._stop_behind(comparisons)
        for found in comparisons:
            if found.standing is Standing.UNCHANGED and found.latest and found.latest.size:
                self._finality.adopt(found.log, found.latest.size, now)
        changed = [found for found in comparisons if found.standing is Standing.CHANGED]
        if not changed:
            self._settle(due, comparisons)
            return Signed(behind=behind)
        item = self._sign(due, comparisons, now)
        return Signed(item, tuple(found.log.origin for found in changed), behind)

    def _due(self, now: Instant) -> list[OutboxItem]:
        with self._readings() as uow:
            operator = self._anchorer.operator
            if uow.outbox.in_states(_IN_FLIGHT, operator=operator, limit=1):
                return []
            pending = uow.outbox.in_states([OutboxState.PENDING], operator=operator)
            last = self._signed_lately(uow, now)
        return [item for item in pending if self._is_due(item, last, now)]

    def _is_due(self, item: OutboxItem, last: dict[LogNumber, Instant], now: Instant) -> bool:
        if item.attempts:
            return now - item.updated_at >= self._rules.backoff_ms(item.attempts)
        if item.kind == ANCHOR_NOW:
            return True
        newest = max((last[log] for log, _, _ in parse_targets(item) if log in last), default=None)
        return newest is None or now - newest >= self._rules.interval_ms

    def _signed_lately(self, uow: UnitOfWork, now: Instant) -> dict[LogNumber, Instant]:
        """Give when each log was last signed for; after a restart, at most an interval too late."""
        if self._last_signed is None:
            since = Instant(now - self._rules.interval_ms)
            rows = BatchRepository(uow.connection).updated_since(self._anchorer.operator, since)
            self._last_signed = {
                LogNumber(log): Instant(updated_at)
                for targets, updated_at in rows
                for log, *_ in targets
            }
        return self._last_signed

    def _compare(self, number: LogNumber) -> Comparison:
        with self._readings() as uow:
            log = uow.logs.get(number)
        latest = self._anchorer.latest(log.log_id)
        # A new snapshot, so that the head is never older than the chain's answer.
        with self._readings() as uow:
            return compare(uow, log, latest, policy=self._policy)

    def _stop_behind(self, comparisons: Sequence[Comparison]) -> tuple[str, ...]:
        # A frozen log goes on elsewhere: that the chain holds more of it is as it should be.
        behind = [
            found.log
            for found in comparisons
            if found.standing is Standing.BEHIND and found.log.state is LogState.ACTIVE
        ]
        if behind:
            with self._units() as uow:
                for log in behind:
                    uow.logs.set_state(log.number, LogState.RECOVERING)
                # Commit point: a log behind its anchor signs nothing until it is recovered.
                uow.commit()
        return tuple(log.origin for log in behind)

    def _settle(self, due: Sequence[OutboxItem], comparisons: Sequence[Comparison]) -> None:
        """Remove wishes that the chain meets already, unless the log has grown meanwhile."""
        if not due:
            return
        compared = {found.log.number: found.size for found in comparisons}
        with self._units() as uow:
            batches = BatchRepository(uow.connection)
            for item in due:
                if uow.outbox.lock(item.id) is None:
                    continue
                logs = [log for log, _, _ in parse_targets(item)]
                if all(uow.heads.get(log).size == compared.get(log) for log in logs):
                    batches.drop_pending([item.id])
            # Commit point: nothing is wanted that the chain has.
            uow.commit()

    def _sign(
        self, due: Sequence[OutboxItem], comparisons: Sequence[Comparison], now: Instant
    ) -> OutboxItem | None:
        changed = [found for found in comparisons if found.standing is Standing.CHANGED]
        with self._readings() as uow:
            targets = [make_target(uow, found) for found in changed]
        prepared = self._prepare(due, targets, now)
        if prepared is None:
            return None
        with self._units() as uow:
            item = self._store(uow, due, comparisons, prepared, now)
            # Commit point: the raw transaction is stored before it is sent.
            uow.commit()
        signed_now = {found.log.number: now for found in changed}
        self._last_signed = (self._last_signed or {}) | signed_now
        return item

    def _prepare(
        self, due: Sequence[OutboxItem], targets: Sequence[AnchorTarget], now: Instant
    ) -> PreparedTransaction | None:
        nonce = self._anchorer.next_nonce()
        try:
            return self._anchorer.prepare(targets, nonce=nonce)
        except Error as error:
            if error.retry is not Retry.NEVER:
                raise
            self._postpone(due, f"{error.stable_code}: {error.message}", now)
            return None

    def _postpone(self, due: Sequence[OutboxItem], reason: str, now: Instant) -> None:
        with self._units() as uow:
            for item in due:
                uow.outbox.move(
                    item, OutboxState.PENDING, now=now, attempts=item.attempts + 1, error=reason
                )
            # Commit point: what the contract refuses now is tried again after a while.
            uow.commit()

    def _store(
        self,
        uow: UnitOfWork,
        due: Sequence[OutboxItem],
        comparisons: Sequence[Comparison],
        prepared: PreparedTransaction,
        now: Instant,
    ) -> OutboxItem:
        for item in due:
            locked = uow.outbox.lock(item.id)
            if locked is None or locked.state is not OutboxState.PENDING:
                raise StorageConflict(f"outbox item {item.id} was taken by another worker")
        carrier, *merged = due
        uow.outbox.move(
            carrier,
            OutboxState.SIGNED,
            now=now,
            targets=format_targets(
                [
                    (found.log.number, found.size, found.root)
                    for found in comparisons
                    if found.standing is Standing.CHANGED
                ]
            ),
            nonce=prepared.nonce,
            raw_tx=prepared.raw,
            tx_hash=prepared.tx_hash,
            attempts=0,
            error=None,
        )
        BatchRepository(uow.connection).drop_pending([item.id for item in merged])
        # With the items locked, no sequencer can have grown a log without being seen here.
        compared = {found.log.number: found.size for found in comparisons}
        for log in _logs_of(due):
            head = uow.heads.get(log)
            if compared.get(log, -1) < head.size:
                self._requests.want(uow, head, now=now)
        return uow.outbox.get(carrier.id) or carrier


def _logs_of(items: Sequence[OutboxItem]) -> list[LogNumber]:
    """List the logs of some items once each, urgent ones first."""
    urgent_first = sorted(items, key=lambda item: item.kind != ANCHOR_NOW)
    return list(dict.fromkeys(log for item in urgent_first for log, _, _ in parse_targets(item)))
