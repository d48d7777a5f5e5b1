"""Notices, letters and webhooks on both databases."""

from __future__ import annotations

from hashlib import sha256

from attestation.instants import Instant
from ledger.database import Database
from ledger.notices.deliveries import WAITS_MS, DeliveryState, next_attempt
from ledger.repositories.notices import MailAddress
from ledger.repositories.requests import StoredSecret
from ledger.repositories.webhooks import Webhook
from ledger.unit_of_work import UnitOfWork
from tests.support.enterprise import NOW, OTHER_USC, USC

READER = "0x" + "22" * 20
LATER = Instant(NOW + 1000)


def secret(digit: str, *, under: bytes | None = None) -> StoredSecret:
    """Give a secret as it is kept."""
    return StoredSecret(digit.encode() * 32, under)


def endpoint(owner: str = USC) -> Webhook:
    """Give an endpoint before it is stored."""
    return Webhook(0, owner, "https://hooks.example/", ("log.record",), "", True, "", 3, 4, NOW)


def tell(uow: UnitOfWork, subject: str, to: str = USC) -> None:
    """Tell a party of something."""
    uow.notices.tell(to=to, kind="case.assigned", subject=subject, body={"version": 1}, at=NOW)


def test_notice_is_told_once_and_read_by_each(database: Database) -> None:
    """A party's notices, a person's reading; the newest first, page by page."""
    with database.unit_of_work() as uow:
        for subject, to in (("a", USC), ("a", USC), ("b", USC), ("a", OTHER_USC), ("c", READER)):
            tell(uow, subject, to)
        (first,) = uow.notices.after(USC, 0, limit=1)
        uow.notices.read(first.number, READER, at=NOW)
        uow.notices.read(first.number, READER, at=LATER)
        uow.commit()
    with database.reading() as uow:
        mine = uow.notices.listed([USC, READER], READER)
        unread = uow.notices.listed([USC], READER, unread=True)
        others = uow.notices.listed([USC], "0x33", unread=True)
        rest = uow.notices.listed([USC, READER], READER, before=mine[0].number)

    assert [(each.subject, each.is_read) for each in mine] == [
        ("c", False),
        ("b", False),
        ("a", True),
    ]
    assert [each.subject for each in unread] == ["b"]
    assert len(others) == 2
    assert rest == mine[1:]


def test_letters_wait_for_the_confirmation(database: Database) -> None:
    """First the code, then a letter a notice; what is sent forgets the code."""
    wanted = MailAddress(READER, USC, "a@b.example", "zh", sha256(b"code").digest(), NOW)
    with database.unit_of_work() as uow:
        uow.notices.set_address(wanted, "code")
        tell(uow, "a")
        (letter,) = uow.notices.due_mail(NOW, limit=9)
        uow.notices.mail_sent(letter.number)
        uow.notices.confirm(READER, USC)
        tell(uow, "b")
        tell(uow, "b", OTHER_USC)
        (second,) = uow.notices.due_mail(NOW, limit=9)
        uow.notices.mail_failed(second.number, "Refused", attempts=1, again=LATER)
        assert uow.notices.due_mail(NOW, limit=9) == []
        (again,) = uow.notices.due_mail(LATER, limit=9)
        uow.commit()
    with database.unit_of_work() as uow:
        stored = uow.notices.address(READER, USC)
        assert uow.notices.erase_address(READER, USC)
        assert not uow.notices.erase_address(READER, USC)
        assert uow.notices.due_mail(LATER, limit=9) == []
        uow.commit()

    assert (letter.code, letter.notice) == ("code", None)
    assert (again.number, again.attempts, again.code) == (second.number, 1, None)
    assert stored is not None
    assert stored.confirmation is None


