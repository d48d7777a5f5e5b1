"""
What is owed to devices is said: promises and receipts are signed, queued and sent.

Promises and receipts are cumulative for one (kid, epoch), so one answers thousands. Each is queued
for the gateway that brought the epoch's last message, in a unit of work in which it is true, and
may be given again at any time. A device that is not answered sends again; nothing rests on the
way down.

Source: FORMATS section 6; `docs/formats/answers.md`.
"""

from __future__ import annotations

from attestation.answers import Promise
from attestation.enums import ReceiptStage
from attestation.ids import Kid
from attestation.instants import Instant
from ledger.log.receipts import give_receipts
from ledger.log.voice import Voice, closed_ranges
from ledger.ports import Courier
from ledger.repositories.admissions import EpochAdmission
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory


class Answering:
    """
    Gives the answers that are owed.

    Args:
        unit_of_work: Makes writing units of work.
        voice: Signs.
        batch: Most answers signed in one transaction.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, voice: Voice, *, batch: int = 500) -> None:
        self._unit_of_work = unit_of_work
        self._voice = voice
        self._batch = batch

    def promise(self, log: Log, *, now: Instant) -> int:
        """Queue the promises that are owed in a log, and give how many."""
        with self._unit_of_work() as uow:
            uow.messages.lock(log.number)
            due = uow.admissions.due(log.number, now, limit=self._batch)
            for epoch in due:
                if epoch.gateway is not None:
                    self._promise(uow, log, epoch.gateway, epoch, now)
                uow.admissions.promised(log.number, epoch.kid, epoch.epoch)
            # Commit point: promises are queued and no longer owed.
            uow.commit()
        return len(due)

    def confirm(self, log: Log, *, now: Instant) -> int:
        """Queue receipts for what is integrated and has none yet, and give how many."""
        with self._unit_of_work() as uow:
            checkpoint = uow.checkpoints.newest(log.number)
            if checkpoint is None:
                return 0
            owed = uow.deliveries.progress_at(
                log.number, checkpoint.size, below=ReceiptStage.INTEGRATED
            )
            given = owed[: self._batch]
            give_receipts(
                uow, self._voice, log, checkpoint, given, ReceiptStage.INTEGRATED, now=now
            )
            # Commit point: receipts are queued and no longer owed.
            uow.commit()
        return len(given)

    def deliver(self, courier: Courier, *, now: Instant) -> int:
        """Hand queued answers to the courier, and give how many; some may be sent again."""
        with self._unit_of_work() as uow:
            deliveries = uow.deliveries.unsent(limit=self._batch)
            logs = {log.number: log for log in uow.logs.all()}
        for delivery in deliveries:
            courier.publish_down(delivery.gateway, logs[delivery.log].usc, delivery.body)
        with self._unit_of_work() as uow:
            uow.deliveries.sent(deliveries, now=now)
            # Commit point: handed over. Before it, the same answers are handed over again.
            uow.commit()
        return len(deliveries)

    def _promise(
        self, uow: UnitOfWork, log: Log, gateway: str, epoch: EpochAdmission, now: Instant
    ) -> None:
        promise = Promise(
            Kid(epoch.kid), epoch.epoch, closed_ranges(epoch.ranges), epoch.integrate_by
        )
        uow.deliveries.queue(
            log.number,
            gateway,
            subject=b"promise %s %d" % (epoch.kid, epoch.epoch),
            body=self._voice.say(promise, log.origin),
            now=now,
        )
