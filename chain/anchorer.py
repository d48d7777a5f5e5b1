"""
What the ledger asks of a chain: sign an anchor, send it, say where it is, prove it.

The methods are those of the `Anchorer` in `ledger/ports.py`. Nothing that matters is remembered
here: the caller stores, and asks again after a restart.

Source: DESIGN section 6 (anchoring); LOG section 3 (outbox and anchoring).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attestation.body_fields import write_body
from attestation.bundle import Profile
from attestation.ids import keccak256
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.client import ChainClient
from chain.events import DEFAULT_RANGE_BLOCKS, decode_events
from chain.evidence import BlockEvidence, capture_evidence
from chain.finality import Depth, FinalityPolicy, locate_transaction
from chain.raw_transactions import parse_transaction
from chain.reverts import error_name
from chain.transactions import TransactionSender
from chain.values import (
    AnchorTarget,
    FoundAnchor,
    LatestAnchor,
    Receipt,
    SignedTransaction,
    TransactionState,
    TransactionStatus,
)


class ChainAnchorer:
    """
    One operator key on one chain under one finality rule; used from one thread at a time.

    Args:
        client: The node, already checked to be of this chain.
        sender: The operator's transactions.
        registry: CheckpointRegistry.
        device_registry: Address of DeviceRegistry, 20 bytes.
        finality: When a block can no longer go away.
        profile: What shows offline who sealed a block of this chain.
        first_block: The registry's own block: no anchor is older.
    """

    def __init__(
        self,
        client: ChainClient,
        sender: TransactionSender,
        *,
        registry: CheckpointRegistry,
        device_registry: bytes,
        finality: FinalityPolicy,
        profile: Profile,
        first_block: int,
    ) -> None:
        self._client = client
        self._sender = sender
        self._registry = registry
        self._device_registry = device_registry
        self._finality = finality
        self._profile = profile
        self._first_block = first_block
        # Only to tell a transaction that was replaced from one that was lost; after a restart
        # it fills again when the caller sends again.
        self._nonces: dict[bytes, int] = {}

    @property
    def chain_id(self) -> str:
        """CAIP-2 name of the chain."""
        return f"eip155:{self._sender.chain_id}"

    @property
    def operator(self) -> bytes:
        """Address that anchors, 20 bytes."""
        return self._sender.address

    def next_nonce(self) -> int:
        """Fetch the nonce after the last one used in the canonical chain."""
        return self._sender.next_nonce()

    def prepare(
        self, targets: Sequence[AnchorTarget], *, nonce: int | None = None
    ) -> SignedTransaction:
        """
        Sign one transaction that anchors all targets; nothing is sent.

        One target alone is refused here and now where the chain would refuse it, a fork above
        all; of several the chain skips a bad one and the others stand.

        Raises:
            Reverted: If the only target is refused.
            FeeTooHigh: If gas costs more than the ceiling.
        """
        call = (
            self._registry.anchor(targets[0])
            if len(targets) == 1
            else self._registry.anchor_many(targets)
        )
        return self._remembered(self._sender.prepare(call, nonce=nonce))

    def replace(self, raw: bytes) -> SignedTransaction:
        """Sign the same call with the same nonce and a higher fee; at most one gets in."""
        return self._remembered(self._sender.replace(raw))

    def send(self, raw: bytes) -> None:
        """
        Hand a signed transaction to the node; sending it again is harmless.

        Raises:
            Dropped: If another transaction took its nonce.
            Underpriced: If its fee is too low.
            InsufficientFunds: If the operator cannot pay.
        """
        nonce = parse_transaction(raw, self._sender.chain_id).nonce
        self._sender.send(self._remembered(SignedTransaction(raw, keccak256(raw), nonce)))

    def status(self, tx_hash: bytes) -> TransactionStatus:
        """Say where a transaction stands in the canonical chain, and what it anchored."""
        # Asked before the transaction: asked after, one that gets in between looks replaced.
        next_nonce = self._sender.next_nonce()
        state, receipt = locate_transaction(self._client, tx_hash, self._finality)
        if receipt is not None:
            return self._outcome(state, receipt)
        is_replaced = (
            state is TransactionState.UNKNOWN and self._nonces.get(tx_hash, next_nonce) < next_nonce
        )
        return TransactionStatus(TransactionState.REPLACED if is_replaced else state)

    def find(self, log_id: bytes, size: int) -> FoundAnchor | None:
        """Find the canonical `Anchored` event of a checkpoint, whoever sent it; newest first."""
        contract = self._registry.contract
        topics = ((contract.interface.topic("Anchored"),), (log_id,))
        final_block = self._finality.final_block(self._client)
        for first, last in self._ranges_from_the_newest():
            logs = self._client.logs(
                [contract.address], from_block=first, to_block=last, topics=topics
            )
            for event in decode_events([contract.source], logs):
                if event.arguments["size"] == size:
                    return FoundAnchor(
                        size=size,
                        root=event.arguments["root"],
                        tx_hash=event.log.transaction_hash,
                        block_number=event.log.block_number,
                        block_hash=event.log.block_hash,
                        is_final=event.log.block_number <= final_block,
                    )
        return None

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """Read a log's newest checkpoint, as of the newest block or the newest final one."""
        if not final:
            return self._registry.latest(log_id)
        final_block = self._finality.final_block(self._client)
        if final_block < self._first_block:
            return None
        return self._registry.latest(log_id, at=final_block)

    def capture(
        self, log_id: bytes, kids: Sequence[bytes], *, block_number: int
    ) -> dict[str, object]:
        """
        Capture header and storage proofs of one canonical block, checked.

        Args:
            log_id: Log whose checkpoint is proved.
            kids: Keys whose slots are proved, 32 bytes each.
            block_number: The anchor's block, or a later one.

        Returns:
            The chain section of a bundle, ready for JSON (`attestation.bundle.ChainEvidence`).

        Raises:
            NodeUnavailable: If the node no longer has that state.
            EvidenceUnsound: If what it gives does not hold.
            Reorganised: If the block was replaced meanwhile.
        """
        depth = self._finality.blocks if isinstance(self._finality, Depth) else 0
        evidence = capture_evidence(
            self._client,
            BlockEvidence(
                profile=self._profile,
                chain=self.chain_id,
                block_number=block_number,
                checkpoint_registry=self._registry.contract.address,
                device_registry=self._device_registry,
                log_id=log_id,
                kids=tuple(kids),
                following=depth if self._profile is Profile.CLIQUE else 0,
            ),
        )
        return dict(write_body(evidence))

    def _remembered(self, signed: SignedTransaction) -> SignedTransaction:
        self._nonces[signed.tx_hash] = signed.nonce
        return signed

    def _outcome(self, state: TransactionState, receipt: Receipt) -> TransactionStatus:
        events = decode_events([self._registry.contract.source], receipt.logs)
        return TransactionStatus(
            state=state,
            block_number=receipt.block_number,
            block_hash=receipt.block_hash,
            succeeded=receipt.succeeded,
            anchored=tuple(
                (event.arguments["logId"], event.arguments["size"], event.arguments["root"])
                for event in events
                if event.name == "Anchored"
            ),
            skipped=tuple(
                (
                    event.arguments["logId"],
                    event.arguments["size"],
                    error_name(event.arguments["reason"]),
                )
                for event in events
                if event.name == "AnchorSkipped"
            ),
        )

    def _ranges_from_the_newest(self) -> Iterator[tuple[int, int]]:
        last = self._client.block_number()
        while last >= self._first_block:
            first = max(self._first_block, last - DEFAULT_RANGE_BLOCKS + 1)
            yield first, last
            last = first - 1
