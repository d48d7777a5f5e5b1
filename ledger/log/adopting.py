"""
Adopting a log: entries and checkpoints of a log that was kept elsewhere, as it was kept.

Nothing is signed. The tree is made of the entries, and must be the one that the log's key has
signed; what results has the same indexes, roots and checkpoints as the original. Whoever holds
the key may go on with it, everybody else has a copy to reckon with.

Source: DESIGN section 6; C2SP tlog-checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from attestation.enums import LogState
from attestation.ids import parse_origin
from attestation.instants import Instant
from attestation.merkle import EMPTY_ROOT, hash_leaf
from attestation.notes import NoteVerifier
from ledger.errors import EntriesMissing, ForkDetected, UnknownLog
from ledger.log.readmission import readmit
from ledger.log.recovered import Recovered, extend_head
from ledger.log.sources import SignedCheckpoint
from ledger.repositories.logs import Head, Log
from ledger.repositories.trees import StoredCheckpoint
from ledger.unit_of_work import UnitOfWork

_CHUNK: Final = 2048
"""Entries stored at a time."""


def adopt_log(
    uow: UnitOfWork,
    verifier: NoteVerifier,
    *,
    opened_at: Instant,
    predecessor: Log | None = None,
) -> Log:
    """
    Give the log of a key, added without an entry and frozen where it is not here yet.

    Args:
        uow: A writing unit of work; the caller commits.
        verifier: The log's key under the log's origin, from a trust root and not from the copy.
        opened_at: When it was opened.
        predecessor: The log that it continues, where there is one.

    Raises:
        EncodingError: If the key's name is not an origin.
        ForkDetected: If a log of this origin has another key here.
    """
    origin = parse_origin(verifier.name)
    try:
        found = uow.logs.by_origin(str(origin))
    except UnknownLog:
        log = uow.logs.add(
            log_id=origin.log_id,
            origin=str(origin),
            usc=origin.usc,
            vkey=verifier.vkey,
            opened_at=opened_at,
            predecessor=None if predecessor is None else predecessor.number,
        )
        uow.logs.set_state(log.number, LogState.FROZEN)
        uow.heads.create(Head(log.number, 0, EMPTY_ROOT, b"", 0, opened_at))
        return uow.logs.get(log.number)
    if found.vkey != verifier.vkey:
        raise ForkDetected(f"{origin} has another key here")
    return found


def adopt_entries(
    uow: UnitOfWork,
    log: Log,
    entries: Iterable[bytes],
    signed: SignedCheckpoint,
    *,
    now: Instant,
    keeps_checkpoint: bool = True,
) -> int:
    """
    Take the entries from the head's on up to a signed checkpoint, and give how many.

    Args:
        uow: A writing unit of work; the caller commits.
        log: From `adopt_log`.
        entries: Those beyond the head, in order; from outside.
        signed: Checkpoint that they lead to, its signature checked.
        now: Present time.
        keeps_checkpoint: False where the caller stores it with the time of its signing.

    Raises:
        EntriesMissing: If there are fewer entries than the checkpoint covers.
        ForkDetected: If they make another tree than was signed.
    """
    uow.messages.lock(log.number)
    head = uow.heads.lock(log.number)
    size, root = signed.checkpoint.size, signed.checkpoint.root
    leaf_hashes = _store(uow, log, iter(entries), max(size - head.size, 0), now)
    if head.size + len(leaf_hashes) != size:
        raise EntriesMissing(f"{log.origin} has {size} entries, {len(leaf_hashes)} of them given")
    if not leaf_hashes:
        _require(head.root == root, log)
        return 0
    order = _order(uow, log, head, leaf_hashes)
    extended = extend_head(uow, log, head, leaf_hashes, order)
    _require(extended.root == root, log)
    if keeps_checkpoint:
        uow.checkpoints.add(StoredCheckpoint(log.number, size, root, signed.note, now))
    return len(leaf_hashes)


def _store(
    uow: UnitOfWork, log: Log, entries: Iterable[bytes], most: int, now: Instant
) -> list[bytes]:
    leaf_hashes: list[bytes] = []
    stream = iter(entries)
    while part := list(islice(stream, min(_CHUNK, most - len(leaf_hashes)))):
        readmit(uow, log, part, now)
        leaf_hashes += map(hash_leaf, part)
    return leaf_hashes


def _order(uow: UnitOfWork, log: Log, head: Head, leaf_hashes: Sequence[bytes]) -> list[int]:
    stored = Recovered.load(uow, log.number, head).admissions
    _require(stored.keys() == set(leaf_hashes) and len(stored) == len(leaf_hashes), log)
    return [stored[leaf_hash] for leaf_hash in leaf_hashes]


def _require(holds: bool, log: Log) -> None:
    if not holds:
        raise ForkDetected(f"the entries do not make the tree that {log.origin} has signed")