def test_endpoint_has_at_most_two_secrets(database: Database) -> None:
    """The newest first; the one before it until its time; never a third."""
    with database.unit_of_work() as uow:
        number = uow.webhooks.add(endpoint())
        uow.webhooks.add_secret(number, secret("1"), at=NOW)
        uow.webhooks.rotate(number, secret("2"), until=LATER, now=NOW)
        both = uow.webhooks.secrets(number, now=NOW)
        after = uow.webhooks.secrets(number, now=LATER)
        uow.webhooks.rotate(number, secret("3"), until=LATER, now=NOW)
        third = uow.webhooks.secrets(number, now=NOW)
        uow.commit()

    assert both == [secret("2"), secret("1")]
    assert after == [secret("2")]
    assert third == [secret("3"), secret("2")]


def test_secret_under_a_lost_key_goes_with_the_next(database: Database) -> None:
    """It signs no more, so there is no day in which both would."""
    with database.unit_of_work() as uow:
        number = uow.webhooks.add(endpoint())
        uow.webhooks.add_secret(number, secret("1", under=b"lost"), at=NOW)
        uow.webhooks.rotate(number, secret("2", under=b"new"), until=LATER, now=NOW)

        assert uow.webhooks.secrets(number, now=NOW) == [secret("2", under=b"new")]
        assert uow.webhooks.sealed_under() == {b"new"}


def test_secrets_in_the_clear_are_found_and_sealed(database: Database) -> None:
    """Once; the endpoint's and those of the server, of which another's is left alone."""
    with database.unit_of_work() as uow:
        number = uow.webhooks.add(endpoint())
        uow.webhooks.add_secret(number, secret("1"), at=NOW)
        ((row, webhook, clear),) = uow.webhooks.in_the_clear()
        uow.webhooks.seal(row, secret("2", under=b"key"))
        uow.secrets.first("a", b"1")
        old = uow.secrets.stored("a")
        new = uow.secrets.replace("a", secret("3", under=b"key"), instead_of=old)
        late = uow.secrets.replace("a", secret("4", under=b"key"), instead_of=old)

        assert (webhook, clear) == (number, b"1" * 32)
        assert uow.webhooks.in_the_clear() == []
        assert uow.webhooks.secrets(number, now=NOW) == [secret("2", under=b"key")]
        assert new == late == uow.secrets.stored("a")
        assert uow.secrets.sealed_under() == {b"key"}


def test_messages_wait_are_tried_and_replayed(database: Database) -> None:
    """Each once; due when it is time and while the endpoint is called; gone with it."""
    with database.unit_of_work() as uow:
        number = uow.webhooks.add(endpoint())
        for _ in range(2):
            uow.webhooks.call(number, message="evt_1", kind="log.record", payload=b"{}", at=NOW)
        (call,) = uow.webhooks.due(NOW, limit=9)
        uow.webhooks.called(call, status=500, error="answered 500", again=LATER, at=NOW)
        assert uow.webhooks.due(NOW, limit=9) == []
        uow.webhooks.set_active(number, False, "gone")
        assert uow.webhooks.due(LATER, limit=9) == []
        uow.webhooks.set_active(number, True)
        (call,) = uow.webhooks.due(LATER, limit=9)
        uow.webhooks.called(call, status=200, error=None, again=None, at=LATER)
        (call,) = uow.webhooks.calls(number)
        assert (call.state, call.attempts, call.payload) == (DeliveryState.DELIVERED, 2, b"{}")
        uow.webhooks.replay(call.number, at=LATER)
        (call,) = uow.webhooks.due(LATER, limit=9)
        assert call.attempts == 0
        uow.webhooks.called(call, status=None, error="away", again=None, at=LATER)
        (call,) = uow.webhooks.calls(number)
        assert call.state is DeliveryState.FAILED
        (stored,) = uow.webhooks.of(USC)
        assert (stored.kinds, stored.last_event, stored.last_notice) == (("log.record",), 3, 4)
        uow.webhooks.remove(number)
        assert uow.webhooks.calls(number) == []
        assert uow.webhooks.of(USC) == []
        uow.commit()


def test_waits_grow_and_end() -> None:
    """Ten attempts over three days."""
    waits = [next_attempt(attempts, NOW) for attempts in range(1, len(WAITS_MS) + 2)]

    assert waits[-1] is None
    assert [each - NOW for each in waits if each is not None] == sorted(WAITS_MS)
    assert sum(WAITS_MS) > 3 * 86_400_000
