"""
Ingest: the courier's messages are decided, committed, and only then acknowledged.

While one batch is stored, the next is checked. A batch whose storing failed is kept and done
again before what came after it: the broker would bring it again only on another connection.

Source: DESIGN section 6, ingest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from attestation.errors import EncodingError
from attestation.instants import Instant
from devices.session import Delivery
from devices.topics import parse_up_topic
from ledger.log.admission import Admission, Begun
from ledger.log.decisions import Submission

LISTEN_S: Final = 0.2
"""How long a step waits for the first message."""
_IN_HAND: Final = 2
"""Batches: one being stored, one being checked; the broker sends no more than these."""


class Ear(Protocol):
    """What messages arrive by, and are acknowledged by."""

    def take(self, max_messages: int, timeout_s: float) -> list[Delivery]:
        """Give arrivals in their order, waiting for the first."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """Tell the broker that these messages are safe."""


@dataclass(slots=True)
class _Batch:
    deliveries: list[Delivery]
    begun: Begun | None = None
    """None before it is being checked, and again after storing it failed."""


class Ingest:
    """
    The way of the courier's messages into the ledger.

    Args:
        admission: Decides.
        ear: Where messages arrive.
        batch: Messages stored at once, at most.
        now: Gives the present time.
    """

    def __init__(
        self, admission: Admission, ear: Ear, *, batch: int, now: Callable[[], Instant]
    ) -> None:
        self._admission = admission
        self._ear = ear
        self._most = batch
        self._now = now
        self._batches: deque[_Batch] = deque()

    def step(self) -> int:
        """
        Take a batch in hand, and decide about the one before it, or about it if none follows.

        Returns:
            How many messages were decided.

        Raises: as `Admission.settle`; the next step does the same batch again.
        """
        came = self._take()
        for batch in self._batches:
            if batch.begun is None:
                batch.begun = self._admission.begin(
                    [_submission(each) for each in batch.deliveries], now=self._now()
                )
        if not self._batches or (came and len(self._batches) < _IN_HAND):
            return 0
        first = self._batches[0]
        begun, first.begun = first.begun, None
        decisions = self._admission.settle(begun) if begun is not None else []
        # The commit point lies inside `settle`: from here on the courier may forget.
        self._batches.popleft()
        self._ear.acknowledge(first.deliveries)
        return len(decisions)

    def _take(self) -> bool:
        if len(self._batches) == _IN_HAND:
            return False
        deliveries = self._ear.take(self._most, 0.0 if self._batches else LISTEN_S)
        if deliveries:
            self._batches.append(_Batch(deliveries))
        return bool(deliveries)


def _submission(delivery: Delivery) -> Submission:
    try:
        name = parse_up_topic(delivery.topic)
    except EncodingError:  # the broker lets nobody write there; whoever signed is found anyway
        return Submission(delivery.payload)
    return Submission(delivery.payload, gateway=name.gateway, sender=name.subject)
