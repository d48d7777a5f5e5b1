"""Machines come in by keys that an approver registered: each request signed, each taken once."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.auth.certificates_shown import CertificateProof
from api.auth.identifying import Shown
from api.auth.principals import Role
from api.bootstrap import Ledger
from api.errors import Unauthenticated
from api.services import Services
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import Algorithm, SoftwareKey
from ledger.database import Database
from tests.fakes.clock import FixedClock
from tests.support.access import CASE, OWNER, READER, VERIFIER, Person, put_case, remove, signed_in
from tests.support.enterprise import NOW, START_S, USC
from tests.support.machines import COVERED, Machine, certificate_of, registration

KEYS = "/v1/auth/machine-keys"
ME = "/v1/auth/me"
KEY = SoftwareKey.from_seed(sha256(b"machine").digest())
P256 = SoftwareKey.from_seed(sha256(b"machine").digest(), Algorithm.ESP256)
OTHER = SoftwareKey.from_seed(sha256(b"other machine").digest())


def register_key(client: TestClient, key: SoftwareKey = KEY, who: Person = OWNER) -> Machine:
    """Register a machine's key."""
    answer = client.post(KEYS, json=registration(client, who, key))
    assert answer.status_code == 201, answer.text
    return Machine.of_key(key)


@pytest.mark.parametrize("key", [KEY, P256])
def test_registered_machine_comes_in(client: TestClient, key: SoftwareKey) -> None:
    """A request signed by a registered key is its party's, with the key's name in the audit."""
    machine = register_key(client, key)

    me = client.get(ME, headers=machine.headers("GET", ME)).json()

    assert (me["role"], me["party"], me["proof"]) == ("enterprise", USC, "signed-request")


def test_representatives_own_key_signs_requests(client: TestClient) -> None:
    """A script signs with the person's key, without a session."""
    script = Machine.of_person(VERIFIER)

    me = client.get(ME, headers=script.headers("GET", ME)).json()

    assert (me["role"], me["proof"]) == ("verifier", "signed-request")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tag": "other"}, "tag"),
        ({"tag": None}, "tag"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "short"}, "nonce"),
        ({"covered_component_ids": ("@method",)}, "covers"),
        ({"covered_component_ids": ("@target-uri",)}, "covers"),
        ({"covered_component_ids": ("@method", "@path")}, "covers"),
        ({"key_id": OTHER.public_key.kid.hex()}, "not registered"),
        ({"key_id": KEY.public_key.kid.hex().upper()}, "not registered"),
    ],
)
def test_nearly_right_signature_is_refused(
    client: TestClient, changes: dict[str, Any], reason: str
) -> None:
    """A signature for another purpose, that can be replayed, or says too little is nobody's."""
    machine = register_key(client)
    machine.changes = changes

    answer = client.get(ME, headers=machine.headers("GET", ME))

    assert answer.status_code == 401
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize("offset_s", [-331, 31])
def test_signature_of_another_time_is_refused(client: TestClient, offset_s: int) -> None:
    """A signature that is older than five minutes, or of a time to come, is nobody's."""
    machine = register_key(client)
    machine.now = Instant(NOW + offset_s * 1000)

    assert client.get(ME, headers=machine.headers("GET", ME)).status_code == 401


def test_signed_request_is_taken_once(client: TestClient) -> None:
    """Whoever saw the request cannot send it again."""
    headers = register_key(client).headers("GET", ME)

    first, second = (client.get(ME, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 401)
    assert "taken before" in second.json()["detail"]


def test_signed_request_is_not_taken_again_at_its_end(client: TestClient, ledger: Ledger) -> None:
    """It is remembered until its age alone refuses it, also where its key's clock is ahead."""
    clock = cast(FixedClock, ledger.clock)
    machine = register_key(client)
    machine.now = Instant(NOW + 30_000)
    headers = machine.headers("GET", ME)
    met = []
    for passed in (0, 360_000, 360_999, 361_000):
        clock.instant = Instant(NOW + passed)
        met.append(client.get(ME, headers=headers).json().get("detail"))

    assert met[0] is None
    assert ["taken before" in str(each) for each in met[1:3]] == [True, True]
    assert "too old" in str(met[3])


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/v1/auth/sessions"), ("GET", ME + "?a=1"), ("HEAD", ME)]
)
def test_signature_is_for_one_address(client: TestClient, method: str, target: str) -> None:
    """A signature over another address, query or method does not count."""
    headers = register_key(client).headers(method, target)

    assert client.get(ME, headers=headers).status_code == 401


