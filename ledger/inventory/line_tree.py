"""
The tree over what an inventory says: its salted lines, then the digests that they stand on.

One root is signed. Under it each line can be shown without the others, and a contract can see that
a digest of the log was signed for a line: it builds the leaf of a line's evidence itself, from
three words. A line's leaf holds a salt and JSON, an evidence leaf four ABI words that begin with
the hash of a type; neither can be taken for the other.

Source: FORMATS sections 8 and 9; CONTRACTS section 2 (EvidenceBinding);
`docs/formats/inventories.md`, section 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from attestation.canonical import Json, canonical_json
from attestation.ids import HASH_LENGTH, keccak256
from attestation.merkle import hash_leaf, inclusion_proof, root_hash, verify_inclusion
from ledger.inventory.errors import InventoryError
from ledger.inventory.lines import Line

SALT_LENGTH: Final = 16
EVIDENCE_TYPEHASH: Final = keccak256(
    b"LineEvidence(bytes32 inventoryId,bytes32 lineId,bytes32 commitment)"
)


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """A digest of the log, bound to the line that stands on it."""

    line_id: str
    index: int
    """Entry of the digest."""
    commitment: bytes
    """What the digest commits to, 32 bytes."""

    def __post_init__(self) -> None:
        if len(self.commitment) != HASH_LENGTH:
            raise InventoryError(f"a commitment of {len(self.commitment)} bytes, 32 expected")

    def leaf(self, inventory_id: bytes) -> bytes:
        """Give its leaf hash, as `EvidenceBinding` builds it."""
        words = (EVIDENCE_TYPEHASH, inventory_id, line_hash(self.line_id), self.commitment)
        return hash_leaf(b"".join(words))

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in the inventory."""
        return {"line": self.line_id, "index": self.index, "commitment": self.commitment.hex()}

    @classmethod
    def from_json(cls, fields: Any) -> Self:
        """Read one; a fault of form is one of `KeyError`, `TypeError`, `ValueError`, `Error`."""
        return cls(fields["line"], fields["index"], bytes.fromhex(fields["commitment"]))


@dataclass(frozen=True, slots=True)
class LineProof:
    """One line, shown without the others."""

    line: Line
    salt: bytes
    """16 bytes."""
    index: int
    count: int
    """Leaves of the tree: lines and their evidence."""
    path: tuple[bytes, ...]

    def check(self, root: bytes) -> Line:
        """
        Give the line, if it is in the inventory with this root of lines.

        Raises:
            InclusionError: If it is not.
        """
        leaf = hash_leaf(salted(self.line, self.salt))
        verify_inclusion(leaf, index=self.index, size=self.count, root=root, proof=self.path)
        return self.line


@dataclass(frozen=True, slots=True)
class EvidenceProof:
    """That a digest was signed for a line."""

    evidence: LineEvidence
    leaf_index: int
    count: int
    path: tuple[bytes, ...]


class LineTree:
    """
    The tree of one version.

    Args:
        inventory_id: 32 bytes.
        lines: In their order.
        evidence: In its order.
        secret: Random, of the version, 32 bytes; whoever has it can salt every line.
    """

    def __init__(
        self,
        inventory_id: bytes,
        lines: Sequence[Line],
        evidence: Sequence[LineEvidence],
        secret: bytes,
    ) -> None:
        self._lines = lines
        self._evidence = evidence
        self._secret = secret
        self._leaves = [hash_leaf(salted(line, salt_of(secret, line))) for line in lines]
        self._leaves += [each.leaf(inventory_id) for each in evidence]

    @property
    def count(self) -> int:
        """Leaves."""
        return len(self._leaves)

    @property
    def root(self) -> bytes:
        """Root, 32 bytes."""
        return root_hash(self._leaves)

    def node(self, level: int, index: int) -> bytes:
        """Give the hash of a complete subtree."""
        width = 1 << level
        return root_hash(self._leaves[index * width : (index + 1) * width])

    def prove_line(self, line_id: str) -> LineProof:
        """
        Give one line with its salt and its path.

        Raises:
            InventoryError: If there is no such line.
        """
        for index, line in enumerate(self._lines):
            if line.line_id == line_id:
                salt = salt_of(self._secret, line)
                return LineProof(line, salt, index, self.count, self._path(index))
        raise InventoryError(f"no line {line_id}")

    def prove_evidence(self, index: int) -> EvidenceProof:
        """
        Give the path of the evidence that a digest is.

        Args:
            index: Entry of the digest.

        Raises:
            InventoryError: If no line stands on it.
        """
        for place, each in enumerate(self._evidence, start=len(self._lines)):
            if each.index == index:
                return EvidenceProof(each, place, self.count, self._path(place))
        raise InventoryError(f"no line stands on the digest at entry {index}")

    def _path(self, index: int) -> tuple[bytes, ...]:
        return tuple(inclusion_proof(self, index, self.count))


def line_hash(line_id: str) -> bytes:
    """Give a line's id as contracts have it, 32 bytes."""
    return keccak256(line_id.encode())


def salt_of(secret: bytes, line: Line) -> bytes:
    """
    Give the salt of a line, 16 bytes.

    Args:
        secret: Of the version.
        line: The line; the same line of another version has another salt.
    """
    return hashlib.sha256(secret + b"\n" + line.line_id.encode()).digest()[:SALT_LENGTH]


def salted(line: Line, salt: bytes) -> bytes:
    """Give what a line's leaf is of: the salt, then the line as canonical JSON."""
    return salt + canonical_json(line.as_json())
