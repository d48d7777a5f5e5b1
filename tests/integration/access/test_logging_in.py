"""People come in with a text that their key signed, for this server, now and once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text as sql

from api.bootstrap import Ledger
from attestation.enums import PartyKind, RepresentativeRole
from attestation.instants import Instant
from ledger.repositories.parties import Party, Representative
from tests.fakes.clock import FixedClock
from tests.integration.access.conftest import NoContracts
from tests.support.access import (
    NEIGHBOUR,
    OWNER,
    VERIFIER,
    Person,
    challenge,
    login_body,
    login_message,
    person,
    register,
    remove,
    sign_text,
    signed_in,
)
from tests.support.enterprise import START_S, STRANGER, USC

SESSIONS = "/v1/auth/sessions"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def pass_time(ledger: Ledger, milliseconds: int) -> None:
    """Let time pass for the server."""
    clock = cast(FixedClock, ledger.clock)
    clock.instant = Instant(clock.instant + milliseconds)


def test_representative_logs_in(client: TestClient) -> None:
    """A session says whom its holder speaks for, and as what."""
    header = signed_in(client, OWNER)

    me = client.get("/v1/auth/me", headers=header).json()
    assert (me["role"], me["party"], me["right"], me["proof"]) == (
        "enterprise",
        USC,
        "approver",
        "wallet",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"domain": "ledger.example"}, "is meant for"),
        ({"domain": "127.0.0.1"}, "is meant for"),
        ({"uri": "http://127.0.0.1:8081"}, "is meant for"),
        ({"uri": "https://127.0.0.1:8080"}, "is meant for"),
        ({"chain_id": 1}, "names chain"),
        ({"statement": None}, "states something else"),
        ({"statement": "Let the identity named below sign in to CarbonSeal as me."}, "states"),
        ({"nonce": "0" * 32}, "nonce"),
    ],
)
def test_text_meant_for_another_is_refused(
    client: TestClient, changes: dict[str, Any], reason: str
) -> None:
    """A rightly signed text for another server, chain, purpose or nonce opens nothing."""
    answer = client.post(SESSIONS, json=login_body(client, OWNER, **changes))

    assert (answer.status_code, answer.json()["code"]) == (401, "api.unauthenticated")
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issued_at": -10 * MINUTE_MS}, "too old"),
        ({"issued_at": 61_000}, "to come"),
        ({"expires_at": 0}, "has expired"),
        ({"not_before": 1_000}, "only later"),
    ],
)
def test_text_of_another_time_is_refused(
    client: TestClient, ledger: Ledger, changes: dict[str, int], reason: str
) -> None:
    """A text that is too old, of a time to come, expired or not yet valid opens nothing."""
    now = ledger.clock.now()
    moved = {name: Instant(now + offset) for name, offset in changes.items()}

    answer = client.post(SESSIONS, json=login_body(client, OWNER, **moved))

    assert answer.status_code == 401
    assert reason in answer.json()["detail"]


def test_text_holds_between_its_times(client: TestClient, ledger: Ledger) -> None:
    """Expiry later than now and a begin not later than now are taken."""
    now = ledger.clock.now()

    signed_in(client, OWNER, expires_at=Instant(now + 1000), not_before=now)


def test_signature_of_another_key_is_refused(client: TestClient) -> None:
    """The text names the approver's address and a stranger signed it."""
    body = login_body(client, OWNER)
    body["signature"] = sign_text(body["message"], STRANGER)

    answer = client.post(SESSIONS, json=body)

    assert answer.status_code == 401
    assert "not signed by the key" in answer.json()["detail"]


def test_text_changed_after_signing_is_refused(client: TestClient) -> None:
    """The signature is over the whole text: another nonce in it is another text."""
    body = login_body(client, OWNER)
    other = challenge(client)["nonce"]
    nonce = body["message"].split("Nonce: ")[1].split("\n")[0]
    body["message"] = body["message"].replace(nonce, other)

    assert client.post(SESSIONS, json=body).status_code == 401


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text + "\n",
        lambda text: text.replace("Version: 1", "Version: 2"),
        lambda text: text.replace("\n\nURI", "\nURI"),
        lambda text: text.replace("Nonce: ", "Nonce:"),
        lambda text: text.lower(),
        lambda text: text.replace("0x", "0X"),
        lambda text: text.replace("Sign in", "Zeichne 碳"),
        lambda text: text + "\nResources:\n- not a uri",
    ],
)
def test_text_of_another_form_is_refused(client: TestClient, damage: Any) -> None:
    """Whatever is not the form of EIP-4361 in every character is no text to log in with."""
    asked = login_message(challenge(client), OWNER).text()
    text = damage(asked)

    answer = client.post(
        SESSIONS, json={"message": text, "signature": sign_text(text, OWNER.secret)}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "encoding.login")


