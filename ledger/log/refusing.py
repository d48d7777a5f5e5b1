"""
Refusals of messages: signed, kept, queued for the gateway, and given again word for word.

Source: FORMATS section 6.
"""

from __future__ import annotations

from collections.abc import Sequence

from attestation.instants import Instant
from ledger.log.arrivals import Arrival
from ledger.log.decisions import Refused
from ledger.log.voice import Voice
from ledger.repositories.admissions import StoredRefusal
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


class Refusals:
    """
    The refusals of one batch of one log.

    Args:
        uow: A writing unit of work.
        log: The log.
        voice: Signs.
        now: Present time.
    """

    def __init__(self, uow: UnitOfWork, log: Log, voice: Voice, now: Instant) -> None:
        self._uow = uow
        self._log = log
        self._voice = voice
        self._now = now
        self._known: dict[bytes, StoredRefusal] = {}

    def load(self, statement_hashes: Sequence[bytes]) -> None:
        """Load what was refused before."""
        if statement_hashes:
            self._known = self._uow.admissions.refusals(self._log.number, statement_hashes)

    def again(self, arrival: Arrival) -> Refused | None:
        """Give the first answer again, where the same statement was refused before."""
        known = self._known.get(arrival.checked.statement_hash)
        if known is None:
            return None
        self._queue(arrival, known.answer)
        return Refused(known.code, "refused before", known.answer)

    def refuse(self, arrival: Arrival, code: str, detail: str) -> tuple[Refused, bytes]:
        """Refuse a message for good; give the decision and the signed answer."""
        checked = arrival.checked
        answer = self._voice.refuse(self._log.origin, code, checked.message_id, arrival.place)
        refusal = StoredRefusal(
            statement_hash=checked.statement_hash,
            message_id=checked.message_id,
            code=code,
            answer=answer,
            content=arrival.content,
            refused_at=self._now,
            kid=checked.kid,
            epoch=checked.epoch,
            sequence=checked.sequence,
        )
        self._uow.admissions.add_refusal(self._log.number, refusal)
        self._known[refusal.statement_hash] = refusal
        self._queue(arrival, answer)
        return Refused(code, detail, answer), answer

    def _queue(self, arrival: Arrival, answer: bytes) -> None:
        if arrival.gateway is not None:
            self._uow.deliveries.queue(
                self._log.number,
                arrival.gateway,
                subject=arrival.checked.message_id,
                body=answer,
                now=self._now,
            )
