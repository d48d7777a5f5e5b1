"""Bundles of earlier releases hold for ever, and damage to them is found."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from attestation.bundle import parse_bundle
from attestation.canonical import canonical_json
from attestation.chain_evidence import ChainReader
from attestation.enums import Outcome
from attestation.evidence import Report
from attestation.evm.header import parse_header
from attestation.policy import UnsafeAcceptAll
from attestation.trust_root import parse_trust_root
from attestation.verifier import Verifier

FOLDER = Path(__file__).resolve().parent / "bundle" / "v1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
QBFT = json.loads((FOLDER / "qbft.carbonseal.json").read_text(encoding="utf-8"))


class OwnNode:
    """The verifier's own node, which holds the block of a bundle."""

    def __init__(self, bundle: bytes, genesis: bytes) -> None:
        chain = parse_bundle(bundle).chain
        assert chain is not None
        self.header = parse_header(chain.header)
        self.genesis = genesis

    def chain_id(self) -> int:
        return 20240

    def genesis_hash(self) -> bytes:
        return self.genesis

    def canonical_block_hash(self, number: int) -> bytes | None:
        return self.header.keccak_hash if number == self.header.number else None

    def finalized_number(self) -> int | None:
        return self.header.number


def verify(name: str, bundle: bytes) -> Report:
    root = parse_trust_root((FOLDER / f"{name}.trust-root.json").read_bytes())
    assert root.chain is not None
    node: ChainReader | None = OwnNode(bundle, root.chain.genesis_hash) if name == "node" else None
    return Verifier(root, UnsafeAcceptAll(), node).verify(parse_bundle(bundle))


@pytest.mark.parametrize("name", ["qbft", "clique", "node"])
def test_bundle_holds(name: str) -> None:
    """The bundle verifies, and gives the reading it was made of."""
    message = verify(name, (FOLDER / f"{name}.carbonseal.json").read_bytes()).verified
    assert message is not None
    (verified,) = message
    found = verified.reading

    assert (message.facts.index, message.facts.signed_at) == (
        EXPECTED["index"],
        EXPECTED["signed_at_ms"],
    )
    assert EXPECTED["reading"] == {
        "end_s": found.end_s,
        "interval_s": found.interval_s,
        "value": found.value,
        "unit": found.unit,
    }


def flipped(text: str, at: int, *, plain: bool) -> str:
    """Flip the lowest bit of one byte of what a text stands for."""
    if plain:
        return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
    is_hex = text.startswith("0x")
    content = bytearray(bytes.fromhex(text[2:]) if is_hex else base64.b64decode(text))
    content[at] ^= 1
    return "0x" + content.hex() if is_hex else base64.b64encode(content).decode()


@pytest.mark.parametrize("damage", EXPECTED["damage"], ids=lambda damage: damage["path"])
def test_damage_is_found(damage: dict[str, Any]) -> None:
    """Each damage fails the step that is named, and no step before it."""
    document = copy.deepcopy(QBFT)
    *parents, last = (int(part) if part.isdigit() else part for part in damage["path"].split("."))
    target = document
    for part in parents:
        target = target[part]
    if "set" in damage:
        target[last] = damage["set"]
    else:
        target[last] = flipped(target[last], damage["flip"], plain=last == "checkpoint")
    report = verify("qbft", canonical_json(document))

    assert [step.name for step in report.steps if step.outcome is Outcome.FAILED][:1] == [
        damage["step"]
    ]
