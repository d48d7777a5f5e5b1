"""
The record of how each figure of an enterprise is got: the data quality control plan.

The plan (数据质量控制方案) says for every parameter of a unit whether it is measured, by which
series or laboratory, how often and how well, and what may stand in the place of missing data. A
figure that is got another way departs from the plan, and each departure is named.

Source: DOMAIN section 5; CETS-VG-01.01; `docs/formats/inventory-records.md`, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attestation.body_fields import (
    NAME,
    SECOND,
    SERIES,
    TRUE,
    body_of,
    integer,
    list_of,
    optional,
    require,
    stated,
    text,
    word_of,
)
from attestation.enums import DataSide, MissingDataRule, RevisionReason, WayOfGetting
from attestation.statements import About, Statement
from attestation.structure_bodies import CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParameter:
    """How one parameter of one unit is got."""

    unit: str = stated(CODE)
    """Code of the power unit or facility."""
    parameter: str = stated(NAME)
    """Its name among the unit's parameters, such as `fuel-consumption:coal-1`."""
    measured_in: str = stated(text(40))
    """Unit of the figure, as the rules write it."""
    way: WayOfGetting = stated(word_of(WayOfGetting))  # noqa: RUF009 - a field
    side: DataSide = stated(word_of(DataSide))  # noqa: RUF009 - a field
    """Which way of correcting it is conservative."""
    series: tuple[str, ...] = stated(list_of(SERIES, most=20), ())
    laboratory: str | None = optional(text(200))
    stream: str | None = optional(CODE)
    every_s: int | None = optional(integer(1, 366 * 86_400))
    """Longest time between two measurements, in seconds."""
    accuracy_class: str | None = optional(text(40))
    accuracy_ppm: int | None = optional(integer(1, 1_000_000))
    """Greatest error that the class allows, in millionths of the value."""
    calibration_days: int | None = optional(integer(1, 3660))
    """Longest time between two calibrations, in days."""
    missing: MissingDataRule = stated(word_of(MissingDataRule), MissingDataRule.LEAVE_MISSING)  # noqa: RUF009 - a field
    backup_series: str | None = optional(SERIES)
    """Whose amounts stand in, with the rule `other-series`."""
    imports: bool = optional(TRUE, default=False)
    """Whether readings imported from a file may be used."""
    department: str = stated(text(200))
    """Which department answers for it; no person is named."""

    def __post_init__(self) -> None:
        has_source = bool(self.series) or self.laboratory is not None
        is_measured = self.way is WayOfGetting.MEASURED
        require(has_source or not is_measured, "measured by neither a series nor a laboratory")
        require(len(set(self.series)) == len(self.series), "a series twice")
        needs_backup = self.missing is MissingDataRule.OTHER_SERIES
        require(needs_backup == (self.backup_series is not None), "back-up goes with its rule")
        require(self.backup_series not in self.series, "a series is its own back-up")
        wrong_way = {
            DataSide.EMISSION: MissingDataRule.LOWEST,
            DataSide.PRODUCTION: MissingDataRule.HIGHEST,
        }
        require(self.missing is not wrong_way.get(self.side), "a rule that helps who reports")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlan(Statement):
    """An edition of a data quality control plan."""

    record_type: ClassVar[str] = "control-plan"

    plan: str = stated(NAME)
    """Name of the plan; its editions share it."""
    edition: int = stated(integer(1, 10_000))
    from_s: int = stated(SECOND)
    reason: RevisionReason = stated(word_of(RevisionReason))  # noqa: RUF009 - a field
    explanation: str = stated(text(1000))
    parameters: tuple[PlannedParameter, ...] = stated(
        list_of(body_of(PlannedParameter), least=1, most=200)
    )

    def __post_init__(self) -> None:
        is_first = self.reason is RevisionReason.FIRST
        require((self.edition == 1) == is_first, "edition 1 is the first, and no other")
        names = [(each.unit, each.parameter) for each in self.parameters]
        require(len(set(names)) == len(names), "one parameter of a unit twice")

    @property
    def about(self) -> About:
        """It is about the plan, until the next edition begins."""
        return About(self.plan, self.from_s)
