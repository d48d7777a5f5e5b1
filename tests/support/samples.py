"""
A coal sample of March 2024 and everything that is filed about it, right unless a test breaks it.

Times are given as days of the reporting zone, so that a test can say the fortieth.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from attestation.eip712 import address_of
from attestation.enums import CarbonBasis, CustodyStep, LaboratoryMark, SampleKind
from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep
from ledger.inventory.anchor_times import BlockTime
from ledger.inventory.custody import Custody, Filed
from ledger.inventory.periods import Period, begin_of_day
from tests.support.enterprise import LABORATORY

LAB_CODE = "91350211M000100Y46"
MARCH = Period.month(2024, 3)
UNIT = "u1"
COAL = "烟煤"


def at(month: int, day: int, hour: int = 8, *, year: int = 2024) -> int:
    """Give a full hour of a day of the reporting zone."""
    return begin_of_day(date(year, month, day)) + hour * 3600


def laboratory(**changes: Any) -> Laboratory:
    """Give a laboratory that is accredited from 2023 to 2025."""
    body = Laboratory(
        code=LAB_CODE,
        laboratory="coal laboratory",
        key=address_of(LABORATORY),
        mark=LaboratoryMark.CMA_AND_CNAS,
        accreditation="220012345678",
        from_s=at(1, 1, 0, year=2023),
        to_s=at(1, 1, 0, year=2026),
    )
    return replace(body, **changes)


def sample(name: str = "c-03", **changes: Any) -> Sample:
    """Give a batch sample that stands for March, taken on the first of April."""
    body = Sample(
        sample=name,
        unit=UNIT,
        fuel=COAL,
        kind=SampleKind.BATCH,
        taken_s=at(4, 1),
        from_s=MARCH.from_s,
        to_s=MARCH.to_s,
        mass_g=3000,
        sampler=sha256(b"sampler").digest(),
        seal="F-1",
        standard="GB/T 475",
    )
    return replace(body, **changes)


def step(kind: CustodyStep, at_s: int, name: str = "c-03", **changes: Any) -> SampleStep:
    """Give one step, with the seal where one belongs to it."""
    has_seal = kind in (CustodyStep.SEALED, CustodyStep.RECEIVED)
    body = SampleStep(
        sample=name, step=kind, at_s=at_s, holder="holder", seal="F-1" if has_seal else None
    )
    return replace(body, **changes)


def steps(name: str = "c-03") -> dict[CustodyStep, SampleStep]:
    """Give the steps of a sample in order."""
    return {
        CustodyStep.SEALED: step(CustodyStep.SEALED, at(4, 1, 9), name),
        CustodyStep.RECEIVED: step(CustodyStep.RECEIVED, at(4, 3), name, mass_g=2900),
        CustodyStep.TESTED: step(CustodyStep.TESTED, at(4, 10), name),
        CustodyStep.KEPT: step(CustodyStep.KEPT, at(4, 10, 9), name, mass_g=700, particle_um=3000),
    }


def report(*names: str, **changes: Any) -> LabReport:
    """Give the report on a sample."""
    body = LabReport(
        report="M-0412",
        laboratory=LAB_CODE,
        mark=LaboratoryMark.CMA,
        standards=("GB/T 476",),
        basis=CarbonBasis.AIR_DRY,
        unit=UNIT,
        fuel=COAL,
        from_s=MARCH.from_s,
        to_s=MARCH.to_s,
        samples=names or ("c-03",),
        received_s=at(4, 3),
        tested_s=at(4, 10),
        reported_s=at(4, 12),
        mass_g=2900,
        instrument="CHN analyser",
        staff=(sha256(b"tester").digest(),),
        file=sha256(b"report").digest(),
        carbon_ppm=576_100,
        ncv_j_per_g=22_415,
        hydrogen_ppm=36_200,
        sulphur_ppm=5_100,
        moisture_ppm=24_300,
    )
    return replace(body, **changes)


def custody(**changes: Any) -> Custody:
    """Give the whole chain of the sample, filed at indexes 10 to 15."""
    whole = Custody(
        sample=Filed(10, sample()),
        steps=tuple(Filed(11 + at, each) for at, each in enumerate(steps().values())),
        reports=(Filed(15, report()),),
        laboratories=(Filed(1, laboratory()),),
        parts={},
        filed={10: BlockTime(at(4, 1, 9), True)},
    )
    return replace(whole, **changes)


def with_step(chain: Custody, kind: CustodyStep, **changes: Any) -> Custody:
    """Change what one step says."""
    return replace(
        chain,
        steps=tuple(
            Filed(each.index, replace(each.body, **changes)) if each.body.step is kind else each
            for each in chain.steps
        ),
    )


def with_report(chain: Custody, **changes: Any) -> Custody:
    """Change what the report says."""
    (filed,) = chain.reports
    return replace(chain, reports=(Filed(filed.index, replace(filed.body, **changes)),))


def with_sample(chain: Custody, **changes: Any) -> Custody:
    """Change what the sample says."""
    return replace(chain, sample=Filed(chain.sample.index, replace(chain.sample.body, **changes)))
