"""Bundles: one file form, and nothing but our error for any other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from attestation.bundle import (
    MAX_LENGTH,
    Bundle,
    ProvenRange,
    format_bundle,
    make_bundle,
    parse_bundle,
)
from attestation.canonical import canonical_json
from attestation.errors import EncodingError
from attestation.trust_root import Consensus
from tests.support.evidence import small_world

WORLD = small_world(consensus=Consensus.CLIQUE)
BUNDLE = WORLD.bundle()
ENCODED = format_bundle(BUNDLE)


@pytest.mark.parametrize(
    "bundle",
    [
        BUNDLE,
        WORLD.range_bundle(2, 5),
        replace(BUNDLE, chain=None),
        replace(BUNDLE, anchor=None, platform_root=None, records=()),
        replace(BUNDLE, chain=replace(WORLD.chain(), device_registry=None, following=())),
        replace(BUNDLE, chain=replace(WORLD.chain(), transaction=b"\x07" * 32)),
    ],
)
def test_round_trip(bundle: Bundle) -> None:
    """A bundle is read as it was written, with or without its optional parts."""
    assert parse_bundle(format_bundle(bundle)) == bundle


def test_absent_chain_is_said() -> None:
    """A bundle without chain evidence says so, rather than saying nothing."""
    assert json.loads(format_bundle(replace(BUNDLE, chain=None)))["chain"] == {"profile": "none"}


def changed(path: str, value: Any) -> bytes:
    """Give the bundle's file with one value changed; `...` takes it out."""
    document = json.loads(ENCODED)
    *parents, last = path.split(".")
    target = document
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target[name]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return canonical_json(document)


DAMAGED = {
    "another format": ("format", "sigstore"),
    "another version": ("version", 2),
    "version as text": ("version", "1"),
    "unknown name": ("comment", "trust me"),
    "no checkpoint": ("checkpoint", ...),
    "checkpoint is no text": ("checkpoint", 7),
    "endless checkpoint": ("checkpoint", "x" * 1_000_001),
    "no records": ("records", ...),
    "records are no array": ("records", {}),
    "no chain": ("chain", ...),
    "chain is null": ("chain", None),
    "chain of unknown profile": ("chain.profile", "proof-of-work"),
    "chain that is none and more": ("chain.profile", "none"),
    "chain id of another kind": ("chain.id", "cosmos:hub"),
    "chain id with a leading zero": ("chain.id", "eip155:01"),
    "header in capitals": ("chain.header", "0xAB"),
    "header is no text": ("chain.header", 5),
    "address too short": ("chain.checkpoint_registry.address", "0x00"),
    "transaction too long": ("chain.transaction", "0x" + "00" * 33),
    "message without an index": ("message.index", ...),
    "negative index": ("message.index", -1),
    "index as a fraction": ("message.index", "4"),
    "index is true": ("message.index", True),
    "entry that is no base64": ("message.entry", "!"),
    "proof hash too short": ("message.proof", ["AAAA"]),
    "proof too long": ("message.proof", ["A" * 43 + "="] * 129),
    "message and range": ("range", {"start": 0, "end": 1, "proof": []}),
    "neither message nor range": ("message", ...),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_other_forms_are_refused(name: str) -> None:
    """A bundle has exactly its names, each of its kind."""
    with pytest.raises(EncodingError, match=r"bundle|format") as caught:
        parse_bundle(changed(*DAMAGED[name]))

    assert caught.value.stable_code == "encoding.bundle"


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"7",
        ENCODED + b"\n",
        json.dumps(json.loads(ENCODED), indent=1).encode(),
        ENCODED.replace(b'"version":1', b'"version":1.0'),
        ENCODED.replace(b'"version":1', b'"version":1,"version":1'),
        b"[" * 100_000,
        b" " * (MAX_LENGTH + 1),
    ],
    ids=range(11),
)
def test_other_texts_are_refused(encoded: bytes) -> None:
    """Only the canonical text of a bundle is one."""
    with pytest.raises(EncodingError, match="bundle") as caught:
        parse_bundle(encoded)

    assert caught.value.stable_code == "encoding.bundle"


def test_impossible_bundle_is_not_written() -> None:
    """What would not be read back is not written."""
    with pytest.raises(EncodingError, match="bundle"):
        format_bundle(replace(BUNDLE, checkpoint="x" * 1_000_001))


def test_bundle_is_of_one_thing() -> None:
    """A message or a range, and one of them."""
    with pytest.raises(EncodingError, match="message or of a range"):
        make_bundle(checkpoint="")
    with pytest.raises(EncodingError, match="message or of a range"):
        make_bundle(checkpoint="", message=BUNDLE.message, entries=ProvenRange(0, 1, ()))
