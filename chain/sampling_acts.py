"""
The acts that SamplingDraw takes: nonces fixed beforehand, and the plan that is frozen.

Each is signed by two persons of one party.

Source: `contracts/interfaces/ISamplingDraw.sol`; CONTRACTS section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

from chain.inventory_acts import About
from chain.typed_data import Act, Address, Text, Uint16, Uint32, Uint64, Uint256, Word


@dataclass(frozen=True, slots=True)
class NonceCommitment(Act):
    """Enterprise or authority fixes its nonce for a draw to come, without showing it."""

    subject: About
    version: Uint32
    """Version whose sample is drawn."""
    draw: Uint32
    """Number of the draw for that version, from 1 on."""
    actor: Text
    """Code of the party."""
    commitment: Word
    """`attestation.sampling.commit_nonce` of the nonce."""
    initiator: Address
    approver: Address
    nonce: Uint256
    """Not the committed one."""
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class SamplingPlan(Act):
    """The verifier freezes a plan; by its lead verifier and its technical reviewer."""

    subject: About
    version: Uint32
    draw: Uint32
    """One more than the last."""
    verifier: Text
    plan_hash: Word
    """SHA-256 of the plan's document."""
    population_root: Word
    """Root of the checkpoint that was pinned for the version."""
    draw_version: Uint16
    commitment: Word
    """To the verifier's own nonce."""
    reason: Text
    """Why there is another plan; empty for the first only."""
    previous_state: Word
    lead_verifier: Address
    technical_reviewer: Address
    nonce: Uint256
    """Not the committed one."""
    deadline: Uint64
