"""What is told of entries: once, when they take effect, and nothing of what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from attestation.canonical import Json
from attestation.enums import EventKind, EvidenceKind
from attestation.evidence_bodies import EvidenceFile, Manifest
from attestation.instants import Instant
from ledger.database import Database
from ledger.repositories.events import Event
from tests.support.enterprise import LABORATORY, Device, Enterprise
from tests.support.samples import at, laboratory, report, sample


@pytest.fixture
def plant(database: Database) -> Enterprise:
    """An enterprise with a laboratory and two samples, in May 2024."""
    enterprise = Enterprise(database, now=Instant(at(5, 20) * 1000))
    for body in (laboratory(), sample("c-03"), sample("c-05")):
        enterprise.file(body)
    return enterprise


def events(enterprise: Enterprise, kind: EventKind | None = None) -> list[Event]:
    """Give what was told."""
    with enterprise.database.reading() as uow:
        return uow.events.after([enterprise.log.number], 0, limit=1000, kind=kind)


def bodies(enterprise: Enterprise, kind: EventKind) -> list[Mapping[str, Json]]:
    """Give the bodies of what was told of a kind."""
    return [each.body for each in events(enterprise, kind)]


def file_alike(plant: Enterprise) -> list[int]:
    """File two reports of one number with different files."""
    edited = replace(report("c-05"), file=bytes(32), carbon_ppm=500_000)
    return [plant.file(each, secret=LABORATORY) for each in (report("c-03"), edited)]


def test_record_is_told_by_type_and_index(plant: Enterprise) -> None:
    """With the time at which it was received."""
    found = events(plant, EventKind.RECORD)

    assert [each.body for each in found] == [
        {"index": 0, "type": "laboratory"},
        {"index": 1, "type": "sample"},
        {"index": 2, "type": "sample"},
    ]
    assert {each.happened_at for each in found} == {plant.now}


def test_report_and_alarm_are_told(plant: Enterprise) -> None:
    """The second report of one number raises the alarm, which names both."""
    first, second = file_alike(plant)
    reports = bodies(plant, EventKind.LAB_REPORT)

    assert [each["index"] for each in reports] == [first, second]
    assert reports[1] == {
        "index": second,
        "type": "lab-report",
        "file": bytes(32).hex(),
        "samples": 1,
    }
    assert bodies(plant, EventKind.SAMPLE_ALARM) == [
        {"alarm": "same-number", "reports": [first, second]}
    ]


def test_figures_are_not_told(plant: Enterprise) -> None:
    """No carbon content, report number or unit stands in any event."""
    file_alike(plant)
    said = json.dumps([dict(each.body) for each in events(plant)])

    for word in ("500000", report().report, report().unit, report().fuel):
        assert word not in said


def test_monthly_evidence_is_told(plant: Enterprise) -> None:
    """Month, number and how many files; not their names."""
    file = EvidenceFile(
        name="台账.xlsx",
        kind=EvidenceKind.FUEL_USE,
        media_type="application/octet-stream",
        size=5,
        sha256=bytes(32),
    )
    index = plant.file(Manifest(month="2024-04", number=1, files=(file,)))

    assert bodies(plant, EventKind.EVIDENCE) == [
        {"index": index, "type": "manifest", "month": "2024-04", "number": 1, "files": 1}
    ]


def test_surveying_again_tells_nothing_new(plant: Enterprise) -> None:
    """Everything derived is made anew; what was told stays as it was."""
    file_alike(plant)
    before = events(plant)
    plant.surveyor.rebuild(plant.log.number)

    assert events(plant) == before


def test_messages_are_told_by_their_checkpoint_alone(database: Database) -> None:
    """Twenty messages that come together are one event."""
    enterprise, device = Enterprise(database), Device()
    enterprise.enrol(device)
    before = len(events(enterprise))
    enterprise.accept(*device.row(20))

    assert [each.kind for each in events(enterprise)[before:]] == [EventKind.CHECKPOINT]
