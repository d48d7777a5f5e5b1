"""The command line and the generated client as a machine, against a server that listens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from api.client.machine import MachineSignature
from api.client.operations import Operations
from api.client.transport import Asked, Refused, Transport, open_transport
from api.clock import SystemClock
from api.errors import BadRequest, ConfigurationError
from api.mirroring import open_client
from attestation.errors import Error
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import Algorithm, SoftwareKey
from ledger.database import Database
from ledger.repositories.machine_keys import MachineKey
from tests.integration.access.test_login_command import run
from tests.support.access import OWNER
from tests.support.enterprise import USC

ME = "/v1/auth/me"
CODE = "/v1/notices/mail/confirmation"
"""Where a machine may hand something in; there is no address to confirm."""
SEED = sha256(b"machine of a client").digest()
KEY = SoftwareKey.from_seed(SEED)
P256 = SoftwareKey.from_seed(SEED, Algorithm.ESP256)
SENT = b'{"code": "00"}'


@pytest.fixture
def registered(database: Database) -> Database:
    """The machine's keys, registered by the enterprise's approver."""
    now = SystemClock().now()
    with database.unit_of_work() as uow:
        for key in (KEY, P256):
            uow.machine_keys.add(
                MachineKey(
                    id=key.public_key.kid.hex(),
                    spki=key.public_key.spki_der,
                    party_id=OWNER.party_id,
                    address=OWNER.address,
                    name="machine",
                    message="",
                    signature=b"",
                    registered_at=now,
                    expires_at=Instant(now + MILLISECONDS_PER_DAY),
                )
            )
        uow.commit()
    return database


@pytest.fixture
def transport(served: str, registered: Database) -> Iterator[Transport]:
    """The client's transport, signed by the machine."""
    with open_transport(served, auth=MachineSignature(KEY, served)) as opened:
        yield opened


@pytest.fixture
def plain(served: str) -> Iterator[httpx2.Client]:
    """A client that sends what it is given."""
    with httpx2.Client(base_url=served, trust_env=False) as opened:
        yield opened


def signed(client: httpx2.Client, served: str, method: str, path: str) -> httpx2.Request:
    """Make a request and sign it, without sending it."""
    content = SENT if method == "PUT" else None
    media = {"content-type": "application/json"} if content else {}
    request = client.build_request(method, path, content=content, headers=media)
    MachineSignature(KEY, served).sign(request)
    return request


@pytest.mark.parametrize("key", [KEY, P256])
@pytest.mark.usefixtures("registered")
def test_signed_request_is_the_machine_s(served: str, key: SoftwareKey) -> None:
    """Of both kinds of keys; the party is that of the approver who registered it."""
    with open_transport(served, auth=MachineSignature(key, served)) as transport:
        found = transport.ask(Asked("GET", ME, query={"a": "b c/?&"})).document()

    assert (found["role"], found["party"], found["proof"]) == ("enterprise", USC, "signed-request")


def test_generated_client_sends_a_body_with_its_digest(transport: Transport) -> None:
    """A question with a body is the machine's: what it is refused for is what it says."""
    for _ in range(2):
        with pytest.raises(Refused, match="no address to confirm"):
            Operations(transport).confirm_mail_address({"code": "00"})


@pytest.mark.usefixtures("registered")
def test_body_changed_after_signing_is_refused(served: str, plain: httpx2.Client) -> None:
    """One digit of the body, under the signature and the digest of the other."""
    request = signed(plain, served, "PUT", CODE)
    changed = plain.build_request(
        "PUT", CODE, content=SENT.replace(b"00", b"01"), headers=request.headers
    )
    refused, taken = plain.send(changed), plain.send(signed(plain, served, "PUT", CODE))

    assert (refused.status_code, refused.json()["code"]) == (400, "api.content_digest")
    assert (taken.status_code, taken.json()["code"]) == (404, "api.not_found")


