"""Reports and lines by HTTP from a server whose node is a real chain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.reports.making import report_body
from api.settings import load_settings
from attestation.case_bundle import parse_case_bundle
from attestation.enums import Outcome
from chain.keys import AccountSigner
from chain.personal_messages import personal_digest
from tests.fakes.clock import FixedClock
from tests.integration.chain.test_reports import settings, verifier
from tests.support.access import challenge, login_message
from tests.support.agreements import PROVINCE, VERIFIER
from tests.support.chain import USC, ChainWorld
from tests.support.database import sqlite_template
from tests.support.reporting import COAL, WISH, Reporting, reporting

pytestmark = pytest.mark.real
__all__ = ["sqlite_template"]


@pytest.fixture(scope="module")
def case(
    shared_world: ChainWorld, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reporting]:
    """A case whose result the verifier has stated, on the report that it drew."""
    path = tmp_path_factory.mktemp("service") / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    with reporting(shared_world, f"sqlite:///{path}") as begun:
        begun.conclude(report_body(begun.follow(), begun.prover, WISH))
        begun.follow()
        yield begun


@pytest.fixture
def client(case: Reporting, tmp_path: Path) -> TestClient:
    """A server on the party's database and node."""
    ledger = SimpleNamespace(
        settings=load_settings(settings(case, tmp_path)),
        clock=FixedClock(case.now),
        database=case.database,
        access=None,
        chain=SimpleNamespace(client=case.agreement.world.client),
    )
    return TestClient(create_app(cast(Any, ledger)), raise_server_exceptions=False)


def header(client: TestClient, signer: AccountSigner) -> dict[str, str]:
    """Log a representative in, by the key that the chain knows."""
    text = login_message(challenge(client), cast(Any, signer)).text()
    signature = "0x" + signer.sign_digest(personal_digest(text.encode())).hex()
    answer = client.post("/v1/auth/sessions", json={"message": text, "signature": signature})
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}


def people(case: Reporting, client: TestClient, code: str) -> dict[str, str]:
    return header(client, case.agreement.parties[code].approver)


def test_verifier_hands_in_and_others_fetch(case: Reporting, client: TestClient) -> None:
    """The body whose hash is on chain, and the finished file for everybody in the case."""
    body = report_body(case.follow(), case.prover, WISH)
    path = f"/v1/cases/0x{case.agreement.inventory_id.hex()}/reports/1"
    lead, owner = people(case, client, VERIFIER), people(case, client, USC)
    early = client.get(path, headers=owner)
    assert (early.status_code, early.json()["code"]) == (404, "report.no_content")

    for content, code in (
        (body[:-1], "encoding.report"),
        (case.finished(body), "encoding.report"),
        (b"", "encoding.report"),
    ):
        assert client.put(path, content=content, headers=lead).json()["code"] == code
    assert client.put(path, content=body, headers=owner).status_code == 403
    assert client.put(path, content=body).status_code == 401
    other = path.removesuffix("1") + "2"
    assert client.put(other, content=body, headers=lead).json()["code"] == "report.version"
    for _ in range(2):
        kept = client.put(path, content=body, headers=lead)
        assert (kept.status_code, kept.json()["version"]) == (200, 1)

    for who in (owner, lead, people(case, client, PROVINCE)):
        fetched = client.get(path, headers=who)
        assert fetched.headers["content-type"] == "application/pdf"
        assert fetched.content.startswith(body)
        assert verifier(case).verify_report(fetched.content).outcome is Outcome.HELD
    assert client.get(path).status_code == 401
    assert client.get(other, headers=owner).json()["code"] == "report.no_version"


def test_enterprise_discloses_a_line(case: Reporting, client: TestClient) -> None:
    """The link gives a bundle that anybody verifies, and a page that says what it shows."""
    owner = people(case, client, USC)
    wanted = {
        "scope": "line",
        "case": f"0x{case.agreement.inventory_id.hex()}",
        "line": COAL,
        "label": "客户",
    }
    made = client.post("/v1/disclosures", json=wanted, headers=owner)
    assert made.status_code == 201, made.text
    link = made.json()["path"]

    report = verifier(case).verify_line(parse_case_bundle(client.get(link).content))
    assert report.outcome is Outcome.HELD
    page = client.get(link, headers={"accept": "text/html"})
    assert COAL in page.text
    for changes, code in (
        ({"line": "emissions:2025:oil:emissions"}, "inventory.error"),
        ({"version": 2}, "report.no_version"),
    ):
        refused = client.post("/v1/disclosures", json=wanted | changes, headers=owner)
        assert refused.json()["code"] == code
    lead = people(case, client, VERIFIER)
    assert client.post("/v1/disclosures", json=wanted, headers=lead).status_code == 403
