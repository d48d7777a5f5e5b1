"""
Block headers: taken apart, and hashed again from the bytes given.

Source: Ethereum Yellow Paper, section 4.3; EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.errors import EncodingError
from attestation.evm import rlp
from attestation.ids import HASH_LENGTH, keccak256

ADDRESS_LENGTH: Final = 20
NO_OMMERS: Final = keccak256(rlp.encode([]))
"""Keccak-256 of the empty list: a block without ommers."""

_BLOOM_LENGTH: Final = 256
_NONCE_LENGTH: Final = 8
_SCALAR: Final = 0
_ANY: Final = -1
_EXTRA: Final = 12
_LAYOUT: Final = (
    *(HASH_LENGTH, HASH_LENGTH, ADDRESS_LENGTH),  # parent, ommers, beneficiary
    *(HASH_LENGTH, HASH_LENGTH, HASH_LENGTH),  # state, transactions, receipts
    _BLOOM_LENGTH,
    *(_SCALAR, _SCALAR, _SCALAR, _SCALAR, _SCALAR),  # difficulty, number, gas limit and used, time
    *(_ANY, HASH_LENGTH, _NONCE_LENGTH),  # extra data, mix hash, nonce
    _SCALAR,  # London: base fee
    HASH_LENGTH,  # Shanghai: withdrawals
    *(_SCALAR, _SCALAR, HASH_LENGTH),  # Cancun: blob gas used and excess, beacon root
    HASH_LENGTH,  # Prague: requests
)
_FIELD_COUNTS: Final = (15, 16, 17, 20, 21)
"""Before London, London and Paris, Shanghai, Cancun, Prague."""

_MAX_LENGTH: Final = 1 << 16
_NUMBER_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """A header that was only parsed: that it is a chain's is another question."""

    encoded: bytes
    fields: tuple[bytes, ...]
    """As they stand in the list, 15 to 21."""

    @property
    def parent_hash(self) -> bytes:
        """Hash of the block before, 32 bytes."""
        return self.fields[0]

    @property
    def ommers_hash(self) -> bytes:
        """Hash of the list of ommers, 32 bytes."""
        return self.fields[1]

    @property
    def beneficiary(self) -> bytes:
        """20 bytes: who proposed (QBFT), or whom the signer votes on (Clique)."""
        return self.fields[2]

    @property
    def state_root(self) -> bytes:
        """Root of the state trie after the block, 32 bytes."""
        return self.fields[3]

    @property
    def difficulty(self) -> int:
        """Difficulty, as the consensus uses the field."""
        return int.from_bytes(self.fields[7], "big")

    @property
    def number(self) -> int:
        """Number of the block; the genesis is 0."""
        return int.from_bytes(self.fields[8], "big")

    @property
    def timestamp_s(self) -> int:
        """Time of the block, seconds since 1970 UTC, as its proposer said it."""
        return int.from_bytes(self.fields[11], "big")

    @property
    def extra(self) -> bytes:
        """Extra data: vanity, validators and seals."""
        return self.fields[_EXTRA]

    @property
    def mix_hash(self) -> bytes:
        """32 bytes; a constant in proof of authority."""
        return self.fields[13]

    @property
    def nonce(self) -> bytes:
        """8 bytes; a vote in Clique."""
        return self.fields[14]

    @property
    def keccak_hash(self) -> bytes:
        """Keccak-256 of the bytes given, 32 bytes: the block hash, except in QBFT."""
        return keccak256(self.encoded)

    def hash_with_extra(self, extra: bytes) -> bytes:
        """Hash the header with other extra data: what seals sign; 32 bytes."""
        fields = [*self.fields[:_EXTRA], extra, *self.fields[_EXTRA + 1 :]]
        return keccak256(rlp.encode(fields))


def parse_header(encoded: bytes) -> BlockHeader:
    """
    Read a header's RLP, with the fields of any fork from Frontier to Prague.

    Args:
        encoded: From outside.

    Raises:
        EncodingError: If it is another encoding, has another number of fields, or a field has
            another length.

    Source: Ethereum Yellow Paper, section 4.3.
    """
    if len(encoded) > _MAX_LENGTH:
        raise EncodingError(f"a block header of {len(encoded)} bytes", code="encoding.header")
    items = rlp.decode_list(encoded)
    if len(items) not in _FIELD_COUNTS:
        raise EncodingError(f"a block header of {len(items)} fields", code="encoding.header")
    fields = tuple(map(_require_field, items, _LAYOUT))
    if len(fields[8]) > _NUMBER_LENGTH or len(fields[11]) > _NUMBER_LENGTH:
        raise EncodingError("a block number or time above 2**64", code="encoding.header")
    return BlockHeader(encoded, fields)


def _require_field(item: rlp.Item, length: int) -> bytes:
    if length == _SCALAR:
        rlp.require_integer(item)
    return rlp.require_bytes(item, length if length > 0 else None)
