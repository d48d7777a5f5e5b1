"""
Lines of an inventory: each one number of one period, with its sources.

A number that is not there is absent, never zero, and the line says why.

Source: FORMATS section 8; DESIGN section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from attestation.canonical import Json
from attestation.enums import DataClass
from ledger.inventory.amounts import Amount
from ledger.inventory.errors import InventoryError
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source

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
