"""
QBFT: a block is final when two thirds of the validators put their seals into it.

Committed seals are over the header with the round and without seals; the block's hash is over
the header with round 0 and without seals, so that it is one hash whoever sealed.

Source: Besu's `QbftExtraDataCodec`, `BftBlockHashing`, `BftCommitSealsValidationRule` and
`BftHelpers`; EIP-650 for the idea.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.errors import AnchorError, EncodingError
from attestation.evm import rlp
from attestation.evm.header import ADDRESS_LENGTH, NO_OMMERS, BlockHeader
from attestation.evm.seals import SEAL_LENGTH, ValidatorSet, recover_sealer, validators_at

MIX_HASH: Final = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
"""Of every block of this family: "ctical byzantine fault tolerance" in ASCII."""

VANITY_LENGTH: Final = 32
_PARTS: Final = 5
_ROUND_LENGTH: Final = 4
_DROP, _ADD = b"", b"\xff"


@dataclass(frozen=True, slots=True)
class QbftExtra:
    """The extra data of a QBFT header."""

    vanity: bytes
    """32 bytes."""
    validators: tuple[bytes, ...]
    """20 bytes each; none where a contract names them."""
    vote: tuple[bytes, bytes] | None
    """Whom a validator votes on, and 0xff to add or nothing to drop."""
    round: int
    """Of the consensus on this block, from 0."""
    seals: tuple[bytes, ...]
    """Committed seals, 65 bytes each."""

    def encode(self, *, round_number: int, seals: Sequence[bytes] = ()) -> bytes:
        """
        Write the extra data with another round and other seals.

        Source: Besu's `QbftExtraDataCodec.encode`.
        """
        vote: list[rlp.Item] = [] if self.vote is None else list(self.vote)
        return rlp.encode(
            [
                self.vanity,
                list(self.validators),
                vote,
                rlp.encode_integer(round_number),
                list(seals),
            ]
        )


def parse_qbft_extra(extra: bytes) -> QbftExtra:
    """
    Read a QBFT header's extra data.

    Raises:
        EncodingError: If it has another form.

    Source: Besu's `QbftExtraDataCodec.decodeRaw`.
    """
    parts = rlp.decode_list(extra)
    if len(parts) != _PARTS:
        raise EncodingError(f"QBFT extra data of {len(parts)} parts", code="encoding.qbft_extra")
    vanity, validators, vote, round_number, seals = parts
    return QbftExtra(
        rlp.require_bytes(vanity, VANITY_LENGTH),
        tuple(rlp.require_bytes(each, ADDRESS_LENGTH) for each in rlp.require_list(validators)),
        _parse_vote(rlp.require_list(vote)),
        rlp.require_integer(round_number, _ROUND_LENGTH),
        tuple(rlp.require_bytes(each, SEAL_LENGTH) for each in rlp.require_list(seals)),
    )


def qbft_block_hash(header: BlockHeader) -> bytes:
    """
    Give the hash by which a QBFT chain names this block, 32 bytes.

    Raises:
        EncodingError: If the extra data is not QBFT's.

    Source: Besu's `BftBlockHashing.calculateHashOfBftBlockOnChain`.
    """
    if header.number == 0:
        return header.keccak_hash
    return header.hash_with_extra(parse_qbft_extra(header.extra).encode(round_number=0))


def committed_seal_hash(header: BlockHeader) -> bytes:
    """
    Give what validators seal: the header with its round and without seals, hashed; 32 bytes.

    Raises:
        EncodingError: If the extra data is not QBFT's.

    Source: Besu's `BftBlockHashing.calculateDataHashForCommittedSeal`.
    """
    extra = parse_qbft_extra(header.extra)
    return header.hash_with_extra(extra.encode(round_number=extra.round))


def verify_qbft_finality(header: BlockHeader, *, validators: Sequence[ValidatorSet]) -> None:
    """
    Check that enough validators sealed a block, which makes it final.

    Args:
        header: From outside.
        validators: From the trust root.

    Raises:
        EncodingError: If the extra data is not QBFT's.
        AnchorError: If a field is not what QBFT allows, the header lists other validators, a
            seal is doubled or by somebody else, or fewer than two thirds sealed.

    Source: Besu's `BftCommitSealsValidationRule`, `BftValidatorsValidationRule`,
    `BftCoinbaseValidationRule`, `BftHelpers.calculateRequiredValidatorQuorum`.
    """
    members = validators_at(validators, header.number)
    extra = parse_qbft_extra(header.extra)
    if header.number == 0 or header.mix_hash != MIX_HASH or header.ommers_hash != NO_OMMERS:
        raise AnchorError("the genesis, or no QBFT header", code="verification.qbft_header")
    if header.difficulty != 1 or header.beneficiary not in members:
        raise AnchorError(
            "a difficulty other than 1, or a proposer who is no validator",
            code="verification.qbft_header",
        )
    if extra.validators and extra.validators != members:
        raise AnchorError(
            f"block {header.number} lists other validators", code="verification.validator_list"
        )
    digest = committed_seal_hash(header)
    _require_quorum([recover_sealer(digest, seal) for seal in extra.seals], members)


def quorum_of(count: int) -> int:
    """
    Give how many of `count` validators must seal: two thirds, rounded up.

    Source: Besu's `BftHelpers.calculateRequiredValidatorQuorum`.
    """
    return -(-2 * count // 3)


def _require_quorum(sealers: Sequence[bytes], members: Sequence[bytes]) -> None:
    distinct = set(sealers)
    if len(distinct) != len(sealers):
        raise AnchorError("a validator's seal stands twice", code="verification.seal_twice")
    strangers = distinct.difference(members)
    if strangers:
        raise AnchorError(
            f"0x{min(strangers).hex()} sealed and is no validator",
            code="verification.not_a_validator",
        )
    if len(distinct) < quorum_of(len(members)):
        raise AnchorError(
            f"{len(distinct)} seals, {quorum_of(len(members))} needed",
            code="verification.not_final",
        )


def _parse_vote(items: Sequence[rlp.Item]) -> tuple[bytes, bytes] | None:
    if not items:
        return None
    vote = [rlp.require_bytes(each) for each in items]
    if len(vote) != 2 or len(vote[0]) != ADDRESS_LENGTH or vote[1] not in (_DROP, _ADD):
        raise EncodingError("a vote of another form", code="encoding.qbft_extra")
    return vote[0], vote[1]
