"""Whether the server lives and can work, what it measures, and how it describes itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from api.catalogue import catalogue
from api.http.documentation import response_of
from attestation.enums import OutboxState
from attestation.instants import Instant
from ledger.errors import StorageUnavailable
from tests.fakes.clock import FixedClock
from tests.integration.api.conftest import QuietChain
from tests.support.enterprise import USC, Device, Enterprise


def metrics(client: TestClient) -> dict[str, str]:
    """Read the measurements by name and labels."""
    lines = client.get("/metrics").text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_a_process_lives(client: TestClient) -> None:
    """Living asks nothing of the other parts."""
    assert client.get("/healthz").json() == {"status": "alive"}


def test_server_is_ready(client: TestClient) -> None:
    """With database and chain at hand the server is ready."""
    found = client.get("/readyz")

    assert (found.status_code, found.json()["ready"]) == (200, True)
    assert [part["outcome"] for part in found.json()["parts"]] == ["ok", "ok"]


def test_without_its_node_the_server_is_not_ready(client: TestClient, chain: QuietChain) -> None:
    """A node that is away could not be checked; the database is still ok."""
    chain.fault = StorageUnavailable("away", code="chain.node_unavailable")
    found = client.get("/readyz")

    assert found.status_code == 503
    assert found.json()["parts"] == [
        {"name": "database", "outcome": "ok", "code": None},
        {"name": "chain", "outcome": "could_not_check", "code": "chain.node_unavailable"},
    ]


def test_with_another_schema_the_server_is_not_ready(
    client: TestClient, enterprise: Enterprise
) -> None:
    """A database whose schema was taken away could not be checked."""
    with enterprise.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("DELETE FROM alembic_version")
        uow.commit()

    found = client.get("/readyz").json()

    assert [part["outcome"] for part in found["parts"]] == ["could_not_check", "ok"]


def test_measurements_come_from_the_database(
    client: TestClient, enterprise: Enterprise, device: Device
) -> None:
    """Sizes, what waits, and what is on its way to the chain, by log and state."""
    enterprise.admit(device.sign())

    found = metrics(client)

    assert found[f'carbonseal_log_size{{log="{USC}"}}'] == "6.0"
    assert found[f'carbonseal_log_waiting_entries{{log="{USC}"}}'] == "1.0"
    assert {
        f'carbonseal_outbox_transactions{{state="{state.name.lower()}"}}' in found
        for state in OutboxState
        if state is not OutboxState.FINAL
    } == {True}


def test_ages_grow_until_the_work_is_done(
    enterprise: Enterprise, device: Device, ledger: Ledger
) -> None:
    """A minute after them, a waiting entry and an unanchored checkpoint are a minute old."""
    enterprise.admit(device.sign())
    later = cast(Any, FixedClock(Instant(enterprise.now + 60_000)))

    found = metrics(TestClient(create_app(replace(ledger, clock=later))))

    assert found[f'carbonseal_log_oldest_waiting_seconds{{log="{USC}"}}'] == "60.0"
    assert found[f'carbonseal_log_oldest_unanchored_seconds{{log="{USC}"}}'] == "60.0"


def test_two_servers_measure_apart(ledger: Ledger) -> None:
    """Each application has a registry of its own; a second one does not clash."""
    first, second = TestClient(create_app(ledger)), TestClient(create_app(ledger))

    assert metrics(first) == metrics(second)


def test_problems_are_in_the_language_asked_for(client: TestClient) -> None:
    """A Chinese reader gets the Chinese title."""
    found = client.get("/v1/nothing", headers={"accept-language": "zh-CN"})

    assert (found.status_code, found.json()["title"]) == (404, "未找到")


def test_other_method_is_a_problem_that_names_the_methods(client: TestClient) -> None:
    """Also what the framework refuses by itself has the one form of answers that say no."""
    found = client.delete("/v1/logs")

    assert (found.status_code, found.json()["code"]) == (405, "api.method_not_allowed")
    assert found.headers["allow"] == "GET"


def test_problem_names_its_request(client: TestClient) -> None:
    """The id is the one that the header and the server's log have."""
    for path in ("/v1/nothing", "/v1/logs/none", "/v1/factors?limit=0"):
        found = client.get(path)
        assert found.json()["request_id"] == found.headers["x-request-id"]


def test_every_operation_is_described(client: TestClient) -> None:
    """Each operation has an id of its own and answers problems; nothing hangs in the air."""
    schema = client.get("/v1/openapi.json").json()
    operations = [each for path in schema["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]

    assert schema["openapi"].startswith("3.1")
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["description"] and operation["tags"]
        assert {"429", "500", "503"} <= set(operation["responses"]) or operation["operationId"] == (
            "getHealth"
        )
        for status, response in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                assert "application/problem+json" in response_of(schema, response)["content"]
    assert "HTTPValidationError" not in str(schema)
    assert not [name for name in schema["components"]["schemas"] if "__" in name]


def test_every_code_that_is_described_is_in_the_catalogue(client: TestClient) -> None:
    """Each stands under the status that it has, with words in both languages."""
    schema = client.get("/v1/openapi.json").json()
    for operation in (each for path in schema["paths"].values() for each in path.values()):
        for status, response in operation["responses"].items():
            found = response_of(schema, response)
            content = found.get("content", {}).get("application/problem+json", {})
            for code in content.get("examples", {}):
                assert str(catalogue()[code].status) == status
                assert catalogue()[code].title_zh in found["description"]


def test_no_number_is_a_binary_fraction(client: TestClient) -> None:
    """Nothing that is sent or answered is a `number`: amounts are decimal strings."""
    schema = client.get("/v1/openapi.json").text

    assert '"type":"number"' not in schema.replace(" ", "")
    assert '"type":"integer"' in schema.replace(" ", "")


@pytest.mark.parametrize(
    "name", ["getTile", "getEntry", "getEntryBundle", "listDevices", "getLoadCurve"]
)
def test_what_needs_a_grant_takes_a_token(client: TestClient, name: str) -> None:
    """The schema says where it is asked who calls, and by what that is shown."""
    schema = client.get("/v1/openapi.json").json()
    operations = [each for path in schema["paths"].values() for each in path.values()]
    (operation,) = [each for each in operations if each["operationId"] == name]

    assert operation["security"][:3] == [{"token": []}, {"session": []}, {"signature": []}]
    assert ({} in operation["security"]) == (name == "getTile")
    assert {"401", "403"} <= set(operation["responses"])
