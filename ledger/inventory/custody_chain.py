"""
Everything that is filed about one sample, brought together before it is judged.

Source: `docs/formats/sample-records.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from attestation.enums import CustodyStep
from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep
from ledger.inventory.anchor_times import BlockTime

BodyType = TypeVar("BodyType")


@dataclass(frozen=True, slots=True)
class Filed(Generic[BodyType]):
    """A body with the index of its record."""

    index: int
    body: BodyType


@dataclass(frozen=True, slots=True)
class Custody:
    """Everything the log says of one sample; superseded records are left out."""

    sample: Filed[Sample]
    steps: tuple[Filed[SampleStep], ...]
    """In the order of the log."""
    reports: tuple[Filed[LabReport], ...]
    """Reports that name the sample, in the order of the log."""
    laboratories: tuple[Filed[Laboratory], ...]
    parts: Mapping[str, Filed[Sample]]
    """The samples a composite one is made of, as far as they are filed."""
    reused_numbers: frozenset[tuple[str, str]] = frozenset()
    """Laboratory and number of reports that stand for two different files."""
    filed: Mapping[int, BlockTime] = field(default_factory=dict)
    """When records of the sample and its parts were on the chain, by index, as far as known."""
    is_twice: bool = False
    """Whether two standing records claim the sample's number."""

    def step(self, step: CustodyStep) -> Filed[SampleStep] | None:
        """Give the record of a step; the first, where there are several."""
        return next((each for each in self.steps if each.body.step is step), None)

    @property
    def report(self) -> Filed[LabReport] | None:
        """The newest report that names the sample; one of moisture alone only if no other does."""
        found = [each for each in self.reports if not each.body.is_moisture_alone]
        return next(reversed(found or self.reports), None)
