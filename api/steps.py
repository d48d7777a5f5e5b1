"""
What a worker does over and over, for every log that is kept here.

ingest: the courier's messages are decided, committed, and only then acknowledged;
integrate: admitted entries enter the tree, and what they add up to is derived;
answer: promises and receipts are signed and handed to the courier;
anchor: checkpoints go to the chain; follow: the registries' final events are read;
relay: signed acts of others are carried to the chain.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from api.audit.steps import audit_steps
from api.bootstrap import Ledger
from api.ingest import Ingest
from api.notices.steps import notice_steps
from api.worker import Step
from attestation.enums import LogState
from devices.errors import WindowFull
from devices.subscriber import Subscriber
from ledger.relay.relaying import Relaying
from ledger.repositories.logs import Log

_log = structlog.get_logger(__name__)


def active_logs(ledger: Ledger) -> list[Log]:
    """Give the logs that are being written."""
    with ledger.database.reading() as uow:
        return [log for log in uow.logs.all() if log.state is LogState.ACTIVE]


def integrate(ledger: Ledger) -> bool:
    """Integrate what was admitted, and derive what it adds up to."""
    busy = False
    for log in active_logs(ledger):
        done = ledger.sequencer.integrate(log.number, now=ledger.clock.now())
        if done is not None and done.size > done.old_size:
            _log.info("checkpoint_integrated", origin=done.origin, tree_size=done.size)
            busy = True
        busy = ledger.surveyor.survey(log.number) > 0 or busy
    return busy


def answer(ledger: Ledger, ear: Subscriber | None) -> bool:
    """Sign the answers that are owed, and hand them to the courier."""
    now = ledger.clock.now()
    given = 0
    for log in active_logs(ledger):
        given += ledger.answering.promise(log, now=now)
        given += ledger.answering.confirm(log, now=now)
    if ear is not None:
        try:
            given += ledger.answering.deliver(ear, now=now)
        except WindowFull:
            return False
    return given > 0


def anchor(ledger: Ledger) -> bool:
    """Move anchors towards finality."""
    step = ledger.anchoring.step(ledger.clock.now())
    for origin in step.sent:
        _log.info("checkpoint_anchored", origin=origin)
    for origin in step.recovering:
        _log.error("log_recovering", origin=origin)
    return bool(step.sent or step.included)


def follow(ledger: Ledger) -> bool:
    """Read the registries' final events."""
    return ledger.follower.follow() > 0


def relay(relaying: Relaying, ledger: Ledger) -> bool:
    """Carry signed acts of others to the chain."""
    moved = relaying.step(ledger.clock.now())
    for each in moved:
        _log.info("act_moved", act=each.digest.hex(), state=each.state.name.lower())
    return bool(moved)


def ingest(courier: Ingest) -> bool:
    """Decide about what the courier brought; see `api.ingest`."""
    count = courier.step()
    if count:
        _log.info("messages_decided", count=count)
    return True


def worker_steps(ledger: Ledger, ear: Subscriber | None) -> Iterable[Step]:
    """Give the steps of a worker that does everything."""
    if ear is not None:
        batch = ledger.settings.mqtt.batch if ledger.settings.mqtt else 1
        courier = Ingest(ledger.admission, ear, batch=batch, now=ledger.clock.now)
        yield Step("ingest", lambda: ingest(courier), idle_s=0)
    yield Step("integrate", lambda: integrate(ledger), idle_s=0.1)
    yield Step("answer", lambda: answer(ledger, ear), idle_s=0.2)
    yield Step("anchor", lambda: anchor(ledger), idle_s=0.3)
    yield Step("follow", lambda: follow(ledger), idle_s=0.5)
    if (relaying := ledger.relaying) is not None:
        yield Step("relay", lambda: relay(relaying, ledger), idle_s=0.3)
    yield from audit_steps(ledger)
    yield from notice_steps(ledger)
