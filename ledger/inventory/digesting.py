"""
Which digests an inventory wants: one for each series and month that its unit's plan names.

Source: DESIGN section 8; `docs/formats/activity-digest.md`.
"""

from __future__ import annotations

from ledger.inventory.digests import Subject
from ledger.inventory.periods import Period
from ledger.inventory.plan import planned_parameters
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


def digest_period(uow: UnitOfWork, log: Log, unit: str, period: Period) -> tuple[Subject, ...]:
    """Give the subjects of every planned series of a unit, month by month."""
    return tuple(
        Subject(unit, planned.parameter.parameter, series, month)
        for month in period.months()
        for planned in planned_parameters(uow, log, month.from_s, unit=unit)
        for series in planned.parameter.series
    )
