"""
The samples of an enterprise as its log has them: verdicts, quality of a fuel over a period, alarms.

Everything is read from the entries each time. For each stretch of a period there is either a
usable verdict or the reasons why the prescribed factor takes its place; a stretch without a
sample is named, never skipped.

Source: DESIGN section 8; DOMAIN section 5; `docs/formats/sample-records.md`, section 3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from attestation.sample_bodies import Laboratory, LabReport, Sample, SampleStep
from ledger.inventory.anchor_times import BlockTime, anchor_time
from ledger.inventory.custody import Custody, Filed, SampleVerdict, judge
from ledger.inventory.custody_words import CustodyFault, Remark
from ledger.inventory.errors import NotStated
from ledger.inventory.periods import Period
from ledger.inventory.report_alarms import Alarm, report_alarms, reused_numbers
from ledger.repositories.logs import LogNumber
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class QualityPart:
    """One stretch of a period, with the sample that stands for it."""

    from_s: int
    to_s: int
    verdict: SampleVerdict | None
    """None where no sample stands for it."""

    @property
    def usable(self) -> bool:
        """Whether a measured value may be used for it."""
        return self.verdict is not None and self.verdict.usable

    @property
    def reasons(self) -> tuple[Remark, ...]:
        """Why the prescribed factor takes the place of a measured value; empty where usable."""
        return (CustodyFault.NO_SAMPLE.remark(),) if self.verdict is None else self.verdict.faults


@dataclass(frozen=True, slots=True)
class FuelQuality:
    """What was measured of a fuel of a unit over a period."""

    unit: str
    fuel: str
    period: Period
    parts: tuple[QualityPart, ...]
    """The whole period, in order, without gaps; samples that overlap stand side by side."""

    @property
    def measured(self) -> SampleVerdict | None:
        """The one verdict for the whole period, where there is just one and it is usable."""
        if len(self.parts) == 1 and self.parts[0].usable:
            return self.parts[0].verdict
        return None


class SampleBook:
    """
    All that a log says about samples.

    Args:
        samples: Records of samples, in the order of the log, superseded ones included.
        steps: Records of steps, alike.
        reports: Laboratory reports, alike.
        laboratories: Registered laboratories, alike.
        size: Records at this index and after do not supersede; None where all do.
        filed: When records of samples were on the chain, by index, as far as that is known.
        waiting: Indexes of those of which the chain will show it, and does not yet.
    """

    def __init__(
        self,
        samples: Iterable[StatedRecord[Sample]],
        steps: Iterable[StatedRecord[SampleStep]],
        reports: Iterable[StatedRecord[LabReport]],
        laboratories: Iterable[StatedRecord[Laboratory]],
        *,
        size: int | None = None,
        filed: Mapping[int, BlockTime] = MappingProxyType({}),
        waiting: Collection[int] = (),
    ) -> None:
        self._filed_at = filed
        self._waiting = frozenset(waiting)
        given_out = list(reports)
        standing = _standing(given_out, size)
        self.alarms: tuple[Alarm, ...] = report_alarms([_filed(each) for each in given_out])
        """Signs of made-up reports, over the whole log."""
        self._reused = reused_numbers([_filed(each) for each in standing])
        self._samples = _by_name(
            (_filed(each), each.body.sample) for each in _standing(samples, size)
        )
        self._steps = _by_name((_filed(each), each.body.sample) for each in _standing(steps, size))
        self._reports = _by_name(
            (_filed(each), sample) for each in standing for sample in each.body.samples
        )
        self._laboratories = tuple(_filed(each) for each in _standing(laboratories, size))

    @property
    def samples(self) -> tuple[str, ...]:
        """Numbers of all samples, in the order of the log."""
        return tuple(self._samples)

    def custody(self, sample: str) -> Custody:
        """
        Give all that is filed about a sample.

        Raises:
            NotStated: If the log has no such sample.
        """
        claims = self._samples.get(sample)
        if not claims:
            raise NotStated(f"no sample {sample} is filed")
        first: Filed[Sample] = claims[0]
        parts = {name: self._samples[name][0] for name in first.body.parts if name in self._samples}
        return Custody(
            sample=first,
            steps=tuple(self._steps.get(sample, ())),
            reports=tuple(self._reports.get(sample, ())),
            laboratories=self._laboratories,
            parts=parts,
            reused_numbers=self._reused,
            filed=self._filed_at,
            is_twice=len(claims) > 1,
        )

    def awaits_anchor(self, sample: str) -> bool:
        """
        Say whether it is still to be seen on the chain when a sample, or a part of it, was filed.

        Raises:
            NotStated: If the log has no such sample.
        """
        custody = self.custody(sample)
        indexes = {custody.sample.index, *(part.index for part in custody.parts.values())}
        return not self._waiting.isdisjoint(indexes)

    def verdict(self, sample: str) -> SampleVerdict:
        """
        Say whether a sample's measured value may be used.

        Raises:
            NotStated: If the log has no such sample.
        """
        return judge(self.custody(sample))

    def quality(self, unit: str, fuel: str, period: Period) -> FuelQuality:
        """
        Say what was measured of a fuel over a period, stretch by stretch.

        The samples that a composite is made of do not stand for themselves.
        """
        in_composites = {
            part for claims in self._samples.values() for each in claims for part in each.body.parts
        }
        found = [
            claims[0]
            for name, claims in self._samples.items()
            if name not in in_composites
            and (claims[0].body.unit, claims[0].body.fuel) == (unit, fuel)
            and claims[0].body.from_s < period.to_s
            and period.from_s < claims[0].body.to_s
        ]
        found.sort(key=lambda each: (each.body.from_s, each.index))
        return FuelQuality(unit, fuel, period, tuple(self._parts(found, period)))

    def _parts(self, found: list[Filed[Sample]], period: Period) -> list[QualityPart]:
        parts: list[QualityPart] = []
        reached_s = period.from_s
        for each in found:
            from_s, to_s = max(each.body.from_s, period.from_s), min(each.body.to_s, period.to_s)
            if reached_s < from_s:
                parts.append(QualityPart(reached_s, from_s, None))
            parts.append(QualityPart(from_s, to_s, self.verdict(each.body.sample)))
            reached_s = max(reached_s, to_s)
        if reached_s < period.to_s:
            parts.append(QualityPart(reached_s, period.to_s, None))
        return parts


def open_samples(uow: UnitOfWork, log: LogNumber, *, size: int | None = None) -> SampleBook:
    """
    Read everything a log says about samples.

    Args:
        uow: A unit of work.
        log: The log.
        size: Only the first entries of the log are looked at.
    """
    samples = uow.stated.listed(log, Sample, size=size)
    times = ((each.index, anchor_time(uow, log, each.index)) for each in samples)
    return SampleBook(
        samples,
        uow.stated.listed(log, SampleStep, size=size),
        uow.stated.listed(log, LabReport, size=size),
        uow.stated.listed(log, Laboratory, size=size),
        size=size,
        filed={index: time for index, time in times if time is not None},
        waiting=_waiting(uow, log, samples),
    )


def _waiting(
    uow: UnitOfWork, log: LogNumber, samples: Iterable[StatedRecord[Sample]]
) -> frozenset[int]:
    """Give the samples that no final anchor covers yet, of a log that is anchored."""
    if uow.anchors.newest(log) is None:
        return frozenset()
    return frozenset(
        each.index for each in samples if uow.anchors.covering(log, each.index, final=True) is None
    )


def _standing(records: Iterable[StatedRecord[Any]], size: int | None) -> list[StatedRecord[Any]]:
    return [each for each in records if not each.place.is_superseded(size=size)]


def _filed(record: StatedRecord[Any]) -> Filed[Any]:
    return Filed(record.index, record.body)


def _by_name(pairs: Iterable[tuple[Filed[Any], str]]) -> Mapping[str, list[Filed[Any]]]:
    found: dict[str, list[Filed[Any]]] = {}
    for filed, name in pairs:
        found.setdefault(name, []).append(filed)
    return found
