"""Notices, who has read them, mail addresses, and letters on their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from attestation.canonical import Json
from attestation.instants import Instant
from ledger.models import MailAddressRow, MailRow, NoticeReadRow, NoticeRow
from ledger.notices.deliveries import DeliveryState
from ledger.repositories.bulk import is_one_of, is_postgresql, table_of

_ONCE = ("recipient", "kind", "subject")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a party is told."""

    number: int
    recipient: str
    kind: str
    subject: str
    body: Mapping[str, Json]
    at: Instant
    is_read: bool = False
    """By the person who asks."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Where a person wants letters about a party's notices."""

    reader: str
    recipient: str
    address: str
    language: str
    confirmation: bytes | None
    """SHA-256 of the code; None when it was confirmed."""
    asked: Instant


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter on its way."""

    number: int
    reader: str
    recipient: str
    notice: int | None
    code: str | None
    attempts: int


class NoticeRepository:
    """Reads and writes `notice`, `notice_read`, `mail_address` and `mail`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell(
        self, *, to: str, kind: str, subject: str, body: Mapping[str, Json], at: Instant
    ) -> None:
        """
        Tell a party, or a person, of something; once a kind and subject.

        Args:
            to: Code of the party, or address of the person's key with 0x.
            kind: What has happened, such as `case.assigned`.
            subject: What it is about among the notices of its kind.
            body: Ids, names and numbers, safe in the hands of every representative.
            at: When it happened.
        """
        values = {
            "recipient": to,
            "kind": kind,
            "subject": subject,
            "body": dict(body),
            "at_ms": at,
        }
        if is_postgresql(self._connection):
            on_postgresql = insert_postgresql(NoticeRow).values(values)
            told = on_postgresql.on_conflict_do_nothing(index_elements=_ONCE)
            number = self._connection.execute(told.returning(NoticeRow.number)).scalar()
        else:
            on_sqlite = insert_sqlite(NoticeRow).values(values)
            also = on_sqlite.on_conflict_do_nothing(index_elements=_ONCE)
            number = self._connection.execute(also.returning(NoticeRow.number)).scalar()
        if number is not None:
            self._write_letters(to, number, at)

    def listed(
        self,
        recipients: Sequence[str],
        reader: str,
        *,
        before: int | None = None,
        unread: bool = False,
        limit: int = 100,
    ) -> list[Notice]:
        """Load notices of some recipients, the newest first, with whether a person read them."""
        statement = (
            select(table_of(NoticeRow), NoticeReadRow.reader.label("read_by"))
            .join(
                NoticeReadRow,
                and_(NoticeReadRow.notice == NoticeRow.number, NoticeReadRow.reader == reader),
                isouter=True,
            )
            .where(is_one_of(self._connection, NoticeRow.recipient, recipients))
        )
        if before is not None:
            statement = statement.where(NoticeRow.number < before)
        if unread:
            statement = statement.where(NoticeReadRow.reader.is_(None))
        rows = self._connection.execute(statement.order_by(NoticeRow.number.desc()).limit(limit))
        return [_notice(row._mapping) for row in rows]

    def after(self, recipient: str, last: int, *, limit: int) -> list[Notice]:
        """Load the next notices of a recipient after a number."""
        statement = (
            select(table_of(NoticeRow))
            .where(NoticeRow.recipient == recipient, NoticeRow.number > last)
            .order_by(NoticeRow.number)
            .limit(limit)
        )
        return [_notice(row._mapping) for row in self._connection.execute(statement)]

    def get(self, number: int) -> Notice | None:
        """Load a notice; None where there is none."""
        statement = select(table_of(NoticeRow)).where(NoticeRow.number == number)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _notice(row._mapping)

    def newest(self, recipient: str) -> int:
        """Give the number of a recipient's newest notice; 0 where there is none."""
        statement = select(func.max(NoticeRow.number)).where(NoticeRow.recipient == recipient)
        return self._connection.execute(statement).scalar() or 0

    def read(self, number: int, reader: str, *, at: Instant) -> None:
        """Note that a person has read a notice; again has no effect."""
        same = and_(NoticeReadRow.notice == number, NoticeReadRow.reader == reader)
        if self._connection.execute(select(NoticeReadRow.notice).where(same)).first() is None:
            self._connection.execute(
                insert(NoticeReadRow).values(notice=number, reader=reader, at_ms=at)
            )

    # --- mail ----------------------------------------------------------------------------------

    def set_address(self, asked: MailAddress, code: str) -> None:
        """Store where a person wants letters, and write the one with the code to confirm it."""
        self.erase_address(asked.reader, asked.recipient)
        self._connection.execute(
            insert(MailAddressRow).values(
                reader=asked.reader,
                recipient=asked.recipient,
                address=asked.address,
                language=asked.language,
                confirmation=asked.confirmation,
                asked_ms=asked.asked,
            )
        )
        self._add_mail(asked.reader, asked.recipient, None, code, asked.asked)

    def address(self, reader: str, recipient: str) -> MailAddress | None:
        """Load where a person wants letters; None where they want none."""
        statement = select(table_of(MailAddressRow)).where(
            MailAddressRow.reader == reader, MailAddressRow.recipient == recipient
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _address(row._mapping)

    def confirm(self, reader: str, recipient: str) -> None:
        """Note that a person confirmed their address."""
        self._connection.execute(
            update(MailAddressRow)
            .where(MailAddressRow.reader == reader, MailAddressRow.recipient == recipient)
            .values(confirmation=None)
        )

    def erase_address(self, reader: str, recipient: str) -> bool:
        """Erase a person's address, with every letter that waits for it; False if there is none."""
        for row in (MailRow, MailAddressRow):
            erased = self._connection.execute(
                delete(row).where(row.reader == reader, row.recipient == recipient)
            )
        return erased.rowcount > 0

    def due_mail(self, now: Instant, *, limit: int) -> list[Mail]:
        """Load the letters that are to be sent now, the oldest first."""
        statement = (
            select(table_of(MailRow))
            .where(MailRow.state == DeliveryState.WAITING.value, MailRow.next_ms <= now)
            .order_by(MailRow.next_ms, MailRow.number)
            .limit(limit)
        )
        return [
            Mail(row.number, row.reader, row.recipient, row.notice, row.code, row.attempts)
            for row in self._connection.execute(statement)
        ]

    def mail_sent(self, number: int) -> None:
        """Note that a letter was taken by the mail server; its code is forgotten."""
        self._set_mail(number, state=DeliveryState.DELIVERED.value, code=None, error=None)

    def mail_failed(self, number: int, error: str, *, attempts: int, again: Instant | None) -> None:
        """Note that a letter was not taken, and when it is tried again."""
        if again is None:
            self._set_mail(
                number,
                state=DeliveryState.FAILED.value,
                code=None,
                error=error,
                attempts=attempts,
            )
        else:
            self._set_mail(number, attempts=attempts, next_ms=again, error=error)

    def _write_letters(self, recipient: str, notice: int, at: Instant) -> None:
        readers = self._connection.execute(
            select(MailAddressRow.reader).where(
                MailAddressRow.recipient == recipient, MailAddressRow.confirmation.is_(None)
            )
        )
        for reader in readers.scalars().all():
            self._add_mail(reader, recipient, notice, None, at)

    def _add_mail(
        self, reader: str, recipient: str, notice: int | None, code: str | None, at: Instant
    ) -> None:
        self._connection.execute(
            insert(MailRow).values(
                reader=reader,
                recipient=recipient,
                notice=notice,
                code=code,
                state=DeliveryState.WAITING.value,
                attempts=0,
                next_ms=at,
                error=None,
            )
        )

    def _set_mail(self, number: int, **values: object) -> None:
        self._connection.execute(update(MailRow).where(MailRow.number == number).values(**values))


def _notice(fields: Mapping[Any, Any]) -> Notice:
    return Notice(
        number=fields["number"],
        recipient=fields["recipient"],
        kind=fields["kind"],
        subject=fields["subject"],
        body=fields["body"],
        at=Instant(fields["at_ms"]),
        is_read=fields.get("read_by") is not None,
    )


def _address(fields: Mapping[Any, Any]) -> MailAddress:
    return MailAddress(
        reader=fields["reader"],
        recipient=fields["recipient"],
        address=fields["address"],
        language=fields["language"],
        confirmation=fields["confirmation"],
        asked=Instant(fields["asked_ms"]),
    )
