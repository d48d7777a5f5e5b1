"""
Quality of a fuel as recipes ask for it: the laboratory's figures, or why the default stands in.

Source: DOMAIN section 1.1, formula (3), and section 5; `docs/formats/sample-records.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

from attestation.enums import CarbonBasis
from attestation.sample_bodies import LabReport
from ledger.inventory import evidence
from ledger.inventory.custody import SampleVerdict, figures_of
from ledger.inventory.evidence import Drawn, FuelQuality
from ledger.inventory.lines import Obstacle
from ledger.inventory.periods import Period
from ledger.inventory.samples import FuelQuality as Found
from ledger.inventory.samples import SampleBook
from ledger.inventory.sources import Source, SourceKind
from ledger.repositories.stated import StatedRecord

Reports = Sequence[StatedRecord[LabReport]]


def measured_quality(
    samples: SampleBook, found: Found, reports: Reports, *, size: int
) -> FuelQuality:
    """
    Give what was measured of a fuel where one sample stands for all of a period and counts.

    Args:
        samples: All samples of the log.
        found: What the samples say of the period.
        reports: All laboratory reports, in the order of the log.
        size: Entries of the log that are looked at.
    """
    verdict = found.measured
    if verdict is None:
        reasons = [remark.english for part in found.parts for remark in part.reasons]
        if not reasons:
            reasons = [
                f"{len(found.parts)} samples stand for {found.period.label}, and what was burnt"
                " does not divide between them"
            ]
        return _default(*reasons)
    report = samples.custody(verdict.sample).report
    if report is None or "carbon_ppm" not in verdict.figures:
        return _default("the report has no carbon content")
    obstacles: tuple[Obstacle, ...] = ()
    if samples.awaits_anchor(verdict.sample):
        message = f"no final block shows yet when sample {verdict.sample} was filed"
        obstacles = (evidence.MISSING_ANCHOR.of(message),)
    return _measured(report.body, verdict, found.period, reports, size, obstacles)


def _default(*reasons: str) -> FuelQuality:
    nothing = Drawn.missing(evidence.MISSING_DATUM, "the default stands in")
    return FuelQuality(CarbonBasis.FROM_HEAT, nothing, reasons=reasons)


def _measured(
    report: LabReport,
    verdict: SampleVerdict,
    period: Period,
    reports: Reports,
    size: int,
    obstacles: tuple[Obstacle, ...],
) -> FuelQuality:
    sources = _of_report(verdict)
    carbon = Drawn(verdict.figures["carbon_ppm"], sources, obstacles)
    received, air_dry = None, None
    if report.basis in (CarbonBasis.AIR_DRY, CarbonBasis.DRY):
        received = _moisture_received(report, period, reports, size)
    if report.basis is CarbonBasis.AIR_DRY:
        air_dry = Drawn(verdict.figures["moisture_ppm"], sources)
    heat = verdict.figures.get("ncv_j_per_g")
    return FuelQuality(report.basis, carbon, received, air_dry, heat=heat)


def _moisture_received(of: LabReport, period: Period, reports: Reports, size: int) -> Drawn:
    """Find the moisture as received, which another report of that period states."""
    for record in reversed(reports):
        report = record.body
        same = (report.unit, report.fuel) == (of.unit, of.fuel)
        covers = report.from_s <= period.from_s and period.to_s <= report.to_s
        standing = not record.place.is_superseded(size=size)
        if same and covers and standing and report.basis is CarbonBasis.AS_RECEIVED:
            moisture = figures_of(report).get("moisture_ppm")
            if moisture is not None:
                return Drawn(moisture, (Source.of_entry(SourceKind.RECORD, record.index),))
    return Drawn.missing(
        evidence.MISSING_DATUM, f"no report states the moisture of {of.fuel} as received"
    )


def _of_report(verdict: SampleVerdict) -> tuple[Source, ...]:
    sources = [Source.of_entry(SourceKind.RECORD, verdict.sample_index, f"sample {verdict.sample}")]
    if verdict.report_index is not None:
        sources.append(Source.of_entry(SourceKind.RECORD, verdict.report_index, "test report"))
    return tuple(sources)
