"""Energy over HTTP: for whoever holds a grant, and of what is published only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from attestation.cosignatures import Cosigner
from attestation.notes import parse_note
from attestation.witness_policy import WitnessPolicy
from ledger.repositories.trees import Cosignature
from tests.support.enterprise import SERIES, USC, Enterprise, seeded_key

ENERGY = f"/v1/logs/{USC}/energy"
CURVE = f"{ENERGY}/curve?series={SERIES}&period=2025-01-01&by=hour"
WITNESS = Cosigner("witness.example/w1", seeded_key("witness"))


def hours(answer: Any) -> list[str | None]:
    """Give the totals of the hours from 08:00 on, where the three quarter hours lie."""
    return [load["total"] for load in answer.json()["loads"][8:10]]


def test_curve_is_of_the_readings_that_count(client: TestClient, granted: dict[str, str]) -> None:
    """Three quarter hours of 5 Wh, and a quarter of an hour without a reading."""
    answer = client.get(CURVE, headers=granted)
    load = answer.json()["loads"][8]

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert hours(answer) == ["0.015", None]
    assert (load["missing_s"], load["from"]) == (900, "2025-01-01T00:00:00Z")
    assert load["highest"] == {
        "load": "0.02",
        "from": "2025-01-01T00:00:00Z",
        "to": "2025-01-01T00:15:00Z",
        "entries": [3],
    }


@pytest.mark.parametrize(
    "path",
    [
        CURVE,
        f"{ENERGY}/anomalies?series={SERIES}&period=2025",
        f"{ENERGY}/balance?period=2025",
        f"{ENERGY}/power-factor?period=2025&active={SERIES}&lagging={SERIES}",
    ],
)
def test_nobody_reads_without_a_grant(
    client: TestClient, elsewhere: dict[str, str], path: str
) -> None:
    """Neither without a token nor with a neighbour's."""
    assert client.get(path).status_code == 401
    assert client.get(path, headers=elsewhere).status_code == 403


def test_only_what_is_published_is_shown(
    ledger: Ledger, enterprise: Enterprise, granted: dict[str, str]
) -> None:
    """The witness has cosigned four entries: of the three messages one is public."""
    policy = WitnessPolicy((), {"w1": WITNESS.verifier}, {}, "w1")
    with enterprise.database.unit_of_work() as uow:
        sizes = [size for size in range(1, 7) if uow.checkpoints.get(enterprise.log.number, size)]
        size = max(each for each in sizes if each < 6)
        checkpoint = uow.checkpoints.get(enterprise.log.number, size)
        assert checkpoint is not None
        line = WITNESS.cosign(parse_note(checkpoint.note).text, 1_735_776_000)
        cosignature = Cosignature(WITNESS.verifier.name, line.line.rstrip("\n"), 1_735_776_000)
        uow.checkpoints.cosign(enterprise.log.number, size, cosignature)
        uow.commit()
    client = TestClient(create_app(replace(ledger, policy=policy)))

    assert size == 3
    assert hours(client.get(CURVE, headers=granted)) == [None, None]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("series=em-9/energy/total/&period=2025", 422, "admission.not_registered"),
        (f"series={SERIES}&period=2025-13", 422, "inventory.period"),
        (f"series={SERIES}&period=2025&by=hour", 422, "analytics.too_many"),
        (f"series={SERIES}&period=2025&by=minute", 400, "api.bad_request"),
        (f"series={SERIES}&period=2025&zone=Europe/Berlin", 400, "api.bad_request"),
        ("period=2025", 400, "api.bad_request"),
    ],
)
def test_question_that_is_none_is_a_problem(
    client: TestClient, granted: dict[str, str], query: str, status: int, code: str
) -> None:
    """Each with its code."""
    answer = client.get(f"{ENERGY}/curve?{query}", headers=granted)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_three_readings_cannot_be_judged(client: TestClient, granted: dict[str, str]) -> None:
    """No profile of an hour, and it is said."""
    answer = client.get(f"{ENERGY}/anomalies?series={SERIES}&period=2025", headers=granted)
    assert answer.json()["anomalies"] == []
    assert (answer.json()["judged"], answer.json()["not_judged"]) == (0, 3)


def test_without_a_structure_there_is_no_balance(
    client: TestClient, granted: dict[str, str]
) -> None:
    """Nobody has said which meter is below which."""
    answer = client.get(f"{ENERGY}/balance?period=2025", headers=granted)
    assert answer.json()["code"] == "inventory.not_stated"


def test_active_for_reactive_energy_is_refused(client: TestClient, granted: dict[str, str]) -> None:
    """A factor of a series with itself is none."""
    path = f"{ENERGY}/power-factor?period=2025&active={SERIES}&lagging={SERIES}"
    answer = client.get(path, headers=granted)
    assert (answer.status_code, answer.json()["code"]) == (422, "analytics.units")
