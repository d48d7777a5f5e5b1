"""Trie proofs: inclusion, exclusion, and proofs that are nearly right."""

from __future__ import annotations

from hashlib import sha256

import pytest
import rlp

from attestation.errors import AnchorError, EncodingError
from attestation.evm.trie import (
    EMPTY_TRIE_ROOT,
    verify_account,
    verify_storage,
    verify_trie_proof,
)
from tests.support.tries import Trie, account, hex_prefix, keccak256, word

VALUES = {sha256(bytes((number,))).digest(): bytes((number + 1,)) * 33 for number in range(200)}
TRIE = Trie(VALUES)
KEY = next(iter(VALUES))
PROOF = TRIE.prove(KEY)
ABSENT = b"absent"


@pytest.mark.parametrize("count", [1, 2, 3, 17, 200])
def test_every_key_is_proved(count: int) -> None:
    """Each key of a trie of any size leads to its value."""
    values = dict(list(VALUES.items())[:count])
    trie = Trie(values)

    for key, value in values.items():
        assert verify_trie_proof(trie.root, keccak256(key), trie.prove(key)) == value


@pytest.mark.parametrize("count", [1, 2, 3, 17, 200])
def test_absence_is_proved(count: int) -> None:
    """A key that is not there is proved not to be there."""
    trie = Trie(dict(list(VALUES.items())[:count]))

    for number in range(20):
        key = ABSENT + bytes((number,))
        assert verify_trie_proof(trie.root, keccak256(key), trie.prove(key)) is None


@pytest.mark.parametrize("proof", [[], [b"\x80"]])
def test_empty_trie_holds_nothing(proof: list[bytes]) -> None:
    """A trie without keys proves absence with no node, or with the empty one."""
    assert Trie({}).root == EMPTY_TRIE_ROOT
    assert verify_trie_proof(EMPTY_TRIE_ROOT, keccak256(KEY), proof) is None


def test_empty_trie_has_no_nodes() -> None:
    """Nodes under the empty root are refused."""
    with pytest.raises(AnchorError, match="empty"):
        verify_trie_proof(EMPTY_TRIE_ROOT, keccak256(KEY), PROOF)


NEAR = bytes(31)
SMALL = Trie(
    {NEAR + b"\x00": b"\x01", NEAR + b"\x01": b"\x02", NEAR + b"\x10": b"\x03"}, hashed=False
)


@pytest.mark.parametrize(("last", "value"), [(0, b"\x01"), (1, b"\x02"), (16, b"\x03"), (2, None)])
def test_nodes_inside_their_parent(last: int, value: bytes | None) -> None:
    """Nodes of less than 32 bytes stand in their parent and are followed there."""
    key = NEAR + bytes((last,))

    assert verify_trie_proof(SMALL.root, key, SMALL.prove(key)) == value


def test_path_that_leaves_an_extension_is_absent() -> None:
    """A key that parts from a shared prefix is not there."""
    key = b"\x01" + NEAR

    assert verify_trie_proof(SMALL.root, key, SMALL.prove(key)) is None


