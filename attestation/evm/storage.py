"""
Where the registries keep what bundles prove: slots of a log's checkpoint and of a device key.

The layout is the compiler's; it is committed with the contracts and compared in a test.

Source: Solidity, layout of state variables in storage; `contracts/storage-layout/`;
`docs/formats/chain-evidence.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import CloseReason
from attestation.errors import AnchorError
from attestation.ids import keccak256

LOGS_SLOT: Final = 5
"""Of `mapping(LogId => Newest)` in CheckpointRegistry."""

KEYS_SLOT: Final = 4
"""Of `mapping(LogId => mapping(KeyId => KeySlot))` in DeviceRegistry."""

OPEN_INDEX: Final = (1 << 64) - 1
"""In the place of an index that there isn't: not closed, not compromised."""

_WORD: Final = 32
_UINT32: Final = (1 << 32) - 1
_UINT64: Final = (1 << 64) - 1
_ADDRESS_BITS: Final = 160


@dataclass(frozen=True, slots=True)
class CheckpointSlots:
    """The two slots that hold a log's newest checkpoint; 32 bytes each."""

    root: bytes
    head: bytes
    """Operator, size and block number in one word."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """The second word of a log."""

    operator: bytes
    """20 bytes; zero before opening and after closing."""
    size: int
    block_number: int
    """Block of the last change of the size."""


@dataclass(frozen=True, slots=True)
class KeySlot:
    """What the chain says of a device key in a log."""

    enrolled_index: int
    """First log index at which the key is valid."""
    closed_index: int
    """First log index at which it is no more valid; `OPEN_INDEX` while open."""
    compromised_since: int
    """First log index under suspicion; `OPEN_INDEX` while there is none."""
    reason: CloseReason
    algorithm: int
    """COSE algorithm with the sign dropped; 0 for a key that was never enrolled."""


def checkpoint_slots(log_id: bytes) -> CheckpointSlots:
    """
    Give the slots of a log's newest checkpoint.

    Args:
        log_id: 32 bytes.

    Source: Solidity, layout of mappings and structs.
    """
    first = mapping_slot(log_id, LOGS_SLOT)
    return CheckpointSlots(_word(first), _word(first + 1))


def key_slot(log_id: bytes, kid: bytes) -> bytes:
    """
    Give the slot of a device key in a log, 32 bytes.

    Args:
        log_id: 32 bytes.
        kid: 32 bytes.

    Source: Solidity, layout of nested mappings.
    """
    return _word(mapping_slot(kid, mapping_slot(log_id, KEYS_SLOT)))


def mapping_slot(key: bytes, slot: int) -> int:
    """
    Give the slot of a mapping's value: Keccak-256(key, slot of the mapping).

    Args:
        key: A value type's word, 32 bytes.
        slot: Of the mapping itself.

    Source: Solidity, layout of mappings.
    """
    return int.from_bytes(keccak256(key + _word(slot)), "big")


def decode_head(word: int) -> LogHead:
    """
    Unpack the second word of a log: operator, size, block number, from the lowest bits up.

    Source: `contracts/types/LogHead.sol`.
    """
    return LogHead(
        (word & (1 << _ADDRESS_BITS) - 1).to_bytes(20, "big"),
        word >> _ADDRESS_BITS & _UINT64,
        word >> _ADDRESS_BITS + 64 & _UINT32,
    )


def decode_key(word: int) -> KeySlot | None:
    """
    Unpack a device key's word; None where the key was never enrolled.

    Raises:
        AnchorError: If the reason is none of ours.

    Source: Solidity, layout of structs; IDeviceRegistry.KeySlot.
    """
    if word == 0:
        return None
    reason = word >> 192 & 0xFF
    if reason not in tuple(CloseReason):
        raise AnchorError(f"a key closed for reason {reason}", code="verification.key_slot")
    return KeySlot(
        word & _UINT64,
        word >> 64 & _UINT64,
        word >> 128 & _UINT64,
        CloseReason(reason),
        word >> 200 & 0xFF,
    )


def _word(number: int) -> bytes:
    return (number % (1 << 8 * _WORD)).to_bytes(_WORD, "big")
