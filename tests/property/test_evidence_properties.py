"""Whatever is offered as evidence: a typed error or a report, and never a verified reading."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.bundle import format_bundle, parse_bundle
from attestation.canonical import canonical_json
from attestation.enums import Outcome
from attestation.errors import EncodingError, Error
from attestation.policy import UnsafeAcceptAll
from attestation.ranges import RangeVerifier
from attestation.trust_root import Consensus, format_trust_root, parse_trust_root
from attestation.verifier import Verifier
from tests.support.evidence import small_world

WORLDS = {consensus: small_world(consensus=consensus) for consensus in Consensus}
DOCUMENTS = {
    consensus: json.loads(format_bundle(world.bundle())) for consensus, world in WORLDS.items()
}
VERIFIERS = {
    consensus: Verifier(world.trust_root(), UnsafeAcceptAll())
    for consensus, world in WORLDS.items()
}
TRUST_ROOT = json.loads(format_trust_root(WORLDS[Consensus.QBFT].trust_root()))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(document: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the places of a document, leaves and branches."""
    found = [prefix] if prefix else []
    keys: Any = ()
    if isinstance(document, dict):
        keys = document
    elif isinstance(document, list):
        keys = range(len(document))
    for key in keys:
        found += paths(document[key], (*prefix, key))
    return found


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


@given(st.data())
def test_any_change_to_a_bundle_is_refused_or_reported(data: st.DataObject) -> None:
    """A value anywhere replaced by any JSON gives our error or a report, and nothing else."""
    consensus = data.draw(st.sampled_from(list(Consensus)))
    document = DOCUMENTS[consensus]
    path = data.draw(st.sampled_from(paths(document)))
    changed = replaced(document, path, data.draw(JSON))
    try:
        report = VERIFIERS[consensus].verify(parse_bundle(canonical_json(changed)))
    except EncodingError as error:
        assert error.stable_code == "encoding.bundle"
        return

    assert report.verified is None or changed == document


BYTES = [
    path
    for path in paths(DOCUMENTS[Consensus.CLIQUE])
    if isinstance(at(DOCUMENTS[Consensus.CLIQUE], path), str) and path[-1] not in ("format",)
]


@given(st.sampled_from(BYTES), st.integers(0, 10**6), st.integers(0, 7))
def test_any_flipped_bit_is_noticed(path: tuple[Any, ...], place: int, bit: int) -> None:
    """One bit of any authenticated part flipped, and nothing is verified (P3)."""
    document = DOCUMENTS[Consensus.CLIQUE]
    text = at(document, path)
    if path[-1] == "checkpoint":
        characters = list(text)
        characters[place % len(text)] = chr(ord(characters[place % len(text)]) ^ 1)
        changed_text = "".join(characters)
    else:
        changed_text = flipped(text, place, bit)
    changed = replaced(document, path, changed_text)
    try:
        report = VERIFIERS[Consensus.CLIQUE].verify(parse_bundle(canonical_json(changed)))
    except EncodingError:
        return

    assert report.verified is None


def flipped(text: str, place: int, bit: int) -> str:
    """Flip one bit of what a text stands for: hexadecimal, base64, or the text itself."""
    if text.startswith("0x"):
        content, write = bytes.fromhex(text[2:]), lambda b: "0x" + b.hex()
    elif len(text) == 64:
        content, write = bytes.fromhex(text), bytes.hex
    else:
        try:
            content, write = (
                base64.b64decode(text, validate=True),
                lambda b: base64.b64encode(b).decode(),
            )
        except ValueError:
            content, write = text.encode(), lambda b: b.decode("latin-1")
    changed = bytearray(content)
    changed[place % len(changed)] ^= 1 << bit
    return write(bytes(changed))


@given(st.binary(max_size=300) | JSON.map(lambda content: json.dumps(content).encode()))
def test_any_bytes_are_a_bundle_or_refused(encoded: bytes) -> None:
    """Any bytes are read as a bundle or refused with our error."""
    with pytest.raises(EncodingError, match="bundle"):
        parse_bundle(encoded)


@given(st.data())
def test_any_change_to_a_trust_root_is_read_or_refused(data: st.DataObject) -> None:
    """A trust root with any value replaced is read, under another name, or refused."""
    path = data.draw(st.sampled_from(paths(TRUST_ROOT)))
    changed = replaced(TRUST_ROOT, path, data.draw(JSON))
    try:
        root = parse_trust_root(canonical_json(changed))
    except Error as error:
        assert error.stable_code
        return

    assert root.name == WORLDS[Consensus.QBFT].trust_root().name or changed != TRUST_ROOT


@settings(max_examples=30)
@given(
    st.lists(st.binary(max_size=60) | st.sampled_from(WORLDS[Consensus.QBFT].entries), max_size=6)
)
def test_any_entries_of_a_range_are_reported(entries: list[bytes]) -> None:
    """Whatever is streamed as a range's entries gives a report."""
    world = WORLDS[Consensus.QBFT]
    report = RangeVerifier(world.trust_root()).verify(world.range_bundle(2, 6), entries)

    assert (report.outcome is Outcome.HELD) == (entries == world.entries[2:6])
