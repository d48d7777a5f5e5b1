"""A client that was interrupted sends the same again, and gets the first answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Ledger
from attestation.instants import Instant
from ledger.errors import CheckingInterrupted, StorageUnavailable
from ledger.log.checkers import PendingCheck, SerialChecker
from ledger.log.checking import Candidate
from ledger.log.key_table import KeyTable
from tests.fakes.clock import FixedClock
from tests.support.enterprise import USC, Device, Enterprise, reading

MESSAGES = f"/v1/logs/{USC}/messages"
RECORDS = f"/v1/logs/{USC}/records"


def said(answer: Any) -> dict[str, Any]:
    """Give what an answer says; the name of the request is each one's own."""
    return {name: each for name, each in answer.json().items() if name != "request_id"}


class DyingChecker(SerialChecker):
    """A checker whose process dies under the first batch."""

    def __init__(self) -> None:
        self.has_died = False

    def start(
        self, candidates: Sequence[Candidate], table: KeyTable, *, now: Instant
    ) -> PendingCheck:
        if not self.has_died:
            self.has_died = True
            raise CheckingInterrupted("a process that checks messages died")
        return super().start(candidates, table, now=now)


def test_interrupted_check_is_a_reason_to_come_back(
    ledger: Ledger, enterprise: Enterprise, device: Device
) -> None:
    """503 and when to ask again; nothing was decided, and the same body is admitted then."""
    enterprise.checker = DyingChecker()
    enterprise.restart()
    client = TestClient(create_app(replace(ledger, admission=enterprise.admission)))
    message = device.sign()

    interrupted = client.post(MESSAGES, content=message.encoded)
    again = client.post(MESSAGES, content=message.encoded)

    assert (interrupted.status_code, interrupted.json()["code"]) == (503, "admission.interrupted")
    assert interrupted.json()["retryable"]
    assert int(interrupted.headers["retry-after"]) == interrupted.json()["retry_after_s"] >= 1
    assert (again.status_code, again.json()["code"]) == (202, "admitted")


class LosingAdmission:
    """Admission whose decision is committed, and whose answer is lost once."""

    def __init__(self, admission: Any) -> None:
        self._admission = admission
        self._has_lost = False

    def admit(self, batch: Any, *, now: Instant) -> Any:
        decisions = self._admission.admit(batch, now=now)
        if not self._has_lost:
            self._has_lost = True
            raise StorageUnavailable("the database does not answer; it may have committed")
        return decisions


@pytest.mark.parametrize("is_genuine", [True, False], ids=["admitted", "refused"])
def test_answer_that_was_lost_is_given_again(
    ledger: Ledger, enterprise: Enterprise, device: Device, is_genuine: bool
) -> None:
    """The same bytes lead to the one admission, or to the refusal word for word."""
    losing = replace(ledger, admission=cast(Any, LosingAdmission(enterprise.admission)))
    client = TestClient(create_app(losing))
    message = device.sign(reading(3) if is_genuine else reading(3, value=10**9))

    lost = client.post(MESSAGES, content=message.encoded)
    again = client.post(MESSAGES, content=message.encoded)
    once_more = client.post(MESSAGES, content=message.encoded)

    assert lost.status_code == 503 and int(lost.headers["retry-after"]) >= 1
    assert again.status_code == (202 if is_genuine else 422)
    assert said(again) == said(once_more)
    assert again.json()["message_id"] == bytes(message.message_id).hex()


def post_later(ledger: Ledger, path: str, content: bytes) -> Any:
    """Post to a server an hour later."""
    clock = cast(Any, FixedClock(Instant(ledger.clock.now() + 3_600_000)))
    client = TestClient(create_app(replace(ledger, clock=clock)))
    return said(client.post(path, content=content))


def forged(device: Device) -> bytes:
    """Give another statement under a number that is taken."""
    return Device(sequence=2, previous=b"\x01" * 32).sign(reading(2, value=6)).encoded


@pytest.mark.parametrize(
    "content",
    [
        lambda device: device.sign().encoded,
        lambda device: device.sign(reading(3, value=10**9)).encoded,
        forged,
    ],
    ids=["admitted", "refused", "equivocation"],
)
def test_first_answer_does_not_change_with_time(
    client: TestClient, ledger: Ledger, device: Device, content: Callable[[Device], bytes]
) -> None:
    """Promised time, admission id and signed words are those of the first time."""
    body = content(device)
    first = said(client.post(MESSAGES, content=body))
    later = post_later(ledger, MESSAGES, body)

    # Unsigned and not kept: how it was told, which is that it was decided before.
    told = {"code": "duplicate"} if first["code"] == "admitted" else {"detail": "refused before"}
    assert first["answer"]
    assert later == first | told


def test_record_is_admitted_once_whenever_it_comes(
    client: TestClient, ledger: Ledger, enterprise: Enterprise
) -> None:
    """A record's decision is given again too."""
    record = enterprise.record(enterprise.registration("em-01/power/total/", unit="W"))
    first = client.post(RECORDS, content=record).json()
    later = post_later(ledger, RECORDS, record)

    assert later == first | {"code": "duplicate"}


def test_promise_grows_with_what_was_sent_since(
    client: TestClient, enterprise: Enterprise, device: Device
) -> None:
    """Cumulative answers repeat the first and add to it; the admission stays the first one."""
    message = device.sign()
    first = client.post(MESSAGES, content=message.encoded).json()
    client.post(MESSAGES, content=device.sign().encoded)
    again = client.post(MESSAGES, content=message.encoded).json()

    assert again["admission_id"] == first["admission_id"]
    assert again["answer"] != first["answer"]
