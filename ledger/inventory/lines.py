"""
Lines of an inventory, and the tree over them that lets one be shown without the rest.

A line is one number of one period with its sources. A number that is not there is absent, never
zero, and the line says why. Each line is salted; the root of the RFC 9162 tree over the salted
lines, in their order, is what is signed.

Source: FORMATS sections 8 and 9; DESIGN section 8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from attestation.canonical import Json, canonical_json
from attestation.enums import DataClass
from attestation.merkle import hash_leaf, inclusion_proof, root_hash, verify_inclusion
from ledger.inventory.amounts import Amount
from ledger.inventory.errors import InventoryError
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source

SALT_LENGTH: Final = 16
TOTAL: Final = "total"
"""Item of the line that adds the others of its class up."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something may stand in a draft only."""

    code: str
    """One of the `inventory.final_…` codes."""
    message: str

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in documents."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class ObstacleKind:
    """A kind of obstacle, by its code."""

    code: str

    def of(self, message: str) -> Obstacle:
        """Give the obstacle with what stands in the way."""
        return Obstacle(self.code, message)


@dataclass(frozen=True, slots=True)
class Line:
    """One number of an inventory."""

    data_class: DataClass
    period: Period
    item: str
    """What it is of, such as a source stream's code; `TOTAL` for a sum."""
    quantity: str
    """What of it, such as `consumption` or `emissions`."""
    amount: Amount | None
    """None where it is missing."""
    sources: tuple[Source, ...]
    obstacles: tuple[Obstacle, ...] = ()
    """Why it may stand in a draft only."""

    def __post_init__(self) -> None:
        if self.amount is None and not self.obstacles:
            raise InventoryError(f"{self.line_id} is missing and does not say why")
        if self.amount is not None and not self.sources:
            raise InventoryError(f"{self.line_id} is a number without a source")

    @property
    def line_id(self) -> str:
        """Its name within the inventory, the same in every version."""
        parts = (self.data_class.name.lower(), self.period.label, self.item, self.quantity)
        return ":".join(parts)

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in the inventory, without its salt."""
        return {
            "class": self.data_class.name,
            "from_s": self.period.from_s,
            "to_s": self.period.to_s,
            "item": self.item,
            "quantity": self.quantity,
            "value": None if self.amount is None else self.amount.text,
            "unit": None if self.amount is None else self.amount.unit,
            "sources": [source.as_json() for source in self.sources],
            "obstacles": [obstacle.as_json() for obstacle in self.obstacles],
        }

    @classmethod
    def from_json(cls, fields: Any) -> Self:
        """Read one; a fault of form is one of `KeyError`, `TypeError`, `ValueError`, `Error`."""
        value = fields["value"]
        return cls(
            data_class=DataClass[fields["class"]],
            period=Period(fields["from_s"], fields["to_s"]),
            item=fields["item"],
            quantity=fields["quantity"],
            amount=None if value is None else Amount.parse(value, fields["unit"]),
            sources=tuple(Source.from_json(each) for each in fields["sources"]),
            obstacles=tuple(
                Obstacle(each["code"], each["message"]) for each in fields["obstacles"]
            ),
        )


@dataclass(frozen=True, slots=True)
class LineProof:
    """One line, shown without the others."""

    line: Line
    salt: bytes
    """16 bytes."""
    index: int
    count: int
    """Lines of the inventory."""
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


class _Leaves:
    """Complete nodes of a small tree, by its leaves."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> bytes:
        """Give the hash of a complete subtree."""
        width = 1 << level
        return root_hash(self._leaves[index * width : (index + 1) * width])


def salt_of(secret: bytes, line: Line) -> bytes:
    """
    Give the salt of a line, 16 bytes.

    Args:
        secret: Random, of the version, 32 bytes; whoever has it can salt every line.
        line: The line; the same line of another version has another salt.
    """
    return hashlib.sha256(secret + b"\n" + line.line_id.encode()).digest()[:SALT_LENGTH]


def salted(line: Line, salt: bytes) -> bytes:
    """Give what a leaf of the tree is of: the salt, then the line as canonical JSON."""
    return salt + canonical_json(line.as_json())


def lines_root(lines: Sequence[Line], secret: bytes) -> bytes:
    """Give the root of the tree over the salted lines, 32 bytes."""
    return root_hash(_leaves(lines, secret))


def prove_line(lines: Sequence[Line], secret: bytes, index: int) -> LineProof:
    """Give one line with its salt and its path."""
    path = inclusion_proof(_Leaves(_leaves(lines, secret)), index, len(lines))
    salt = salt_of(secret, lines[index])
    return LineProof(lines[index], salt, index, len(lines), tuple(path))


def _leaves(lines: Sequence[Line], secret: bytes) -> list[bytes]:
    return [hash_leaf(salted(line, salt_of(secret, line))) for line in lines]
