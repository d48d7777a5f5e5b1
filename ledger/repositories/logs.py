"""The logs that this ledger keeps, and the newest tree of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NewType

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from attestation.enums import LogState
from attestation.instants import Instant
from ledger.errors import HeadMoved, UnknownLog
from ledger.models import HeadRow, LogRow
from ledger.repositories.bulk import table_of

LogNumber = NewType("LogNumber", int)
"""Local number of a log, from 1; outside the database a log is named by origin or log id."""

_LogTuple = tuple[int, bytes, str, str, str, int, int, int | None]
_HeadTuple = tuple[int, int, bytes, bytes, int, int]


@dataclass(frozen=True, slots=True)
class Log:
    """One reporting enterprise's log."""

    number: LogNumber
    log_id: bytes
    """Keccak-256 of the origin, 32 bytes."""
    origin: str
    usc: str
    vkey: str
    state: LogState
    opened_at: Instant
    predecessor: LogNumber | None = None

    @property
    def name(self) -> str:
        """The last part of the origin: credit code, from the second log on with its number."""
        return self.origin.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest tree of a log."""

    log: LogNumber
    size: int
    root: bytes
    compact_range: bytes
    """As `CompactRange.to_bytes` gives it."""
    last_admission_id: int
    """Admission id of entry `size - 1`; 0 for the empty tree."""
    checkpoint_at: Instant
    """When the newest checkpoint was signed; 0 before the first."""


class LogRepository:
    """Reads and writes `log`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        *,
        log_id: bytes,
        origin: str,
        usc: str,
        vkey: str,
        opened_at: Instant,
        predecessor: LogNumber | None = None,
    ) -> Log:
        """
        Open a log, without a head yet.

        Raises:
            StorageConflict: If a log of this origin or id exists.
        """
        statement = (
            insert(LogRow)
            .values(
                log_id=log_id,
                origin=origin,
                usc=usc,
                vkey=vkey,
                state=LogState.ACTIVE,
                opened_at_ms=opened_at,
                predecessor=predecessor,
            )
            .returning(LogRow.number)
        )
        number = LogNumber(self._connection.execute(statement).scalar_one())
        return Log(number, log_id, origin, usc, vkey, LogState.ACTIVE, opened_at, predecessor)

    def get(self, number: LogNumber) -> Log:
        """
        Load a log by its number.

        Raises:
            UnknownLog: If there is none.
        """
        return self._one(_LOG_BY_NUMBER, f"number {number}", {"number": number})

    def by_origin(self, origin: str) -> Log:
        """
        Load a log by its origin.

        Raises:
            UnknownLog: If there is none.
        """
        return self._one(_logs().where(LogRow.origin == origin), origin)

    def by_name(self, name: str, host: str) -> Log:
        """
        Load a log by the last part of its origin: that under this host, else the only one there is.

        A log that came from another operator keeps its origin: it is its name, not its address.

        Raises:
            UnknownLog: If there is none, or there are several of this name under other hosts.
        """
        try:
            return self.by_origin(f"{host}/log/{name}")
        except UnknownLog:
            found = [log for log in self.all() if log.name == name]
            if len(found) != 1:
                raise
        return found[0]

    def by_log_id(self, log_id: bytes) -> Log:
        """
        Load a log by its id on chain, 32 bytes.

        Raises:
            UnknownLog: If there is none.
        """
        return self._one(_logs().where(LogRow.log_id == log_id), log_id.hex())

    def all(self) -> list[Log]:
        """Load every log, in the order they were opened."""
        rows = self._connection.execute(_logs().order_by(LogRow.number))
        return [_log(row) for row in rows]

    def set_state(self, number: LogNumber, state: LogState) -> None:
        """Change what a log does at present."""
        self._connection.execute(update(LogRow).where(LogRow.number == number).values(state=state))

    def _one(
        self, statement: Select[*_LogTuple], name: str, named: Mapping[str, object] | None = None
    ) -> Log:
        row = self._connection.execute(statement, named).one_or_none()
        if row is None:
            raise UnknownLog(f"no log {name}")
        return _log(row)


class HeadRepository:
    """Reads and moves `head`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, head: Head) -> None:
        """
        Store the first head of a log, usually of the empty tree.

        Raises:
            StorageConflict: If the log has a head.
        """
        self._connection.execute(insert(HeadRow).values(log_number=head.log, **_values(head)))

    def get(self, log: LogNumber) -> Head:
        """
        Load the newest head.

        Raises:
            UnknownLog: If the log has none.
        """
        return self._one(_HEAD, log)

    def lock(self, log: LogNumber) -> Head:
        """
        Load the head and keep others from moving it until the end of the unit of work.

        On SQLite the writing unit of work holds the whole database already.

        Raises:
            UnknownLog: If the log has none.
        """
        return self._one(_LOCKED_HEAD, log)

    def try_lock(self, log: LogNumber) -> Head | None:
        """Like `lock`, but give None at once where somebody else holds the head."""
        row = self._connection.execute(_FREE_HEAD, {"log": log}).one_or_none()
        return None if row is None else _head(row)

    def advance(self, old_size: int, head: Head) -> None:
        """
        Replace the head, if its size is still `old_size`.

        Raises:
            HeadMoved: If it is not; nothing may be committed then.
        """
        changed = self._connection.execute(
            _ADVANCE, {"log": head.log, "old_size": old_size, **_values(head)}
        )
        if changed.rowcount != 1:
            raise HeadMoved(f"head of log {head.log} is no longer at size {old_size}")

    def _one(self, statement: Select[*_HeadTuple], log: LogNumber) -> Head:
        row = self._connection.execute(statement, {"log": log}).one_or_none()
        if row is None:
            raise UnknownLog(f"no head of log {log}")
        return _head(row)


def _logs() -> Select[*_LogTuple]:
    return select(
        LogRow.number,
        LogRow.log_id,
        LogRow.origin,
        LogRow.usc,
        LogRow.vkey,
        LogRow.state,
        LogRow.opened_at_ms,
        LogRow.predecessor,
    )


# Statements of every batch are built once: building one takes longer than running it.
_LOG_BY_NUMBER: Final = _logs().where(LogRow.number == bindparam("number"))
_HEAD: Final[Select[*_HeadTuple]] = select(
    HeadRow.log_number,
    HeadRow.size,
    HeadRow.root,
    HeadRow.compact_range,
    HeadRow.last_admission_id,
    HeadRow.checkpoint_at_ms,
).where(HeadRow.log_number == bindparam("log"))
_LOCKED_HEAD: Final = _HEAD.with_for_update()
_FREE_HEAD: Final = _HEAD.with_for_update(skip_locked=True)
_ADVANCE: Final = update(table_of(HeadRow)).where(
    HeadRow.log_number == bindparam("log"), HeadRow.size == bindparam("old_size")
)


def _log(row: _LogTuple) -> Log:
    number, log_id, origin, usc, vkey, state, opened_at, predecessor = row
    return Log(
        LogNumber(number),
        log_id,
        origin,
        usc,
        vkey,
        LogState(state),
        Instant(opened_at),
        None if predecessor is None else LogNumber(predecessor),
    )


def _head(row: _HeadTuple) -> Head:
    log, size, root, compact_range, last_admission_id, checkpoint_at = row
    return Head(
        LogNumber(log), size, root, compact_range, last_admission_id, Instant(checkpoint_at)
    )


def _values(head: Head) -> dict[str, object]:
    return {
        "size": head.size,
        "root": head.root,
        "compact_range": head.compact_range,
        "last_admission_id": head.last_admission_id,
        "checkpoint_at_ms": head.checkpoint_at,
    }