def test_nonce_is_good_once(client: TestClient) -> None:
    """The same signed text opens no second session."""
    body = login_body(client, OWNER)

    first, second = (client.post(SESSIONS, json=body) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 401)
    assert "nonce" in second.json()["detail"]


def test_nonce_is_good_for_ten_minutes(client: TestClient, ledger: Ledger) -> None:
    """A nonce that nobody came back with is over, also with a text that is new."""
    asked = challenge(client)
    pass_time(ledger, 10 * MINUTE_MS)
    text = login_message(asked, OWNER, issued_at=ledger.clock.now()).text()

    answer = client.post(
        SESSIONS, json={"message": text, "signature": sign_text(text, OWNER.secret)}
    )

    assert answer.status_code == 401


def test_nonce_of_another_purpose_opens_no_session(client: TestClient) -> None:
    """A nonce drawn for a machine's key is not good for a session."""
    asked = challenge(client, "machine-key")
    statement = challenge(client)["statement"]
    text = login_message(asked, OWNER, statement=statement).text()

    answer = client.post(
        SESSIONS, json={"message": text, "signature": sign_text(text, OWNER.secret)}
    )

    assert answer.status_code == 401


def test_stranger_is_nobody(client: TestClient) -> None:
    """A key that is no representative's opens nothing, however well it signs."""
    stranger = Person("NOBODY", PartyKind.ENTERPRISE, STRANGER)

    answer = client.post(SESSIONS, json=login_body(client, stranger))

    assert answer.status_code == 401
    assert "no representative" in answer.json()["detail"]


def test_party_not_spoken_for_is_refused(client: TestClient) -> None:
    """The enterprise's key cannot ask to speak for the verifier."""
    named = (f"urn:carbonseal:party:{VERIFIER.code}",)

    answer = client.post(SESSIONS, json=login_body(client, OWNER, resources=named))

    assert (answer.status_code, answer.json()["code"]) == (403, "api.forbidden")


def test_key_of_two_parties_names_one(client: TestClient, ledger: Ledger) -> None:
    """Whoever speaks for two parties says for which, and is that one's."""
    both = replace(person("VERIFIER.9", PartyKind.VERIFIER), secret=NEIGHBOUR.secret)
    register(ledger.database, both)

    unnamed = client.post(SESSIONS, json=login_body(client, NEIGHBOUR))
    header = signed_in(client, NEIGHBOUR, resources=("urn:carbonseal:party:VERIFIER.9",))

    assert unnamed.status_code == 403
    assert client.get("/v1/auth/me", headers=header).json()["role"] == "verifier"


def test_removed_representative_loses_everything_at_once(
    client: TestClient, ledger: Ledger
) -> None:
    """A session is worth nothing from the second of the removal on the chain."""
    header = signed_in(client, OWNER)
    now_s = ledger.clock.now() // 1000

    remove(ledger.database, OWNER, at_s=now_s + 1)
    before = client.get("/v1/auth/me", headers=header)
    pass_time(ledger, 1000)
    after = client.get("/v1/auth/me", headers=header)

    assert (before.status_code, after.status_code) == (200, 401)
    assert "does not speak" in after.json()["detail"]


def test_party_that_is_closed_loses_everything(client: TestClient, ledger: Ledger) -> None:
    """A party that the chain has as inactive has no representatives."""
    header = signed_in(client, VERIFIER)
    with ledger.database.unit_of_work() as uow:
        uow.parties.put_party(Party(VERIFIER.party_id, VERIFIER.kind, VERIFIER.code, False))
        uow.commit()

    assert client.get("/v1/auth/me", headers=header).status_code == 401


def test_session_is_over_after_its_hours(client: TestClient, ledger: Ledger) -> None:
    """However much it is used, a session ends twelve hours after it began."""
    header = signed_in(client, OWNER)
    for _ in range(14):
        last = client.get("/v1/auth/me", headers=header).status_code
        pass_time(ledger, HOUR_MS - MINUTE_MS)

    assert last == 401


def test_session_left_alone_is_over(client: TestClient, ledger: Ledger) -> None:
    """A session that nobody used for an hour is over; one used within it is not."""
    used, left = signed_in(client, OWNER), signed_in(client, OWNER)
    pass_time(ledger, HOUR_MS - MINUTE_MS)
    client.get("/v1/auth/me", headers=used)
    pass_time(ledger, MINUTE_MS)

    assert client.get("/v1/auth/me", headers=used).status_code == 200
    assert client.get("/v1/auth/me", headers=left).status_code == 401


def test_sessions_are_listed_and_ended(client: TestClient) -> None:
    """A person sees the sessions of their key, and one that is ended lets nobody in."""
    first, second = signed_in(client, OWNER), signed_in(client, OWNER)
    listed = client.get(SESSIONS, headers=first).json()["sessions"]
    other = next(each["id"] for each in listed if not each["current"])

    gone = client.delete(f"{SESSIONS}/{other}", headers=first)

    assert (len(listed), gone.status_code) == (2, 204)
    assert client.get("/v1/auth/me", headers=second).status_code == 401
    assert client.get("/v1/auth/me", headers=first).status_code == 200


