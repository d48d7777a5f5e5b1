"""
Judging what came with a parcel: rows against the tree, and the whole against the chain.

What a parcel says of the chain is somebody's word. A final anchor that the chain does not have
would stop the new ledger at its next start, and an older parcel would lose entries; both are found
before anything counts.

Source: DESIGN section 6; `docs/formats/parcel.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable

from attestation.errors import EncodingError
from ledger.cases.conversation import conversations
from ledger.errors import ArchiveDamaged
from ledger.log.anchor_targets import compare
from ledger.log.tree import LogTiles, root_at
from ledger.log.witnessing import UNWITNESSED
from ledger.ports import LatestAnchor
from ledger.repositories.logs import Log
from ledger.repositories.reopening import ReopeningRepository
from ledger.repositories.tree import TreeRepository
from ledger.unit_of_work import UnitOfWork


def judge_rows(uow: UnitOfWork, log: Log, inventories: Iterable[bytes]) -> None:
    """
    Check that anchors are of the log's tree, and that the work on cases can be read.

    Args:
        uow: The unit of work that took the rows.
        log: The log.
        inventories: Ids of the enterprise's inventories.

    Raises:
        ArchiveDamaged: If they are not, or cannot.
    """
    head = uow.heads.get(log.number)
    reader = LogTiles(TreeRepository(uow.connection), log.number).reader(head.size)
    for anchor in uow.anchors.all(log.number):
        if not 0 < anchor.size <= head.size or root_at(reader, anchor.size) != anchor.root:
            raise ArchiveDamaged(f"the anchor of size {anchor.size} is of another tree")
    for inventory_id in inventories:
        try:
            for each in conversations(uow.cases.comments(inventory_id)):
                _ = each.anchor, each.is_resolved
        except (EncodingError, KeyError, TypeError, ValueError) as error:
            raise ArchiveDamaged("a word of a conversation is not what it says") from error


def require_on_chain(
    uow: UnitOfWork, log: Log, latest: LatestAnchor | None, *, goes_on: bool
) -> None:
    """
    Check that a log is as far as the chain says, and that its anchors are there.

    Args:
        uow: The unit of work that took the log.
        log: The log.
        latest: What the chain holds.
        goes_on: Whether the log is continued here; a frozen copy may be behind.

    Raises:
        ForkDetected: If the chain holds another tree of a size that is here.
        ArchiveDamaged: If the chain holds more, or less than the parcel says.
    """
    anchored = 0 if latest is None else latest.size
    size = uow.heads.get(log.number).size
    if anchored > size:
        if goes_on:
            raise ArchiveDamaged(f"the chain holds {anchored} entries, the parcel {size}")
        return
    compare(uow, log, latest, policy=UNWITNESSED)
    above = ReopeningRepository(uow.connection).final_above(log.number, anchored)
    if above:
        raise ArchiveDamaged(f"the chain does not hold the anchor of size {above[0][0]}")