@pytest.mark.usefixtures("registered")
def test_digest_that_is_not_signed_does_not_count(served: str, plain: httpx2.Client) -> None:
    """A changed body with the right digest of it, which the signature is not over."""
    content = SENT.replace(b"00", b"01")
    other = plain.build_request("PUT", CODE, content=content)
    MachineSignature(P256, served).sign(other)
    request = signed(plain, served, "PUT", CODE)
    request.headers["content-digest"] = other.headers["content-digest"]

    answer = plain.send(plain.build_request("PUT", CODE, content=content, headers=request.headers))

    assert (answer.status_code, answer.json()["code"]) == (401, "api.unauthenticated")


@pytest.mark.usefixtures("registered")
def test_request_sent_again_is_refused(served: str, plain: httpx2.Client) -> None:
    """Whoever saw it on its way has nothing."""
    request = signed(plain, served, "GET", ME)
    first, second = plain.send(request), plain.send(request)

    assert (first.status_code, second.status_code) == (200, 401)
    assert "taken before" in second.json()["detail"]


def test_revoked_key_is_refused(transport: Transport, registered: Database) -> None:
    """From the moment it is revoked."""
    assert transport.ask(Asked("GET", ME)).status == 200
    with registered.unit_of_work() as uow:
        uow.machine_keys.revoke(KEY.public_key.kid.hex(), SystemClock().now())
        uow.commit()

    with pytest.raises(Refused) as refused:
        transport.ask(Asked("GET", ME))

    assert refused.value.stable_code == "api.unauthenticated"


def test_question_asked_again_is_signed_anew() -> None:
    """A server that is busy gets another number with the second try."""
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.extend(re.findall('nonce="([^"]+)"', request.headers["signature-input"]))
        return httpx2.Response(503 if len(seen) == 1 else 200, headers={"retry-after": "0"})

    client = httpx2.Client(
        base_url="https://ledger.example",
        transport=httpx2.MockTransport(answer),
        auth=MachineSignature(KEY, "https://ledger.example:443"),
    )
    with Transport(client, pause=lambda _seconds: None) as transport:
        transport.ask(Asked("GET", ME))

    assert len(set(seen)) == 2
    assert all(len(each) >= 16 for each in seen)


@pytest.mark.parametrize("url", ["https://other.example/v1", "http://ledger.example/v1"])
def test_nothing_is_signed_for_another_server(url: str) -> None:
    """Nor for the same one without TLS."""
    signature = MachineSignature(KEY, "https://ledger.example")
    with pytest.raises(ConfigurationError):
        signature.sign(httpx2.Request("GET", url))
    with pytest.raises(ConfigurationError):
        MachineSignature(KEY, "http://ledger.example")


@pytest.mark.usefixtures("registered")
def test_mirror_comes_in_as_a_machine(served: str) -> None:
    """The client that copies a log signs what it asks for, too."""
    with open_client(f"{served}/log/{USC}", None, MachineSignature(KEY, served)) as client:
        found = client.get(served + ME).json()

    assert (found["role"], found["proof"]) == ("enterprise", "signed-request")


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """The key's file, for its owner only."""
    path = tmp_path / "machine.pem"
    path.write_bytes(KEY.to_pem(None))
    path.chmod(0o600)
    return path


@pytest.mark.usefixtures("registered")
def test_command_comes_in_with_a_key_file(served: str, pem: Path) -> None:
    """Without anybody having logged in."""
    found = run("access", "reads", "--url", served, "--machine-key", pem)

    assert found == {"reads": [], "next": None}


@pytest.mark.usefixtures("registered")
def test_key_file_that_others_may_read_is_not_used(served: str, pem: Path) -> None:
    """As every key file."""
    pem.chmod(0o640)
    with pytest.raises(Error, match="others may use"):
        run("access", "reads", "--url", served, "--machine-key", pem)


def test_one_of_session_and_key_is_shown(served: str, pem: Path) -> None:
    """Two parties at once would be a guess."""
    both = ("--machine-key", pem, "--session-file", pem)
    with pytest.raises(BadRequest):
        run("access", "reads", "--url", served, *both)
