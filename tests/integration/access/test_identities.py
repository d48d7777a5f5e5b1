"""People come in by an identity at a provider once their key has let it stand for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey

from api.app import create_app
from api.auth.provider import require_safe
from api.bootstrap import Ledger
from api.errors import PartMissing
from api.services import Services
from ledger.database import Database
from tests.support.access import (
    OWNER,
    VERIFIER,
    Person,
    challenge,
    login_message,
    remove,
    sign_text,
    signed_in,
)
from tests.support.enterprise import NOW, START_S, USC
from tests.support.provider import CLIENT, SECRET, Provider

PROVIDER = "/v1/auth/providers/works"
IDENTITIES = "/v1/auth/identities"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider on this machine."""
    with Provider(now_s=NOW // 1000) as started:
        yield started


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    """The provider, telling the truth unless a test makes it lie."""
    yield running
    running.claims, running.metadata, running.signing_key = {}, {}, None
    running.algorithm = "ES256"


@pytest.fixture
def client(ledger: Ledger, provider: Provider, tmp_path: Path) -> TestClient:
    """A browser at a server that knows the provider."""
    secret = tmp_path / "client-secret"
    secret.write_text(SECRET + "\n")
    named = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret_file": secret}
    document = ledger.settings.model_dump()
    document["database"] = {"url": ledger.settings.database.url}
    document["chain"]["rpc_url"] = ledger.settings.chain.rpc_url
    document["auth"]["providers"] = {"works": named}
    settings = type(ledger.settings)(**document)
    return TestClient(create_app(replace(ledger, settings=settings)), raise_server_exceptions=False)


def come_back(client: TestClient, provider: Provider, **changes: str) -> Any:
    """Go to the provider, log in there, and come back."""
    begun = client.post(f"{PROVIDER}/logins").json()
    answer = provider.log_in(begun["address"]) | changes
    return client.get(f"{PROVIDER}/callback", params=answer)


def bind(client: TestClient, found: dict[str, Any], who: Person, **changes: Any) -> Any:
    """Let an identity stand for a person's key."""
    arguments = {"resources": tuple(found["resources"]), **changes}
    text = login_message(challenge(client, "identity"), who, **arguments).text()
    body = {
        "ticket": found["ticket"],
        "message": text,
        "signature": sign_text(text, who.secret),
    }
    return client.post(IDENTITIES, json=body)


def test_bound_identity_comes_in(client: TestClient, provider: Provider) -> None:
    """First the identity is unknown; once the key has signed for it, it opens a session."""
    found = come_back(client, provider).json()
    bound = bind(client, found, OWNER).json()
    again = come_back(client, provider).json()

    me = client.get("/v1/auth/me").json()

    assert found["opened"] is None
    assert (bound["party"], bound["session"]["proof"]) == (USC, "oidc")
    assert again["opened"]["token"] is None
    assert (me["role"], me["proof"], me["party"]) == ("enterprise", "oidc", USC)


def test_identity_of_a_removed_key_opens_nothing(
    client: TestClient, provider: Provider, database: Database
) -> None:
    """The provider still knows the person; the chain does not."""
    bind(client, come_back(client, provider).json(), OWNER)
    remove(database, OWNER, at_s=START_S)

    assert come_back(client, provider).status_code == 401


def test_identity_that_was_unbound_opens_nothing(client: TestClient, provider: Provider) -> None:
    """The holder of the key takes the binding back."""
    bind(client, come_back(client, provider).json(), OWNER)
    header = signed_in(client, OWNER)
    (identity,) = client.get(IDENTITIES, headers=header).json()["identities"]

    gone = client.delete(f"{IDENTITIES}/{identity['id']}", headers=header)

    assert gone.status_code == 204
    assert come_back(client, provider).json()["opened"] is None


def test_sessions_end_with_the_identity(client: TestClient, provider: Provider) -> None:
    """Whoever has taken the provider's account over is out at once; the wallet's session stays."""
    found = come_back(client, provider).json()
    token = bind(client, found, OWNER).json()["token"]
    client.cookies.clear()
    taken, own = {"authorization": f"Bearer {token}"}, signed_in(client, OWNER)
    before = client.get("/v1/auth/me", headers=taken).status_code

    client.delete(f"{IDENTITIES}/{found['identity']}", headers=own)

    assert (before, client.get("/v1/auth/me", headers=taken).status_code) == (200, 401)
    assert client.get("/v1/auth/me", headers=own).status_code == 200


def test_nobody_unbinds_anothers_identity(client: TestClient, provider: Provider) -> None:
    """An identity stands for its key until that key says otherwise."""
    found = come_back(client, provider).json()
    bind(client, found, OWNER)
    header = signed_in(client, VERIFIER)

    assert client.delete(f"{IDENTITIES}/{found['identity']}", headers=header).status_code == 404


def test_other_browser_does_not_come_in(client: TestClient, provider: Provider) -> None:
    """Whoever is sent an address of somebody else's login is not let in by it."""
    begun = client.post(f"{PROVIDER}/logins").json()
    answer = provider.log_in(begun["address"])
    victim = TestClient(client.app, raise_server_exceptions=False)

    assert victim.get(f"{PROVIDER}/callback", params=answer).status_code == 401
    victim.post(f"{PROVIDER}/logins")
    assert victim.get(f"{PROVIDER}/callback", params=answer).status_code == 401


def test_neighbours_host_sets_no_cookie_of_a_login(client: TestClient, provider: Provider) -> None:
    """
    Where there is TLS the cookie has the prefix that browsers guard, and no other counts.

    Otherwise a host beside this one begins a login of its own in somebody's browser.
    """
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    settings = services.ledger.settings
    auth = settings.auth.model_copy(update={"public_url": "https://ledger.example"})
    made = replace(services.ledger, settings=settings.model_copy(update={"auth": auth}))
    attacker, victim = (
        TestClient(create_app(made), base_url="https://ledger.example") for _ in range(2)
    )
    begun = attacker.post(f"{PROVIDER}/logins")
    cookie = begun.headers["set-cookie"]
    answer = provider.log_in(begun.json()["address"])
    planted = {"cookie": cookie.partition(";")[0].removeprefix("__Host-")}
    refused = victim.get(f"{PROVIDER}/callback", params=answer, headers=planted)

    assert cookie.startswith("__Host-carbonseal-login=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    assert refused.status_code == 401
    assert attacker.get(f"{PROVIDER}/callback", params=answer).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"state": "0" * 48}, {"code": "code-0"}, {"state": "x", "code": "x"}]
)
def test_made_up_answer_is_refused(
    client: TestClient, provider: Provider, changes: dict[str, str]
) -> None:
    """A state that was not given out, or a code the provider does not know, opens nothing."""
    assert come_back(client, provider, **changes).status_code == 401


