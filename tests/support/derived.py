"""Everything that is derived of a log, row by row, to be compared."""

from __future__ import annotations

from sqlalchemy import select

from ledger.database import Database
from ledger.models import (
    CertificateAuthorityRow,
    ConflictRow,
    CorrectionRow,
    DeviceKeyRow,
    EpochProgressRow,
    EpochSuccessionRow,
    GapDeclarationRow,
    IntervalGapRow,
    KeySeriesRow,
    MessageMarkRow,
    RegistrationRow,
    SequenceGapRow,
    SeriesProgressRow,
    SeriesRow,
    SpanRow,
    StatedRecordRow,
    SurveyCursorRow,
)
from ledger.repositories.bulk import table_of
from ledger.repositories.logs import LogNumber

DERIVED = (
    CertificateAuthorityRow,
    ConflictRow,
    CorrectionRow,
    DeviceKeyRow,
    EpochProgressRow,
    EpochSuccessionRow,
    GapDeclarationRow,
    IntervalGapRow,
    KeySeriesRow,
    MessageMarkRow,
    RegistrationRow,
    SequenceGapRow,
    SeriesProgressRow,
    SeriesRow,
    SpanRow,
    StatedRecordRow,
    SurveyCursorRow,
)


def derived_rows(database: Database, log: LogNumber) -> dict[str, list[tuple[object, ...]]]:
    """Give the rows of every derived table, ordered by primary key."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with database.reading() as uow:
        for model in DERIVED:
            table = table_of(model)
            statement = (
                select(table).where(table.c.log_number == log).order_by(*table.primary_key.columns)
            )
            found[table.name] = [tuple(row) for row in uow.connection.execute(statement)]
    return found
