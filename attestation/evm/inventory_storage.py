"""
Where InventoryRegistry keeps what a case's evidence proves: acts taken, inventories, versions.

The layout is the compiler's; it is committed with the contracts and compared in a test.

Source: Solidity, layout of state variables in storage; `contracts/storage-layout/`;
`docs/formats/case-bundle.md`, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import InventoryState
from attestation.errors import AnchorError
from attestation.evm.storage import mapping_slot

USED_SLOT: Final = 2
"""Of `mapping(bytes32 actDigest => bool)`."""
INVENTORIES_SLOT: Final = 4
"""Of `mapping(InventoryId => Inventory)`."""
VERSIONS_SLOT: Final = 5
"""Of `mapping(InventoryId => mapping(uint32 => Version))`."""

_WORD: Final = 32
_STATE_WORD: Final = 6
_VERSION_WORD: Final = 7
_ROOT_WORD: Final = 1
_LOG_ID_WORD: Final = 2
_LOG_ROOT_WORD: Final = 3
_COUNTS_WORD: Final = 4
_ADDRESS_BITS: Final = 160
_UINT8: Final = (1 << 8) - 1
_UINT32: Final = (1 << 32) - 1
_UINT64: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class InventorySlots:
    """The words of an inventory that say where its case stands; 32 bytes each."""

    state: bytes
    """Lead verifier, state, sector, year, months, area."""
    version: bytes
    """Technical reviewer, newest and accepted version."""


@dataclass(frozen=True, slots=True)
class VersionSlots:
    """The words of a version that evidence leads to; 32 bytes each."""

    lines_root: bytes
    log_id: bytes
    log_root: bytes
    counts: bytes
    """Size of the log, leaves of the lines, total, what it restates and what restated it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands in a block."""

    state: InventoryState
    version: int
    """Newest version."""
    accepted_version: int
    """0 while no result is accepted."""


@dataclass(frozen=True, slots=True)
class PinnedVersion:
    """What the registry keeps of a version."""

    lines_root: bytes
    log_id: bytes
    log_root: bytes
    """Root of the log that was pinned with it."""
    log_size: int
    line_count: int
    total_t: int
    restated_by: int
    """Version whose result replaced it; 0 while none did."""


def used_slot(digest: bytes) -> bytes:
    """Give the slot that says whether an act was taken, 32 bytes."""
    return _word(mapping_slot(digest, USED_SLOT))


def inventory_slots(inventory_id: bytes) -> InventorySlots:
    """Give the slots of an inventory that say where its case stands."""
    first = mapping_slot(inventory_id, INVENTORIES_SLOT)
    return InventorySlots(_word(first + _STATE_WORD), _word(first + _VERSION_WORD))


def version_slots(inventory_id: bytes, number: int) -> VersionSlots:
    """Give the slots of a version that evidence leads to."""
    first = mapping_slot(_word(number), mapping_slot(inventory_id, VERSIONS_SLOT))
    places = (_ROOT_WORD, _LOG_ID_WORD, _LOG_ROOT_WORD, _COUNTS_WORD)
    return VersionSlots(*(_word(first + place) for place in places))


def decode_standing(state: int, version: int) -> Standing:
    """
    Unpack two words of an inventory.

    Raises:
        AnchorError: If the state is none of ours.

    Source: Solidity, layout of structs; IInventoryRegistry.Inventory.
    """
    number = state >> _ADDRESS_BITS & _UINT8
    if number not in tuple(InventoryState):
        raise AnchorError(f"an inventory in state {number}", code="verification.inventory_slot")
    return Standing(
        InventoryState(number),
        version >> _ADDRESS_BITS & _UINT32,
        version >> _ADDRESS_BITS + 32 & _UINT32,
    )


def decode_version(lines_root: int, log_id: int, log_root: int, counts: int) -> PinnedVersion:
    """
    Unpack the words of a version.

    Source: Solidity, layout of structs; IInventoryRegistry.Version.
    """
    return PinnedVersion(
        lines_root=_word(lines_root),
        log_id=_word(log_id),
        log_root=_word(log_root),
        log_size=counts & _UINT64,
        line_count=counts >> 64 & _UINT64,
        total_t=counts >> 128 & _UINT64,
        restated_by=counts >> 224 & _UINT32,
    )


def _word(number: int) -> bytes:
    return (number % (1 << 8 * _WORD)).to_bytes(_WORD, "big")