def test_signature_is_for_one_server(client: TestClient) -> None:
    """A request that was signed for another server is not taken here, whatever `Host` says."""
    machine = register_key(client)
    headers = machine.headers("GET", ME, server="http://testserver")

    assert client.get(ME, headers={**headers, "host": "testserver"}).status_code == 401


def test_signature_of_another_key_is_refused(client: TestClient) -> None:
    """The key named is registered, and another one signed."""
    machine = register_key(client)
    machine.private = Machine.of_key(OTHER).private

    assert client.get(ME, headers=machine.headers("GET", ME)).status_code == 401


def test_representatives_signature_of_another_chain_is_refused(client: TestClient) -> None:
    """The key id names the chain whose representative it is."""
    script = Machine.of_person(VERIFIER, chain_id=1)

    assert client.get(ME, headers=script.headers("GET", ME)).status_code == 401


def test_body_is_covered_by_its_digest(client: TestClient) -> None:
    """A signed request with a body that does not cover the digest is nobody's."""
    register_key(client)
    machine = Machine.of_key(KEY)
    content = json.dumps({"purpose": "session"}).encode()
    headers = machine.headers("DELETE", f"{KEYS}/{'0' * 64}", content, covered=COVERED)

    answer = client.request("DELETE", f"{KEYS}/{'0' * 64}", content=content, headers=headers)

    assert answer.status_code == 401
    assert "content-digest" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("digest", "status"),
    [
        (lambda body: base64.b64encode(sha256(body).digest()).decode(), 201),
        (lambda body: base64.b64encode(sha256(body + b" ").digest()).decode(), 400),
    ],
)
def test_body_is_the_one_that_is_named(client: TestClient, digest: Any, status: int) -> None:
    """A body that is another than its `Content-Digest` says reaches no operation."""
    content = json.dumps({"purpose": "session"}).encode()
    headers = {
        "content-type": "application/json",
        "content-digest": f"sha-256=:{digest(content)}:",
    }

    assert client.post("/v1/auth/nonces", content=content, headers=headers).status_code == status


@pytest.mark.parametrize("field", ["md5=:AAAA:", "sha-256", "sha-256=:AAA:", ""])
def test_digest_that_cannot_be_compared_is_refused(client: TestClient, field: str) -> None:
    """A digest by another algorithm, or none, would be covered by a signature and say nothing."""
    answer = client.post("/v1/auth/nonces", json={}, headers={"content-digest": field})

    assert answer.status_code == 400


def test_approver_removed_takes_the_machine_along(client: TestClient, database: Database) -> None:
    """A key is worth nothing once the chain has removed whoever registered it."""
    machine = register_key(client)
    remove(database, OWNER, at_s=START_S)

    assert client.get(ME, headers=machine.headers("GET", ME)).status_code == 401


def test_revoked_and_expired_keys_are_refused(client: TestClient, ledger: Ledger) -> None:
    """A key ends when it is revoked and when its time is over."""
    first, second = register_key(client, KEY), register_key(client, OTHER)
    header = signed_in(client, OWNER)

    gone = client.delete(f"{KEYS}/{first.key_id}", headers=header)
    revoked = client.get(ME, headers=first.headers("GET", ME))
    cast(FixedClock, ledger.clock).instant = Instant(NOW + 365 * MILLISECONDS_PER_DAY)
    second.now = ledger.clock.now()
    expired = client.get(ME, headers=second.headers("GET", ME))

    assert (gone.status_code, revoked.status_code, expired.status_code) == (204, 401, 401)


def test_another_partys_key_is_not_seen_and_not_ended(client: TestClient) -> None:
    """The keys of a party are its own affair."""
    machine = register_key(client)
    header = signed_in(client, VERIFIER)

    assert client.get(KEYS, headers=header).json()["keys"] == []
    assert client.delete(f"{KEYS}/{machine.key_id}", headers=header).status_code == 404
    assert client.get(ME, headers=machine.headers("GET", ME)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"resources": None}, 400),
        ({"resources": (f"urn:carbonseal:machine-key:{OTHER.public_key.kid.hex()}",)}, 400),
        ({"expires_at": None}, 400),
        ({"expires_at": Instant(NOW + 732 * MILLISECONDS_PER_DAY)}, 400),
        ({"statement": "Sign in to CarbonSeal. This signs no act and moves nothing."}, 401),
    ],
)
def test_registration_says_which_key_and_until_when(
    client: TestClient, changes: dict[str, Any], status: int
) -> None:
    """A text that names no key, another one, or no end registers nothing."""
    answer = client.post(KEYS, json=registration(client, OWNER, KEY, **changes))

    assert answer.status_code == status


