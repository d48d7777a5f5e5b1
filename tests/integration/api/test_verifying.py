"""A server verifies what a stranger brings, with the stranger's trust root and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from attestation.bundle import format_bundle
from attestation.canonical import canonical_json
from attestation.trust_root import format_trust_root
from tests.support.evidence import small_world


@pytest.fixture
def document() -> dict[str, Any]:
    """A bundle that holds, and the trust root against which it does."""
    world = small_world()
    return {
        "bundle": json.loads(format_bundle(world.bundle())),
        "trust_root": json.loads(format_trust_root(world.trust_root())),
    }


def test_sound_evidence_holds(client: TestClient, document: dict[str, Any]) -> None:
    """Every step holds, and the readings come with their amounts as decimals."""
    report = client.post("/v1/verify", content=canonical_json(document)).json()

    assert (report["outcome"], len(report["steps"])) == ("held", 16)
    assert [(each["value"], each["unit"]) for each in report["readings"]] == [("5000", "Wh")]


def test_nothing_of_the_ledger_takes_part(ledger: Ledger, document: dict[str, Any]) -> None:
    """Verification works with the database closed and no chain."""
    ledger.database.close()
    (ledger.settings.log.keys.parent / "ledger.sqlite").unlink()

    report = (
        TestClient(create_app(ledger)).post("/v1/verify", content=canonical_json(document)).json()
    )

    assert report["outcome"] == "held"


def test_changed_message_fails(client: TestClient, document: dict[str, Any]) -> None:
    """Another proof hash, and inclusion fails; no reading is given."""
    proof = document["bundle"]["message"]["proof"]
    proof[0], proof[1] = proof[1], proof[0]

    report = client.post("/v1/verify", content=canonical_json(document)).json()

    assert (report["outcome"], report["readings"]) == ("failed", None)
    assert report["steps"][3]["outcome"] == "failed"


def test_trust_root_of_another_log_is_not_enough(
    client: TestClient, document: dict[str, Any]
) -> None:
    """A trust root whose log was renamed is refused before anything is verified."""
    document["trust_root"]["logs"][0]["origin"] = "log.example/log/91350100M000100Y43"

    found = client.post("/v1/verify", content=canonical_json(document))

    # The log's vkey names its origin, so that a trust root which says another one is none.
    assert (found.status_code, found.json()["code"]) == (400, "encoding.trust_root")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "encoding.json"),
        (b"\xff", "encoding.json"),
        (b"[]", "encoding.json_type"),
        (b'{"bundle":{}}', "api.bad_request"),
        (b'{"bundle":{},"bundle":{},"trust_root":{}}', "encoding.json_duplicate"),
        (b'{"trust_root":{},"bundle":{}}', "encoding.json_form"),
        (b'{"bundle":{},"node":{},"trust_root":{}}', "api.bad_request"),
        (b'{"bundle":{},"trust_root":{}}', "encoding.trust_root"),
        (b'{"bundle":{},"trust_root":1.5}', "encoding.json_float"),
        (b'{"bundle":{},"trust_root":' + b"[" * 100_000, "encoding.json_depth"),
    ],
)
def test_what_cannot_be_read_is_a_problem(client: TestClient, body: bytes, code: str) -> None:
    """Bytes that are no such document lead to a problem with its code."""
    found = client.post("/v1/verify", content=body)

    assert (found.status_code, found.json()["code"]) == (400, code)


def test_oversized_document_is_refused(client: TestClient) -> None:
    """More than bundle and trust root may have together is not read."""
    found = client.post("/v1/verify", content=b" " * ((20 << 20) + 1))

    assert found.status_code == 413
