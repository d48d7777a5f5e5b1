"""
What a worker does for notices, over and over.

tell: parties are told of acts and records; feed: what endpoints are to be sent becomes messages;
deliver: messages are sent; mail: letters are sent.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from api.bootstrap import Ledger
from api.notices.delivering import deliver, outward
from api.notices.feeding import feed
from api.notices.mail import send_mail
from api.notices.sealing import seal_stored
from api.worker import Step
from attestation.errors import Error
from ledger.notices.telling import Teller

_log = structlog.get_logger(__name__)


def notice_steps(ledger: Ledger) -> Iterable[Step]:
    """Give the steps of notices."""
    _seal(ledger)
    teller, send = Teller(ledger.database.unit_of_work, ledger.database.reading), outward(ledger)
    yield Step("tell", teller.step, idle_s=2)
    yield Step("feed", lambda: feed(ledger), idle_s=2)
    yield Step("deliver", lambda: deliver(ledger, send), idle_s=1)
    if ledger.settings.mail is not None:
        yield Step("mail", lambda: send_mail(ledger), idle_s=5)


def _seal(ledger: Ledger) -> None:
    """Seal the secrets that an earlier version kept in the clear."""
    try:
        count = seal_stored(ledger.settings, ledger.database)
    except Error as error:
        _log.warning("secrets_in_the_clear", code=error.stable_code, error=error.message)
        return
    if count:
        _log.info("secrets_sealed", count=count)
