"""
Going back: a log whose database is older than what it has signed finds its entries again.

It signs nothing meanwhile. The order comes from hash tiles that others kept, checked against the
anchored root and against every checkpoint of ours that a source still holds; the bytes come from
mirrors, from gateways, and from what was admitted here and not integrated. When all are found,
they are integrated in exactly that order, and the checkpoint that results is the one signed
before. What cannot be found makes a successor log, never a silent new order.

Source: DESIGN section 6, going back; RFC 9162, section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from attestation.enums import LogState
from attestation.errors import EncodingError, VerificationError
from attestation.instants import Instant
from attestation.merkle import CompactRange, hash_leaf
from attestation.notes import NoteSigner, parse_vkey
from attestation.tiles import TILE_WIDTH
from ledger.errors import EntriesMissing, ForkDetected, NotIntegrated
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.recovered import Recovered, integrate_recovered
from ledger.log.sequencing import Receipts
from ledger.log.sources import LogSource, SignedCheckpoint
from ledger.ports import Anchorer, LatestAnchor
from ledger.repositories.logs import Head, Log, LogNumber
from ledger.unit_of_work import UnitOfWork, UnitOfWorkFactory

_CHUNK: Final = 1024
"""Leaf hashes checked at a time."""

Readmit = Callable[[UnitOfWork, Log, Sequence[bytes], Instant], None]
"""
Stores entries that the log once held, as admission stores new ones, without judging or answering.

Its order is of no account; an entry that is stored already is passed over.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What has to be reproduced."""

    size: int
    root: bytes
    leaf_hashes: tuple[bytes, ...]
    """Of the missing entries `[head size, size)`, checked against the root."""


@dataclass(slots=True)
class _Search:
    """A recovery under way; it may be begun again at any time."""

    target: Target
    missing: set[bytes]
    """Leaf hashes whose bytes nobody has given yet."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the recovery of a log has come."""

    origin: str
    start: int
    """First missing index."""
    end: int
    """Size to be reproduced."""
    missing: tuple[tuple[int, int], ...]
    """Ranges `[first, end)` of indexes whose bytes nobody has given yet."""
    is_recovered: bool = False


