"""
What the records of a log register of measuring: series, and facts about instruments.

Written by the survey in index order, read by admission and by accounting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from ledger.models import RegistrationRow, SeriesRow
from ledger.repositories.bulk import table_of, upsert
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class Series:
    """A series that is registered in a log, with the newest expectations."""

    index: int
    """Index of the record that registered it first: its name in derived tables."""
    series: str
    newest_index: int
    unit: str
    register: bool
    cadence_s: int
    heartbeat_s: int
    since_s: int
    until_s: int | None
    max_lateness_ms: int
    scale: int
    minimum: int
    maximum: int
    rate_limit_per_h: int | None

    @property
    def instrument(self) -> str:
        """Name of the instrument it is of."""
        return self.series.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a fact about an instrument or a multiplier stands."""

    index: int
    record_type: str
    name: str
    from_s: int
    to_s: int | None = None


_SERIES: Final = (
    "index",
    "series",
    "newest_index",
    "unit",
    "register",
    "cadence_s",
    "heartbeat_s",
    "since_s",
    "until_s",
    "max_lateness_ms",
    "scale",
    "minimum",
    "maximum",
    "rate_limit_per_h",
)


class SeriesRepository:
    """Reads and writes `series` and `registration`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, log: LogNumber, series: Series) -> None:
        """Store a series, new or with new expectations."""
        upsert(
            self._connection,
            SeriesRow,
            ("log_number", *_SERIES),
            [(log, *(getattr(series, name) for name in _SERIES))],
            changes=_SERIES[2:],
        )

    def all(self, log: LogNumber) -> dict[str, Series]:
        """Load the series of a log by series id."""
        statement = (
            select(*(table_of(SeriesRow).c[name] for name in _SERIES))
            .where(SeriesRow.log_number == log)
            .order_by(SeriesRow.index)
        )
        return {row.series: Series(*row) for row in self._connection.execute(statement)}

    def add_registration(self, log: LogNumber, registration: Registration) -> None:
        """Store where a fact stands."""
        self._connection.execute(
            insert(RegistrationRow).values(
                log_number=log,
                index=registration.index,
                record_type=registration.record_type,
                name=registration.name,
                from_s=registration.from_s,
                to_s=registration.to_s,
            )
        )

    def registrations(
        self, log: LogNumber, record_type: str, name: str | None = None
    ) -> list[Registration]:
        """Load where the facts of a type stand, about one name or all, by index."""
        statement = (
            select(
                RegistrationRow.index,
                RegistrationRow.record_type,
                RegistrationRow.name,
                RegistrationRow.from_s,
                RegistrationRow.to_s,
            )
            .where(
                RegistrationRow.log_number == log,
                RegistrationRow.record_type == record_type,
            )
            .order_by(RegistrationRow.index)
        )
        if name is not None:
            statement = statement.where(RegistrationRow.name == name)
        return [Registration(*row) for row in self._connection.execute(statement)]

    def clear(self, log: LogNumber) -> None:
        """Forget everything that the records of a log registered of it, to derive it again."""
        for model in (SeriesRow, RegistrationRow):
            table = table_of(model)
            self._connection.execute(delete(table).where(table.c.log_number == log))
