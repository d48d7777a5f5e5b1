"""Letters through a real mail server: after a code came back, thin, again when it is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from api.notices.mail import send_mail
from api.settings import MailSettings
from attestation.instants import Instant
from ledger.notices.deliveries import WAITS_MS
from tests.fakes.clock import FixedClock
from tests.support.access import NEIGHBOUR, OWNER, register, signed_in
from tests.support.broker import free_port
from tests.support.enterprise import USC

MAIL = "/v1/notices/mail"
ADDRESS = "hua@works.example"


@dataclass
class Postbox:
    """A mail server on this machine."""

    port: int
    refusal: str = ""
    letters: list[Message] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or refuse it."""
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter."""
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def texts(self) -> list[str]:
        """What the letters say."""
        return [each.get_content() for each in self.letters]  # type: ignore[attr-defined]


@dataclass
class Office:
    """A server with a mail server."""

    client: TestClient
    ledger: Ledger
    postbox: Postbox

    def ask(self, who: Any, method: str, path: str = MAIL, **more: Any) -> Any:
        """Ask as somebody who is logged in."""
        return self.client.request(method, path, headers=signed_in(self.client, who), **more)

    def subscribe(self) -> Any:
        """Ask for letters, and confirm with the code that came."""
        assert self.ask(OWNER, "PUT", json={"address": ADDRESS}).status_code == 200
        send_mail(self.ledger)
        match = re.search("[0-9a-f]{12}", self.postbox.texts[-1])
        assert match is not None
        return self.ask(OWNER, "PUT", f"{MAIL}/confirmation", json={"code": match[0]})

    def tell(self, subject: str = "act 0xab", to: str = USC) -> None:
        """Tell a party of something."""
        with self.ledger.database.unit_of_work() as uow:
            now = self.ledger.clock.now()
            uow.notices.tell(to=to, kind="case.assigned", subject=subject, body={}, at=now)
            uow.commit()


@pytest.fixture
def office(ledger: Ledger) -> Iterator[Office]:
    """The office; its mail server runs."""
    register(ledger.database)
    postbox = Postbox(free_port())
    mail = MailSettings(
        host="127.0.0.1", port=postbox.port, security="none", sender="ledger@works.example"
    )
    made = replace(ledger, settings=ledger.settings.model_copy(update={"mail": mail}))
    controller = Controller(postbox, hostname="127.0.0.1", port=postbox.port)
    controller.start()
    try:
        yield Office(TestClient(create_app(made)), made, postbox)
    finally:
        controller.stop()


def test_letters_come_after_the_code_came_back(office: Office) -> None:
    """What was told before stays in the inbox; after that each notice is one letter."""
    office.ask(OWNER, "PUT", json={"address": ADDRESS})
    office.tell("act 0x01")
    send_mail(office.ledger)
    assert len(office.postbox.letters) == 1

    confirmed = office.subscribe().json()
    office.tell("act 0x02")
    office.tell("act 0x02")
    office.tell("act 0x03", to=NEIGHBOUR.code)
    send_mail(office.ledger)
    send_mail(office.ledger)

    assert (confirmed["address"], confirmed["is_confirmed"]) == (ADDRESS, True)
    letter = office.postbox.letters[-1]
    assert len(office.postbox.letters) == 3
    assert (letter["to"], letter["auto-submitted"]) == (ADDRESS, "auto-generated")
    assert f"{USC} · case.assigned" in letter["subject"]
    assert "act 0x02" in office.postbox.texts[-1]


def test_wrong_code_costs_the_address(office: Office) -> None:
    """Nobody guesses, nobody confirms for another, and a code is good for a day."""
    office.ask(OWNER, "PUT", json={"address": ADDRESS})
    path = f"{MAIL}/confirmation"
    assert office.ask(NEIGHBOUR, "PUT", path, json={"code": "00"}).status_code == 404
    assert office.ask(OWNER, "PUT", path, json={"code": "00"}).status_code == 403
    assert office.ask(OWNER, "GET").json()["address"] is None

    office.ask(OWNER, "PUT", json={"address": ADDRESS})
    send_mail(office.ledger)
    match = re.search("[0-9a-f]{12}", office.postbox.texts[-1])
    assert match is not None
    clock = cast(FixedClock, office.ledger.clock)
    clock.instant = Instant(clock.now() + 24 * 3_600_000 + 1)
    assert office.ask(OWNER, "PUT", path, json={"code": match[0]}).status_code == 403


def test_letter_is_tried_again(office: Office) -> None:
    """While the server refuses, and why is kept without the address."""
    office.subscribe()
    office.tell()
    office.postbox.refusal = f"451 no room for {ADDRESS}"
    send_mail(office.ledger)
    assert len(office.postbox.letters) == 1
    office.postbox.refusal = ""
    send_mail(office.ledger)
    assert len(office.postbox.letters) == 1
    clock = cast(FixedClock, office.ledger.clock)
    clock.instant = Instant(clock.now() + WAITS_MS[0])
    send_mail(office.ledger)

    assert len(office.postbox.letters) == 2


def test_erased_address_gets_nothing_more(office: Office) -> None:
    """Letters that wait go with it, and it is nowhere in the database any more."""
    office.subscribe()
    office.tell()
    assert office.ask(OWNER, "DELETE").status_code == 204
    assert office.ask(OWNER, "DELETE").status_code == 404
    send_mail(office.ledger)

    assert len(office.postbox.letters) == 1
    with office.ledger.database.reading() as uow:
        raw = uow.connection.connection.driver_connection
        assert raw is not None
        assert ADDRESS not in "\n".join(raw.iterdump())


def test_odd_addresses_are_refused(office: Office) -> None:
    """Nothing that could begin another header, or go to another place."""
    for address in ("a", "a@b", "a b@works.example", "a@works.example\nx"):
        assert office.ask(OWNER, "PUT", json={"address": address}).status_code == 400, address
