"""
The survey of series: which seconds are spoken of, twice, or not at all, and how steeply.

A reading covers its interval, or the cadence of its series before its end where that is longer;
what is not covered up to a covered second is a gap. Spans of a message never overlap each other:
its parser sees to that.

Source: FORMATS section 2; `docs/formats/readings.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from attestation.instants import MILLISECONDS_PER_HOUR
from attestation.runs import Run
from ledger.log.conflicts import conflicts_of
from ledger.log.epoch_survey import Surveyed
from ledger.log.gaps import GapTrack
from ledger.log.marks import Mark
from ledger.log.spans import Span, spans_of
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.repositories.spans import Conflict
from ledger.repositories.surveys import SeriesProgress
from ledger.unit_of_work import UnitOfWork

_SECONDS_PER_HOUR = MILLISECONDS_PER_HOUR // 1000


def survey_series(
    uow: UnitOfWork, log: Log, messages: Sequence[Surveyed], series: dict[str, Series]
) -> None:
    """Apply messages, in index order, to the series they speak of; the caller commits."""
    indexes = {name: each.index for name, each in series.items()}
    spans: dict[int, list[Span]] = {}
    for message in messages:
        for span in spans_of(message.message, message.index, indexes):
            spans.setdefault(span.series_index, []).append(span)
    if not spans:
        return
    uow.spans.add(log.number, (span for row in spans.values() for span in row))
    known = uow.surveys.series(log.number, list(spans))
    by_index = {each.index: each for each in series.values()}
    progress = {
        index: _SeriesSurvey(uow, log, by_index[index], known.get(index)).apply(row)
        for index, row in spans.items()
    }
    _survey_rates(uow, log, messages, series, progress)
    uow.surveys.put_series(log.number, [progress[index] for index in sorted(progress)])


class _SeriesSurvey:
    """The survey of one series through one batch."""

    def __init__(
        self, uow: UnitOfWork, log: Log, series: Series, progress: SeriesProgress | None
    ) -> None:
        self._uow = uow
        self._log = log
        self._series = series
        self._progress = progress or SeriesProgress(series.index, series.since_s)

    def apply(self, spans: Sequence[Span]) -> SeriesProgress:
        self._cover(spans)
        conflicts: list[Conflict] = []
        seen: list[Span] = []
        occupied_until_s = self._progress.occupied_until_s
        for span in spans:
            # What begins where nothing was said yet cannot meet anything: the common case.
            if span.start_s < occupied_until_s:
                conflicts += conflicts_of(span, [*self._earlier(span, spans[0].index), *seen])
            seen.append(span)
            occupied_until_s = max(occupied_until_s, span.end_s)
        self._uow.spans.add_conflicts(self._log.number, dict.fromkeys(conflicts))
        longest_s = max(span.end_s - span.start_s for span in spans)
        return replace(
            self._progress,
            occupied_until_s=occupied_until_s,
            longest_span_s=max(self._progress.longest_span_s, longest_s),
        )

    def _earlier(self, span: Span, before_index: int) -> list[Span]:
        """Give the stored spans of entries before this batch that reach into a span."""
        stored = self._uow.spans.between(
            self._log.number,
            span.series_index,
            span.start_s,
            span.end_s,
            longest_s=self._progress.longest_span_s,
        )
        return [other for other in stored if other.index < before_index]

    def _cover(self, spans: Sequence[Span]) -> None:
        width_s = self._series.cadence_s
        start_s = min(span.end_s for span in spans) - width_s
        start_s = min(start_s, *(span.start_s for span in spans))
        end_s = max(span.end_s for span in spans)
        frontier_s = self._progress.frontier_s
        gaps = []
        if start_s < frontier_s:
            gaps = self._uow.gaps.interval_gaps_within(
                self._log.number, self._series.index, min(start_s, frontier_s), end_s
            )
        declarations = []
        if end_s > frontier_s:
            declarations = self._uow.gaps.declarations(
                self._log.number, self._series.index, frontier_s
            )
        track = GapTrack(frontier_s, gaps, declarations)
        for span in spans:
            for start, end in _covered(span, width_s):
                track.cover(start, end, index=span.index)
        self._uow.gaps.save_interval_gaps(self._log.number, self._series.index, track.changes())
        self._progress = replace(self._progress, frontier_s=track.frontier)


def _covered(span: Span, cadence_s: int) -> list[tuple[int, int]]:
    width_s = max(span.interval_s, cadence_s)
    first_end_s = span.start_s + span.width_s
    if span.step_s <= width_s:
        return [(first_end_s - width_s, span.end_s)]
    return [(end_s - width_s, end_s) for end_s in range(first_end_s, span.end_s + 1, span.step_s)]


def _survey_rates(
    uow: UnitOfWork,
    log: Log,
    messages: Sequence[Surveyed],
    series: dict[str, Series],
    progress: dict[int, SeriesProgress],
) -> None:
    """Mark messages whose values change faster than their series may."""
    steep: list[int] = []
    for message in messages:
        for run in message.message.runs:
            of = series.get(run.common.series)
            if of is None or of.rate_limit_per_h is None or run.values is None:
                continue
            rate = (of.rate_limit_per_h, of.scale)
            is_steep, progress[of.index] = _follow(run, run.values, rate, progress[of.index])
            if is_steep:
                steep.append(message.index)
    uow.surveys.add_marks(log.number, Mark.STEEP, steep)


def _follow(
    run: Run, values: tuple[int, ...], rate: tuple[int, int], progress: SeriesProgress
) -> tuple[bool, SeriesProgress]:
    """Compare each reading with the one before it in time, where that came before it."""
    limit_per_h, limit_scale = rate
    is_steep = False
    for end_s, value in zip(run.ends_s, values, strict=True):
        last_end_s, last_value = progress.last_end_s, progress.last_value
        scale, last_scale = run.common.scale, progress.last_scale or 0
        if last_end_s is not None and last_value is not None and end_s > last_end_s:
            finest = max(scale, last_scale, limit_scale)
            change = value * 10 ** (finest - scale) - last_value * 10 ** (finest - last_scale)
            allowed = limit_per_h * 10 ** (finest - limit_scale) * (end_s - last_end_s)
            is_steep = is_steep or abs(change) * _SECONDS_PER_HOUR > allowed
        if last_end_s is None or end_s > last_end_s:
            progress = replace(
                progress, last_end_s=end_s, last_value=value, last_scale=run.common.scale
            )
    return is_steep, progress