def test_answer_is_taken_once(client: TestClient, provider: Provider) -> None:
    """The same address opens nothing twice."""
    begun = client.post(f"{PROVIDER}/logins").json()
    cookie = dict(client.cookies)
    answer = provider.log_in(begun["address"])
    first = client.get(f"{PROVIDER}/callback", params=answer)
    client.cookies.update(cookie)

    second = client.get(f"{PROVIDER}/callback", params=answer)

    assert (first.status_code, second.status_code) == (200, 401)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "other"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client", "third"]},
        {"iss": "http://127.0.0.1:1/realm"},
        {"iss": None},
        {"exp": NOW // 1000 - 31},
        {"exp": None},
        {"iat": None},
        {"nbf": NOW // 1000 + 31},
        {"sub": None},
        {"sub": ""},
    ],
)
def test_token_that_does_not_hold_is_refused(
    client: TestClient, provider: Provider, claims: dict[str, Any]
) -> None:
    """A token of another login, for another client, by another issuer or of another time."""
    provider.claims = claims

    assert come_back(client, provider).status_code == 401


def test_token_of_another_key_is_refused(client: TestClient, provider: Provider) -> None:
    """A token that the published keys did not sign says nothing."""
    provider.signing_key = ECKey.generate_key("P-256", {"kid": "k1"})

    assert come_back(client, provider).status_code == 401


def test_token_without_signature_is_refused(client: TestClient, provider: Provider) -> None:
    """`none` is no algorithm."""
    provider.algorithm = "none"

    assert come_back(client, provider).status_code == 401


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://127.0.0.1:1/realm"},
        {"token_endpoint": "http://provider.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "/authorize"},
    ],
)
def test_provider_that_says_something_else_is_not_asked(
    client: TestClient, provider: Provider, metadata: dict[str, Any]
) -> None:
    """A description of another issuer, or with addresses without TLS, is not believed."""
    provider.metadata = metadata

    answer = client.post(f"{PROVIDER}/logins")

    assert (answer.status_code, answer.json()["code"]) == (503, "api.part_missing")


@pytest.mark.parametrize("address", ["http://127.0.0.1/keys", "ftp://provider.example", "", None])
def test_provider_elsewhere_is_asked_by_tls_only(address: str | None) -> None:
    """Only a provider on this machine may be asked without TLS."""
    with pytest.raises(PartMissing):
        require_safe(address, "https://provider.example")


def test_text_for_another_identity_binds_nothing(client: TestClient, provider: Provider) -> None:
    """The key signs for the one identity that the ticket is of."""
    found = come_back(client, provider).json()
    other = "urn:carbonseal:identity:" + "0" * 64

    assert bind(client, found, OWNER, resources=(other,)).status_code == 400
    assert bind(client, found, OWNER, resources=None).status_code == 400


def test_ticket_is_good_once(client: TestClient, provider: Provider) -> None:
    """Nobody binds the identity again with the ticket of the first time."""
    found = come_back(client, provider).json()

    first, second = bind(client, found, OWNER), bind(client, found, VERIFIER)

    assert (first.status_code, second.status_code) == (201, 401)


def test_text_to_log_in_binds_nothing(client: TestClient, provider: Provider) -> None:
    """A text signed to begin a session does not let an identity stand for the key."""
    found = come_back(client, provider).json()
    statement = challenge(client)["statement"]

    assert bind(client, found, OWNER, statement=statement).status_code == 401


def test_unknown_provider_is_not_found(client: TestClient) -> None:
    """Only providers of the settings are asked."""
    assert client.post("/v1/auth/providers/other/logins").status_code == 404
    assert client.get("/v1/auth/providers").json()["providers"][0]["name"] == "works"
