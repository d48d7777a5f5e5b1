"""
CheckpointRegistry: the newest checkpoint of every log, and the refusal of forks.

Source: `contracts/interfaces/ICheckpointRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.ids import ZERO_HASH
from chain.acts import OpenLog, OperatorChange
from chain.client import BlockName, ChainClient
from chain.contract import Contract
from chain.values import AnchorTarget, Call, LatestAnchor


@dataclass(frozen=True, slots=True)
class LogRecord:
    """What is fixed about a log, and how it ended; times in block seconds."""

    party: bytes
    vkey_hash: bytes
    predecessor: bytes
    """Log id; zero for a first log."""
    successor: bytes
    """Log id; zero while there is none."""
    pending_operator: bytes
    """Address; zero while nobody is asked."""
    opened_at_s: int
    closed_at_s: int
    """0 while open."""
    generation: int


class CheckpointRegistry:
    """The registry at an address."""

    NAME: Final = "CheckpointRegistry"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def open_log(
        self,
        act: OpenLog,
        *,
        initiator_signature: bytes,
        approver_signature: bytes,
        operator_signature: bytes,
    ) -> Call:
        """Open a log; signatures of 65 bytes."""
        return self.contract.call(
            "openLog", act.values(), initiator_signature, approver_signature, operator_signature
        )

    def anchor(self, target: AnchorTarget) -> Call:
        """Make a checkpoint the newest of its log; refused as a whole if it is a fork."""
        return self.contract.call(
            "anchor", target.log_id, target.size, target.root, list(target.proof)
        )

    def anchor_many(self, targets: Sequence[AnchorTarget]) -> Call:
        """Anchor checkpoints of several logs; a bad one is skipped with an event."""
        anchors = [
            {
                "logId": target.log_id,
                "size": target.size,
                "root": target.root,
                "proof": list(target.proof),
            }
            for target in targets
        ]
        return self.contract.call("anchorMany", anchors)

    def pin(self, log_id: bytes) -> Call:
        """Keep the newest checkpoint for ever."""
        return self.contract.call("pin", log_id)

    def pin_earlier(self, target: AnchorTarget) -> Call:
        """Keep an earlier checkpoint for ever; the proof leads from it to the newest."""
        return self.contract.call(
            "pinEarlier", target.log_id, target.size, target.root, list(target.proof)
        )

    def propose_operator(
        self, act: OperatorChange, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Ask another account to operate a log."""
        return self.contract.call(
            "proposeOperator", act.values(), initiator_signature, approver_signature
        )

    def accept_operator(self, log_id: bytes) -> Call:
        """Accept to operate a log; to be sent by the account that was asked."""
        return self.contract.call("acceptOperator", log_id)

    def latest(self, log_id: bytes, at: BlockName = "latest") -> LatestAnchor | None:
        """Read a log's newest checkpoint; None before the first."""
        fields = self.contract.read("latest", log_id, at=at)
        if fields["size"] == 0:
            return None
        return LatestAnchor(fields["size"], fields["root"], fields["blockNumber"])

    def operator_of(self, log_id: bytes) -> bytes:
        """Read who anchors to a log, 20 bytes; zero where nobody does."""
        operator: bytes = self.contract.read("log", log_id)["operator"]
        return operator

    def log_record(self, log_id: bytes) -> LogRecord | None:
        """Read what is fixed about a log; None if it was never opened."""
        fields = self.contract.read("logRecord", log_id)
        if fields["party"] == ZERO_HASH:
            return None
        return LogRecord(
            party=fields["party"],
            vkey_hash=fields["vkeyHash"],
            predecessor=fields["predecessor"],
            successor=fields["successor"],
            pending_operator=fields["pendingOperator"],
            opened_at_s=fields["openedAt"],
            closed_at_s=fields["closedAt"],
            generation=fields["generation"],
        )

    def pinned_root(self, log_id: bytes, size: int) -> bytes | None:
        """Read the root that was pinned at a size, 32 bytes; None if none was."""
        root: bytes = self.contract.read("pinnedRoot", log_id, size)
        return None if root == ZERO_HASH else root

    def last_log_of(self, party: bytes) -> bytes | None:
        """Read the log a party has or had last, 32 bytes; None if it never had one."""
        log_id: bytes = self.contract.read("lastLogOf", party)
        return None if log_id == ZERO_HASH else log_id
