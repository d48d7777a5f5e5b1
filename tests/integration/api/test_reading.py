"""What is public is given to everybody up to what is published; entries need a grant."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from attestation.bundle import parse_bundle
from attestation.checkpoints import Checkpoint, open_checkpoint
from attestation.cosignatures import Cosigner
from attestation.merkle import hash_leaf, verify_consistency, verify_inclusion
from attestation.notes import parse_note, parse_vkey
from attestation.witness_policy import WitnessPolicy
from ledger.repositories.trees import Cosignature
from tests.support.enterprise import ORIGIN, OTHER_USC, SERIES, USC, Device, Enterprise, seeded_key

LOG = f"/v1/logs/{USC}"
MESSAGE = 3
SIZE = 6
GRANTED = [f"{LOG}/entries/{MESSAGE}", f"{LOG}/entries/{MESSAGE}/bundle", f"{LOG}/devices"]
WITNESS = Cosigner("witness.example/w1", seeded_key("witness"))


def checkpoint_of(client: TestClient, enterprise: Enterprise) -> Checkpoint:
    """Read and check the published checkpoint."""
    note = client.get(f"/log/{USC}/checkpoint").text
    return open_checkpoint(note, parse_vkey(enterprise.log.vkey))


def witnessed(ledger: Ledger, enterprise: Enterprise, size: int | None) -> TestClient:
    """Give a server that asks for one witness, who has cosigned the checkpoint of a size."""
    policy = WitnessPolicy((), {"w1": WITNESS.verifier}, {}, "w1")
    if size is not None:
        with enterprise.database.unit_of_work() as uow:
            checkpoint = uow.checkpoints.get(enterprise.log.number, size)
            assert checkpoint is not None
            line = WITNESS.cosign(parse_note(checkpoint.note).text, 1_735_776_000)
            uow.checkpoints.cosign(
                enterprise.log.number,
                size,
                Cosignature(WITNESS.verifier.name, line.line.rstrip("\n"), 1_735_776_000),
            )
            uow.commit()
    return TestClient(create_app(replace(ledger, policy=policy)), raise_server_exceptions=False)


def test_logs_are_listed(client: TestClient, enterprise: Enterprise) -> None:
    """A log is shown with what it has published; it is not anchored yet."""
    (log,) = client.get("/v1/logs").json()["logs"]

    assert (log["origin"], log["state"], log["anchor"]) == (ORIGIN, "active", None)
    assert log["checkpoint"]["size"] == SIZE
    assert client.get(LOG).json() == log


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/logs/{OTHER_USC}",
        f"/v1/logs/{OTHER_USC}/proofs/inclusion?index=0",
        f"/v1/logs/{OTHER_USC}/proofs/consistency?from=1&to=2",
        f"/v1/logs/{OTHER_USC}/answers/{'00' * 32}",
        f"/log/{OTHER_USC}/checkpoint",
        f"/log/{USC}/tile/0/0",
        f"/log/{USC}/tile/0/000.p/7",
        "/v1/nothing",
    ],
)
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    """A log kept elsewhere, a misspelt tile, a tile wider than the log: all are not found."""
    found = client.get(path)

    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["status"] == 404


def test_checkpoint_is_not_sent_twice(client: TestClient) -> None:
    """Whoever has the newest checkpoint is told so."""
    tag = client.get(f"/log/{USC}/checkpoint").headers["etag"]

    again = client.get(f"/log/{USC}/checkpoint", headers={"if-none-match": tag})

    assert (again.status_code, again.content) == (304, b"")


def test_hash_tile_is_public(client: TestClient) -> None:
    """Anybody reads hashes, and may keep them."""
    tile = client.get(f"/log/{USC}/tile/0/000.p/{SIZE}")

    assert len(tile.content) == 32 * SIZE
    assert "immutable" in tile.headers["cache-control"]


def test_inclusion_proof_leads_to_the_checkpoint(
    client: TestClient, enterprise: Enterprise
) -> None:
    """The proof holds against the checkpoint that the log signed."""
    checkpoint = checkpoint_of(client, enterprise)

    proof = client.get(f"{LOG}/proofs/inclusion", params={"index": MESSAGE}).json()

    assert proof["size"] == checkpoint.size
    verify_inclusion(
        bytes.fromhex(proof["leaf_hash"]),
        index=MESSAGE,
        size=checkpoint.size,
        root=checkpoint.root,
        proof=[bytes.fromhex(node) for node in proof["proof"]],
    )


def test_consistency_proof_holds(client: TestClient, enterprise: Enterprise) -> None:
    """The tree of two entries is the beginning of the published one."""
    checkpoint = checkpoint_of(client, enterprise)

    proof = client.get(f"{LOG}/proofs/consistency", params={"from": 2, "to": SIZE}).json()

    verify_consistency(
        old_size=2,
        old_root=bytes.fromhex(proof["from_root"]),
        new_size=SIZE,
        new_root=checkpoint.root,
        proof=[bytes.fromhex(node) for node in proof["proof"]],
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"inclusion?index={SIZE}", 404),
        (f"inclusion?index=0&size={SIZE + 1}", 404),
        ("inclusion?index=3&size=3", 404),
        ("inclusion?index=0&size=4", 404),
        (f"consistency?from=1&to={SIZE + 1}", 404),
        ("consistency?from=3&to=2", 404),
        ("inclusion?index=-1", 400),
        ("inclusion?index=9223372036854775808", 400),
        ("inclusion", 400),
        ("consistency?from=1&to=x", 400),
    ],
)
def test_what_cannot_be_proved_is_refused(client: TestClient, path: str, status: int) -> None:
    """Beyond the tree, before it, under a size that was never signed, or no number at all."""
    found = client.get(f"{LOG}/proofs/{path}")

    assert (found.status_code, found.headers["content-type"]) == (
        status,
        "application/problem+json",
    )


def test_entry_is_given_to_a_grant(
    client: TestClient, granted: dict[str, str], enterprise: Enterprise
) -> None:
    """Whoever was granted it reads the bytes whose hash is in the tree."""
    found = client.get(GRANTED[0], headers=granted)
    content = base64.b64decode(found.json()["content"])

    assert found.json()["kind"] == "message"
    assert hash_leaf(content).hex() == found.json()["leaf_hash"]
    assert found.headers["cache-control"].startswith("private")


def test_entry_tile_is_given_to_a_grant(client: TestClient, granted: dict[str, str]) -> None:
    """The same grant reads entry bundles as a mirror does."""
    path = f"/log/{USC}/tile/entries/000.p/{SIZE}"

    assert client.get(path).status_code == 401
    assert client.get(path, headers=granted).status_code == 200


def test_bundle_is_a_file_of_its_own(client: TestClient, granted: dict[str, str]) -> None:
    """A bundle comes as a file in its one form, with the message asked for."""
    found = client.get(GRANTED[1], headers=granted)
    message = parse_bundle(found.content).message

    assert message is not None and message.index == MESSAGE
    assert found.headers["content-type"] == "application/json"
    assert found.headers["content-disposition"].endswith(f'"{USC}-3.carbonseal.json"')


def test_record_has_no_bundle(client: TestClient, granted: dict[str, str]) -> None:
    """Only messages have bundles of their own."""
    assert client.get(f"{LOG}/entries/0/bundle", headers=granted).status_code == 404


def test_devices_are_listed(client: TestClient, granted: dict[str, str], device: Device) -> None:
    """An enrolled key is shown with its series and no end."""
    (found,) = client.get(GRANTED[2], headers=granted).json()["devices"]

    assert (found["kid"], found["series"]) == (device.kid.hex(), [SERIES])
    assert (found["signer"], found["closed_index"], found["registry"]) == ("device", None, None)


@pytest.mark.parametrize("path", GRANTED)
def test_nearly_right_tokens_read_nothing(
    client: TestClient, path: str, granted: dict[str, str], elsewhere: dict[str, str]
) -> None:
    """No token, another scheme, one changed letter, another enterprise's grant."""
    token = granted["authorization"]
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    basic = token.replace("Bearer", "Basic")

    assert client.get(path).json()["code"] == "api.unauthenticated"
    assert client.get(path, headers={"authorization": basic}).status_code == 401
    assert client.get(path, headers={"authorization": changed}).status_code == 401
    assert client.get(path, headers=elsewhere).json()["code"] == "api.forbidden"


