"""A chain in memory that reorganises on command: blocks, receipts and log records."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attestation.ids import keccak256
from chain.client import BlockName
from chain.values import Block, RawLog, Receipt


class MemoryChain:
    """
    Answers as a node would; a test says which blocks there are and what they hold.

    `before_logs` runs once when log records are asked for: a change in the middle of a reading.
    """

    def __init__(self) -> None:
        self.blocks = [self._block(0, bytes(32), "genesis")]
        self.records: list[RawLog] = []
        self.receipts: dict[bytes, Receipt] = {}
        self.known: set[bytes] = set()
        self.finalized: int | None = None
        self.before_logs: Callable[[], None] = lambda: None
        self.log_ranges: list[tuple[int, int]] = []

    def mine(self, count: int = 1, *, fork: str = "") -> None:
        """Add blocks; those of another fork have other hashes."""
        for _ in range(count):
            parent = self.blocks[-1]
            self.blocks.append(self._block(parent.number + 1, parent.hash, fork))

    def emit(self, address: bytes, topics: tuple[bytes, ...], data: bytes = b"") -> None:
        """Mine a block with one log record."""
        self.mine()
        block = self.blocks[-1]
        self.records.append(
            RawLog(address, topics, data, block.number, block.hash, bytes(32), len(self.records))
        )

    def include(self, tx_hash: bytes, *, succeeded: bool = True) -> None:
        """Mine a block with one transaction."""
        self.mine()
        block = self.blocks[-1]
        self.known.add(tx_hash)
        self.receipts[tx_hash] = Receipt(
            tx_hash, block.number, block.hash, succeeded, 21_000, None, ()
        )

    def reorganise(self, depth: int) -> None:
        """Replace the newest blocks by others without records; receipts stay, as on some nodes."""
        del self.blocks[-depth:]
        self.mine(depth, fork="other")
        hashes = {block.hash for block in self.blocks}
        self.records = [record for record in self.records if record.block_hash in hashes]

    def block(self, name: BlockName) -> Block | None:
        if name == "finalized":
            return None if self.finalized is None else self.blocks[self.finalized]
        if name == "latest":
            return self.blocks[-1]
        return self.blocks[name] if isinstance(name, int) and name < len(self.blocks) else None

    def block_number(self) -> int:
        return self.blocks[-1].number

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        return self.receipts.get(tx_hash)

    def has_transaction(self, tx_hash: bytes) -> bool:
        return tx_hash in self.known

    def logs(
        self, addresses: Sequence[bytes], *, from_block: int, to_block: int
    ) -> tuple[RawLog, ...]:
        self.log_ranges.append((from_block, to_block))
        change, self.before_logs = self.before_logs, lambda: None
        change()
        return tuple(
            record
            for record in self.records
            if record.address in addresses and from_block <= record.block_number <= to_block
        )

    @staticmethod
    def _block(number: int, parent_hash: bytes, fork: str) -> Block:
        block_hash = keccak256(parent_hash + fork.encode())
        return Block(number, block_hash, parent_hash, 1_700_000_000 + number, 30_000_000, None)
