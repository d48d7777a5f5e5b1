"""
What records about instruments and series do to what is derived of a log.

Source: FORMATS sections 2 and 3; `docs/formats/records.md`, section 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from attestation.instants import MILLISECONDS_PER_HOUR
from attestation.series_bodies import (
    Calibration,
    Correction,
    Gap,
    Instrument,
    MeterExchange,
    Multiplier,
    SeriesRegistration,
)
from ledger.log.corrections import find_reading, ruled_seconds
from ledger.log.gaps import Declaration, GapTrack
from ledger.repositories.logs import Log
from ledger.repositories.series import Registration, Series
from ledger.repositories.spans import StoredCorrection
from ledger.repositories.surveys import EpochProgress, SeriesProgress
from ledger.unit_of_work import UnitOfWork

SeriesBody = (
    SeriesRegistration | Instrument | Multiplier | Calibration | MeterExchange | Gap | Correction
)


def apply_series_body(uow: UnitOfWork, log: Log, index: int, body: SeriesBody) -> None:
    """Let a record about series take effect; see `ledger.log.effects`."""
    match body:
        case SeriesRegistration():
            _register_series(uow, log, index, body)
        case Gap():
            _declare(uow, log, index, body)
        case Correction():
            _correct(uow, log, index, body)
        case Instrument() | Multiplier() | Calibration() | MeterExchange():
            uow.series.add_registration(log.number, _registration(index, body))
        case _:
            assert_never(body)


def _register_series(uow: UnitOfWork, log: Log, index: int, body: SeriesRegistration) -> None:
    known = uow.series.all(log.number).get(body.series)
    uow.series.put(
        log.number,
        Series(
            index=index if known is None else known.index,
            series=body.series,
            newest_index=index,
            unit=body.unit,
            register=body.register,
            cadence_s=body.cadence_s,
            heartbeat_s=body.heartbeat_s,
            since_s=body.since_s,
            until_s=body.until_s,
            max_lateness_ms=body.max_lateness_h * MILLISECONDS_PER_HOUR,
            scale=body.scale,
            minimum=body.minimum,
            maximum=body.maximum,
            rate_limit_per_h=body.rate_limit_per_h,
        ),
    )


def _declare(uow: UnitOfWork, log: Log, index: int, body: Gap) -> None:
    match body:
        case Gap(series=str() as name, from_s=int() as start_s, to_s=int() as end_s):
            series = uow.series.all(log.number).get(name)
            if series is not None:
                declaration = Declaration(start_s, end_s, index)
                _declare_seconds(uow, log, series, declaration, body.cause)
        case Gap(
            kid=bytes() as kid,
            epoch=int() as epoch,
            first_sequence=int() as first,
            last_sequence=int() as last,
        ):
            _declare_messages(uow, log, (kid, epoch), Declaration(first, last + 1, index))
        case _:
            raise TypeError("a gap is of seconds or of messages")


def _declare_seconds(
    uow: UnitOfWork, log: Log, series: Series, declaration: Declaration, cause: str
) -> None:
    known = uow.surveys.series(log.number, [series.index]).get(series.index)
    progress = known or SeriesProgress(series.index, series.since_s)
    gaps = uow.gaps.interval_gaps_within(
        log.number, series.index, declaration.start, declaration.end
    )
    track = GapTrack(progress.frontier_s, gaps)
    track.declare(declaration)
    uow.gaps.save_interval_gaps(log.number, series.index, track.changes())
    uow.gaps.add_declaration(log.number, series.index, declaration, cause)


def _declare_messages(
    uow: UnitOfWork, log: Log, name: tuple[bytes, int], declaration: Declaration
) -> None:
    progress = uow.surveys.epochs(log.number, [name]).get(name) or EpochProgress(*name)
    gaps = uow.gaps.sequence_gaps_within(log.number, *name, declaration.start, declaration.end)
    track = GapTrack(progress.next_sequence, gaps)
    # Who declares messages as missing says that they existed, also beyond the last one known.
    track.expect(declaration.end, index=declaration.index)
    track.declare(declaration)
    uow.gaps.save_sequence_gaps(log.number, *name, track.changes())
    uow.surveys.put_epochs(log.number, [replace(progress, next_sequence=track.frontier)])


def _correct(uow: UnitOfWork, log: Log, index: int, body: Correction) -> None:
    series = uow.series.all(log.number).get(body.series)
    if series is None:
        return
    start_s, end_s = ruled_seconds(body)
    correction = StoredCorrection(index, series.index, start_s, end_s)
    if body.replacement is not None:
        replacement = body.replacement
        correction = replace(
            correction,
            value=replacement.value,
            unit=replacement.unit,
            scale=replacement.scale,
            quality=replacement.quality,
        )
    else:
        found = find_reading(uow, log, series, body, before_index=index)
        if found is None:
            return
        correction = replace(correction, counted_index=found[0], counted_reading=found[1])
    uow.spans.add_correction(log.number, correction)


def _registration(
    index: int, body: Instrument | Multiplier | Calibration | MeterExchange
) -> Registration:
    kind = body.record_type
    match body:
        case Instrument():
            return Registration(index, kind, body.instrument, body.installed_s)
        case Multiplier():
            return Registration(index, kind, body.multiplier, body.valid_from_s)
        case Calibration():
            return Registration(index, kind, body.instrument, body.from_s, body.to_s)
        case MeterExchange():
            return Registration(index, kind, body.instrument, body.at_s)
