"""
A chain in memory that keeps what `ledger.ports.Relay` promises.

It has a pool, blocks, nonces and finality by depth; it can be reorganised and lose its pool. It
does not mine by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from attestation.errors import Error, Retry
from ledger.ports import PreparedTransaction, TransactionState, TransactionStatus

SENDER = b"\x0a" * 20


class Refused(Error):
    """The contract refuses it."""

    code = "chain.reverted"


class Away(Error):
    """No node answers."""

    code = "chain.node_unavailable"
    retry = Retry.LATER


@dataclass
class MemoryRelay:
    """One account on a chain whose blocks are final after `depth` more."""

    depth: int = 0
    account: bytes = SENDER
    blocks: list[list[bytes]] = field(default_factory=lambda: [[]])
    pool: list[bytes] = field(default_factory=list)
    refusing: set[bytes] = field(default_factory=set)
    """Call data that the contract refuses before it is sent."""
    failing: set[bytes] = field(default_factory=set)
    """Call data that is refused in its block."""
    used: dict[bytes, bool | None] = field(default_factory=dict)
    """Acts that somebody else has sent."""
    sent: list[bytes] = field(default_factory=list)
    is_away: bool = False
    loses: bool = False
    """Whether what is sent is lost."""
    taken: int = 0
    """Nonces that a stranger's transactions used."""

    @property
    def sender(self) -> bytes:
        """The account that pays."""
        return self.account

    def next_nonce(self) -> int:
        """Count the transactions in blocks."""
        self._ask()
        return self.taken + sum(len(block) for block in self.blocks)

    def prepare(self, to: bytes, data: bytes, *, nonce: int) -> PreparedTransaction:
        """Sign a call with a fee of one."""
        self._ask()
        if data in self.refusing:
            raise Refused("Registry_StateDiffers")
        return self._signed(data, nonce, 1)

    def replace(self, raw: bytes) -> PreparedTransaction:
        """Sign the same with one more."""
        nonce, fee, data = raw.split(b"/", 2)
        return self._signed(data, int(nonce), int(fee) + 1)

    def send(self, raw: bytes) -> None:
        """Take a transaction into the pool."""
        self._ask()
        self.sent.append(raw)
        if not self.loses and raw not in self.pool and self._block_of(raw) is None:
            self.pool.append(raw)

    def status(self, tx_hash: bytes, *, nonce: int) -> TransactionStatus:
        """Say where a transaction stands."""
        self._ask()
        for number, block in enumerate(self.blocks):
            for raw in block:
                if sha256(raw).digest() == tx_hash:
                    is_final = number + self.depth < len(self.blocks)
                    state = TransactionState.FINAL if is_final else TransactionState.INCLUDED
                    succeeded = raw.split(b"/", 2)[2] not in self.failing
                    return TransactionStatus(state, number, self._hash(number), succeeded)
        if any(sha256(raw).digest() == tx_hash for raw in self.pool):
            return TransactionStatus(TransactionState.WAITING)
        is_replaced = nonce < self.next_nonce()
        return TransactionStatus(
            TransactionState.REPLACED if is_replaced else TransactionState.UNKNOWN
        )

    def refusal(self, raw: bytes, *, block_number: int) -> str:
        """Say why."""
        return f"Registry_Late in block {block_number}"

    def is_used(self, contract: str, address: bytes, digest: bytes) -> bool | None:
        """Say whether somebody has sent an act."""
        self._ask()
        return self.used.get(digest, False)

    # --- what happens on the chain ---------------------------------------------------------------

    def mine(self, count: int = 1) -> None:
        """Make blocks; the first takes the whole pool."""
        for _ in range(count):
            self.blocks.append(self.pool)
            self.pool = []

    def reorganise(self) -> None:
        """Replace the newest block by an empty one; what it held is in the pool again."""
        self.pool = self.blocks.pop()
        self.blocks.append([])

    def _signed(self, data: bytes, nonce: int, fee: int) -> PreparedTransaction:
        raw = b"%d/%d/" % (nonce, fee) + data
        return PreparedTransaction(raw, sha256(raw).digest(), nonce)

    def _block_of(self, raw: bytes) -> int | None:
        return next((number for number, block in enumerate(self.blocks) if raw in block), None)

    def _hash(self, number: int) -> bytes:
        return sha256(b"%d/" % number + b"".join(self.blocks[number])).digest()

    def _ask(self) -> None:
        if self.is_away:
            raise Away("no node answers")
