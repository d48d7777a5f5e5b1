"""
Answers on their way to gateways, and what receipts said at each checkpoint.

An answer is queued in the unit of work that makes it true, sent at least once, and replaced by a
later one about the same, because answers are cumulative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from attestation.enums import ReceiptStage
from attestation.instants import Instant
from ledger.log.ranges import Ranges
from ledger.models import DeliveryRow, ReceiptProgressRow
from ledger.repositories.bulk import copy_rows, is_among, is_postgresql, table_of
from ledger.repositories.logs import LogNumber


@dataclass(frozen=True, slots=True)
class Delivery:
    """One signed answer on its way to a gateway."""

    id: int
    log: LogNumber
    gateway: str
    body: bytes
    """The signed answer."""


@dataclass(frozen=True, slots=True)
class ReceiptProgress:
    """What is integrated of an epoch at one tree size."""

    kid: bytes
    epoch: int
    size: int
    ranges: Ranges
    newest_sequence: int
    """The last of the ranges."""
    newest_message_id: bytes
    newest_index: int
    stage: ReceiptStage | None
    """Of the last receipt given for it; None before the first."""


_PROGRESS: Final = (
    "log_number",
    "kid",
    "epoch",
    "size",
    "ranges",
    "newest_sequence",
    "newest_message_id",
    "newest_index",
    "stage",
)


class DeliveryRepository:
    """Reads and writes `delivery` and `receipt_progress`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(
        self, log: LogNumber, gateway: str, *, subject: bytes, body: bytes, now: Instant
    ) -> None:
        """Queue an answer, in the place of an earlier one to this gateway about the same."""
        build = insert_postgresql if is_postgresql(self._connection) else insert_sqlite
        statement = build(DeliveryRow).values(
            log_number=log,
            gateway=gateway,
            subject=subject,
            body=body,
            created_at_ms=now,
            sent_at_ms=None,
        )
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["log_number", "gateway", "subject"],
                set_={"body": body, "created_at_ms": now, "sent_at_ms": None},
            )
        )

    def unsent(self, *, limit: int) -> list[Delivery]:
        """Load the oldest answers that have not been sent."""
        statement = (
            select(DeliveryRow.id, DeliveryRow.log_number, DeliveryRow.gateway, DeliveryRow.body)
            .where(DeliveryRow.sent_at_ms.is_(None))
            .order_by(DeliveryRow.id)
            .limit(limit)
        )
        return [
            Delivery(number, LogNumber(log), gateway, body)
            for number, log, gateway, body in self._connection.execute(statement)
        ]

    def sent(self, deliveries: Sequence[Delivery], *, now: Instant) -> None:
        """Note that answers were handed over, unless a newer one has taken their place."""
        for delivery in deliveries:
            self._connection.execute(
                update(DeliveryRow)
                .where(DeliveryRow.id == delivery.id, DeliveryRow.body == delivery.body)
                .values(sent_at_ms=now)
            )

    def forget_sent(self, *, before: Instant) -> int:
        """Remove answers that were sent before a time, and give how many."""
        removed = self._connection.execute(
            delete(DeliveryRow).where(DeliveryRow.sent_at_ms < before)
        )
        return removed.rowcount

    def add_progress(self, log: LogNumber, progress: Iterable[ReceiptProgress]) -> None:
        """Store what is integrated of some epochs at a tree size."""
        copy_rows(
            self._connection,
            table_of(ReceiptProgressRow),
            _PROGRESS,
            (
                (
                    log,
                    each.kid,
                    each.epoch,
                    each.size,
                    each.ranges.to_bytes(),
                    each.newest_sequence,
                    each.newest_message_id,
                    each.newest_index,
                    None if each.stage is None else int(each.stage),
                )
                for each in progress
            ),
        )

    def newest_progress(
        self, log: LogNumber, names: Iterable[tuple[bytes, int]]
    ) -> dict[tuple[bytes, int], ReceiptProgress]:
        """Load the newest progress of some epochs, by (kid, epoch)."""
        wanted = set(names)
        named = {
            "log": log,
            "kids": list({kid for kid, _ in wanted}),
            "epochs": list({epoch for _, epoch in wanted}),
        }
        found = self._load(_newest_progress_among(is_postgresql(self._connection)), named)
        return {(each.kid, each.epoch): each for each in found}

    def progress_within(
        self, log: LogNumber, kid: bytes, epoch: int, size: int
    ) -> ReceiptProgress | None:
        """Load the newest progress of an epoch at most at a size, whatever was said of it."""
        statement = (
            _progress(log)
            .where(
                ReceiptProgressRow.kid == kid,
                ReceiptProgressRow.epoch == epoch,
                ReceiptProgressRow.size <= size,
            )
            .order_by(ReceiptProgressRow.size.desc())
            .limit(1)
        )
        return next(iter(self._load(statement)), None)

    def progress_at(
        self, log: LogNumber, size: int, *, below: ReceiptStage
    ) -> list[ReceiptProgress]:
        """
        Load, of each epoch, the newest progress at most at a size.

        Epochs whose receipt for it has reached the stage `below` are left out.
        """
        newest = (
            select(
                ReceiptProgressRow.kid,
                ReceiptProgressRow.epoch,
                func.max(ReceiptProgressRow.size).label("size"),
            )
            .where(ReceiptProgressRow.log_number == log, ReceiptProgressRow.size <= size)
            .group_by(ReceiptProgressRow.kid, ReceiptProgressRow.epoch)
            .subquery()
        )
        statement = _progress(log).join(
            newest,
            (newest.c.kid == ReceiptProgressRow.kid)
            & (newest.c.epoch == ReceiptProgressRow.epoch)
            & (newest.c.size == ReceiptProgressRow.size),
        )
        return self._load(
            statement.where(
                ReceiptProgressRow.stage.is_(None) | (ReceiptProgressRow.stage < below)
            ).order_by(ReceiptProgressRow.kid, ReceiptProgressRow.epoch)
        )

    def reached(
        self, log: LogNumber, progress: Sequence[ReceiptProgress], stage: ReceiptStage
    ) -> None:
        """Note that receipts of a stage were given; at FINAL, forget what is older."""
        rows = [
            {"of_kid": each.kid, "of_epoch": each.epoch, "of_size": each.size} for each in progress
        ]
        if not rows:
            return
        epoch = (
            (ReceiptProgressRow.log_number == log)
            & (ReceiptProgressRow.kid == bindparam("of_kid"))
            & (ReceiptProgressRow.epoch == bindparam("of_epoch"))
        )
        at_size = ReceiptProgressRow.size == bindparam("of_size")
        below = ReceiptProgressRow.size < bindparam("of_size")
        self._connection.execute(
            update(table_of(ReceiptProgressRow)).where(epoch & at_size).values(stage=stage), rows
        )
        if stage is ReceiptStage.FINAL:
            self._connection.execute(
                delete(table_of(ReceiptProgressRow)).where(epoch & below), rows
            )

    def _load(
        self, statement: Select[Any], named: Mapping[str, object] | None = None
    ) -> list[ReceiptProgress]:
        return [
            ReceiptProgress(
                kid=row.kid,
                epoch=row.epoch,
                size=row.size,
                ranges=Ranges.from_bytes(row.ranges),
                newest_sequence=row.newest_sequence,
                newest_message_id=row.newest_message_id,
                newest_index=row.newest_index,
                stage=None if row.stage is None else ReceiptStage(row.stage),
            )
            for row in self._connection.execute(statement, named)
        ]


@cache
def _newest_progress_among(on_postgresql: bool) -> Select[Any]:
    """Build, once, the statement that every batch of the sequencer asks."""
    row = ReceiptProgressRow
    newest = (
        select(row.kid, row.epoch, func.max(row.size).label("size"))
        .where(
            row.log_number == bindparam("log"),
            is_among(on_postgresql, row.kid, "kids"),
            is_among(on_postgresql, row.epoch, "epochs"),
        )
        .group_by(row.kid, row.epoch)
        .subquery()
    )
    return (
        select(table_of(row))
        .where(row.log_number == bindparam("log"))
        .join(
            newest,
            (newest.c.kid == row.kid) & (newest.c.epoch == row.epoch) & (newest.c.size == row.size),
        )
    )


def _progress(log: LogNumber) -> Select[Any]:
    return select(table_of(ReceiptProgressRow)).where(ReceiptProgressRow.log_number == log)
