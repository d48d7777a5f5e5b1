"""Signatures in the full check: under the keys that the log's own records enrol."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from attestation.enums import CloseReason, Outcome
from attestation.key_bodies import KeyClosing
from ledger.database import Database
from ledger.log.fsck import fsck
from ledger.log.fsck_report import Check, Report, State
from ledger.log.fsck_signatures import PooledSignatures, SerialSignatures, Signatures
from ledger.log.readmission import readmit
from tests.support.enterprise import Device, Enterprise


@pytest.fixture
def enterprise(database: Database) -> Enterprise:
    """A log with one enrolled device and five messages."""
    made = Enterprise(database)
    made.enrol(Device())
    made.accept(*Device().row(5))
    return made


def check(enterprise: Enterprise, signatures: Signatures | None = None) -> Report:
    """Check the log with signatures."""
    with enterprise.database.reading() as uow:
        return fsck(
            uow, enterprise.log, signatures=signatures or SerialSignatures(enterprise.origin)
        )


def slip_in(enterprise: Enterprise, content: bytes) -> int:
    """Put bytes into the log past admission, as an operator can; give their index."""
    with enterprise.database.unit_of_work() as uow:
        uow.messages.lock(enterprise.log.number)
        readmit(uow, enterprise.log, [content], enterprise.now)
        uow.commit()
    enterprise.sequencer.integrate(enterprise.log.number, now=enterprise.now, wait=False)
    with enterprise.database.reading() as uow:
        return uow.heads.get(enterprise.log.number).size - 1


def test_genuine_entries_are_held(enterprise: Enterprise) -> None:
    """Records and messages of an honest log all verify."""
    report = check(enterprise)

    assert report.findings == []
    assert report.outcome(Check.SIGNATURES) is Outcome.HELD
    assert report.looked_at[Check.SIGNATURES] == 8


def test_a_forged_message_is_found(enterprise: Enterprise) -> None:
    """A message with a signature that does not hold is found, though the tree is sound."""
    device = Device()
    device.row(5)
    genuine = device.row(1)[0].encoded
    index = slip_in(enterprise, genuine[:-1] + bytes([genuine[-1] ^ 1]))

    (finding,) = check(enterprise).findings

    assert (finding.resource, finding.state) == (f"entry {index}", State.UNSIGNED)


def test_a_message_of_a_stranger_is_found(enterprise: Enterprise) -> None:
    """A message under a key that no record enrols is found."""
    index = slip_in(enterprise, Device("em-09").row(1)[0].encoded)

    (finding,) = check(enterprise).findings

    assert finding.resource == f"entry {index}"
    assert "no record enrols key" in finding.detail


def test_a_forged_record_is_found(enterprise: Enterprise) -> None:
    """A record whose words were changed after signing is found."""
    record = enterprise.record(enterprise.registration("em-01/energy/other/"))
    index = slip_in(enterprise, record.replace(b'"subject":"test"', b'"subject":"best"'))

    (finding,) = check(enterprise).findings

    assert (finding.resource, finding.state) == (f"entry {index}", State.UNSIGNED)


def test_messages_of_a_closed_key_are_counted_and_no_damage(enterprise: Enterprise) -> None:
    """What a key said beyond its closed index stands in the log and does not count."""
    with enterprise.database.reading() as uow:
        size = uow.heads.get(enterprise.log.number).size
    closing = KeyClosing(kid=Device().kid, reason=CloseReason.REVOKED, closed_index=size)
    enterprise.file(closing)
    device = Device()
    device.row(5)
    slip_in(enterprise, device.row(1)[0].encoded)

    report = check(enterprise)

    assert report.findings == []
    assert report.notes["messages of closed keys"] == 1


def test_workers_find_the_same(enterprise: Enterprise) -> None:
    """Spread over processes, the check finds what it finds in one."""
    device = Device()
    device.row(5)
    genuine = device.row(1)[0].encoded
    slip_in(enterprise, genuine[:-1] + bytes([genuine[-1] ^ 1]))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pooled = check(enterprise, PooledSignatures(enterprise.origin, pool))

    assert pooled.findings == check(enterprise).findings
