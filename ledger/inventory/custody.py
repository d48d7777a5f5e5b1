"""
The chain of custody of a laboratory sample, and whether its measured value may be used.

A sample is taken, sealed, received, tested, reported: in this order by the clock and in this
order in the log, with one seal, in time, by an accredited laboratory, with all its figures. Where
any of it is broken the measured value does not count, and the prescribed factor takes its place;
the verdict says each reason. What is only worth a look stands as a note beside it.

Source: DOMAIN section 5 (coal sample chain), section 1.1 (defaults of a day or batch).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from attestation.enums import CarbonBasis
from attestation.sample_bodies import LabReport
from ledger.inventory.amounts import Amount
from ledger.inventory.custody_chain import Custody, Filed
from ledger.inventory.custody_rules import days_between, find_faults, find_notes
from ledger.inventory.custody_words import Remark

__all__ = ["Custody", "Filed", "SampleVerdict", "days_between", "figures_of", "judge"]

_IN_RULE_UNITS: Final = {
    "carbon_ppm": ("tC/t", 6),
    "ncv_j_per_g": ("GJ/t", 3),
    "hydrogen_ppm": ("%", 4),
    "sulphur_ppm": ("%", 4),
    "moisture_ppm": ("%", 4),
    "ash_ppm": ("%", 4),
    "gas_carbon_mg_per_m3": ("tC/e4Nm3", 5),
    "gas_ncv_j_per_m3": ("GJ/e4Nm3", 5),
}


@dataclass(frozen=True, slots=True)
class SampleVerdict:
    """Whether the measured value of a sample may be used, and why not."""

    sample: str
    sample_index: int
    report_index: int | None
    faults: tuple[Remark, ...]
    """Each alone makes the prescribed factor take the place of the measured value."""
    notes: tuple[Remark, ...]
    """Worth a look; they decide nothing."""
    basis: CarbonBasis | None
    """Basis of the figures; None without a report."""
    figures: Mapping[str, Amount]
    """Figures of the report by field, in the units of the rules; empty without one."""

    @property
    def usable(self) -> bool:
        """Whether the measured value may be used; else the prescribed factor."""
        return not self.faults


def judge(custody: Custody) -> SampleVerdict:
    """
    Say whether a sample's measured value may be used.

    Args:
        custody: All that is filed about the sample.
    """
    report = custody.report
    return SampleVerdict(
        sample=custody.sample.body.sample,
        sample_index=custody.sample.index,
        report_index=None if report is None else report.index,
        faults=tuple(find_faults(custody)),
        notes=tuple(find_notes(custody)),
        basis=None if report is None else report.body.basis,
        figures={} if report is None else figures_of(report.body),
    )


def figures_of(report: LabReport) -> dict[str, Amount]:
    """Give the figures of a report in the units of the rules, exactly."""
    found = report.solid_figures | report.gas_figures
    figures = {}
    for name, value in found.items():
        unit, decimals = _IN_RULE_UNITS[name]
        figures[name] = Amount(Decimal(value).scaleb(-decimals), unit)
    return figures
