"""
Write the vectors of the log's tree: `python tests/vectors/generate_merkle.py [--check]`.

Everything here follows the recursive definitions of RFC 9162, section 2.1, and shares no code
with the implementation: trees are lists that are cut in two, proofs are rebuilt the same way.
A case that is damaged is damaged slightly, and whether it still holds is computed, not assumed:
a proof does not commit to the sizes, so some damage to them changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "merkle"

NOTES = {
    "trailingGarbage": "a hash after the last one needed; a loop that stops early accepts it",
    "truncated": "the last hash is absent; a loop that does not ask where it arrived accepts it",
    "emptyProof": "no hash where some are needed",
    "swappedSiblings": "two hashes changed places",
    "wrongIndex": "the index of a neighbour; the shape of the proof is the same or nearly so",
    "innerNodeAsLeaf": "an inner node of the tree offered as a leaf; prefixes keep them apart",
    "otherSize": "the size is one off",
    "sizeNotCommitted": "the size is one off and the proof still holds: its shape is the same,"
    " and the root does not tell the size; only the checkpoint's signature does",
    "fork": "a log that differs in one old entry, with proofs that are valid for it",
    "wrongOldRoot": "one bit of the old root is changed",
    "wrongRoot": "one bit of the root is changed",
    "wrongLeaf": "one bit of a leaf hash is changed",
    "wrongSibling": "one bit of one proof hash is changed",
    "rootsSwapped": "the two roots changed places",
    "oldEmpty": "the empty tree is a prefix of every tree; its root is SHA-256 of nothing",
    "equalSizes": "one size needs one root and no hash",
    "sizesReversed": "the old size is above the new",
    "rootAsProof": "the old root again as the first hash, where it is implied",
    "outOfBounds": "an index or end beyond the tree",
    "missingLeaf": "a leaf of the range is left out",
    "extraLeaf": "a leaf more than the range has",
    "reordered": "two leaves of the range changed places",
}


# --- RFC 9162, section 2.1, as it stands -------------------------------------------------


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return node(mth(entries[:k]), mth(entries[k:]))


def path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: list[bytes]) -> list[bytes]:
    return subproof(m, entries, True) if m else []


def subproof(m: int, entries: list[bytes], whole: bool) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def outside(start: int, end: int, entries: list[bytes], low: int = 0) -> list[bytes]:
    """Hashes of the largest subtrees outside `[start, end)`, left to right."""
    high = low + len(entries)
    if start <= low and high <= end:
        return []
    if high <= start or end <= low:
        return [mth(entries)]
    k = split(len(entries))
    return outside(start, end, entries[:k], low) + outside(start, end, entries[k:], low + k)


# --- does it hold, by rebuilding in the same recursive way -------------------------------


class Refused(Exception):
    """The hashes do not have the shape asked for."""


def take(hashes: list[bytes], at: int) -> bytes:
    if not hashes:
        raise Refused
    return hashes.pop(at)


def rebuild_path(m: int, n: int, leaf_hash: bytes, hashes: list[bytes]) -> bytes:
    if n == 1:
        return leaf_hash
    k = split(n)
    sibling = take(hashes, -1)
    if m < k:
        return node(rebuild_path(m, k, leaf_hash, hashes), sibling)
    return node(sibling, rebuild_path(m - k, n - k, leaf_hash, hashes))


def rebuild_proof(
    m: int, n: int, old_root: bytes, hashes: list[bytes], whole: bool = True
) -> tuple[bytes, bytes]:
    if m == n:
        known = old_root if whole else take(hashes, -1)
        return known, known
    k = split(n)
    sibling = take(hashes, -1)
    if m <= k:
        old, new = rebuild_proof(m, k, old_root, hashes, whole)
        return old, node(new, sibling)
    old, new = rebuild_proof(m - k, n - k, old_root, hashes, False)
    return node(sibling, old), node(sibling, new)


def rebuild_range(
    start: int, end: int, low: int, high: int, leaves: list[bytes], hashes: list[bytes]
) -> bytes:
    if high <= start or end <= low:
        return take(hashes, 0)
    if high - low == 1:
        return take(leaves, 0)
    k = split(high - low)
    left = rebuild_range(start, end, low, low + k, leaves, hashes)
    return node(left, rebuild_range(start, end, low + k, high, leaves, hashes))


def inclusion_holds(case: dict[str, Any]) -> bool:
    if not 0 <= case["index"] < case["size"]:
        return False
    hashes = list(case["proof"])
    try:
        root = rebuild_path(case["index"], case["size"], case["leaf_hash"], hashes)
    except Refused:
        return False
    return not hashes and root == case["root"]


def consistency_holds(case: dict[str, Any]) -> bool:
    old_size, new_size = case["old_size"], case["new_size"]
    hashes = list(case["proof"])
    if old_size > new_size:
        return False
    if old_size == 0:
        return not hashes and case["old_root"] == mth([])
    try:
        old, new = rebuild_proof(old_size, new_size, case["old_root"], hashes)
    except Refused:
        return False
    return not hashes and (old, new) == (case["old_root"], case["new_root"])


def range_holds(case: dict[str, Any]) -> bool:
    if not 0 <= case["start"] < case["end"] <= case["size"]:
        return False
    leaves, hashes = list(case["leaf_hashes"]), list(case["proof"])
    try:
        root = rebuild_range(case["start"], case["end"], 0, case["size"], leaves, hashes)
    except Refused:
        return False
    return not leaves and not hashes and root == case["root"]


# --- cases -------------------------------------------------------------------------------

Case = dict[str, Any]
Damage = tuple[str, Case]

ENTRIES = [f"entry {index}".encode() for index in range(1100)]
GARBAGE = sha256(b"garbage")


def flip(value: bytes) -> bytes:
    return value[:-1] + bytes((value[-1] ^ 1,))


def fork(size: int, at: int) -> list[bytes]:
    return [*ENTRIES[:at], b"another entry", *ENTRIES[at + 1 : size]]


def proof_damage(case: Case) -> Iterator[Damage]:
    """Damage to the list of hashes that every kind of proof can suffer."""
    hashes = case["proof"]
    yield "trailingGarbage", {"proof": [*hashes, GARBAGE]}
    yield "trailingGarbage", {"proof": [GARBAGE, *hashes]}
    if hashes:
        yield "truncated", {"proof": hashes[:-1]}
        yield "truncated", {"proof": hashes[1:]}
        yield "wrongSibling", {"proof": [*hashes[:-1], flip(hashes[-1])]}
    if len(hashes) > 1:
        yield "emptyProof", {"proof": []}
        yield "swappedSiblings", {"proof": [hashes[1], hashes[0], *hashes[2:]]}


def size_damage(case: Case, key: str) -> Iterator[Damage]:
    for offset in (-1, 1):
        yield "otherSize", {key: case[key] + offset}


def inclusion_case(index: int, size: int) -> Case:
    entries = ENTRIES[:size]
    return {
        "leaf_hash": leaf(entries[index]),
        "index": index,
        "size": size,
        "root": mth(entries),
        "proof": path(index, entries),
    }


def inclusion_damage(case: Case) -> Iterator[Damage]:
    index, size = case["index"], case["size"]
    yield from proof_damage(case)
    yield from size_damage(case, "size")
    yield "wrongIndex", {"index": index ^ 1}
    yield "wrongIndex", {"index": index - 1}
    yield "outOfBounds", {"index": size}
    yield "outOfBounds", {"index": index + (1 << size.bit_length())}
    yield "wrongLeaf", {"leaf_hash": flip(case["leaf_hash"])}
    yield "wrongRoot", {"root": flip(case["root"])}
    other = (index + 1) % size
    if other != index:
        forked = fork(size, other)
        yield "fork", {"root": mth(forked)}
        yield "fork", {"proof": path(index, forked)}
        yield "fork", {"leaf_hash": leaf(forked[other])}
    if index ^ 1 < size:
        pair = (case["leaf_hash"], case["proof"][0])
        parent = node(*pair) if index % 2 == 0 else node(*pair[::-1])
        yield "innerNodeAsLeaf", {"leaf_hash": parent, "proof": case["proof"][1:]}


def consistency_case(old_size: int, new_size: int) -> Case:
    entries = ENTRIES[:new_size]
    return {
        "old_size": old_size,
        "new_size": new_size,
        "old_root": mth(entries[:old_size]),
        "new_root": mth(entries),
        "proof": proof(old_size, entries),
    }


def consistency_damage(case: Case) -> Iterator[Damage]:
    old_size, new_size = case["old_size"], case["new_size"]
    yield from proof_damage(case)
    yield from size_damage(case, "old_size")
    yield from size_damage(case, "new_size")
    yield "wrongOldRoot", {"old_root": flip(case["old_root"])}
    yield "wrongRoot", {"new_root": flip(case["new_root"])}
    yield "rootsSwapped", {"old_root": case["new_root"], "new_root": case["old_root"]}
    yield "sizesReversed", {"old_size": new_size, "new_size": old_size}
    yield "rootAsProof", {"proof": [case["old_root"], *case["proof"]]}
    for at in {0, old_size - 1}:
        forked = fork(new_size, at)
        yield "fork", {"new_root": mth(forked), "proof": proof(old_size, forked)}
        yield "fork", {"new_root": mth(forked)}
        yield "fork", {"old_root": mth(forked[:old_size])}


def range_case(start: int, end: int, size: int) -> Case:
    entries = ENTRIES[:size]
    return {
        "leaf_hashes": [leaf(entry) for entry in entries[start:end]],
        "start": start,
        "end": end,
        "size": size,
        "root": mth(entries),
        "proof": outside(start, end, entries),
    }


def range_damage(case: Case) -> Iterator[Damage]:
    leaves, start, end = case["leaf_hashes"], case["start"], case["end"]
    yield from proof_damage(case)
    yield from size_damage(case, "size")
    yield "wrongLeaf", {"leaf_hashes": [*leaves[:-1], flip(leaves[-1])]}
    yield "wrongRoot", {"root": flip(case["root"])}
    yield "missingLeaf", {"leaf_hashes": leaves[:-1]}
    yield "missingLeaf", {"leaf_hashes": leaves[1:]}
    yield "extraLeaf", {"leaf_hashes": [*leaves, leaf(ENTRIES[end])]}
    yield "outOfBounds", {"end": case["size"] + 1}
    yield "outOfBounds", {"end": start}
    yield "wrongIndex", {"start": start + 1, "end": end + 1}
    if start:
        yield "wrongIndex", {"start": start - 1, "end": end - 1}
    if len(leaves) > 1:
        yield "reordered", {"leaf_hashes": [leaves[1], leaves[0], *leaves[2:]]}
        inner = node(leaves[0], leaves[1])
        yield "innerNodeAsLeaf", {"leaf_hashes": [inner, *leaves[2:]]}


# --- files -------------------------------------------------------------------------------


def named(name: str, case: Case, holds: bool, flags: list[str]) -> Case:
    if holds and flags == ["otherSize"]:
        flags = ["sizeNotCommitted"]
    elif holds and flags and flags[0] not in ("oldEmpty", "equalSizes", "sizeNotCommitted"):
        raise AssertionError(f"{name} was damaged and still holds")
    return {"name": name, **case, "result": "valid" if holds else "invalid", "flags": flags}


def damaged(name: str, case: Case, damage: Iterator[Damage], holds: Any) -> Iterator[Case]:
    count: dict[str, int] = {}
    for flag, change in damage:
        count[flag] = count.get(flag, 0) + 1
        changed = {**case, **change}
        if min(changed[key] for key in changed if key.endswith("size")) < 0:
            continue
        if changed != case:
            yield named(f"{name}, {flag} {count[flag]}", changed, holds(changed), [flag])


def inclusion() -> Iterator[Case]:
    sizes = [1, 2, 3, 4, 5, 7, 8]
    sound = [(index, size) for size in sizes for index in range(size)]
    sound += [(0, 64), (63, 64), (64, 65), (5, 70), (69, 70), (255, 256), (256, 257), (777, 1000)]
    for index, size in sound:
        case = inclusion_case(index, size)
        yield named(f"entry {index} of {size}", case, inclusion_holds(case), [])
    for index, size in ((0, 1), (0, 2), (5, 7), (6, 7), (3, 8), (64, 65), (41, 70)):
        case = inclusion_case(index, size)
        name = f"entry {index} of {size}"
        yield from damaged(name, case, inclusion_damage(case), inclusion_holds)


def consistency() -> Iterator[Case]:
    sound = [(old, new) for new in range(1, 9) for old in range(1, new)]
    sound += [(63, 64), (64, 65), (65, 128), (33, 70), (64, 70), (69, 70), (1, 70)]
    sound += [(255, 256), (256, 257), (300, 1000), (512, 1000), (999, 1000)]
    for old, new in sound:
        case = consistency_case(old, new)
        yield named(f"{old} to {new}", case, consistency_holds(case), [])
    for new in (0, 1, 5, 8):
        case = consistency_case(0, new)
        yield named(f"0 to {new}", case, consistency_holds(case), ["oldEmpty"])
    for size in (1, 6, 8):
        case = consistency_case(size, size)
        yield named(f"{size} to {size}", case, consistency_holds(case), ["equalSizes"])
        for name, change in (
            ("another root", {"new_root": mth(fork(size, 0))}),
            ("a hash", {"proof": [case["old_root"]]}),
        ):
            changed = {**case, **change}
            held = consistency_holds(changed)
            yield named(f"{size} to {size}, {name}", changed, held, ["equalSizes"])
    empty = consistency_case(0, 5)
    for name, change in (
        ("garbage as old root", {"old_root": GARBAGE}),
        ("a hash", {"proof": [GARBAGE]}),
    ):
        changed = {**empty, **change}
        yield named(f"0 to 5, {name}", changed, consistency_holds(changed), ["oldEmpty"])
    for old, new in ((1, 2), (6, 8), (3, 7), (4, 7), (7, 8), (33, 70), (64, 70)):
        case = consistency_case(old, new)
        yield from damaged(f"{old} to {new}", case, consistency_damage(case), consistency_holds)


def ranges() -> Iterator[Case]:
    sound = [(a, b, n) for n in range(1, 7) for a in range(n) for b in range(a + 1, n + 1)]
    sound += [(0, 64, 70), (64, 70, 70), (3, 9, 70), (33, 34, 70), (250, 262, 1000)]
    for start, end, size in sound:
        case = range_case(start, end, size)
        yield named(f"[{start}, {end}) of {size}", case, range_holds(case), [])
    for start, end, size in ((0, 1, 1), (2, 5, 7), (0, 4, 7), (4, 7, 7), (3, 9, 70)):
        case = range_case(start, end, size)
        yield from damaged(f"[{start}, {end}) of {size}", case, range_damage(case), range_holds)


FILES = {
    "inclusion": ("RFC 9162, 2.1.3: a leaf hash stands at an index of a tree", inclusion),
    "consistency": ("RFC 9162, 2.1.4: a later tree extends an earlier one", consistency),
    "range": ("Leaf hashes stand at [start, end) of a tree, all and in order", ranges),
}


def render(description: str, cases: list[Case]) -> str:
    used = {flag for case in cases for flag in case["flags"]}
    document = {
        "description": description,
        "notes": {flag: NOTES[flag] for flag in sorted(used)},
        "cases": cases,
    }
    return json.dumps(document, indent=1, default=lambda value: "0x" + value.hex()) + "\n"


def documents() -> dict[str, str]:
    """Give the text of each file, by name."""
    return {name: render(description, list(make())) for name, (description, make) in FILES.items()}


def main() -> int:
    """Write the files, or with `--check` say whether they are fresh."""
    stale = 0
    for name, text in documents().items():
        target = FOLDER / f"{name}.json"
        if "--check" not in sys.argv[1:]:
            FOLDER.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{target.name} is not what this script writes\n")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
