"""The generated client against the server: what it gives is what the server says."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient

from api.client.operations import Operations
from api.client.transport import Refused, Transport
from api.errors import PartMissing
from attestation.merkle import hash_leaf, verify_inclusion
from tests.support.enterprise import USC, Device, Enterprise
from tools.client_writing import operations_module


@pytest.fixture
def ledger_client(client: TestClient) -> Operations:
    """The client of a caller without a token."""
    return Operations(Transport(client))


def test_proof_is_checked_by_whoever_asks(
    client: TestClient, granted: dict[str, str], ledger_client: Operations
) -> None:
    """Entry, proof and root come by the client; that they belong together is seen here."""
    token = granted["authorization"].removeprefix("Bearer ")
    entry = Operations(Transport(client, token=token)).get_entry(USC, 3)
    proof = ledger_client.get_inclusion_proof(USC, index=3)

    assert proof["leaf_hash"] == entry["leaf_hash"]
    verify_inclusion(
        bytes.fromhex(proof["leaf_hash"]),
        index=3,
        size=proof["size"],
        root=bytes.fromhex(proof["root"]),
        proof=[bytes.fromhex(each) for each in proof["proof"]],
    )


def test_refusal_has_the_servers_code(ledger_client: Operations) -> None:
    """Who may not read is told by the code, and what to do next."""
    with pytest.raises(Refused) as refused:
        ledger_client.get_entry(USC, 3)

    assert (refused.value.status, refused.value.stable_code) == (401, "api.unauthenticated")
    assert refused.value.problem["next_step"]


def test_signed_message_travels_as_its_bytes(
    ledger_client: Operations, enterprise: Enterprise, device: Device
) -> None:
    """What is signed is not written anew on the way."""
    message = device.sign()
    first = ledger_client.submit_message(USC, message.encoded)
    again = ledger_client.submit_message(USC, message.encoded)

    assert (first["code"], again["code"]) == ("admitted", "duplicate")
    assert first["message_id"] == message.message_id.hex()


def test_tile_and_checkpoint_come_as_they_are(ledger_client: Operations) -> None:
    """A tile is bytes, a checkpoint is a signed text."""
    entries = ledger_client.get_tile(USC, "0/000.p/6")

    assert len(entries) == 6 * len(hash_leaf(b""))
    assert ledger_client.get_checkpoint(USC).startswith(b"log.example/log/" + USC.encode())


def test_server_that_answers_something_else_is_not_believed() -> None:
    """A page of a proxy under the address of a list is no list."""
    app = FastAPI()
    app.get("/v1/logs")(lambda: Response("<html>", media_type="text/html"))

    with pytest.raises(PartMissing, match="not JSON"):
        Operations(Transport(TestClient(app))).list_logs()


def test_every_operation_but_streams_is_a_method(client: TestClient) -> None:
    """The client that is written from the schema has all of it."""
    schema = client.get("/v1/openapi.json").json()
    written = operations_module(schema)
    methods = {line.strip()[4:-1] for line in written.splitlines() if line.startswith("    def ")}
    names = {each["operationId"] for path in schema["paths"].values() for each in path.values()}

    assert len(methods - {"__init__(self, transport: Transport) -> None"}) == len(names) - 1
    assert "follow_events" not in methods
