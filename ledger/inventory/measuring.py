"""
Measuring: the amounts of one series over a stretch of time, from what counts of it.

Amounts in intervals are taken as they are; of a register, the differences of its standings (see
`ledger.inventory.registers`). Every amount is multiplied by the multiplier in force.

Source: FORMATS section 2; DESIGN sections 2 (P7, P14) and 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from attestation.enums import Quality
from attestation.readings import Reading
from attestation.runs import occupied_span
from ledger.inventory.calibrations import Calibrations
from ledger.inventory.multipliers import Multipliers
from ledger.inventory.pieces import Measured, Origin, Piece, Remark, RemarkKind, condensed
from ledger.inventory.registers import RegisterSteps, Standing
from ledger.log.condensing import CountedSpan, counted_spans
from ledger.log.counting import CountedReading, counted_readings, find_series
from ledger.log.marks import Mark
from ledger.repositories.logs import Log
from ledger.repositories.series import Series
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Instrumentation:
    """What is registered of the instrument of a series."""

    series: Series
    multipliers: Multipliers
    calibrations: Calibrations


def instrumentation_of(uow: UnitOfWork, log: Log, name: str) -> Instrumentation:
    """
    Load what is registered of the instrument of a series.

    Raises:
        NotRegistered: If the log has no such series.
    """
    series = find_series(uow, log, name)
    return Instrumentation(
        series,
        Multipliers(uow, log, series.instrument),
        Calibrations(uow, log, series.instrument),
    )


def measure(
    uow: UnitOfWork,
    log: Log,
    name: str,
    from_s: int,
    to_s: int,
    *,
    imports: bool,
    together: bool = False,
) -> Measured:
    """
    Give the amounts of a series inside `[from_s, to_s)`.

    Args:
        uow: A reading unit of work.
        log: The log.
        name: Series id.
        from_s: First second.
        to_s: Second after the last.
        imports: Whether readings imported from a file may be used.
        together: Whether rows of one message may be one piece; a register's steps never are.

    Raises:
        NotRegistered: If the log has no such series.
    """
    instrumentation = instrumentation_of(uow, log, name)
    sheet = _Sheet(instrumentation, from_s, to_s, imports)
    if instrumentation.series.register:
        # A standing at the first second takes up the second before it.
        standings: list[Standing] = []
        for counted in counted_readings(uow, log, name, from_s - 1, to_s):
            standing = sheet.standing(counted)
            if standing is not None:
                standings.append(standing)
        steps = RegisterSteps(
            uow, log, instrumentation.series, instrumentation.multipliers
        ).between(standings)
        return sheet.of_register(steps)
    if not together:
        for counted in counted_readings(uow, log, name, from_s, to_s):
            sheet.add(counted)
        return sheet.of_intervals()
    for each in counted_spans(uow, log, name, from_s, to_s):
        if isinstance(each, CountedReading):
            sheet.add(each)
        elif not sheet.add_span(each):
            for counted in counted_readings(uow, log, name, each.span.start_s, each.span.end_s):
                sheet.add(counted)
    return sheet.of_intervals()


class _Sheet:
    """Pieces and remarks in the making."""

    def __init__(
        self, instrumentation: Instrumentation, from_s: int, to_s: int, imports: bool
    ) -> None:
        self._series = instrumentation.series
        self._multipliers = instrumentation.multipliers
        self._calibrations = instrumentation.calibrations
        self._from_s = from_s
        self._to_s = to_s
        self._imports = imports
        self._pieces: list[Piece] = []
        self._remarks: list[Remark] = []

    def add(self, counted: CountedReading) -> None:
        """Add a reading of an amount in an interval."""
        reading = counted.reading
        if not self._is_usable(counted):
            return
        start_s, end_s = occupied_span(reading.end_s, reading.interval_s)
        if start_s < self._from_s or end_s > self._to_s:
            self._remark(counted, RemarkKind.ACROSS, "lies across a bound of the period")
            return
        if reading.interval_s == 0:
            return  # an instant has no amount
        factor = self._multipliers.over(reading.multiplier, start_s, end_s)
        if factor is None and _is_replacement(counted):
            # A replacement is the amount itself; nothing was read from the instrument.
            by, index = Fraction(1), None
        elif factor is None:
            self._remark(counted, RemarkKind.MULTIPLIER, self._multiplier_text(reading))
            return
        else:
            by, index = factor.by, factor.index
        entries = (counted.index,) if index is None else tuple(sorted({counted.index, index}))
        self._pieces.append(
            Piece(
                start_s,
                end_s,
                _value(reading) * by,
                origin_of(counted),
                self._calibrations.class_over(start_s, end_s),
                entries,
                counted.marks - {Mark.OUT_OF_CALIBRATION},
            )
        )

    def add_span(self, counted: CountedSpan) -> bool:
        """Add readings that are kept together; say whether nothing told them apart."""
        span, common = counted.span, counted.common
        factor = self._multipliers.over(common.multiplier, span.start_s, span.end_s)
        windows = self._calibrations.indexes(span.start_s, span.end_s)
        accuracy_class = self._calibrations.class_over(span.start_s, span.end_s)
        is_divided = len(windows) > 1 or (bool(windows) and accuracy_class is None)
        is_refused = Mark.IMPORTED in counted.marks and not self._imports
        if factor is None or is_divided or is_refused or not common.interval_s:
            return False
        entries = {span.index} if factor.index is None else {span.index, factor.index}
        self._pieces.append(
            Piece(
                span.start_s,
                span.end_s,
                Fraction(counted.total, 10**common.scale) * factor.by,
                _origin(common.quality, counted.marks),
                accuracy_class,
                tuple(sorted(entries)),
                counted.marks - {Mark.OUT_OF_CALIBRATION},
                span.count,
            )
        )
        return True

    def standing(self, counted: CountedReading) -> Standing | None:
        """Give a register's standing, if the reading is one that may be used."""
        reading = counted.reading
        if not self._is_usable(counted) or not self._from_s <= reading.end_s <= self._to_s:
            return None
        multiplier = reading.multiplier
        if _is_replacement(counted):
            # A correction says where the register stood, as if it had been read there.
            multiplier = next(iter(self._multipliers.names(reading.end_s)), None)
        return Standing(
            reading.end_s,
            _value(reading),
            multiplier,
            counted.index,
            origin_of(counted),
            counted.marks - {Mark.OUT_OF_CALIBRATION},
        )

    def of_intervals(self) -> Measured:
        """Give what was added."""
        return Measured(tuple(sorted(self._pieces, key=_start)), condensed(self._remarks))

    def of_register(self, measured: Measured) -> Measured:
        """Give the steps of a register with their calibration, and what was remarked."""
        pieces = tuple(
            Piece(
                piece.start_s,
                piece.end_s,
                piece.amount,
                piece.origin,
                self._calibrations.class_over(piece.start_s, piece.end_s),
                piece.entries,
                piece.marks,
            )
            for piece in measured.pieces
        )
        remarks = condensed((*measured.remarks, *self._remarks))
        return Measured(pieces, remarks, measured.events)

    def _is_usable(self, counted: CountedReading) -> bool:
        if counted.reading.value is None:
            quality = counted.reading.quality.name.lower().replace("_", " ")
            self._remark(counted, RemarkKind.WITHOUT_VALUE, f"has no value: {quality}")
            return False
        if Mark.IMPORTED in counted.marks and not self._imports:
            self._remark(
                counted, RemarkKind.IMPORT_REFUSED, "is imported, which the plan does not allow"
            )
            return False
        return True

    def _remark(self, counted: CountedReading, kind: RemarkKind, text: str) -> None:
        reading = counted.reading
        start_s, end_s = occupied_span(reading.end_s, reading.interval_s)
        place = f"reading {counted.number} of entry {counted.index}"
        self._remarks.append(Remark(start_s, end_s, kind, (counted.index,), f"{place} {text}"))

    def _multiplier_text(self, reading: Reading) -> str:
        names = ", ".join(self._multipliers.names(reading.end_s - 1)) or "none"
        return f"names multiplier {reading.multiplier or 'none'}, in force is {names}"


def origin_of(counted: CountedReading) -> Origin:
    """Say where a reading that counts comes from."""
    return _origin(counted.reading.quality, counted.marks)


def _origin(quality: Quality, marks: frozenset[Mark]) -> Origin:
    if Mark.IMPORTED in marks:
        return Origin.IMPORTED
    return Origin.METERED if quality is Quality.MEASURED else Origin.STATED


def _is_replacement(counted: CountedReading) -> bool:
    """Say whether a correction gives the value; it is no instrument's, and names no multiplier."""
    reading = counted.reading
    is_measured = reading.quality is Quality.MEASURED
    return Mark.CORRECTED in counted.marks and not is_measured and reading.multiplier is None


def _value(reading: Reading) -> Fraction:
    return Fraction(reading.value or 0, 10**reading.scale)


def _start(piece: Piece) -> int:
    return piece.start_s
