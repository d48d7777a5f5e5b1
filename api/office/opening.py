"""
The request that opens an enterprise's log on the chain: by two of its persons and the operator.

The operator drafts it, because the operator has made the log's key; whoever signs compares that key
with the trust root's.

Source: CONTRACTS section 2 (CheckpointRegistry); `contracts/interfaces/ICheckpointRegistry.sol`.
"""

from __future__ import annotations

from hashlib import sha256

from api.office.drafting import People, draw_nonce
from api.office.parts import ActPart
from api.office.request import SigningRequest
from attestation.ids import Origin
from attestation.instants import MILLISECONDS_PER_DAY, MILLISECONDS_PER_SECOND, Instant
from chain.acts import OpenLog


def opening_request(
    origin: Origin,
    vkey: str,
    *,
    chain_id: int,
    registry: bytes,
    operator: bytes,
    people: People,
    now: Instant,
    days: int,
) -> SigningRequest:
    """
    Draft the opening of an enterprise's first log.

    Args:
        origin: The log.
        vkey: Its key.
        chain_id: EIP-155 id of the chain.
        registry: Address of CheckpointRegistry, 20 bytes.
        operator: Address that will anchor, 20 bytes.
        people: The enterprise's persons.
        now: Present time.
        days: How long it may be signed and handed in.
    """
    end = now + days * MILLISECONDS_PER_DAY
    deadline = Instant(end - end % MILLISECONDS_PER_SECOND)
    act = OpenLog(
        credit_code=origin.usc,
        origin=str(origin),
        predecessor="",
        vkey_hash=sha256(vkey.encode()).digest(),
        operator=operator,
        initiator=people.initiator,
        approver=people.approver,
        nonce=draw_nonce(),
        deadline=deadline // MILLISECONDS_PER_SECOND,
    )
    return SigningRequest(
        title=f"Open the log {origin}"[:200],
        origin=origin,
        chain_id=chain_id,
        log_size=0,
        drafted_at=now,
        deadline=deadline,
        signers={**people.of(("initiator", "approver")), "operator": operator},
        parts=(ActPart(registry, act),),
    )