class Recovery:
    """
    Recovers logs.

    Args:
        units: Makes writing units of work.
        anchorer: The chain.
        signer_of: Gives a log's key by its origin.
        readmit: Stores what is found.
        receipts: Writes what is owed to devices once the log is whole.
        requests: Notes that a log wants to be anchored.
    """

    def __init__(
        self,
        units: UnitOfWorkFactory,
        anchorer: Anchorer,
        signer_of: Callable[[str], NoteSigner],
        *,
        readmit: Readmit,
        receipts: Receipts,
        requests: AnchorRequests,
    ) -> None:
        self._units = units
        self._anchorer = anchorer
        self._signer_of = signer_of
        self._readmit = readmit
        self._receipts = receipts
        self._requests = requests
        self._searches: dict[LogNumber, _Search] = {}

    def recover(self, number: LogNumber, sources: Sequence[LogSource], *, now: Instant) -> Progress:
        """
        Ask the sources for what is missing and integrate it if it is all there; may be repeated.

        Raises:
            EntriesMissing: If no source can say in which order the missing entries stood.
            ForkDetected: If sources hold two checkpoints under our key that contradict.
        """
        # 1. Learn the order: leaf hashes that lead to the anchored root.
        # 2. Fetch the bytes from mirrors; gateways bring theirs by `offer`.
        # 3. With all bytes there, integrate them in that order and sign the checkpoint again.
        with self._units() as uow:
            log, head = uow.logs.get(number), uow.heads.get(number)
        if log.state is not LogState.RECOVERING:
            return Progress(log.origin, head.size, head.size, (), is_recovered=True)
        search = self._search(log, head, sources)
        for source in sources:
            self._fetch(log, head, search, source, now)
        return self._finish(log, head, search, now)

    def offer(self, number: LogNumber, entries: Iterable[bytes], *, now: Instant) -> int:
        """
        Take bytes that a gateway sent again; those that are missing are stored.

        Args:
            number: A log for which `recover` has found the order.
            entries: From outside; checked by their leaf hashes alone.
            now: Present time.

        Returns:
            How many were missing. Whoever sent the rest sends it again after the recovery.
        """
        search = self._searches.get(number)
        if search is None:
            return 0
        with self._units() as uow:
            log = uow.logs.get(number)
        return self._store(log, search, entries, now)

    # --- the order ---------------------------------------------------------------------------

    def _search(self, log: Log, head: Head, sources: Sequence[LogSource]) -> _Search:
        known = self._searches.get(log.number)
        if known is not None:
            return known
        target = self._find_order(log, head, sources)
        with self._units() as uow:
            have = Recovered.load(uow, log.number, head).admissions
        search = _Search(target, set(target.leaf_hashes) - have.keys())
        self._searches[log.number] = search
        return search

    def _find_order(self, log: Log, head: Head, sources: Sequence[LogSource]) -> Target:
        latest = self._anchorer.latest(log.log_id)
        for source in sorted(sources, key=lambda each: -_size(each, log)):
            target = _order_from(source, log, head, latest)
            if target is not None:
                return target
        raise EntriesMissing(
            f"no source has the hash tiles of {log.origin} from {head.size} on", log=log.origin
        )

    # --- the bytes ---------------------------------------------------------------------------

    def _fetch(
        self, log: Log, head: Head, search: _Search, source: LogSource, now: Instant
    ) -> None:
        for number in _bundles(search, head.size):
            try:
                entries = source.entries(number, size=search.target.size) or []
            except EncodingError:
                continue  # a damaged bundle; another source may have it whole
            self._store(log, search, entries, now)

    def _store(self, log: Log, search: _Search, entries: Iterable[bytes], now: Instant) -> int:
        hashed = {hash_leaf(entry): entry for entry in entries}
        found = {leaf: entry for leaf, entry in hashed.items() if leaf in search.missing}
        if found:
            with self._units() as uow:
                uow.messages.lock(log.number)
                self._readmit(uow, log, list(found.values()), now)
                # Commit point: these bytes need not be found again.
                uow.commit()
        search.missing -= found.keys()
        return len(found)

    # --- the end -----------------------------------------------------------------------------

    def _finish(self, log: Log, head: Head, search: _Search, now: Instant) -> Progress:
        target = search.target
        if search.missing:
            missing = _indexes(search, head.size)
            return Progress(log.origin, head.size, target.size, _runs(missing))
        with self._units() as uow:
            uow.messages.lock(log.number)
            locked = uow.heads.lock(log.number)
            if locked.size != head.size:
                raise ForkDetected(f"{log.origin} grew while it was recovering")
            integrate_recovered(
                uow,
                log,
                locked,
                target.leaf_hashes,
                root=target.root,
                signer=self._signer_of(log.origin),
                receipts=self._receipts,
                requests=self._requests,
                now=now,
            )
            uow.logs.set_state(log.number, LogState.ACTIVE)
            # Commit point: the log has again everything it ever signed, and may sign.
            uow.commit()
        del self._searches[log.number]
        return Progress(log.origin, head.size, target.size, (), is_recovered=True)


def _size(source: LogSource, log: Log) -> int:
    signed = _checkpoint_of(source, log)
    return -1 if signed is None else signed.checkpoint.size


def _checkpoint_of(source: LogSource, log: Log) -> SignedCheckpoint | None:
    try:
        return source.checkpoint(parse_vkey(log.vkey))
    except (EncodingError, VerificationError):
        return None  # a source that serves nonsense is no source


def _order_from(
    source: LogSource, log: Log, head: Head, latest: LatestAnchor | None
) -> Target | None:
    """Read the missing leaf hashes from a source, if they lead to its checkpoint and the anchor."""
    signed = _checkpoint_of(source, log)
    if signed is None or signed.checkpoint.size < max(head.size, latest.size if latest else 0):
        return None
    size, root = signed.checkpoint.size, signed.checkpoint.root
    try:
        leaf_hashes = tuple(source.leaf_hashes(head.size, size, size=size))
    except NotIntegrated:
        return None
    tree = CompactRange.from_bytes(head.size, head.compact_range)
    anchored = latest.size if latest else head.size
    cut = max(anchored - head.size, 0)
    _append(tree, leaf_hashes[:cut])
    if latest is not None and latest.size >= head.size and tree.root() != latest.root:
        return None
    _append(tree, leaf_hashes[cut:])
    return Target(size, root, leaf_hashes) if tree.root() == root else None


def _append(tree: CompactRange, leaf_hashes: Sequence[bytes]) -> None:
    for at in range(0, len(leaf_hashes), _CHUNK):
        tree.append_many(leaf_hashes[at : at + _CHUNK])


def _indexes(search: _Search, start: int) -> list[int]:
    """List the indexes of the entries that are missing."""
    return [
        index
        for index, leaf in enumerate(search.target.leaf_hashes, start)
        if leaf in search.missing
    ]


def _bundles(search: _Search, start: int) -> list[int]:
    """List the numbers of the entry bundles that hold missing entries."""
    return list(dict.fromkeys(index // TILE_WIDTH for index in _indexes(search, start)))


def _runs(indexes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for index in indexes:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return tuple(runs)
