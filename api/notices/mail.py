"""
Letters about notices, through the operator's mail server.

A letter says what happened and where to look, and nothing else: it leaves this system. An address
gets letters only after the code that was sent to it came back.

Source: RFC 5322; RFC 8314 (TLS for submission).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final

import structlog

from api.auth.place import Place
from api.bootstrap import Ledger
from api.errors import ConfigurationError
from api.settings import MailSettings
from attestation.instants import Instant
from ledger.notices.deliveries import next_attempt
from ledger.repositories.notices import Mail, MailAddress, Notice

_log = structlog.get_logger(__name__)

_BATCH: Final = 20
_TIMEOUT_S: Final = 30
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def send_mail(ledger: Ledger) -> bool:
    """Send the letters that are due; True if there may be more at once."""
    settings = ledger.settings.mail
    if settings is None:
        return False
    with ledger.database.reading() as uow:
        due = uow.notices.due_mail(ledger.clock.now(), limit=_BATCH)
    if not due:
        return False
    try:
        with _server(settings) as server:
            for mail in due:
                _send(ledger, settings, server, mail)
    except (OSError, smtplib.SMTPException) as error:
        # The server itself is away: everything that was due waits a little.
        for mail in due:
            _failed(ledger, mail, error)
    return len(due) == _BATCH


def write_letter(
    settings: MailSettings,
    place: Place,
    to: MailAddress,
    notice: Notice | None,
    code: str | None,
    *,
    now: Instant,
) -> EmailMessage:
    """Write a letter about a notice, or the one with a code of confirmation."""
    is_chinese = to.language == "zh"
    letter = EmailMessage()
    letter["From"] = settings.sender
    letter["To"] = to.address
    letter["Date"] = format_datetime(_EPOCH + timedelta(milliseconds=now))
    letter["Message-ID"] = make_msgid(domain=settings.sender.partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    if notice is None:
        title = "确认邮箱 CarbonSeal" if is_chinese else "CarbonSeal: confirm this address"
        said = f"确认码：{code}" if is_chinese else f"Code of confirmation: {code}"
    else:
        title = f"CarbonSeal · {to.recipient} · {notice.kind}"
        where = f"{place.url}/v1/notices"
        said = (
            f"{notice.kind}\n{notice.subject}\n\n请登录查看：{where}"
            if is_chinese
            else f"{notice.kind}\n{notice.subject}\n\nLog in to look: {where}"
        )
    letter["Subject"] = title
    letter.set_content(said)
    return letter


def _send(ledger: Ledger, settings: MailSettings, server: smtplib.SMTP, mail: Mail) -> None:
    now = ledger.clock.now()
    with ledger.database.reading() as uow:
        address = uow.notices.address(mail.reader, mail.recipient)
        notice = None if mail.notice is None else uow.notices.get(mail.notice)
    if address is None:
        return  # taken back meanwhile, with its letters
    place = Place.of(ledger.settings)
    letter = write_letter(settings, place, address, notice, mail.code, now=now)
    try:
        server.send_message(letter)
    except smtplib.SMTPResponseException as error:
        _failed(ledger, mail, error)
        return
    except smtplib.SMTPRecipientsRefused as error:
        _failed(ledger, mail, error)
        return
    with ledger.database.unit_of_work() as uow:
        uow.notices.mail_sent(mail.number)
        # Commit point: the mail server has taken it.
        uow.commit()


def _failed(ledger: Ledger, mail: Mail, error: Exception) -> None:
    attempts = mail.attempts + 1
    again = next_attempt(attempts, ledger.clock.now())
    _log.warning("mail_not_taken", mail=mail.number, attempts=attempts, error=type(error).__name__)
    with ledger.database.unit_of_work() as uow:
        # The reason may quote the address: the kind of error is enough.
        uow.notices.mail_failed(mail.number, type(error).__name__, attempts=attempts, again=again)
        # Commit point: it waits, or is given up.
        uow.commit()


@contextmanager
def _server(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(
        cafile=None if settings.ca_file is None else str(settings.ca_file)
    )
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=_TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_S)
    with server:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.username is not None:
            server.login(settings.username, _password(settings))
        yield server


def _password(settings: MailSettings) -> str:
    if settings.password_file is None:
        raise ConfigurationError("mail.username is set and mail.password_file is not")
    try:
        return settings.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"cannot read {settings.password_file}") from error
