"""
A chain in memory that keeps what `ledger.ports.Anchorer` promises.

It has blocks, a pool, nonces and finality by depth; it refuses a checkpoint that does not extend
the last one; it can be reorganised, forget its last blocks, and lose what is in its pool. It does
not mine by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from attestation.errors import ConsistencyError, Error
from attestation.merkle import EMPTY_ROOT, verify_consistency
from ledger.ports import (
    AnchorTarget,
    FoundAnchor,
    LatestAnchor,
    PreparedTransaction,
    TransactionState,
    TransactionStatus,
)


class NonceTaken(Error):
    """The nonce was used by another transaction."""

    code = "test.nonce_taken"


@dataclass(frozen=True)
class _Transaction:
    raw: bytes
    nonce: int
    fee: int
    targets: tuple[AnchorTarget, ...]

    @property
    def tx_hash(self) -> bytes:
        return sha256(self.raw).digest()


@dataclass
class _Block:
    number: int
    salt: int
    transactions: list[_Transaction] = field(default_factory=list)
    anchored: dict[bytes, list[tuple[bytes, int, bytes]]] = field(default_factory=dict)
    skipped: dict[bytes, list[tuple[bytes, int, str]]] = field(default_factory=dict)

    @property
    def block_hash(self) -> bytes:
        content = b"".join(transaction.tx_hash for transaction in self.transactions)
        return sha256(b"%d/%d/" % (self.number, self.salt) + content).digest()


class RecordingAnchorer:
    """
    One operator key on one chain.

    Args:
        finality_depth: Blocks that must follow for a block to be final; 0 means at once.
        operator: Address of the operator key.
    """

    def __init__(self, *, finality_depth: int = 0, operator: bytes = bytes(range(20))) -> None:
        self.finality_depth = finality_depth
        self._operator = operator
        self.blocks: list[_Block] = [_Block(0, 0)]
        self.pool: list[_Transaction] = []
        self.sent: list[bytes] = []
        """Every transaction handed over, in order, repetitions included."""
        self.captured: list[tuple[bytes, tuple[bytes, ...], int]] = []
        self._salt = 0

    # --- the port ------------------------------------------------------------------------------

    @property
    def chain_id(self) -> str:
        """CAIP-2 name."""
        return "eip155:31337"

    @property
    def operator(self) -> bytes:
        """Address of the operator key."""
        return self._operator

    def next_nonce(self) -> int:
        """Count the transactions in blocks."""
        return sum(len(block.transactions) for block in self.blocks)

    def prepare(self, targets: Sequence[AnchorTarget], *, nonce: int) -> PreparedTransaction:
        """Make a transaction; it is as deterministic as an RFC 6979 signature."""
        return _prepared(_Transaction(_encode(nonce, 100, targets), nonce, 100, tuple(targets)))

    def replace(self, raw: bytes) -> PreparedTransaction:
        """Make the same call with a higher fee."""
        old = _decode(raw)
        fee = old.fee + old.fee // 8
        return _prepared(
            _Transaction(_encode(old.nonce, fee, old.targets), old.nonce, fee, old.targets)
        )

    def send(self, raw: bytes) -> None:
        """Put a transaction into the pool."""
        self.sent.append(raw)
        transaction = _decode(raw)
        known = {each.tx_hash for each in (*self.pool, *self._included())}
        if transaction.tx_hash in known:
            return
        if transaction.nonce < self.next_nonce():
            raise NonceTaken(f"nonce {transaction.nonce} is used")
        rivals = [each for each in self.pool if each.nonce == transaction.nonce]
        if any(each.fee >= transaction.fee for each in rivals):
            raise NonceTaken("replacement transaction underpriced")
        self.pool = [each for each in self.pool if each.nonce != transaction.nonce]
        self.pool.append(transaction)

    def status(self, tx_hash: bytes) -> TransactionStatus:
        """Look a transaction up."""
        for block in self.blocks:
            for transaction in block.transactions:
                if transaction.tx_hash == tx_hash:
                    return self._in_block(block, tx_hash)
        for transaction in self.pool:
            if transaction.tx_hash == tx_hash:
                return TransactionStatus(TransactionState.WAITING)
        nonce = next((_decode(raw).nonce for raw in self.sent if _hash(raw) == tx_hash), None)
        is_replaced = nonce is not None and nonce < self.next_nonce()
        return TransactionStatus(
            TransactionState.REPLACED if is_replaced else TransactionState.UNKNOWN
        )

    def find(self, log_id: bytes, size: int) -> FoundAnchor | None:
        """Find an event."""
        for block in self.blocks:
            for tx_hash, events in block.anchored.items():
                for found_id, found_size, root in events:
                    if (found_id, found_size) == (log_id, size):
                        is_final = block.number <= self._final_number()
                        return FoundAnchor(
                            size, root, tx_hash, block.number, block.block_hash, is_final
                        )
        return None

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """Read the newest checkpoint."""
        last = self._final_number() if final else len(self.blocks)
        newest = None
        for block in self.blocks:
            for events in block.anchored.values():
                for found_id, size, root in events:
                    if found_id == log_id and block.number <= last:
                        newest = LatestAnchor(size, root, block.number)
        return newest

    def capture(
        self, log_id: bytes, kids: Sequence[bytes], *, block_number: int
    ) -> dict[str, object]:
        """Give a stand-in for storage proofs."""
        self.captured.append((log_id, tuple(kids), block_number))
        return {"profile": "test", "block": block_number, "kids": [kid.hex() for kid in kids]}

    # --- what the test does to it ------------------------------------------------------

    def mine(self, blocks: int = 1) -> None:
        """Seal blocks; the first takes what the pool has."""
        for _ in range(blocks):
            self._salt += 1
            block = _Block(len(self.blocks), self._salt)
            self.blocks.append(block)
            for transaction in sorted(self.pool, key=lambda each: each.nonce):
                if transaction.nonce == self.next_nonce():
                    block.transactions.append(transaction)
                    self._apply(block, transaction)
            included = {each.tx_hash for each in self._included()}
            self.pool = [each for each in self.pool if each.tx_hash not in included]

    def reorganise(self, depth: int, *, keep: bool = True) -> None:
        """Drop the last blocks; their transactions go back to the pool, or are lost."""
        depth = min(depth, len(self.blocks) - 1)
        dropped = self.blocks[len(self.blocks) - depth :]
        self.blocks = self.blocks[: len(self.blocks) - depth]
        self._salt += 1
        if keep:
            self.pool.extend(each for block in dropped for each in block.transactions)

    def lose_pool(self) -> None:
        """Forget what is not in a block."""
        self.pool.clear()

    def use_nonce(self) -> None:
        """Use the operator's next nonce for something that is not ours."""
        stranger = _Transaction(b"stranger %d" % self.next_nonce(), self.next_nonce(), 0, ())
        self.blocks.append(_Block(len(self.blocks), self._salt, [stranger]))

    def anchored_sizes(self, log_id: bytes) -> list[int]:
        """List the sizes in events, in order."""
        return [
            size
            for block in self.blocks
            for events in block.anchored.values()
            for found_id, size, _ in events
            if found_id == log_id
        ]

    # --- inside ----------------------------------------------------------------------------------

    def _included(self) -> list[_Transaction]:
        return [transaction for block in self.blocks for transaction in block.transactions]

    def _final_number(self) -> int:
        return len(self.blocks) - 1 - self.finality_depth

    def _in_block(self, block: _Block, tx_hash: bytes) -> TransactionStatus:
        is_final = block.number <= self._final_number()
        return TransactionStatus(
            TransactionState.FINAL if is_final else TransactionState.INCLUDED,
            block.number,
            block.block_hash,
            succeeded=True,
            anchored=tuple(block.anchored.get(tx_hash, ())),
            skipped=tuple(block.skipped.get(tx_hash, ())),
        )

    def _apply(self, block: _Block, transaction: _Transaction) -> None:
        for target in transaction.targets:
            latest = self.latest(target.log_id)
            if latest is not None and (latest.size, latest.root) == (target.size, target.root):
                continue
            try:
                verify_consistency(
                    old_size=latest.size if latest else 0,
                    old_root=latest.root if latest else EMPTY_ROOT,
                    new_size=target.size,
                    new_root=target.root,
                    proof=target.proof,
                )
            except ConsistencyError:
                skipped = block.skipped.setdefault(transaction.tx_hash, [])
                skipped.append((target.log_id, target.size, "inconsistent"))
            else:
                anchored = block.anchored.setdefault(transaction.tx_hash, [])
                anchored.append((target.log_id, target.size, target.root))


def _hash(raw: bytes) -> bytes:
    return sha256(raw).digest()


def _prepared(transaction: _Transaction) -> PreparedTransaction:
    return PreparedTransaction(transaction.raw, transaction.tx_hash, transaction.nonce)


def _encode(nonce: int, fee: int, targets: Sequence[AnchorTarget]) -> bytes:
    rows = [
        [each.log_id.hex(), each.size, each.root.hex(), [node.hex() for node in each.proof]]
        for each in targets
    ]
    return json.dumps([nonce, fee, rows]).encode()


def _decode(raw: bytes) -> _Transaction:
    nonce, fee, rows = json.loads(raw)
    targets = tuple(
        AnchorTarget(
            bytes.fromhex(log_id),
            size,
            bytes.fromhex(root),
            tuple(bytes.fromhex(node) for node in proof),
        )
        for log_id, size, root, proof in rows
    )
    return _Transaction(raw, nonce, fee, targets)
