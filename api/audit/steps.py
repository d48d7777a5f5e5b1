"""
What a worker does for audit, over and over.

carry: actions enter the operator's own log; index: what is new can be found;
watch: alerts follow the checks of new versions.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from api.audit.operator_log import find_operator_log, make_carrier
from api.bootstrap import Ledger
from api.worker import Step
from ledger.actions.carrying import ActionCarrier
from ledger.alerts.watching import AlertWatch
from ledger.search.indexing import Indexer

_log = structlog.get_logger(__name__)


def carry(ledger: Ledger, carrier: ActionCarrier) -> bool:
    """Carry what waits into the operator's own log, where there is one."""
    with ledger.database.reading() as uow:
        log = find_operator_log(uow, ledger.settings)
    if log is None:
        return False
    count = carrier.carry(log, now=ledger.clock.now())
    if count:
        _log.info("actions_carried", count=count)
    return count > 0


def audit_steps(ledger: Ledger) -> Iterable[Step]:
    """Give the steps of audit."""
    indexer = Indexer(ledger.database.unit_of_work, ledger.database.reading)
    watch = AlertWatch(ledger.database.unit_of_work, ledger.database.reading)
    yield Step("index", lambda: indexer.step(ledger.clock.now()), idle_s=2)
    yield Step("watch", lambda: watch.step(ledger.clock.now()), idle_s=2)
    if ledger.settings.log.operator is not None:
        carrier = make_carrier(ledger)
        yield Step("carry", lambda: carry(ledger, carrier), idle_s=1)
