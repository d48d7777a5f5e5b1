"""Storage slots of the registries, as the compiler lays them out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attestation.enums import CloseReason
from attestation.errors import AnchorError
from attestation.evm.inventory_storage import INVENTORIES_SLOT, USED_SLOT, VERSIONS_SLOT
from attestation.evm.storage import (
    OPEN_INDEX,
    KeySlot,
    LogHead,
    checkpoint_slots,
    decode_head,
    decode_key,
    key_slot,
)
from tests.support.evidence import KEYS_SLOT, LOGS_SLOT, mapped, padded

LOG_ID, KID = b"\x11" * 32, b"\x22" * 32
ARTIFACTS = Path(__file__).resolve().parents[4] / "chain" / "artifacts"


def layout(contract: str) -> tuple[dict[str, int], dict[str, list[tuple[str, int, int]]]]:
    """Give the compiled contract's variables by slot, and its structs' members."""
    text = (ARTIFACTS / f"{contract}.json").read_text(encoding="utf-8")
    compiled: dict[str, Any] = json.loads(text)["storageLayout"]
    slots = {variable["label"]: int(variable["slot"]) for variable in compiled["storage"]}
    structs = {
        kind["label"].rpartition(".")[2]: [
            (member["label"], int(member["slot"]), member["offset"]) for member in kind["members"]
        ]
        for kind in compiled["types"].values()
        if "members" in kind
    }
    return slots, structs


def test_layout_of_the_checkpoint_registry() -> None:
    """The compiled contract keeps a log where we look for it."""
    slots, structs = layout("CheckpointRegistry")

    assert slots["_logs"] == LOGS_SLOT
    assert structs["Newest"] == [("root", 0, 0), ("head", 1, 0)]


def test_layout_of_the_device_registry() -> None:
    """The compiled contract keeps a key where we look for it."""
    slots, structs = layout("DeviceRegistry")

    assert slots["_slots"] == KEYS_SLOT
    assert structs["KeySlot"] == [
        ("enrolledIndex", 0, 0),
        ("closedIndex", 0, 8),
        ("compromisedSince", 0, 16),
        ("reason", 0, 24),
        ("algorithm", 0, 25),
    ]


def test_layout_of_the_inventory_registry() -> None:
    """The compiled contract keeps acts, inventories and versions where we look for them."""
    slots, structs = layout("InventoryRegistry")

    wanted = (USED_SLOT, INVENTORIES_SLOT, VERSIONS_SLOT)
    assert tuple(slots[name] for name in ("_used", "_inventories", "_versions")) == wanted
    assert structs["Inventory"][6:8] == [("leadVerifier", 6, 0), ("state", 6, 20)]
    assert structs["Inventory"][12:15] == [
        ("technicalReviewer", 7, 0),
        ("version", 7, 20),
        ("acceptedVersion", 7, 24),
    ]
    assert structs["Version"][1:9] == [
        ("linesRoot", 1, 0),
        ("logId", 2, 0),
        ("logRoot", 3, 0),
        ("logSize", 4, 0),
        ("lineCount", 4, 8),
        ("total_tCO2e", 4, 16),
        ("restates", 4, 24),
        ("restatedBy", 4, 28),
    ]


def test_slots_of_a_checkpoint() -> None:
    """A log's struct begins at the mapping's slot for its id, and takes two words."""
    first = mapped(LOG_ID, LOGS_SLOT)
    slots = checkpoint_slots(LOG_ID)

    assert (slots.root, slots.head) == (padded(first), padded(first + 1))


def test_slot_of_a_key() -> None:
    """A key's word lies in the inner mapping of its log."""
    assert key_slot(LOG_ID, KID) == padded(mapped(KID, mapped(LOG_ID, KEYS_SLOT)))


def test_head_is_unpacked() -> None:
    """Operator, size and block stand from the lowest bits up."""
    word = int.from_bytes(b"\xaa" * 20, "big") | 70_000 << 160 | 4321 << 224

    assert decode_head(word) == LogHead(b"\xaa" * 20, 70_000, 4321)
    assert decode_head(0) == LogHead(bytes(20), 0, 0)


def test_key_is_unpacked() -> None:
    """Three indexes, a reason and an algorithm in one word."""
    word = 5 | 9 << 64 | OPEN_INDEX << 128 | 3 << 192 | 19 << 200

    assert decode_key(word) == KeySlot(5, 9, OPEN_INDEX, CloseReason.REVOKED, 19)


def test_key_that_was_never_enrolled() -> None:
    """A word of zero is no key, not one that is valid nowhere."""
    assert decode_key(0) is None


def test_unknown_reason_is_refused() -> None:
    """A reason that is none of ours is not taken for open."""
    with pytest.raises(AnchorError, match="reason 4"):
        decode_key(1 << 64 | 4 << 192)
