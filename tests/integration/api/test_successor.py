"""The log that continues a closed one is served beside it, under its own name."""

from __future__ import annotations

from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

from attestation.checkpoints import open_checkpoint
from attestation.enums import LogState
from attestation.key_bodies import Successor
from attestation.notes import NoteSigner, parse_vkey
from ledger.log.anchor_requests import AnchorRequests
from ledger.log.sequencing import Sequencer
from ledger.log.succession import succeed
from ledger.repositories.logs import Log
from tests.support.enterprise import OPERATOR, ORIGIN, USC, Enterprise

NAME = f"{USC}-2"
NEW_ORIGIN = f"{ORIGIN}-2"
SIZE = 6


@pytest.fixture
def successor(enterprise: Enterprise) -> Log:
    """The enterprise's second log, with the record that opens it as its one entry."""
    signer = NoteSigner.from_seed(NEW_ORIGIN, sha256(NEW_ORIGIN.encode()).digest())
    units = enterprise.database.unit_of_work
    with units() as uow:
        head = uow.heads.get(enterprise.log.number)
        body = Successor(
            predecessor=ORIGIN, size=head.size, root=head.root, reason="a range was lost"
        )
        record = enterprise.record(body, secret=OPERATOR, origin=NEW_ORIGIN)
        log = succeed(uow, enterprise.log, signer, record, now=enterprise.now)
        uow.commit()
    sequencer = Sequencer(
        units,
        lambda _origin: signer,
        receipts=enterprise.receipts,
        requests=AnchorRequests(bytes(20)),
    )
    sequencer.integrate(log.number, now=enterprise.now, wait=False)
    return log


def test_both_logs_are_listed(client: TestClient, successor: Log) -> None:
    """One enterprise, two logs: the closed one and the one that goes on."""
    first, second = client.get("/v1/logs").json()["logs"]

    assert (first["name"], first["usc"], first["state"]) == (USC, USC, "closed")
    assert (second["name"], second["usc"], second["state"]) == (NAME, USC, "active")
    assert client.get(f"/v1/logs/{NAME}").json() == second


def test_checkpoint_is_served_below_the_origin(client: TestClient, successor: Log) -> None:
    """The path is the origin's own, as tlog-tiles asks, and the old log's stays."""
    note = client.get(f"/log/{NAME}/checkpoint").text
    old = client.get(f"/log/{USC}/checkpoint").text

    assert open_checkpoint(note, parse_vkey(successor.vkey)).size == 1
    assert (old.splitlines()[0], old.splitlines()[1]) == (ORIGIN, str(SIZE))


def test_tiles_and_proofs_are_of_the_log_named(client: TestClient, successor: Log) -> None:
    """A tile of one entry, and the proof of that entry."""
    tile = client.get(f"/log/{NAME}/tile/0/000.p/1").content
    proof = client.get(f"/v1/logs/{NAME}/proofs/inclusion", params={"index": 0}).json()

    assert (len(tile), proof["leaf_hash"]) == (32, tile.hex())
    assert client.get(f"/log/{NAME}/tile/0/000.p/{SIZE}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [f"/v1/logs/{NAME}/entries/0", f"/v1/logs/{NAME}/devices", f"/log/{NAME}/tile/entries/000.p/1"],
)
def test_grant_reaches_every_log_of_its_enterprise(
    client: TestClient,
    successor: Log,
    granted: dict[str, str],
    elsewhere: dict[str, str],
    path: str,
) -> None:
    """A grant names the enterprise; nobody else's opens the successor."""
    assert client.get(path, headers=granted).status_code == 200
    assert client.get(path, headers=elsewhere).status_code == 403
    assert client.get(path).status_code == 401


def test_submissions_go_to_the_log_named(
    client: TestClient, enterprise: Enterprise, successor: Log
) -> None:
    """A record of the new log is admitted there; the closed one takes nothing."""
    body = enterprise.registration("em-01/power/total/", unit="W")

    taken = client.post(
        f"/v1/logs/{NAME}/records", content=enterprise.record(body, origin=NEW_ORIGIN)
    )
    refused = client.post(f"/v1/logs/{USC}/records", content=enterprise.record(body))

    assert (taken.status_code, taken.json()["code"]) == (202, "admitted")
    assert refused.json()["code"] == "log.frozen"


def test_logs_are_measured_apart(client: TestClient, successor: Log) -> None:
    """Two logs of one enterprise are two measurements, not one twice."""
    text = client.get("/metrics").text

    assert f'carbonseal_log_size{{log="{USC}"}} {SIZE}.0' in text
    assert f'carbonseal_log_size{{log="{NAME}"}} 1.0' in text


@pytest.mark.parametrize("name", [f"{USC}-0", f"{USC}-1", f"{USC}-02", f"{USC}-3", f"{USC}-"])
@pytest.mark.parametrize("path", ["/log/{}/checkpoint", "/v1/logs/{}", "/v1/logs/{}/entries/0"])
def test_other_numbers_are_not_found(
    client: TestClient, successor: Log, granted: dict[str, str], name: str, path: str
) -> None:
    """One log has one name; the one after the last is not there yet."""
    found = client.get(path.format(name), headers=granted)

    assert found.status_code == 404


def test_closed_log_says_so(enterprise: Enterprise, successor: Log) -> None:
    """The log that was continued takes nothing more."""
    with enterprise.database.reading() as uow:
        assert uow.logs.get(enterprise.log.number).state is LogState.CLOSED
