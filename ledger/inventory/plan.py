"""
The data quality control plan in force, and what in a datum departs from it.

Every departure is named with what the plan says and what was found; whether one matters is the
verifier's to say. No departure means that the datum was got as planned, not that it is right.

Source: DOMAIN section 5 (数据质量控制方案); `docs/formats/inventory-records.md`, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.canonical import Json
from attestation.plan_bodies import ControlPlan, PlannedParameter
from ledger.repositories.logs import Log
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class InForce:
    """What a plan in force says of one parameter of one unit."""

    index: int
    """Index of the plan's entry."""
    plan: str
    edition: int
    parameter: PlannedParameter

    def place(self) -> dict[str, Json]:
        """Say which plan it is, as documents do."""
        return {"index": self.index, "plan": self.plan, "edition": self.edition}


def plans_at(
    uow: UnitOfWork, log: Log, at_s: int, *, size: int | None = None
) -> tuple[StatedRecord[ControlPlan], ...]:
    """Give the editions in force at a second, one of each plan."""
    return uow.stated.all_at(log.number, ControlPlan, at_s, size=size)


def planned_at(
    uow: UnitOfWork, log: Log, unit: str, parameter: str, at_s: int, *, size: int | None = None
) -> InForce | None:
    """
    Give what the plan in force at a second says of a parameter; None where none does.

    Of two plans that both name it, the one filed last counts.
    """
    found: InForce | None = None
    for record in plans_at(uow, log, at_s, size=size):
        for each in record.body.parameters:
            if (each.unit, each.parameter) == (unit, parameter):
                found = InForce(record.index, record.body.plan, record.body.edition, each)
    return found


def planned_parameters(
    uow: UnitOfWork, log: Log, at_s: int, *, unit: str | None = None
) -> tuple[InForce, ...]:
    """Give what the plans in force at a second say, of one unit or all, in the plans' order."""
    return tuple(
        InForce(record.index, record.body.plan, record.body.edition, each)
        for record in plans_at(uow, log, at_s)
        for each in record.body.parameters
        if unit in (None, each.unit)
    )