DAMAGED = {
    "cut off": PROOF[:-1],
    "nothing": [],
    "a node too many": [*PROOF, PROOF[-1]],
    "another node": [*PROOF[:-1], Trie({ABSENT: b"x" * 33}).prove(ABSENT)[0]],
    "root left out": PROOF[1:],
    "order": PROOF[::-1],
    "one bit": [*PROOF[:-1], PROOF[-1][:-1] + bytes((PROOF[-1][-1] ^ 1,))],
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_proof_is_refused(damage: str) -> None:
    """Every node is the one referenced, and every node is needed."""
    with pytest.raises(AnchorError, match=r"node|cut off"):
        verify_trie_proof(TRIE.root, keccak256(KEY), DAMAGED[damage])


def test_absence_with_a_node_too_many_is_refused() -> None:
    """A proof of absence has no spare nodes either."""
    proof = TRIE.prove(ABSENT)

    with pytest.raises(AnchorError, match="not needed"):
        verify_trie_proof(TRIE.root, keccak256(ABSENT), [*proof, PROOF[-1]])


def test_proof_of_another_key_is_no_proof_of_absence() -> None:
    """The path of one key, offered for another, says nothing of it."""
    other = list(VALUES)[1]

    with pytest.raises(AnchorError, match=r"node|cut off"):
        verify_trie_proof(TRIE.root, keccak256(other), PROOF)


LEAF = hex_prefix((0,) * 64, True)
PREFIX = hex_prefix((0,) * 62, False)
FORMS = {
    "three items": [b"", b"", b""],
    "leaf without a value": [LEAF, b""],
    "leaf of another depth": [hex_prefix((0,) * 63, True), b"x" * 40],
    "leaf with a list": [LEAF, []],
    "extension without a path": [hex_prefix((), False), b"\x01" * 32],
    "extension to nothing": [PREFIX, b""],
    "extension to a short hash": [PREFIX, b"\x01" * 31],
    "path without a prefix": [b"", b"x" * 40],
    "path with another flag": [b"\x40" + bytes(32), b"x" * 40],
    "path with padding": [b"\x21" + bytes(32), b"x" * 40],
    "branch with a value": [b""] * 16 + [b"x" * 40],
    "branch below the key": [hex_prefix((0,) * 64, False), [b""] * 17],
    "long node inside": [PREFIX, [hex_prefix((0, 0), True), b"x" * 40]],
    "string": b"x" * 40,
}


@pytest.mark.parametrize("form", FORMS)
def test_other_nodes_are_refused(form: str) -> None:
    """A node has one of three forms, and keys have one length."""
    node = rlp.encode(FORMS[form])

    with pytest.raises((AnchorError, EncodingError), match=r"."):
        verify_trie_proof(keccak256(node), bytes(32), [node])


def test_short_node_outside_its_parent_is_refused() -> None:
    """A node of less than 32 bytes must not be referenced by its hash."""
    leaf = rlp.encode([hex_prefix((), True), b"\x01"])
    branch = [keccak256(leaf), *[b""] * 16]
    extension = rlp.encode([hex_prefix((0,) * 63, False), keccak256(rlp.encode(branch))])
    proof = [extension, rlp.encode(branch), leaf]

    with pytest.raises(AnchorError, match="short trie node"):
        verify_trie_proof(keccak256(extension), bytes(32), proof)


@pytest.mark.parametrize(("length", "holds"), [(29, True), (28, False)])
def test_shortest_node_outside_its_parent(length: int, holds: bool) -> None:
    """A node of exactly 32 bytes is referenced by its hash, one of 31 stands in its parent."""
    leaf = rlp.encode([hex_prefix((), True), b"x" * length])
    branch = rlp.encode([keccak256(leaf), *[b""] * 16])
    extension = rlp.encode([hex_prefix((0,) * 63, False), keccak256(branch)])
    proof = [extension, branch, leaf]

    assert len(leaf) == length + 3
    if holds:
        assert verify_trie_proof(keccak256(extension), bytes(32), proof) == b"x" * length
        return
    with pytest.raises(AnchorError, match="short trie node"):
        verify_trie_proof(keccak256(extension), bytes(32), proof)


@pytest.mark.parametrize(("length", "holds"), [(28, True), (29, False)])
def test_longest_node_inside_its_parent(length: int, holds: bool) -> None:
    """A node of 31 bytes stands in its parent, one of exactly 32 does not."""
    leaf = [hex_prefix((), True), b"x" * length]
    branch = rlp.encode([leaf, *[b""] * 16])
    extension = rlp.encode([hex_prefix((0,) * 63, False), keccak256(branch)])

    if holds:
        found = verify_trie_proof(keccak256(extension), bytes(32), [extension, branch])
        assert found == b"x" * length
        return
    with pytest.raises(AnchorError, match="long trie node"):
        verify_trie_proof(keccak256(extension), bytes(32), [extension, branch])


ADDRESS = b"\xaa" * 20
STORAGE = Trie({bytes(32): word(5), bytes(31) + b"\x01": word(2**256 - 1)})
STATE = Trie({ADDRESS: account(STORAGE, b"\x0c" * 32, nonce=1, balance_wei=7), b"\xbb" * 20: b"x"})


def test_account_and_its_storage() -> None:
    """An account leads to its storage, and that to its words; an unset slot is 0."""
    found = verify_account(STATE.root, ADDRESS, STATE.prove(ADDRESS))
    slots = [bytes(32), bytes(31) + b"\x01", bytes(31) + b"\x02"]

    assert (found.nonce, found.balance_wei, found.code_hash) == (1, 7, b"\x0c" * 32)
    assert [verify_storage(found.storage_root, slot, STORAGE.prove(slot)) for slot in slots] == [
        5,
        2**256 - 1,
        0,
    ]


def test_absent_account_is_an_error() -> None:
    """No account, no storage: not even zeros."""
    with pytest.raises(AnchorError, match="no account") as caught:
        verify_account(STATE.root, b"\xcc" * 20, STATE.prove(b"\xcc" * 20))

    assert caught.value.stable_code == "verification.no_account"


@pytest.mark.parametrize(
    "encoded",
    [
        b"x",
        rlp.encode([1, 7, STORAGE.root]),
        rlp.encode([b"\x00", 7, STORAGE.root, bytes(32)]),
        rlp.encode([2**64, 7, STORAGE.root, bytes(32)]),
        rlp.encode([1, 7, STORAGE.root[:31], bytes(32)]),
    ],
)
def test_other_accounts_are_refused(encoded: bytes) -> None:
    """An account has four fields in their one form."""
    state = Trie({ADDRESS: encoded})

    with pytest.raises(EncodingError, match=r"RLP|account"):
        verify_account(state.root, ADDRESS, state.prove(ADDRESS))


@pytest.mark.parametrize("encoded", [rlp.encode(0), rlp.encode(b"\x00\x01"), rlp.encode([])])
def test_other_words_are_refused(encoded: bytes) -> None:
    """A slot holds a number without leading zeros, and never zero."""
    storage = Trie({bytes(32): encoded})

    with pytest.raises(EncodingError, match=r"RLP|zeros"):
        verify_storage(storage.root, bytes(32), storage.prove(bytes(32)))
