"""
Measurements, read from the database each time they are asked for.

They outlive a restart and are the same from every server on one database. Ages are 0 where nothing
waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.bootstrap import Ledger
from attestation.enums import OutboxState
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

MAX_COUNTED: Final = 1000
"""Unfinished transactions counted a state: one operator key has a few at a time."""
_UNFINISHED: Final = tuple(state for state in OutboxState if state is not OutboxState.FINAL)


def make_registry(ledger: Ledger) -> CollectorRegistry:
    """Make the registry of one server."""
    registry = CollectorRegistry()
    registry.register(LedgerCollector(ledger))
    return registry


class LedgerCollector(Collector):
    """Measures one ledger, in one snapshot a collection."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure."""
        with self._ledger.database.reading() as uow:
            logs = uow.logs.all()
            yield from self._measure_logs(uow, logs)
            yield self._measure_outbox(uow)

    def _measure_logs(self, uow: UnitOfWork, logs: list[Log]) -> Iterator[GaugeMetricFamily]:
        size = _gauge("log_size", "Entries in the tree of a log")
        waiting = _gauge("log_waiting_entries", "Entries admitted and not integrated")
        oldest = _gauge("log_oldest_waiting_seconds", "Age of the oldest such entry")
        unanchored = _gauge(
            "log_oldest_unanchored_seconds",
            "Age of the oldest checkpoint that no final anchor covers",
        )
        now = self._ledger.clock.now()
        for log in logs:
            head = uow.heads.get(log.number)
            count, received_at = uow.messages.waiting(log.number, head.last_admission_id)
            size.add_metric([log.name], head.size)
            waiting.add_metric([log.name], count)
            oldest.add_metric([log.name], _age_s(received_at, now))
            unanchored.add_metric([log.name], _age_s(_unanchored(uow, log), now))
        yield from (size, waiting, oldest, unanchored)

    def _measure_outbox(self, uow: UnitOfWork) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "carbonseal_outbox_transactions",
            f"Transactions on their way to the chain, at most {MAX_COUNTED} counted",
            labels=["state"],
        )
        operator = self._ledger.chain.operator.address
        for state in _UNFINISHED:
            found = uow.outbox.in_states([state], operator=operator, limit=MAX_COUNTED)
            family.add_metric([state.name.lower()], len(found))
        return family


def _gauge(name: str, about: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"carbonseal_{name}", about, labels=["log"])


def _unanchored(uow: UnitOfWork, log: Log) -> Instant | None:
    anchor = uow.anchors.newest(log.number, final=True)
    # The empty tree needs no anchor: the first checkpoint counted covers entry 0.
    oldest = uow.checkpoints.covering(log.number, anchor.size if anchor else 0)
    return None if oldest is None else oldest.signed_at


def _age_s(since: Instant | None, now: Instant) -> int:
    return 0 if since is None else max(0, now - since) // MILLISECONDS_PER_SECOND
