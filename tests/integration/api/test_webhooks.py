"""Webhooks over real HTTP: signed, repeated, replayed, stopped, and nobody else's."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from api.errors import PartMissing
from api.notices.delivering import deliver, outward
from api.notices.feeding import feed
from api.notices.sealing import SealFile, seal_stored
from api.notices.signatures import format_public_key
from attestation.enums import InventoryState
from attestation.instants import Instant
from attestation.keys import SoftwareKey
from ledger.notices.deliveries import WAITS_MS
from ledger.notices.telling import Teller
from ledger.repositories.requests import StoredSecret
from tests.fakes.clock import FixedClock
from tests.support.access import (
    NEIGHBOUR,
    OWNER,
    READER,
    VERIFIER,
    put_case,
    register,
    signed_in,
)
from tests.support.enterprise import USC, Device, Enterprise

HOOKS = "/v1/webhooks"


@dataclass
class Endpoint:
    """A server that takes calls, or answers as it is told."""

    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __enter__(self) -> Endpoint:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.calls.append((headers, body))
                status = endpoint.statuses.pop(0) if endpoint.statuses else 204
                self.send_response(status)
                self.send_header("location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    @property
    def kinds(self) -> list[str]:
        """What was told, by kind."""
        return [json.loads(body)["type"] for _, body in self.calls]


@dataclass
class Office:
    """A server, its worker, and an endpoint of the enterprise."""

    client: TestClient
    ledger: Ledger
    endpoint: Endpoint

    def ask(self, who: Any, method: str, path: str = HOOKS, **more: Any) -> Any:
        """Ask as somebody who is logged in, under a key of its own."""
        headers = signed_in(self.client, who) | {"idempotency-key": uuid4().hex}
        return self.client.request(method, path, headers=headers, **more)

    def add(self, who: Any = OWNER, **changes: Any) -> Any:
        """Add the endpoint for somebody's party."""
        answer = self.ask(who, "POST", json={"url": self.endpoint.url} | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def work(self) -> None:
        """Do what a worker does, until nothing is left that is due."""
        Teller(self.ledger.database.unit_of_work, self.ledger.database.reading).step()
        while feed(self.ledger):
            pass
        deliver(self.ledger, outward(self.ledger))

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass."""
        clock = cast(FixedClock, self.ledger.clock)
        clock.instant = Instant(clock.now() + milliseconds)

    def calls(self, number: int = 1, who: Any = OWNER) -> Any:
        """Give the messages for an endpoint, the newest first."""
        return self.ask(who, "GET", f"{HOOKS}/{number}/calls").json()["calls"]


@pytest.fixture
def office(ledger: Ledger) -> Iterator[Office]:
    """The office; its settings allow calls to this machine."""
    register(ledger.database)
    settings = ledger.settings
    webhooks = settings.webhooks.model_copy(
        update={"private_networks": (ip_network("127.0.0.0/8"),)}
    )
    made = replace(ledger, settings=settings.model_copy(update={"webhooks": webhooks}))
    client = TestClient(create_app(made), raise_server_exceptions=False)
    with Endpoint() as endpoint:
        yield Office(client, made, endpoint)


def verify(secret: str, public_key: str, call: tuple[dict[str, str], bytes]) -> list[str]:
    """Check a call's signatures as a receiver does; give their versions that hold."""
    headers, body = call
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    held = []
    for each in headers["webhook-signature"].split():
        version, signature = each.split(",")
        given = base64.b64decode(signature)
        if version == "v1a":
            public.verify(given, content)
            held.append(version)
        elif hmac.compare_digest(hmac.digest(key, content, "sha256"), given):
            held.append(version)
    return held


def test_party_is_told_what_happens_in_its_log(
    office: Office, enterprise: Enterprise, device: Device
) -> None:
    """From now on, thin, signed both ways; checkpoints only where they are asked for."""
    made = office.add()
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    enterprise.accept(*device.row(1))
    office.work()
    (call,) = office.endpoint.calls

    assert verify(made["secret"], made["public_key"], call) == ["v1", "v1a"]
    said = json.loads(call[1])
    assert said["type"] == "log.record"
    assert said["data"]["body"] == {"index": 6, "type": "series"}
    office.work()
    assert len(office.endpoint.calls) == 1
    assert office.calls()[0]["state"] == "delivered"


def test_kinds_are_chosen(office: Office, enterprise: Enterprise, device: Device) -> None:
    """Checkpoints, where they are named; nothing else then."""
    office.add(kinds=["log.checkpoint"])
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    enterprise.accept(*device.row(1))
    office.work()

    assert office.endpoint.kinds == ["log.checkpoint", "log.checkpoint"]


def test_nobody_is_told_of_others(office: Office, enterprise: Enterprise) -> None:
    """Not a neighbour; a verifier while it holds a case, and no longer when it is taken away."""
    office.add(NEIGHBOUR)
    office.add(VERIFIER)
    put_case(office.ledger.database)
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    office.work()
    assert office.endpoint.kinds == ["log.record"]

    put_case(office.ledger.database, InventoryState.CONFIRMED, block=2)
    enterprise.file(enterprise.registration("em-03/energy/total/"))
    office.work()
    assert office.endpoint.kinds == ["log.record"]


def test_message_is_sent_again_until_it_is_taken(office: Office) -> None:
    """Under the same id, signed anew each time, with longer and longer waits."""
    office.add()
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.endpoint.statuses = [500, 302, 204]
    office.work()
    office.work()
    assert len(office.endpoint.calls) == 1
    for wait in WAITS_MS[:2]:
        office.pass_time(wait)
        office.work()
    (call,) = office.calls()

    assert len(office.endpoint.calls) == 3
    assert (call["state"], call["attempts"], call["status"]) == ("delivered", 3, 204)
    ids = {headers["webhook-id"] for headers, _ in office.endpoint.calls}
    times = {headers["webhook-timestamp"] for headers, _ in office.endpoint.calls}
    assert (len(ids), len(times)) == (1, 3)


def test_endpoint_that_takes_nothing_is_stopped(office: Office) -> None:
    """After three days; its party is told, may replay the message and call it again."""
    office.add()
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.endpoint.statuses = [503] * 20
    for wait in (0, *WAITS_MS):
        office.pass_time(wait)
        office.work()
    (call,) = office.calls()
    shown = office.ask(OWNER, "GET", f"{HOOKS}/1").json()
    told = office.ask(OWNER, "GET", "/v1/notices").json()["notices"]

    assert (call["state"], call["attempts"]) == ("failed", len(WAITS_MS) + 1)
    assert (shown["is_active"], shown["reason"]) == (
        False,
        "a message was not taken in three days",
    )
    assert [each["kind"] for each in told] == ["webhook.stopped"]
    office.endpoint.statuses = []
    office.ask(OWNER, "POST", f"{HOOKS}/1/activations")
    office.ask(OWNER, "POST", f"{HOOKS}/1/calls/{call['number']}/replays")
    office.work()
    assert office.calls()[-1]["state"] == "delivered"


def test_endpoint_that_is_gone_is_stopped_at_once(office: Office) -> None:
    """It said so itself."""
    office.add()
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.endpoint.statuses = [410]
    office.work()

    assert office.ask(OWNER, "GET", f"{HOOKS}/1").json()["is_active"] is False


def test_two_secrets_live_for_a_day(office: Office) -> None:
    """A receiver may change over at its leisure; then only the newest signs."""
    first = office.add()
    second = office.ask(OWNER, "POST", f"{HOOKS}/1/secrets").json()
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.work()
    (call,) = office.endpoint.calls
    for each in (first, second):
        assert verify(each["secret"], each["public_key"], call) == ["v1", "v1a"]

    office.pass_time(24 * 3_600_000)
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.work()
    assert verify(first["secret"], first["public_key"], office.endpoint.calls[1]) == ["v1a"]
    assert verify(second["secret"], first["public_key"], office.endpoint.calls[1]) == ["v1", "v1a"]


def test_stolen_database_signs_no_message(office: Office) -> None:
    """Neither secret nor server's key stands in it; both open with the file beside it alone."""
    made = office.add()
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    file = SealFile(office.ledger.settings)
    key = file.load()
    assert key is not None
    with office.ledger.database.reading() as uow:
        (stored,) = uow.webhooks.secrets(1, now=office.ledger.clock.now())
        own = uow.secrets.stored("webhooks")
    assert own is not None
    url = office.ledger.database.engine.url.database
    dump = b"".join(each.read_bytes() for each in Path(str(url)).parent.glob("ledger.sqlite*"))
    seed = key.open(own, "server-secret webhooks")

    assert key.open(stored, "webhook 1") == secret
    assert format_public_key(SoftwareKey.from_seed(seed)) == made["public_key"]
    assert stored.content in dump
    assert all(each not in dump for each in (secret, seed, key.secret, key.secret.hex().encode()))
    assert file.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(PartMissing, match="does not open"):
        key.open(stored, "webhook 2")
    with pytest.raises(PartMissing, match="does not open"):
        key.open(
            replace(stored, content=bytes([stored.content[0] ^ 1]) + stored.content[1:]),
            "webhook 1",
        )


def test_secrets_of_before_are_sealed_and_still_sign(office: Office) -> None:
    """What an earlier version kept in the clear is sealed by the worker; receivers see nothing."""
    made = office.add()
    database, settings = office.ledger.database, office.ledger.settings
    key = SealFile(settings).load()
    assert key is not None
    with database.unit_of_work() as uow:
        (stored,) = uow.webhooks.secrets(1, now=office.ledger.clock.now())
        clear = StoredSecret(key.open(stored, "webhook 1"), None)
        uow.connection.exec_driver_sql("DELETE FROM webhook_secret")
        uow.webhooks.add_secret(1, clear, at=office.ledger.clock.now())
        own = uow.secrets.stored("webhooks")
        assert own is not None
        seed = StoredSecret(key.open(own, "server-secret webhooks"), None)
        uow.secrets.replace("webhooks", seed, instead_of=own)
        uow.commit()

    counts = [seal_stored(settings, database) for _ in range(2)]
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.work()

    assert counts == [2, 0]
    with database.reading() as uow:
        assert uow.webhooks.in_the_clear() == []
    assert verify(made["secret"], made["public_key"], office.endpoint.calls[0]) == ["v1", "v1a"]


def test_lost_key_is_not_replaced_unseen(office: Office) -> None:
    """Nothing is signed under another by mistake; a new one is put there, and secrets are drawn."""
    made = office.add()
    path = SealFile(office.ledger.settings).path
    path.unlink()
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    with pytest.raises(PartMissing, match="missing"):
        office.work()
    refused = office.ask(OWNER, "POST", f"{HOOKS}/1/secrets")

    path.write_text("11" * 32, encoding="utf-8")
    drawn = office.ask(OWNER, "POST", f"{HOOKS}/1/secrets").json()
    office.work()

    assert (refused.status_code, refused.json()["code"]) == (503, "api.part_missing")
    assert verify(drawn["secret"], drawn["public_key"], office.endpoint.calls[0]) == ["v1", "v1a"]
    assert drawn["public_key"] != made["public_key"]


def test_name_that_nobody_can_have_holds_nobody_up(office: Office) -> None:
    """The message to it waits for its next attempt, those to others are sent."""
    office.add(url=f"https://{'a' * 64}.example/hook")
    office.add(NEIGHBOUR)
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    office.ask(NEIGHBOUR, "POST", f"{HOOKS}/2/tests")
    office.work()

    assert office.endpoint.kinds == ["webhook.test"]
    assert "not known" in office.calls()[0]["error"]


def test_message_that_waits_is_not_sent_to_who_lost_the_case(
    office: Office, enterprise: Enterprise
) -> None:
    """What a verifier reaches is asked when a message is made, and again when it is sent."""
    office.add(VERIFIER)
    put_case(office.ledger.database)
    office.endpoint.statuses = [503]
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    office.work()
    put_case(office.ledger.database, block=2, verifier=NEIGHBOUR.party_id)
    office.pass_time(WAITS_MS[0])
    office.work()
    (call,) = office.calls(who=VERIFIER)

    assert len(office.endpoint.calls) == 1
    assert (call["state"], call["payload"]) == ("failed", "{}")
    assert office.ask(VERIFIER, "GET", f"{HOOKS}/1").json()["is_active"] is True


def test_what_endpoints_are_told_of_others_is_noted(office: Office, enterprise: Enterprise) -> None:
    """The verifier's endpoint reads the enterprise's log, and the enterprise sees that it does."""
    office.add(VERIFIER)
    office.add(OWNER)
    put_case(office.ledger.database)
    enterprise.file(enterprise.registration("em-02/energy/total/"))
    office.work()
    (row,) = office.ask(OWNER, "GET", "/v1/access/reads").json()["reads"]

    assert (row["party"], row["proof"], row["asked"]) == (VERIFIER.code, "webhook", "webhook 1")
    assert (row["usc"], row["action"], row["relation"]) == (USC, "events.read", "held")


def test_addresses_of_neighbours_are_not_called(office: Office, ledger: Ledger) -> None:
    """The name was stored while it was allowed; what it leads to is looked at with each call."""
    office.add()
    office.ask(OWNER, "POST", f"{HOOKS}/1/tests")
    strict = replace(office.ledger, settings=ledger.settings)
    deliver(strict, outward(strict))
    (call,) = office.calls()

    assert office.endpoint.calls == []
    assert "https" in call["error"]
    answer = TestClient(create_app(strict)).post(
        HOOKS,
        json={"url": office.endpoint.url},
        headers=signed_in(office.client, OWNER) | {"idempotency-key": "x"},
    )
    assert answer.status_code == 400


def test_endpoints_are_their_partys_own(office: Office) -> None:
    """Nobody else sees, tries, changes or removes them; a reader changes nothing."""
    office.add()
    for method, path in (
        ("GET", "/1"),
        ("DELETE", "/1"),
        ("POST", "/1/tests"),
        ("POST", "/1/secrets"),
        ("GET", "/1/calls"),
        ("POST", "/1/calls/1/replays"),
    ):
        assert office.ask(NEIGHBOUR, method, HOOKS + path).status_code == 404, path
    body = {"url": office.endpoint.url}
    assert office.ask(READER, "POST", json=body).status_code == 403
    assert office.client.get(HOOKS).status_code == 401
    assert office.ask(OWNER, "DELETE", f"{HOOKS}/1").status_code == 204
    assert office.ask(OWNER, "GET").json() == {"webhooks": []}


def test_enterprise_is_told_of_an_act(office: Office) -> None:
    """What the chain says of its case comes as a notice, in the inbox and by the endpoint."""
    office.add()
    with office.ledger.database.unit_of_work() as uow:
        uow.notices.tell(
            to=USC, kind="case.assigned", subject="act 0xab", body={"version": 1}, at=Instant(1)
        )
        uow.notices.tell(
            to=USC, kind="case.assigned", subject="act 0xab", body={"version": 2}, at=Instant(1)
        )
        uow.commit()
    office.work()

    assert office.endpoint.kinds == ["case.assigned"]
    (notice,) = office.ask(OWNER, "GET", "/v1/notices?unread=true").json()["notices"]
    path = f"/v1/notices/{notice['number']}/reading"
    assert office.ask(NEIGHBOUR, "PUT", path).status_code == 404
    assert office.ask(OWNER, "PUT", path).status_code == 204
    assert office.ask(OWNER, "GET", "/v1/notices?unread=true").json()["notices"] == []
    assert office.ask(OWNER, "GET", "/v1/notices").json()["notices"][0]["is_read"] is True
