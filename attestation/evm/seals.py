"""
Who sealed a block: recovering addresses, and the sets of validators one was told to trust.

Source: Ethereum Yellow Paper, appendix F (recovery); `docs/formats/chain-evidence.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import coincurve

from attestation.errors import AnchorError, EncodingError
from attestation.evm.header import ADDRESS_LENGTH
from attestation.ids import keccak256

SEAL_LENGTH: Final = 65


@dataclass(frozen=True, slots=True)
class ValidatorSet:
    """Who may seal from a block on, until the next set."""

    from_block: int
    addresses: tuple[bytes, ...]
    """20 bytes each, ascending, none twice."""

    def __post_init__(self) -> None:
        addresses = self.addresses
        if not addresses or any(len(address) != ADDRESS_LENGTH for address in addresses):
            raise EncodingError("a validator set of 20-byte addresses", code="encoding.validators")
        if list(addresses) != sorted(set(addresses)) or self.from_block < 0:
            raise EncodingError(
                "a validator set is ascending and names nobody twice", code="encoding.validators"
            )


def validators_at(sets: Sequence[ValidatorSet], number: int) -> tuple[bytes, ...]:
    """
    Give the validators that may seal block `number`, ascending.

    Args:
        sets: From the trust root, ascending by `from_block`.
        number: Of the block.

    Raises:
        AnchorError: If the block is before the first set.

    Source: `docs/formats/trust-root.md`.
    """
    known = [each for each in sets if each.from_block <= number]
    if not known:
        raise AnchorError(
            f"no validator set is known for block {number}", code="verification.validators_unknown"
        )
    return known[-1].addresses


def recover_sealer(digest: bytes, seal: bytes) -> bytes:
    """
    Give the address whose key made a seal, 20 bytes.

    Args:
        digest: What was sealed, 32 bytes.
        seal: r, s and the recovery id 0 or 1; 65 bytes, from outside.

    Raises:
        AnchorError: If it has another length or recovers to no key.

    Source: Ethereum Yellow Paper, appendix F; the seals of Clique and QBFT carry 0 or 1 where
    transactions carry 27 or 28.
    """
    if len(seal) != SEAL_LENGTH or seal[-1] > 1:
        raise AnchorError("a seal of another form", code="verification.seal")
    try:
        key = coincurve.PublicKey.from_signature_and_message(seal, digest, hasher=None)
    except ValueError as error:
        raise AnchorError("a seal that no key made", code="verification.seal") from error
    return address_of(key)


def address_of(key: coincurve.PublicKey) -> bytes:
    """
    Give the address of a secp256k1 key, 20 bytes.

    Source: Ethereum Yellow Paper, appendix F.
    """
    return keccak256(key.format(compressed=False)[1:])[-ADDRESS_LENGTH:]