def test_nobody_ends_or_sees_anothers_session(client: TestClient) -> None:
    """The id of a session is no secret, and lets nobody but its key end it."""
    theirs = signed_in(client, OWNER)
    (session,) = client.get(SESSIONS, headers=theirs).json()["sessions"]
    mine = signed_in(client, VERIFIER)

    answer = client.delete(f"{SESSIONS}/{session['id']}", headers=mine)

    assert answer.status_code == 403
    assert client.get("/v1/auth/me", headers=theirs).status_code == 200
    assert len(client.get(SESSIONS, headers=mine).json()["sessions"]) == 1


def test_logging_out_ends_the_session(client: TestClient) -> None:
    """`current` names the session that asks."""
    header = signed_in(client, OWNER)

    assert client.delete(f"{SESSIONS}/current", headers=header).status_code == 204
    assert client.get("/v1/auth/me", headers=header).status_code == 401


@pytest.mark.parametrize("damage", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.lower()])
def test_nearly_right_token_is_refused(client: TestClient, damage: Any) -> None:
    """A token with one character less, more or changed opens nothing."""
    token = signed_in(client, OWNER)["authorization"].removeprefix("Bearer ")

    header = {"authorization": f"Bearer {damage(token)}"}

    assert client.get("/v1/auth/me", headers=header).status_code == 401


def test_database_holds_no_token(client: TestClient, ledger: Ledger) -> None:
    """Whoever reads the database can open no session with it, nor use a nonce."""
    asked = challenge(client)
    token = signed_in(client, OWNER)["authorization"].removeprefix("Bearer ")
    with ledger.database.reading() as uow:
        rows = [
            str(row)
            for table in ("session", "login_secret", "action")
            for row in uow.connection.execute(sql(f"SELECT * FROM {table}"))
        ]

    assert rows
    assert not [row for row in rows if token in row or asked["nonce"] in row]


def test_cookie_opens_and_scripts_cannot_read_it(client: TestClient) -> None:
    """A browser gets the token as a cookie and not in the answer."""
    answer = client.post(SESSIONS, json={**login_body(client, OWNER), "cookie": True})
    cookie = answer.headers["set-cookie"].lower()

    assert answer.json()["token"] is None
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/v1/auth/me").json()["role"] == "enterprise"


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
def test_cookie_changes_nothing_from_another_page(client: TestClient, origin: str | None) -> None:
    """A browser sends the cookie with what other pages ask too: such a request is nobody's."""
    client.post(SESSIONS, json={**login_body(client, OWNER), "cookie": True})
    headers = {} if origin is None else {"origin": origin}

    foreign = client.delete(f"{SESSIONS}/current", headers=headers)
    own = client.delete(f"{SESSIONS}/current", headers={"origin": "http://127.0.0.1:8080"})

    assert (foreign.status_code, own.status_code) == (401, 204)


def test_logging_in_is_noted(client: TestClient, ledger: Ledger) -> None:
    """Coming in and leaving stand in the ledger of actions, with the key and no token."""
    header = signed_in(client, OWNER)
    client.delete(f"{SESSIONS}/current", headers=header)

    with ledger.database.reading() as uow:
        noted = [each.body for each in uow.actions.listed()]

    assert [each.what for each in noted] == ["session.open", "session.revoke"]
    assert {each.actor for each in noted} == {"0x" + OWNER.address.hex()}


def test_registered_contract_logs_in(client: TestClient, ledger: Ledger, node: NoContracts) -> None:
    """Where a party's representative is a contract, the contract is asked whether it signed."""
    wallet = b"\x07" * 20
    register_contract(ledger, wallet)
    text = login_message(challenge(client), OWNER, address=wallet).text()
    body = {"message": text, "signature": "0x" + "ab" * 100}
    node.codes[wallet] = b"\x60"
    node.answers[wallet] = bytes(32)
    refused = client.post(SESSIONS, json=body)
    node.answers[wallet] = bytes.fromhex("1626ba7e").ljust(32, b"\0")

    taken = client.post(SESSIONS, json=body)

    assert (refused.status_code, taken.status_code) == (401, 201)
    assert taken.json()["party"] == VERIFIER.code


def register_contract(ledger: Ledger, wallet: bytes) -> None:
    """Let the chain say that a contract speaks for the verifier."""
    with ledger.database.unit_of_work() as uow:
        uow.parties.put_representative(
            Representative(
                VERIFIER.party_id, wallet, bytes(32), RepresentativeRole.APPROVER, START_S
            )
        )
        uow.commit()
