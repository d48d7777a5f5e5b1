"""
Write the bundles of format version 1: `python tests/vectors/generate_bundles.py`.

They are written once and then kept: certificates are signed with fresh randomness, and later
releases must verify the bundles of earlier ones. The test beside them verifies, and damages them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attestation.bundle import format_bundle
from attestation.trust_root import Consensus, format_trust_root
from tests.support.evidence import SIGNED_AT, START_S, small_world

FOLDER = Path(__file__).resolve().parent / "bundle" / "v1"

DAMAGE: list[dict[str, Any]] = [
    {"path": "checkpoint", "flip": 40, "step": "checkpoint"},
    {"path": "message.index", "set": 5, "step": "inclusion"},
    {"path": "message.entry", "flip": 200, "step": "inclusion"},
    {"path": "message.proof.0", "flip": 7, "step": "inclusion"},
    {"path": "records.1.entry", "flip": 100, "step": "inclusion"},
    {"path": "records.2.index", "set": 3, "step": "inclusion"},
    {"path": "platform_root", "flip": 200, "step": "certificate"},
    {"path": "anchor.consistency.0", "flip": 0, "step": "anchor"},
    {"path": "anchor.checkpoint", "flip": 40, "step": "anchor"},
    {"path": "chain.id", "set": "eip155:1", "step": "finality"},
    {"path": "chain.header", "flip": 120, "step": "finality"},
    {"path": "chain.profile", "set": "clique", "step": "finality"},
    {"path": "chain.checkpoint_registry.account.0", "flip": 9, "step": "registry"},
    {"path": "chain.checkpoint_registry.address", "set": "0x" + "01" * 20, "step": "registry"},
    {"path": "chain.checkpoint_registry.head.0", "flip": 40, "step": "registry"},
    {"path": "chain.device_registry.keys.0.slot.0", "flip": 40, "step": "key"},
    {"path": "chain.device_registry.address", "set": "0x" + "01" * 20, "step": "key"},
]
"""To be made to `qbft.carbonseal.json`, one at a time: set a value, or flip the lowest bit of a
byte of what the text stands for (of the text itself in a checkpoint). The step must fail."""


def files() -> dict[str, bytes]:
    """Make the files anew."""
    made: dict[str, bytes] = {}
    for consensus in Consensus:
        world = small_world(consensus=consensus)
        name = "node" if consensus is Consensus.NONE else consensus.name.lower()
        made[f"{name}.carbonseal.json"] = format_bundle(world.bundle())
        made[f"{name}.trust-root.json"] = format_trust_root(world.trust_root())
    expected = {
        "description": "Bundles of version 1 that hold, and damage that must be found",
        "index": 4,
        "signed_at_ms": int(SIGNED_AT),
        "reading": {"end_s": START_S + 3600, "interval_s": 3600, "value": 5000, "unit": "Wh"},
        "damage": DAMAGE,
    }
    made["expected.json"] = (json.dumps(expected, indent=1) + "\n").encode()
    return made


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
