"""Properties of trees, tiles, notes and proofs over many shapes, and damage anywhere."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.cosignatures import (
    AddCheckpointRequest,
    format_add_checkpoint,
    parse_add_checkpoint,
)
from attestation.errors import ConsistencyError, EncodingError, Error, InclusionError
from attestation.evm import rlp
from attestation.evm.clique import recover_signer
from attestation.evm.header import parse_header
from attestation.evm.qbft import parse_qbft_extra
from attestation.evm.seals import recover_sealer
from attestation.evm.trie import verify_account, verify_trie_proof
from attestation.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    range_proof,
    root_hash,
    verify_consistency,
    verify_inclusion,
    verify_range,
)
from attestation.notes import NoteSigner, open_note, parse_note, parse_vkey, sign_note
from attestation.tiles import (
    TileReader,
    encode_entry_bundle,
    parse_entry_bundle,
    parse_tile_path,
    tile_growth,
    tile_path,
)
from attestation.witness_policy import parse_witness_policy
from tests.vectors import generate_merkle as rfc

LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(3000)]
SIGNER = NoteSigner.from_seed("example.com/a", b"a" * 32)
SIZES = st.integers(1, len(LEAVES))


class Tiles:
    """Tiles of the log over all leaves, kept as they grow."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        for growth in tile_growth(CompactRange().append_many(LEAVES)):
            self.tiles[growth.level, growth.number] = growth.hashes

    def load(self, level: int, number: int, width: int) -> bytes:
        return self.tiles[level, number][: 32 * width]


TILES = Tiles()


def flip(value: bytes, bit: int) -> bytes:
    at = bit % (8 * len(value))
    changed = bytearray(value)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


@given(st.data())
def test_inclusion_holds_and_damage_does_not(data: st.DataObject) -> None:
    """Any entry of any tree is proved from tiles; one flipped bit anywhere refutes it."""
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    root = root_hash(LEAVES[:size])
    proof = inclusion_proof(TileReader(TILES.load, size), index, size)
    verify_inclusion(LEAVES[index], index=index, size=size, root=root, proof=proof)

    parts = [LEAVES[index], root, *proof]
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = flip(parts[at], data.draw(st.integers(0, 255)))
    with pytest.raises(InclusionError, match="does not lead"):
        verify_inclusion(parts[0], index=index, size=size, root=parts[1], proof=parts[2:])


@given(st.data())
def test_consistency_holds_and_damage_does_not(data: st.DataObject) -> None:
    """Any two sizes are consistent; one flipped bit anywhere refutes it."""
    new = data.draw(SIZES)
    old = data.draw(st.integers(1, new))
    roots = root_hash(LEAVES[:old]), root_hash(LEAVES[:new])
    proof = consistency_proof(TileReader(TILES.load, new), old, new)
    sizes = {"old_size": old, "new_size": new}
    verify_consistency(**sizes, old_root=roots[0], new_root=roots[1], proof=proof)

    parts = [*roots, *proof]
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = flip(parts[at], data.draw(st.integers(0, 255)))
    with pytest.raises(ConsistencyError, match=r"does not lead|two roots"):
        verify_consistency(**sizes, old_root=parts[0], new_root=parts[1], proof=parts[2:])


@given(st.data())
def test_range_holds_and_damage_does_not(data: st.DataObject) -> None:
    """Any range is proved from tiles; a leaf that is dropped or changed refutes it."""
    size = data.draw(SIZES)
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    proof = range_proof(TileReader(TILES.load, size), start, end, size)
    bounds = {"start": start, "end": end, "size": size}
    root = root_hash(LEAVES[:size])
    leaves = LEAVES[start:end]
    verify_range(leaves, **bounds, root=root, proof=proof)

    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], flip(leaves[at], 0), *leaves[at + 1 :]]
    for damaged in (changed, leaves[:at] + leaves[at + 1 :]):
        with pytest.raises(InclusionError, match=r"does not lead|fewer"):
            verify_range(damaged, **bounds, root=root, proof=proof)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_growth_in_any_steps_is_one_tree(steps: list[int]) -> None:
    """However a tree grew, its root is the definition's."""
    tree = CompactRange()
    for step in steps:
        tree.append_many([rfc.leaf(e) for e in rfc.ENTRIES[tree.size : tree.size + step]])

    assert tree.root() == rfc.mth(rfc.ENTRIES[: sum(steps)])


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundle_round_trip(entries: list[bytes]) -> None:
    """Entries come back as they were."""
    assert parse_entry_bundle(encode_entry_bundle(entries), len(entries)) == entries


