"""
Carrying actions into the operator's own log, so that they can be proved and not be taken back.

Each action becomes one record, always the same bytes but for the signature, so that a step that
was cut off can be done again: the log then says that it has the record.

Source: FORMATS section 4 (the operator's own log holds the action ledger);
`docs/formats/action-records.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attestation.instants import Instant
from attestation.records import Record, RecordDraft, draft_record
from ledger.errors import Frozen
from ledger.log.decisions import Admitted, Duplicate
from ledger.log.records import RecordAdmission
from ledger.repositories.actions import StoredAction
from ledger.repositories.logs import Log, LogNumber
from ledger.unit_of_work import UnitOfWorkFactory

BATCH: Final = 100
"""Actions noted as carried in one transaction; each record is a transaction of its own."""

SignRecord = Callable[[RecordDraft], Record]


class ActionCarrier:
    """
    Carries what waits.

    Args:
        units: Makes writing units of work.
        readings: Makes reading units of work.
        records: Admits records.
        operator: Address of the operator's key, `0x` and 40 hexadecimal digits.
        sign: Signs with that key.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        readings: UnitOfWorkFactory,
        records: RecordAdmission,
        *,
        operator: str,
        sign: SignRecord,
    ) -> None:
        self._units = units
        self._readings = readings
        self._records = records
        self._operator = operator
        self._sign = sign

    def carry(self, log: Log, *, now: Instant) -> int:
        """
        Carry the next actions into the operator's own log, and give how many.

        Raises:
            Frozen: If the log takes nothing at present.
            StorageUnavailable: If the database is busy or gone; do it again.
        """
        with self._readings() as uow:
            waiting = uow.actions.waiting(BATCH)
        places: list[tuple[int, LogNumber, int]] = []
        try:
            for each in waiting:
                places.append((each.body.number, *self._admit(log, each, now)))
        finally:
            if places:
                with self._units() as uow:
                    uow.actions.placed(places)
                    # Commit point: they wait no longer. Whatever is carried again is a duplicate.
                    uow.commit()
        return len(places)

    def _admit(self, log: Log, action: StoredAction, now: Instant) -> tuple[LogNumber, int]:
        draft = draft_record(
            action.body,
            origin=log.origin,
            subject=action.body.subject,
            salt=action.salt,
            signer=self._operator,
        )
        decision = self._records.admit_record(log.number, self._sign(draft).encoded, now=now)
        if isinstance(decision, Admitted | Duplicate):
            return log.number, decision.admission_id
        raise Frozen(f"{log.origin} does not take action {action.body.number}: {decision.code}")
