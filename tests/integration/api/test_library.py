"""The library of rules and factors, as anybody reads it over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from attestation.ids import keccak256
from chain.factors import seed_factors
from chain.rules import rules


def pages(client: TestClient, **query: object) -> list[dict[str, Any]]:
    """Read every page of a search."""
    found: list[dict[str, Any]] = []
    after: dict[str, object] = {}
    while True:
        page = client.get("/v1/factors", params={**query, **after}).json()
        found += page["factors"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def test_every_version_of_every_rule_is_listed(client: TestClient) -> None:
    """The list holds what the catalogue holds, in its order."""
    found = client.get("/v1/rules").json()["rules"]

    assert [(each["name"], each["version"]) for each in found] == [
        (rule.name, rule.version) for rule in rules()
    ]


def test_code_of_a_rule_has_the_hash_shown(client: TestClient) -> None:
    """Whoever reads the code can compute its hash, and run it elsewhere."""
    found = client.get("/v1/rules/power.combustion", params={"year": 2024}).json()

    assert keccak256(bytes.fromhex(found["code"][2:])).hex() == found["code_hash"]
    fields = {each["field"]: each["takes"] for each in found["inputs"]}
    assert "e4Nm3" in fields["gases[].months[].consumed_e4Nm3"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/rules/power.combustio", "rule.unknown"),
        ("/v1/rules/allocation.power?year=2001", "rule.no_year"),
        ("/v1/factors?as_of=2024-02-30", "api.bad_request"),
        ("/v1/factors?after=00", "api.bad_request"),
        ("/v1/factors?limit=0", "api.bad_request"),
        ("/v1/factors?year=65535", "api.bad_request"),
    ],
)
def test_nearly_right_question_is_a_problem(client: TestClient, path: str, code: str) -> None:
    """A misspelt rule, a year without one, a day that is none, a page that was never given."""
    found = client.get(path)

    assert 400 <= found.status_code < 500
    assert found.json()["code"] == code
    assert found.json()["next_step"]


def test_pages_hold_every_factor_once(client: TestClient) -> None:
    """Small pages together are the whole seed, nothing twice."""
    found = [each["factor_id"] for each in pages(client, limit=7)]

    assert len(found) == len(set(found)) == len(seed_factors())


def test_prescribed_for_a_year_is_not_the_newest(client: TestClient) -> None:
    """The draft benchmark of 2025 is shown, marked, and not prescribed."""
    drafts = [
        each for each in pages(client, text="benchmark", year=2025) if each["status"] == "draft"
    ]

    assert drafts
    assert not any(each["prescribed"] for each in drafts)


def test_numbers_are_decimal_strings(client: TestClient) -> None:
    """No number of a factor is a JSON number, which a reader could turn into a float."""
    for each in pages(client, text="grid", limit=200):
        assert all(isinstance(value, str) for value in each["values"])
