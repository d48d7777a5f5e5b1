"""
The wish of a log to be anchored: at most one pending item of the outbox a log.

It is written in the transaction that makes the checkpoint. Which checkpoint is sent is decided
when it is signed for the chain, and is then the newest.
"""

from __future__ import annotations

from typing import Final

from attestation.enums import OutboxState
from attestation.instants import Instant
from ledger.repositories.logs import Head, LogNumber
from ledger.repositories.outbox import OutboxItem
from ledger.unit_of_work import UnitOfWork

ANCHOR: Final = "anchor"
"""Kind of item that waits for its turn, at most once a minute a log."""
ANCHOR_NOW: Final = "anchor-now"
"""Kind of item that somebody asked for: it goes with the next transaction."""

Target = tuple[LogNumber, int, bytes]
"""(log number, size, root)."""


def format_targets(targets: list[Target]) -> list[list[object]]:
    """Give targets in the form the outbox stores: [log number, size, root in hex]."""
    return [[log, size, root.hex()] for log, size, root in targets]


def parse_targets(item: OutboxItem) -> list[Target]:
    """Read the targets of an item."""
    return [(LogNumber(log), size, bytes.fromhex(root)) for log, size, root in item.targets]


class AnchorRequests:
    """
    Writes wishes into the outbox.

    Args:
        operator: Address of the key that will sign for the chain, 20 bytes.
    """

    def __init__(self, operator: bytes) -> None:
        self._operator = operator
        # A hint only, so that the outbox is not searched at every batch; it is checked each time.
        self._pending: dict[LogNumber, int] = {}

    def want(self, uow: UnitOfWork, head: Head, *, now: Instant, kind: str = ANCHOR) -> None:
        """
        See to it that the log has a pending item; the caller commits.

        The item that is there stays locked until then, so that it cannot be signed for an older
        checkpoint without whoever signs seeing this one.
        """
        known = self._pending.get(head.log) or self._find(uow, head.log)
        if known is not None and self._holds(uow, known, head.log, kind):
            self._pending[head.log] = known
            return
        # A second pending item of the same log does no harm: both go into one transaction.
        targets = format_targets([(head.log, head.size, head.root)])
        self._pending[head.log] = uow.outbox.add(
            kind=kind, operator=self._operator, targets=targets, now=now
        )

    def _holds(self, uow: UnitOfWork, item_id: int, log: LogNumber, kind: str) -> bool:
        # The hint may be of a transaction that was rolled back, and its number used again.
        item = uow.outbox.lock(item_id)
        return (
            item is not None
            and item.state is OutboxState.PENDING
            and item.kind in (kind, ANCHOR_NOW)
            and any(target[0] == log for target in parse_targets(item))
        )

    def _find(self, uow: UnitOfWork, log: LogNumber) -> int | None:
        for item in uow.outbox.in_states([OutboxState.PENDING], operator=self._operator):
            if any(target[0] == log for target in parse_targets(item)):
                return item.id
        return None
