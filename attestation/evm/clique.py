"""
Clique: one signer seals a block; blocks sealed on top of it by others make it final.

A signer may seal one of every ⌊n/2⌋ + 1 blocks, so that many blocks in a row are that many
signers. Finality is a depth, and the depth must be a majority.

Source: EIP-225; geth's `consensus/clique`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from attestation.errors import AnchorError
from attestation.evm.header import ADDRESS_LENGTH, NO_OMMERS, BlockHeader
from attestation.evm.seals import SEAL_LENGTH, ValidatorSet, recover_sealer, validators_at
from attestation.ids import ZERO_HASH

VANITY_LENGTH: Final = 32
_IN_TURN: Final = 2
_OUT_OF_TURN: Final = 1
_VOTES: Final = (bytes(8), b"\xff" * 8)
_LONDON_FIELDS: Final = 16


def seal_hash(header: BlockHeader) -> bytes:
    """
    Give what a signer seals: the header without its seal, hashed; 32 bytes.

    Raises:
        AnchorError: If the extra data is too short to have a seal.

    Source: EIP-225, `extraSeal`; geth's `SealHash`.
    """
    if len(header.extra) < VANITY_LENGTH + SEAL_LENGTH:
        raise AnchorError("extra data without a seal", code="verification.clique_header")
    return header.hash_with_extra(header.extra[:-SEAL_LENGTH])


def recover_signer(header: BlockHeader) -> bytes:
    """
    Give the address that sealed a block, 20 bytes; whether it may is another question.

    Raises:
        AnchorError: If there is no seal, or no key made it.

    Source: EIP-225.
    """
    return recover_sealer(seal_hash(header), header.extra[-SEAL_LENGTH:])


def verify_clique_header(header: BlockHeader, signers: Sequence[bytes]) -> bytes:
    """
    Check one header against the signers known for it, and give the one who sealed it.

    Args:
        header: From outside.
        signers: Addresses that may seal this block, ascending.

    Raises:
        AnchorError: If a field is not what Clique allows, the signer is not among those known,
            or the difficulty is not the one of its turn.

    Source: EIP-225, authorizing a block; geth's `verifyHeader` and `verifySeal`.
    """
    signer = recover_signer(header)
    if header.number == 0 or len(header.fields) > _LONDON_FIELDS:
        raise AnchorError(
            "the genesis, or a fork that Clique has not", code="verification.clique_header"
        )
    if header.mix_hash != ZERO_HASH or header.ommers_hash != NO_OMMERS:
        raise AnchorError(
            "a mix hash or ommers in a Clique header", code="verification.clique_header"
        )
    if header.nonce not in _VOTES:
        raise AnchorError("a nonce that is no vote", code="verification.clique_header")
    _require_signer_list(header, signers)
    if signer not in signers:
        raise AnchorError(
            f"0x{signer.hex()} sealed block {header.number} and is no validator",
            code="verification.not_a_validator",
        )
    in_turn = signers[header.number % len(signers)] == signer
    if header.difficulty != (_IN_TURN if in_turn else _OUT_OF_TURN):
        raise AnchorError(
            "a difficulty that is not the signer's turn", code="verification.clique_header"
        )
    return signer


def verify_clique_finality(
    header: BlockHeader,
    following: Sequence[BlockHeader],
    *,
    depth: int,
    validators: Sequence[ValidatorSet],
) -> None:
    """
    Check that a block was sealed, and `depth` blocks on top of it, by enough signers.

    Args:
        header: The block in question; from outside.
        following: The blocks after it, without a gap; from outside.
        depth: How many blocks after it make it final.
        validators: From the trust root.

    Raises:
        AnchorError: If a header does not hold, does not follow the one before it, is sealed by
            one who sealed too recently, or if there are too few blocks or too few signers after.

    Source: EIP-225; `docs/formats/chain-evidence.md`, Clique.
    """
    chain = (header, *following)
    for before, after in pairwise(chain):
        _require_child(before, after)
    sealers: list[bytes] = []
    for each in chain:
        signers = validators_at(validators, each.number)
        sealer = verify_clique_header(each, signers)
        recent = len(signers) // 2
        if recent and sealer in sealers[-recent:]:
            raise AnchorError(
                f"the signer of block {each.number} sealed too recently",
                code="verification.sealed_recently",
            )
        sealers.append(sealer)
    majority = len(validators_at(validators, header.number)) // 2 + 1
    if len(following) < depth or len(set(sealers[1:])) < majority:
        raise AnchorError(
            f"{len(following)} blocks by {len(set(sealers[1:]))} signers follow,"
            f" {depth} by {majority} needed",
            code="verification.not_final",
        )


def _require_child(before: BlockHeader, after: BlockHeader) -> None:
    if (
        after.parent_hash != before.keccak_hash
        or after.number != before.number + 1
        or after.timestamp_s < before.timestamp_s
    ):
        raise AnchorError(
            f"header {after.number} does not follow header {before.number}",
            code="verification.header_chain",
        )


def _require_signer_list(header: BlockHeader, signers: Sequence[bytes]) -> None:
    """An epoch's block lists the signers; every other lists none."""
    listed = header.extra[VANITY_LENGTH:-SEAL_LENGTH]
    if listed and listed != b"".join(signers):
        raise AnchorError(
            f"block {header.number} lists {len(listed) // ADDRESS_LENGTH} other signers",
            code="verification.validator_list",
        )