def test_registration_needs_the_key_itself(client: TestClient) -> None:
    """Nobody registers a key that is another's: the key signs too."""
    body = registration(client, OWNER, KEY)
    body["possession"] = base64.b64encode(OTHER.sign(body["message"].encode())).decode()

    assert client.post(KEYS, json=body).status_code == 400


def test_read_only_representative_registers_no_machine(client: TestClient) -> None:
    """A machine may do what its party may, so only an approver lets one in."""
    assert client.post(KEYS, json=registration(client, READER, KEY)).status_code == 403


def test_key_is_registered_once(client: TestClient) -> None:
    """A key is one party's machine, and not two."""
    register_key(client)

    answer = client.post(KEYS, json=registration(client, VERIFIER, KEY))

    assert (answer.status_code, answer.json()["code"]) == (409, "api.machine_key_known")


# --- certificates --------------------------------------------------------------------------------


def shown(client: TestClient, field: str, *, by_socket: bool = True) -> Any:
    """Identify whoever shows a certificate to the proxy."""
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    return services.identifier.identify(
        Shown("GET", ME, {"client-cert": field}, by_socket=by_socket)
    )


def test_certificate_of_a_registered_key_comes_in_by_the_socket(client: TestClient) -> None:
    """What the proxy hands on over the UNIX socket is believed, and the key decides."""
    register_key(client, P256)

    found = shown(client, certificate_of(P256))

    assert (found.role, found.key) == (Role.ENTERPRISE, P256.public_key.kid.hex())


def test_certificate_from_elsewhere_is_not_read(client: TestClient) -> None:
    """Anybody can write the header over TCP: there it says nothing."""
    register_key(client, P256)

    assert shown(client, certificate_of(P256), by_socket=False).role is Role.NOBODY
    assert client.get(ME, headers={"client-cert": certificate_of(P256)}).json()["role"] == "nobody"


@pytest.mark.parametrize("days", [(1, 30), (-31, 30)])
def test_certificate_out_of_its_time_is_refused(
    client: TestClient, ledger: Ledger, days: tuple[int, int]
) -> None:
    """A certificate that is not valid yet, or no more, lets nobody in."""
    register_key(client)
    begin = Instant(NOW + days[0] * MILLISECONDS_PER_DAY)

    with pytest.raises(Unauthenticated, match="time"):
        CertificateProof(ledger.database, ledger.clock).check(
            certificate_of(KEY, begin=begin, days=days[1])
        )


@pytest.mark.parametrize(
    "damage", [lambda f: f[1:], lambda f: f + ", " + f, lambda f: ":AAAA:", lambda f: ""]
)
def test_field_that_is_no_certificate_is_refused(
    client: TestClient, ledger: Ledger, damage: Any
) -> None:
    """Two certificates, none, or something else are not one certificate."""
    register_key(client)

    with pytest.raises(Unauthenticated):
        CertificateProof(ledger.database, ledger.clock).check(damage(certificate_of(KEY)))


def test_certificate_of_an_unknown_key_is_refused(client: TestClient) -> None:
    """Whoever issues certificates makes nobody's machine."""
    register_key(client)

    assert shown(client, certificate_of(OTHER)).role is Role.NOBODY


def test_signed_request_carries_something_out_once(client: TestClient, database: Database) -> None:
    """Whoever is asked for twice while a request is answered is identified once."""
    put_case(database)
    script = Machine.of_person(OWNER)
    target = f"/v1/cases/0x{CASE.hex()}/comments"
    content = json.dumps({"text": "question"}).encode()
    key = {"idempotency-key": "0" * 32}
    headers = script.headers("POST", target, content)

    first = client.post(target, content=content, headers=headers | key)
    stolen = client.post(target, content=content, headers=headers | {"idempotency-key": "1" * 32})

    assert (first.status_code, stolen.status_code) == (201, 401), first.text
