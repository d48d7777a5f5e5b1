"""
The chain against the log: every anchor, and what the outbox believes.

An operator who edits the database and computes everything above it again agrees with himself. He
does not agree with the chain.

Source: DESIGN section 6; CONTRACTS section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.enums import OutboxState
from attestation.errors import Error, Retry
from ledger.log.anchor_following import UNDER_WAY
from ledger.log.fsck_report import Check, Report, State
from ledger.ports import Anchorer, LatestAnchor, TransactionState
from ledger.repositories.anchors import StoredAnchor
from ledger.repositories.logs import Log
from ledger.repositories.outbox import OutboxItem
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Anchored:
    """What is to be compared with the tree: anchors stored here, and the newest on the chain."""

    stored: tuple[StoredAnchor, ...]
    latest: LatestAnchor | None
    is_reached: bool
    """False where no node answered, or none was given."""

    @property
    def sizes(self) -> set[int]:
        """Sizes whose root hashes the comparison needs."""
        sizes = {anchor.size for anchor in self.stored}
        return sizes | {self.latest.size} if self.latest else sizes


def load_anchored(uow: UnitOfWork, log: Log, anchorer: Anchorer | None, report: Report) -> Anchored:
    """Load the anchors of a log and ask the chain for the newest, if it can be asked."""
    stored = tuple(uow.anchors.all(log.number))
    if anchorer is None:
        return Anchored(stored, None, is_reached=False)
    try:
        return Anchored(stored, anchorer.latest(log.log_id), is_reached=True)
    except Error as error:
        if error.retry is not Retry.LATER:
            raise
        report.add(Check.CHAIN, "chain", State.UNCHECKED, error.message)
        return Anchored(stored, None, is_reached=False)


class ChainCheck:
    """
    Compares anchors and outbox with the tree and the chain.

    Args:
        uow: A reading unit of work.
        log: The log.
        report: Where findings go.
        anchorer: The chain; None where only the stored anchors are compared.
    """

    def __init__(
        self, uow: UnitOfWork, log: Log, report: Report, anchorer: Anchorer | None
    ) -> None:
        self._uow = uow
        self._log = log
        self._report = report
        self._anchorer = anchorer

    def run(self, anchored: Anchored, roots: dict[int, bytes]) -> None:
        """Compare, given the roots that were computed from the entries."""
        for anchor in anchored.stored:
            self._report.looked_at[Check.CHAIN] += 1
            self._compare(anchor, roots)
        if anchored.latest is not None:
            self._compare_latest(anchored.latest, roots)
        if self._anchorer is not None and anchored.is_reached:
            for anchor in anchored.stored:
                self._find(self._anchorer, anchor)
            for item in self._uow.outbox.in_states(UNDER_WAY, operator=self._anchorer.operator):
                self._compare_item(self._anchorer, item)

    def _compare(self, anchor: StoredAnchor, roots: dict[int, bytes]) -> None:
        root = roots.get(anchor.size)
        resource = f"anchor {anchor.size}"
        if root is None:
            detail = f"it is of a larger tree than the log's {self._report.size} entries"
            self._report.add(Check.CHAIN, resource, State.EXTRA, detail)
        elif root != anchor.root:
            detail = "its root is not that of the entries before it"
            self._report.add(Check.CHAIN, resource, State.CHANGED, detail)

    def _compare_latest(self, latest: LatestAnchor, roots: dict[int, bytes]) -> None:
        self._report.looked_at[Check.CHAIN] += 1
        resource = f"chain checkpoint {latest.size}"
        if latest.size > self._report.size:
            detail = f"the chain holds {latest.size} entries, the log has {self._report.size}"
            self._report.add(Check.CHAIN, resource, State.MISSING, detail)
        elif roots[latest.size] != latest.root:
            detail = "the chain holds another root for this size"
            self._report.add(Check.CHAIN, resource, State.CHANGED, detail)

    def _find(self, anchorer: Anchorer, anchor: StoredAnchor) -> None:
        found = anchorer.find(self._log.log_id, anchor.size)
        resource = f"anchor {anchor.size}"
        if found is None:
            state = State.MISSING if anchor.final_at is not None else State.UNCHECKED
            self._report.add(Check.CHAIN, resource, state, "the chain has no such event")
        elif found.root != anchor.root:
            detail = "the event on the chain has another root"
            self._report.add(Check.CHAIN, resource, State.CHANGED, detail)

    def _compare_item(self, anchorer: Anchorer, item: OutboxItem) -> None:
        if item.state is not OutboxState.INCLUDED or item.tx_hash is None:
            return
        self._report.looked_at[Check.CHAIN] += 1
        status = anchorer.status(item.tx_hash)
        if status.state not in (TransactionState.INCLUDED, TransactionState.FINAL):
            detail = f"said to be included, the chain says {status.state.name.lower()}"
            self._report.add(Check.CHAIN, f"outbox {item.id}", State.UNCHECKED, detail)
