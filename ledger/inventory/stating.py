"""
Values that the enterprise states, each with the document it stands in.

A design value, a default, or a factor of an inventory that no guide prescribes factors for: the
value stands in the version, and the control plan must name its parameter as got by design or by
default. What is measured is never stated.

Source: DOMAIN section 5 (way of getting); DESIGN section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from attestation.canonical import Json
from attestation.enums import WayOfGetting
from attestation.plan_bodies import PlannedParameter
from ledger.inventory.amounts import Amount
from ledger.inventory.evidence import MISSING_PLAN, Drawn
from ledger.inventory.sources import Source, SourceKind


@dataclass(frozen=True, slots=True)
class StatedValue:
    """One value, and where it stands."""

    parameter: str
    """Its name in the control plan."""
    amount: Amount
    document: str
    """SHA-256 of the document it stands in, in hex."""
    note: str
    """Where in the document, for people."""

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in the inventory."""
        return {
            "parameter": self.parameter,
            "value": self.amount.text,
            "unit": self.amount.unit,
            "document": self.document,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, fields: Any) -> Self:
        """Read one; a fault of form is a `KeyError`, `TypeError`, `ValueError` or `Error`."""
        amount = Amount.parse(fields["value"], fields["unit"])
        return cls(fields["parameter"], amount, fields["document"], fields["note"])

    def drawn(self, planned: PlannedParameter | None, plan_index: int) -> Drawn:
        """
        Give it as a number, if the control plan lets it be stated.

        Args:
            planned: What the plan in force says of the parameter; None where nothing.
            plan_index: Index of the plan's entry.
        """
        if planned is None:
            return Drawn.missing(MISSING_PLAN, f"no plan in force names {self.parameter}")
        if planned.way in (WayOfGetting.MEASURED, WayOfGetting.CALCULATED):
            way = planned.way.name.lower()
            message = f"{self.parameter} is {way} by the plan, and cannot be stated"
            return Drawn.missing(MISSING_PLAN, message)
        sources = (
            Source(SourceKind.DOCUMENT, self.document, self.note),
            Source.of_entry(SourceKind.PLAN, plan_index, planned.way.name.lower()),
        )
        return Drawn(self.amount, sources)
