"""
A stranger's look at a log: only what is served, with the definitions of the standard.

Shares no code with the ledger or with `attestation`: the hashes are the recursive ones of RFC 9162,
the paths and notes are read by hand.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Fetch = Callable[[str], bytes]
"""Gives the bytes below the log's prefix."""


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def open_note(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Check a checkpoint's first signature under a vkey; give origin, size, root."""
    name, key_id, encoded = vkey.split("+", 2)
    text, _, signatures = note.partition("\n\n")
    dash, signer, blob = signatures.split("\n")[0].split(" ")
    assert (dash, signer) == ("\u2014", name)
    signature = base64.b64decode(blob)
    assert signature[:4].hex() == key_id
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
    key.verify(signature[4:], (text + "\n").encode())
    origin, size, root = text.split("\n")
    return origin, int(size), base64.b64decode(root)


def read_log(fetch: Fetch, vkey: str) -> list[bytes]:
    """
    Read a whole log from outside and check it: checkpoint, entries, every hash tile.

    Gives its entries in order.
    """
    origin, size, root = open_note(fetch("checkpoint").decode(), vkey)
    assert vkey.startswith(origin + "+")
    entries = [entry for bundle in _bundles(fetch, size) for entry in bundle]
    assert len(entries) == size
    leaves = [leaf_hash(entry) for entry in entries]
    assert tree_hash(leaves) == root
    _check_tiles(fetch, leaves)
    return entries


def _bundles(fetch: Fetch, size: int) -> list[list[bytes]]:
    return [_split(fetch("tile/entries/" + path), width) for path, width in _paths(size)]


def _split(bundle: bytes, width: int) -> list[bytes]:
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert len(entries) == width
    return entries


def _check_tiles(fetch: Fetch, leaves: list[bytes]) -> None:
    level, nodes = 0, leaves
    while nodes:
        for number, (path, width) in enumerate(_paths(len(nodes))):
            tile = b"".join(nodes[number * 256 : number * 256 + width])
            assert fetch(f"tile/{level}/{path}") == tile
        whole = len(nodes) // 256 * 256
        nodes = [tree_hash(nodes[at : at + 256]) for at in range(0, whole, 256)]
        level += 1


def _paths(count: int) -> list[tuple[str, int]]:
    paths = []
    for number in range(-(-count // 256)):
        width = min(256, count - number * 256)
        groups = [f"{number % 1000:03d}"]
        rest = number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        paths.append(("/".join(groups) + ("" if width == 256 else f".p/{width}"), width))
    return paths
