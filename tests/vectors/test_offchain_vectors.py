"""The vectors of the rules off chain are fresh: same code, same inputs, same figures."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from attestation.canonical import canonical_json
from ledger.inventory.offchain.catalogue import OFFCHAIN_RULES
from tests.vectors import generate_offchain

ROOT = Path(__file__).resolve().parents[2]


def test_each_version_is_what_it_was() -> None:
    """Code hash, encoding and every figure; a rule that changed is written with a new version."""
    assert generate_offchain.TARGET.read_text(encoding="utf-8") == generate_offchain.render()


def test_code_hash_can_be_worked_out_by_hand() -> None:
    """SHA-256 over name, length and text of four modules, with nothing but a hash function."""
    rule = next(rule for rule in OFFCHAIN_RULES if rule.name == "uncertainty.sum")
    digest = sha256()
    for name in (
        "ledger.decimals",
        "ledger.inventory.offchain.inputs",
        "ledger.inventory.offchain.worksheet",
        "ledger.inventory.offchain.uncertainty",
    ):
        text = (ROOT / f"{name.replace('.', '/')}.py").read_bytes()
        digest.update(f"{name}\n{len(text)}\n".encode() + text)
    assert rule.code_hash == digest.digest()


def test_encoded_inputs_are_canonical() -> None:
    """The text in the file is the one encoding of what it says."""
    for row in json.loads(generate_offchain.TARGET.read_text(encoding="utf-8")):
        encoded = row["encoded_inputs"].encode()
        assert canonical_json(json.loads(encoded)) == encoded
