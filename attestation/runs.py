"""
Runs of readings: what a pack says, kept together where only time and value change.

Most packs are rows of one series. A run holds such a row as tuples, so that a message of a
hundred readings is checked and summed up without making a hundred objects; who wants the
readings themselves iterates over them.

Source: `docs/formats/readings.md`, section 5 (overlaps).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import sub

from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.readings import Reading


@dataclass(frozen=True, slots=True)
class Common:
    """What all readings of a run share; the fields are those of a reading."""

    series: str
    interval_s: int
    unit: str
    quality: Quality = Quality.MEASURED
    scale: int = 0
    register: bool = False
    multiplier: str | None = None
    source_file: bytes | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Readings that follow each other in a pack and differ only in end, value and source row."""

    common: Common
    ends_s: tuple[int, ...]
    """Ends of the intervals, in the order of the pack; not empty."""
    values: tuple[int, ...] | None
    """Values, one for each end; None where the readings have none."""
    source_rows: tuple[int, ...] | None = None
    """Rows of the imported file, one for each end; None where the readings are not imported."""

    def __len__(self) -> int:
        return len(self.ends_s)

    def __iter__(self) -> Iterator[Reading]:
        common = self.common
        for number, end_s in enumerate(self.ends_s):
            yield Reading(
                series=common.series,
                end_s=end_s,
                interval_s=common.interval_s,
                value=None if self.values is None else self.values[number],
                unit=common.unit,
                quality=common.quality,
                scale=common.scale,
                register=common.register,
                multiplier=common.multiplier,
                source_file=common.source_file,
                source_row=None if self.source_rows is None else self.source_rows[number],
            )

    @property
    def earliest_start_s(self) -> int:
        """Start of the earliest interval, whole seconds."""
        return min(self.ends_s) - self.common.interval_s

    @property
    def latest_end_s(self) -> int:
        """End of the latest interval, whole seconds."""
        return max(self.ends_s)


def common_of(reading: Reading) -> Common:
    """Give the part of a reading that it may share with its neighbours."""
    return Common(
        series=reading.series,
        interval_s=reading.interval_s,
        unit=reading.unit,
        quality=reading.quality,
        scale=reading.scale,
        register=reading.register,
        multiplier=reading.multiplier,
        source_file=reading.source_file,
    )


def occupied_span(end_s: int, interval_s: int) -> tuple[int, int]:
    """
    Give the half-open span of seconds that a reading takes up in its series.

    An instantaneous reading takes up the second that ends at its instant: so two of one instant
    meet, and so do it and the interval that it closes.

    Source: `docs/formats/readings.md`, section 5.
    """
    return end_s - (interval_s or 1), end_s


def refuse_overlaps(runs: Iterable[Run]) -> None:
    """
    Check that no two readings of one series take up the same second.

    Raises:
        EncodingError: If two do.

    Source: `docs/formats/readings.md`, section 5.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    for run in runs:
        width = run.common.interval_s or 1
        row = spans.setdefault(run.common.series, [])
        row.extend((end_s - width, end_s) for end_s in run.ends_s)
    for series, row in spans.items():
        row.sort()
        for (_, end_s), (start_s, _) in pairwise(row):
            if start_s < end_s:
                raise EncodingError(
                    f"two readings of {series} overlap before second {end_s}",
                    code="encoding.senml_overlap",
                )


def ascends(run: Run) -> bool:
    """Say whether each reading of a run begins at or after the end of the one before."""
    width = run.common.interval_s or 1
    return min(map(sub, run.ends_s[1:], run.ends_s), default=width) >= width
