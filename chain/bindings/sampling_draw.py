"""
SamplingDraw: seeds of samples that nobody could choose.

Source: `contracts/interfaces/ISamplingDraw.sol`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.ids import ZERO_HASH
from chain.client import BlockName, ChainClient
from chain.contract import Contract
from chain.sampling_acts import NonceCommitment, SamplingPlan
from chain.values import Call


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw; of three, the first is the verifier, then enterprise and authority."""

    plan_hash: bytes
    population_root: bytes
    population_size: int
    frozen_at: int
    """Block in which the plan was frozen."""
    draw_block: int
    """Block whose hash goes into the seed."""
    reveal_until_s: int
    """First second at which no nonce is taken any more; 0 while the block hash is not stored."""
    draw_version: int
    is_strict: bool
    """Whether a nonce is missing; known when settled."""
    is_settled: bool
    block_hash: bytes | None
    seed: bytes | None
    """None while not settled."""
    parties: tuple[bytes, ...]
    """Party ids."""
    commitments: tuple[bytes | None, ...]
    nonces: tuple[bytes | None, ...]
    """None for one that was not revealed."""


class SamplingDraw:
    """The contract at an address."""

    NAME: Final = "SamplingDraw"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def commit_nonce(
        self, act: NonceCommitment, *, initiator_signature: bytes, approver_signature: bytes
    ) -> Call:
        """Fix a party's nonce for a draw to come."""
        return self.contract.call(
            "commitNonce", act.values(), initiator_signature, approver_signature
        )

    def freeze_plan(
        self,
        act: SamplingPlan,
        *,
        lead_verifier_signature: bytes,
        technical_reviewer_signature: bytes,
    ) -> Call:
        """Freeze a plan."""
        return self.contract.call(
            "freezePlan", act.values(), lead_verifier_signature, technical_reviewer_signature
        )

    def store_block_hash(self, inventory_id: bytes, version: int, draw: int) -> Call:
        """Store the hash of the draw block; anybody may."""
        return self.contract.call("storeBlockHash", inventory_id, version, draw)

    def reveal(
        self, inventory_id: bytes, version: int, draw: int, *, party: bytes, nonce: bytes
    ) -> Call:
        """Reveal a party's nonce; whoever knows it may."""
        return self.contract.call("reveal", inventory_id, version, draw, party, nonce)

    def settle(self, inventory_id: bytes, version: int, draw: int) -> Call:
        """Settle a draw whose time to reveal is over; anybody may."""
        return self.contract.call("settle", inventory_id, version, draw)

    def draw(
        self, inventory_id: bytes, version: int, number: int, *, at: BlockName = "latest"
    ) -> Draw | None:
        """Read a draw; None if there is none of that number."""
        fields = self.contract.read("drawOf", inventory_id, version, number, at=at)
        if fields["planHash"] == ZERO_HASH:
            return None
        return Draw(
            plan_hash=fields["planHash"],
            population_root=fields["populationRoot"],
            population_size=fields["populationSize"],
            frozen_at=fields["frozenAt"],
            draw_block=fields["drawBlock"],
            reveal_until_s=fields["revealUntil"],
            draw_version=fields["drawVersion"],
            is_strict=fields["isStrict"],
            is_settled=fields["isSettled"],
            block_hash=_word(fields["blockHash"]),
            seed=_word(fields["seed"]),
            parties=tuple(fields["parties"]),
            commitments=tuple(_word(each) for each in fields["commitments"]),
            nonces=tuple(_word(each) for each in fields["nonces"]),
        )

    def draw_count(self, inventory_id: bytes, version: int) -> int:
        """Read how many plans were frozen for a version."""
        return int(self.contract.read("drawCount", inventory_id, version))

    def committed(self, inventory_id: bytes, version: int, draw: int, party: bytes) -> bytes | None:
        """Read what a party committed to for a draw; None for nothing."""
        return _word(self.contract.read("committed", inventory_id, version, draw, party))

    def draw_blocks(self) -> int:
        """Read how many blocks lie between a frozen plan and its draw block."""
        return int(self.contract.read("DRAW_BLOCKS"))


def _word(content: bytes) -> bytes | None:
    return None if content == ZERO_HASH else content
