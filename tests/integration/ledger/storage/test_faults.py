"""
Every operation of admission and survey fails once, without its effect and with it.

Then the process is gone; a new one does the batch again. Nothing is lost, nothing stands twice,
and every message gets the answer it would have got without the fault.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from ledger.database import Database
from ledger.errors import StorageUnavailable
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused
from tests.fakes.faulty import Fault, FaultyStore
from tests.support.derived import derived_rows
from tests.support.enterprise import Device, Enterprise, reading

BOTH_WAYS = pytest.mark.parametrize(
    "has_effect", [False, True], ids=["without effect", "with effect"]
)


def contents(enterprise: Enterprise) -> list[bytes]:
    """Give everything that is admitted, in order."""
    with enterprise.database.reading() as uow:
        return [each.content for each in uow.messages.stream(enterprise.log.number)]


def settled(decision: Decision) -> str:
    """Say what became of a message, whether by the first try or the second."""
    match decision:
        case Admitted() | Duplicate():
            return "admitted"
        case Equivocal():
            return "admission.equivocation"
        case Refused():
            return decision.code


@BOTH_WAYS
def test_admission_survives_every_fault(
    enterprise: Enterprise, device: Device, has_effect: bool
) -> None:
    """A batch with good, refused and disputed messages is decided once."""
    expected = contents(enterprise)
    for at in count(1):
        start = device.sequence
        good = device.row(3)
        bad = device.sign(reading(device.sequence, value=-1))
        other = replace(device).sign(
            reading(start + 2, value=9), sequence=start + 2, previous=b"\x01" * 32
        )
        struck = _admit_with(enterprise, Fault(at, has_effect), [*good, bad, other])
        decisions = enterprise.admit(*good, bad, other)
        expected += [each.encoded for each in good]

        assert [settled(each) for each in decisions] == [
            *["admitted"] * 3,
            "admission.implausible",
            "admission.equivocation",
        ]
        stored = contents(enterprise)
        assert [each for each in stored if each[0] == 0xD2] == [
            each for each in expected if each[0] == 0xD2
        ]
        assert len(stored) == len(set(stored))
        device.next_epoch()
        if not struck:
            break

    assert at > 10


def _admit_with(enterprise: Enterprise, fault: Fault, batch: list[object]) -> bool:
    """Admit on a store that fails; say whether it did."""
    store = FaultyStore(enterprise.database, fault)
    enterprise.restart(store.unit_of_work)
    try:
        enterprise.admit(*batch)  # type: ignore[arg-type]
    except StorageUnavailable:
        pass
    finally:
        store.heal()
        enterprise.restart()
    return fault.happened


@BOTH_WAYS
def test_record_survives_every_fault(enterprise: Enterprise, has_effect: bool) -> None:
    """A record that is sent again after a fault stands once."""
    enterprise.register_authority()
    for at in count(1):
        content = enterprise.record(enterprise.registration(f"em-{at:02}/energy/total/"))
        fault = Fault(at, has_effect)
        store = FaultyStore(enterprise.database, fault)
        enterprise.restart(store.unit_of_work)
        try:
            enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)
        except StorageUnavailable:
            pass
        finally:
            store.heal()
            enterprise.restart()
        again = enterprise.records.admit_record(enterprise.log.number, content, now=enterprise.now)

        assert settled(again) == "admitted"
        assert contents(enterprise).count(content) == 1
        if not fault.happened:
            break

    assert at > 5


@BOTH_WAYS
def test_survey_survives_every_fault(
    enterprise: Enterprise, device: Device, has_effect: bool
) -> None:
    """What is derived after a fault is what would have been derived without it."""
    for at in count(1):
        messages = device.row(4)
        enterprise.admit(messages[0], messages[3], messages[1])
        while enterprise.sequencer.integrate(enterprise.log.number, now=enterprise.now, wait=False):
            pass
        fault = Fault(at, has_effect)
        store = FaultyStore(enterprise.database, fault)
        enterprise.restart(store.unit_of_work)
        try:
            enterprise.surveyor.survey_all(enterprise.log.number)
        except StorageUnavailable:
            pass
        finally:
            store.heal()
            enterprise.restart()
        enterprise.surveyor.survey_all(enterprise.log.number)
        if not fault.happened:
            break

    assert at > 10
    found = derived_rows(enterprise.database, enterprise.log.number)
    enterprise.surveyor.rebuild(enterprise.log.number)
    assert derived_rows(enterprise.database, enterprise.log.number) == found


@BOTH_WAYS
def test_answering_survives_every_fault(
    enterprise: Enterprise, device: Device, has_effect: bool
) -> None:
    """What was owed before a fault is said after it."""
    for at in count(1):
        enterprise.accept(*device.row(2))
        enterprise.pass_time(1000)
        fault = Fault(at, has_effect)
        store = FaultyStore(enterprise.database, fault)
        enterprise.restart(store.unit_of_work)
        try:
            enterprise.answering.promise(enterprise.log, now=enterprise.now)
            enterprise.answering.confirm(enterprise.log, now=enterprise.now)
        except StorageUnavailable:
            pass
        finally:
            store.heal()
            enterprise.restart()
        enterprise.answering.promise(enterprise.log, now=enterprise.now)
        enterprise.answering.confirm(enterprise.log, now=enterprise.now)
        with enterprise.database.unit_of_work() as uow:
            unsent = uow.deliveries.unsent(limit=10)
            uow.deliveries.sent(unsent, now=enterprise.now)
            uow.commit()

        assert len(unsent) == 2
        if not fault.happened:
            break

    assert at > 5


def test_commit_that_failed_in_silence_is_answered_again(sqlite_url: str) -> None:
    """The courier delivers again, and the gateway gets its promise all the same."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        device = Device()
        enterprise.enrol(device)
        message = device.sign()
        _admit_with(enterprise, Fault(10_000, True), [message])
        (again,) = enterprise.admit(message)

    assert isinstance(again, Duplicate)