@given(st.integers(-1, 63), st.integers(0, 2**50), st.integers(1, 256))
def test_tile_path_round_trip(level: int, number: int, width: int) -> None:
    """A path names its tile."""
    tile = parse_tile_path(tile_path(level, number, width))

    assert (tile.level, tile.number, tile.width) == (level, number, width)


@given(st.text().map(lambda text: text + "\n"))
def test_note_round_trip(text: str) -> None:
    """Whatever may be signed is opened as it was."""
    try:
        note = sign_note(text, SIGNER)
    except EncodingError:
        return

    assert open_note(note, [SIGNER.verifier]).text == text


ITEMS = st.recursive(
    st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=9
)


@given(ITEMS)
def test_rlp_round_trip(item: rlp.Item) -> None:
    """What is encoded is decoded, unless it is nested too deep."""
    encoded = rlp.encode(item)
    try:
        decoded = rlp.decode(encoded)
    except EncodingError as error:
        assert "deep" in error.message
        return

    assert decoded == item


@given(st.binary(max_size=80))
def test_rlp_has_one_encoding(encoded: bytes) -> None:
    """Bytes that decode are the ones their item encodes to."""
    try:
        item = rlp.decode(encoded)
    except EncodingError:
        return

    assert rlp.encode(item) == encoded


TEXT_PARSERS = {
    "note": parse_note,
    "vkey": parse_vkey,
    "tile path": parse_tile_path,
    "policy": parse_witness_policy,
    "add-checkpoint": parse_add_checkpoint,
}
BYTES_PARSERS = {
    "header": parse_header,
    "qbft extra": parse_qbft_extra,
    "bundle": lambda encoded: parse_entry_bundle(encoded, 1),
    "seal": lambda encoded: recover_sealer(bytes(32), encoded),
    "seal of 65": lambda encoded: recover_sealer(bytes(32), encoded.ljust(65, b"\x00")[:65]),
    "trie": lambda encoded: verify_trie_proof(bytes(32), bytes(32), [encoded]),
    "account": lambda encoded: verify_account(bytes(32), bytes(20), [encoded]),
    "clique": lambda encoded: recover_signer(parse_header(encoded)),
}
GOOD_TEXTS = [
    sign_note("text\n", SIGNER),
    SIGNER.verifier.vkey,
    "tile/0/x001/234.p/5",
    f"log {SIGNER.verifier.vkey}\nquorum none\n",
    format_add_checkpoint(AddCheckpointRequest(1, (LEAVES[0],), sign_note("a\n", SIGNER))),
]


@pytest.mark.parametrize("name", TEXT_PARSERS)
@given(data=st.data())
def test_any_text_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Any text, and any good text with a change, gives a value or our error."""
    text = data.draw(st.text() | st.sampled_from(GOOD_TEXTS))
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        TEXT_PARSERS[name](changed)
    except Error as error:
        assert error.stable_code


@pytest.mark.parametrize("name", BYTES_PARSERS)
@given(encoded=st.binary(max_size=200) | ITEMS.map(rlp.encode))
def test_any_bytes_are_read_or_refused(name: str, encoded: bytes) -> None:
    """Any bytes give a value or our error."""
    try:
        BYTES_PARSERS[name](encoded)
    except Error as error:
        assert error.stable_code