@pytest.mark.parametrize("path", GRANTED)
def test_without_an_access_list_nobody_reads(
    ledger: Ledger, granted: dict[str, str], path: str
) -> None:
    """Where no grants are kept, a token from elsewhere opens nothing."""
    client = TestClient(create_app(replace(ledger, access=None)))

    assert client.get(path, headers=granted).status_code == 401


@pytest.mark.parametrize(("index", "status"), [(SIZE, 404), (-1, 400), ("x", 400), (2**63, 400)])
def test_index_beyond_the_log_is_refused(
    client: TestClient, granted: dict[str, str], index: object, status: int
) -> None:
    """The first index that is not published, and what is no index."""
    assert client.get(f"{LOG}/entries/{index}", headers=granted).status_code == status
    assert client.get(f"{LOG}/entries/{index}/bundle", headers=granted).status_code == status


def test_nothing_beyond_the_witnessed_checkpoint_is_shown(
    ledger: Ledger, enterprise: Enterprise, granted: dict[str, str]
) -> None:
    """Where witnesses are asked for, entries after their checkpoint are not there yet."""
    client = witnessed(ledger, enterprise, 3)

    assert checkpoint_of(client, enterprise).size == 3
    assert client.get(f"{LOG}/entries/2", headers=granted).status_code == 200
    assert client.get(f"{LOG}/entries/3", headers=granted).status_code == 404
    assert client.get(f"{LOG}/proofs/inclusion?index=3").status_code == 404
    assert client.get(f"{LOG}/proofs/inclusion?index=0&size={SIZE}").status_code == 404
    assert client.get(f"{LOG}/proofs/consistency?from=1&to={SIZE}").status_code == 404
    assert client.get(f"/log/{USC}/tile/0/000.p/{SIZE}").status_code == 404


def test_without_the_quorum_nothing_is_published(ledger: Ledger, enterprise: Enterprise) -> None:
    """A log whose witnesses have not answered says so, and may be asked again."""
    client = witnessed(ledger, enterprise, None)
    found = client.get(f"/log/{USC}/checkpoint")

    assert (found.status_code, found.json()["retryable"]) == (503, True)
    assert client.get(LOG).json()["checkpoint"] is None
