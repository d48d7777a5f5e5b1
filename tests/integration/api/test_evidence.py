"""Samples and the monthly evidence over HTTP: for whoever holds a grant, and nobody else."""

from __future__ import annotations

from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

from attestation.enums import EvidenceKind
from attestation.evidence_bodies import EvidenceFile, Manifest
from tests.support.enterprise import APPROVER, LABORATORY, USC, Enterprise
from tests.support.samples import laboratory, report, sample, steps

LOG = f"/v1/logs/{USC}/evidence"
MONTHS = f"{LOG}/months?year=2024"
MANIFESTS = f"{LOG}/months/2024-03/manifests"
SAMPLES = f"{LOG}/samples"
BY_ENTERPRISE = ("SEALED",)
FILE = sha256(b"ledger").digest()


def manifest(number: int = 1, content: bytes = b"ledger") -> Manifest:
    """Give March's manifest with one fuel ledger."""
    file = EvidenceFile(
        name="ledger.csv",
        kind=EvidenceKind.FUEL_USE,
        media_type="text/csv",
        size=len(content),
        sha256=sha256(content).digest(),
        unit="u1",
    )
    reason = None if number == 1 else "a page was missing"
    return Manifest(month="2024-03", number=number, files=(file,), reason=reason)


@pytest.fixture
def sampled(enterprise: Enterprise) -> Enterprise:
    """An enterprise with a sample, filed whole, and one that is not tested."""
    enterprise.file(laboratory(), secret=APPROVER)
    enterprise.file(sample("c-03"))
    for kind, each in steps("c-03").items():
        secret = APPROVER if kind.name in BY_ENTERPRISE else LABORATORY
        enterprise.file(each, secret=secret)
    enterprise.file(report("c-03"), secret=LABORATORY)
    enterprise.file(sample("c-04"))
    return enterprise


def test_months_have_states_and_due_dates(
    client: TestClient, granted: dict[str, str], enterprise: Enterprise
) -> None:
    """March is handed in, the others are missing; forty natural days, by a calendar."""
    index = enterprise.file(manifest())
    answer = client.get(MONTHS, headers=granted)
    found = {each["month"]: each for each in answer.json()["months"]}

    assert answer.headers["cache-control"] == "private, no-cache"
    assert len(found) == 12
    assert (found["2024-03"]["state"], found["2024-03"]["manifest_index"]) == ("submitted", index)
    assert found["2024-03"]["last_day"] == "2024-05-10"
    assert found["2024-03"]["due_before"] == "2024-05-10T16:00:00Z"
    assert (found["2024-04"]["state"], found["2024-04"]["overdue"]) == ("missing", True)
    assert found["2024-03"]["in_time"] is None


def test_manifests_of_a_month_are_listed_with_those_replaced(
    client: TestClient, granted: dict[str, str], enterprise: Enterprise
) -> None:
    """Each with its files by hash; of another month there is none."""
    enterprise.file(manifest())
    with enterprise.database.reading() as uow:
        earlier = uow.stated.newest(enterprise.log.number, Manifest, "2024-03")
    assert earlier is not None
    content = enterprise.record(manifest(2, b"other"), supersedes=[earlier.place.leaf_hash])
    enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)
    enterprise.integrate()
    found = client.get(MANIFESTS, headers=granted).json()["manifests"]
    elsewhen = client.get(f"{LOG}/months/2024-04/manifests", headers=granted).json()

    assert [(each["number"], each["superseded"]) for each in found] == [(1, True), (2, False)]
    assert found[0]["files"] == [
        {
            "name": "ledger.csv",
            "kind": "fuel-use",
            "media_type": "text/csv",
            "size": 6,
            "sha256": FILE.hex(),
            "unit": "u1",
        }
    ]
    assert found[1]["reason"] == "a page was missing"
    assert elsewhen == {"manifests": [], "questions": []}


@pytest.mark.usefixtures("sampled")
def test_samples_have_verdicts(client: TestClient, granted: dict[str, str]) -> None:
    """One counts, with its figures; the other does not, with the reasons in two languages."""
    good, bad = client.get(SAMPLES, headers=granted).json()["samples"]
    one = client.get(f"{SAMPLES}?sample=c-04", headers=granted).json()["samples"]

    assert (good["sample"], good["usable"], good["faults"]) == ("c-03", True, [])
    assert good["figures"]["carbon_ppm"]
    assert (bad["sample"], bad["usable"]) == ("c-04", False)
    assert all(each["message"] and each["message_zh"] for each in bad["faults"])
    assert one == [bad]


@pytest.mark.parametrize("path", [MONTHS, MANIFESTS, SAMPLES])
def test_nobody_reads_without_a_grant(
    client: TestClient, elsewhere: dict[str, str], path: str
) -> None:
    """Neither without a token nor with a neighbour's."""
    assert client.get(path).status_code == 401
    assert client.get(path, headers=elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{LOG}/months?year=2001", 404),
        (f"{LOG}/months", 400),
        (f"{LOG}/months/2024-13/manifests", 400),
        (f"{SAMPLES}?sample=c-99", 404),
    ],
)
def test_what_is_not_there_is_a_problem(
    client: TestClient, granted: dict[str, str], path: str, status: int
) -> None:
    """A year that is in no calendar, a month that is none, a sample that nobody filed."""
    answer = client.get(path, headers=granted)

    assert answer.status_code == status, answer.text
    assert answer.json()["next_step"]
