"""
What a worker does for notices, over and over.

tell: parties are told of acts and records; feed: what endpoints are to be sent becomes messages;
deliver: messages are sent; mail: letters are sent.
"""

from __future__ import annotations

from collections.abc import Iterable

from api.bootstrap import Ledger
from api.notices.delivering import deliver, outward
from api.notices.feeding import feed
from api.notices.mail import send_mail
from api.worker import Step
from ledger.notices.telling import Teller


def notice_steps(ledger: Ledger) -> Iterable[Step]:
    """Give the steps of notices."""
    teller, send = Teller(ledger.database.unit_of_work, ledger.database.reading), outward(ledger)
    yield Step("tell", teller.step, idle_s=2)
    yield Step("feed", lambda: feed(ledger), idle_s=2)
    yield Step("deliver", lambda: deliver(ledger, send), idle_s=1)
    if ledger.settings.mail is not None:
        yield Step("mail", lambda: send_mail(ledger), idle_s=5)
