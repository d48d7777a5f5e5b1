"""Which checkpoints witnesses have cosigned."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ledger.models import CosignatureRow
from ledger.repositories.logs import LogNumber


class CosignedRepository:
    """Reads `cosignature` by witness and by size."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def size_of(self, log: LogNumber, witness: str) -> int:
        """Give the largest size that a witness has cosigned, 0 where none."""
        statement = select(func.max(CosignatureRow.size)).where(
            CosignatureRow.log_number == log, CosignatureRow.witness == witness
        )
        return self._connection.execute(statement).scalar() or 0

    def sizes(self, log: LogNumber, *, limit: int) -> list[int]:
        """List the sizes that have cosignatures, largest first."""
        statement = (
            select(CosignatureRow.size)
            .where(CosignatureRow.log_number == log)
            .distinct()
            .order_by(CosignatureRow.size.desc())
            .limit(limit)
        )
        return list(self._connection.execute(statement).scalars())
