"""Where the records of a log stand, by type."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from ledger.models import RecordKeyRow
from ledger.repositories.logs import LogNumber


class RecordPlaceRepository:
    """Reads `record_key` by type."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def admissions(
        self, log: LogNumber, record_types: Collection[str], *, after: int, up_to: int
    ) -> list[int]:
        """List the admissions of records of some types, ascending, within `(after, up_to]`."""
        statement = (
            select(RecordKeyRow.admission_id)
            .where(
                RecordKeyRow.log_number == log,
                RecordKeyRow.record_type.in_(record_types),
                RecordKeyRow.admission_id > after,
                RecordKeyRow.admission_id <= up_to,
            )
            .order_by(RecordKeyRow.admission_id)
        )
        return list(self._connection.execute(statement).scalars())
