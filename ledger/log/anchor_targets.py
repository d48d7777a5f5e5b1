"""
What a log has to say to the chain: its newest public checkpoint, which extends the anchored one.

The chain is asked first, always. So an anchor that we sent and forgot is found before anything
is signed a second time, and a chain that knows another history is noticed before we add to it.

Source: RFC 9162, section 2.1.4.1; CONTRACTS section 2 (CheckpointRegistry).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from attestation.merkle import EMPTY_ROOT, consistency_proof
from attestation.witness_policy import WitnessPolicy
from ledger.errors import ForkDetected, WitnessesMissing
from ledger.log.tree import LogTiles, root_at
from ledger.log.witnessing import published
from ledger.ports import AnchorTarget, LatestAnchor
from ledger.repositories.logs import Log
from ledger.repositories.tree import TreeRepository
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork


class Standing(Enum):
    """How a log stands to what the chain holds of it."""

    CHANGED = "changed"
    """The log has grown: its newest public checkpoint can be anchored."""
    UNCHANGED = "unchanged"
    """The chain holds the newest public checkpoint."""
    BEHIND = "behind"
    """The chain holds more than we have: a backup was restored."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A log's newest public checkpoint beside its newest anchor on the chain."""

    log: Log
    size: int
    """Of the newest public checkpoint; below the head's while witnesses are awaited."""
    root: bytes
    latest: LatestAnchor | None
    standing: Standing


def compare(
    uow: UnitOfWork, log: Log, latest: LatestAnchor | None, *, policy: WitnessPolicy
) -> Comparison:
    """
    Compare a log with what the chain holds.

    Args:
        uow: A unit of work begun after the chain was asked.
        log: The log.
        latest: What the chain holds.
        policy: Which checkpoint is public: what is anchored can also be proved to be witnessed.

    Raises:
        ForkDetected: If the chain holds another root for a size that we have.
    """
    head = uow.heads.get(log.number)
    anchored = 0 if latest is None else latest.size
    if anchored > head.size:
        return Comparison(log, head.size, head.root, latest, Standing.BEHIND)
    reader = LogTiles(TreeRepository(uow.connection), log.number).reader(head.size)
    own_root = root_at(reader, anchored)
    if own_root != (EMPTY_ROOT if latest is None else latest.root):
        raise ForkDetected(
            f"the chain holds another tree of {anchored} entries of {log.origin}", size=anchored
        )
    public = _public(uow, log, policy)
    if public is None or public.size <= anchored:
        return Comparison(log, anchored, own_root, latest, Standing.UNCHANGED)
    return Comparison(log, public.size, public.root, latest, Standing.CHANGED)


def make_target(uow: UnitOfWork, comparison: Comparison) -> AnchorTarget:
    """Give what `anchor` needs of a log that has grown: the proof that it extends the anchor."""
    log, size = comparison.log, comparison.size
    reader = LogTiles(TreeRepository(uow.connection), log.number).reader(size)
    old_size = 0 if comparison.latest is None else comparison.latest.size
    proof = consistency_proof(reader, old_size, size)
    return AnchorTarget(log.log_id, size, comparison.root, tuple(proof))


def _public(uow: UnitOfWork, log: Log, policy: WitnessPolicy) -> StoredCheckpoint | None:
    try:
        checkpoint, _ = published(uow, log, policy)
    except WitnessesMissing:
        return None
    return checkpoint
