"""Messages and records come by HTTP as they do by the broker, and are answered with signatures."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

from attestation.answers import AnchorPlace, Promise, Receipt, Refusal, parse_answer
from attestation.enums import LogState
from attestation.instants import Instant
from attestation.messages import MAX_ENTRY_LENGTH
from ledger.repositories.anchors import StoredAnchor
from tests.support.enterprise import (
    CHAIN,
    NOW,
    ORIGIN,
    OTHER_USC,
    STRANGER,
    USC,
    Device,
    Enterprise,
    reading,
)

MESSAGES = f"/v1/logs/{USC}/messages"
RECORDS = f"/v1/logs/{USC}/records"
ANSWERS = f"/v1/logs/{USC}/answers"
COSE = {"content-type": "application/cose"}
JSON = {"content-type": "application/json"}


def opened(enterprise: Enterprise, answer: str) -> Promise | Receipt | Refusal:
    """Read an answer with the log's key."""
    return parse_answer(base64.b64decode(answer), origin=ORIGIN, key=enterprise.answer_key)


def test_message_is_promised(client: TestClient, enterprise: Enterprise, device: Device) -> None:
    """An admitted message is answered with the log's promise, which covers it."""
    message = device.sign()

    found = client.post(MESSAGES, content=message.encoded, headers=COSE)
    promise = opened(enterprise, found.json()["answer"])

    assert (found.status_code, found.json()["code"]) == (202, "admitted")
    assert found.json()["message_id"] == bytes(message.message_id).hex()
    assert isinstance(promise, Promise) and promise.ranges == ((0, 3),)


def test_message_again_is_a_duplicate(client: TestClient, device: Device) -> None:
    """Sending again, as after a lost answer, gives the first decision again."""
    message = device.sign()
    first = client.post(MESSAGES, content=message.encoded, headers=COSE).json()

    again = client.post(MESSAGES, content=message.encoded, headers=COSE)

    assert (again.status_code, again.json()) == (202, first | {"code": "duplicate"})


def test_refusal_is_signed(client: TestClient, enterprise: Enterprise, device: Device) -> None:
    """A message that can never be admitted gets the code and the log's signed refusal."""
    found = client.post(MESSAGES, content=device.sign(reading(3, value=10**9)).encoded)
    refusal = opened(enterprise, found.json()["answer"])

    assert (found.status_code, found.json()["code"]) == (422, "admission.implausible")
    assert found.headers["content-type"] == "application/problem+json"
    assert isinstance(refusal, Refusal) and refusal.code == "admission.implausible"
    assert not found.json()["retryable"]


def test_equivocation_is_answered(client: TestClient, enterprise: Enterprise) -> None:
    """A second statement under a place that is taken is refused with a signature."""
    forged = Device(sequence=2, previous=b"\x01" * 32).sign(reading(2, value=6))

    found = client.post(MESSAGES, content=forged.encoded)

    assert (found.status_code, found.json()["code"]) == (422, "admission.equivocation")
    assert isinstance(opened(enterprise, found.json()["answer"]), Refusal)


def test_unknown_key_may_try_again(client: TestClient) -> None:
    """A key that is not enrolled gets no signature: it may be enrolled later."""
    found = client.post(MESSAGES, content=Device("em-02").sign().encoded)

    assert found.json()["code"] == "admission.unknown_device"
    assert (found.json()["answer"], found.json()["retryable"]) == (None, True)


def test_changed_message_is_refused(client: TestClient, device: Device) -> None:
    """One bit of the signature changed, and nothing is admitted."""
    encoded = device.sign().encoded
    changed = encoded[:-1] + bytes([encoded[-1] ^ 1])

    found = client.post(MESSAGES, content=changed)

    assert found.status_code == 422
    assert found.json()["message_id"] == sha256(changed).hexdigest()


@pytest.mark.parametrize(
    ("length", "status"), [(MAX_ENTRY_LENGTH, 422), (MAX_ENTRY_LENGTH + 1, 413)]
)
@pytest.mark.parametrize("path", [MESSAGES, RECORDS])
def test_oversized_body_is_refused(client: TestClient, path: str, length: int, status: int) -> None:
    """One byte more than an entry may have is too much; as many are judged."""
    found = client.post(path, content=b"\xd2" * length)

    assert (found.status_code, found.json()["status"]) == (status, status)


@pytest.mark.parametrize("path", ["messages", "records"])
def test_unknown_log_takes_nothing(client: TestClient, device: Device, path: str) -> None:
    """What is sent to a log that is not kept here is not found."""
    found = client.post(f"/v1/logs/{OTHER_USC}/{path}", content=device.sign().encoded)

    assert found.json()["code"] == "api.not_found"


@pytest.mark.parametrize("path", [MESSAGES, RECORDS])
def test_frozen_log_takes_nothing(
    client: TestClient, enterprise: Enterprise, device: Device, path: str
) -> None:
    """A frozen log refuses for now, without a signature."""
    with enterprise.database.unit_of_work() as uow:
        uow.logs.set_state(enterprise.log.number, LogState.FROZEN)
        uow.commit()

    found = client.post(path, content=device.sign().encoded)

    assert (found.json()["code"], found.json()["retryable"]) == ("log.frozen", True)


def test_record_is_admitted_once(client: TestClient, enterprise: Enterprise) -> None:
    """A signed record is admitted; the same again is a duplicate."""
    record = enterprise.record(enterprise.registration("em-01/power/total/", unit="W"))

    first = client.post(RECORDS, content=record, headers=JSON)
    again = client.post(RECORDS, content=record, headers=JSON)

    assert (first.status_code, first.json()["code"]) == (202, "admitted")
    assert again.json()["code"] == "duplicate"


def test_record_of_a_stranger_is_refused(client: TestClient, enterprise: Enterprise) -> None:
    """A well-formed record by somebody who speaks for nobody is refused."""
    record = enterprise.record(enterprise.registration("em-01/x/total/"), secret=STRANGER)

    found = client.post(RECORDS, content=record, headers=JSON)

    assert found.json()["code"] == "admission.unknown_signer"


def test_record_in_another_text_is_refused(client: TestClient, enterprise: Enterprise) -> None:
    """The same record with one space more is not its canonical text."""
    record = enterprise.record(enterprise.registration("em-01/power/total/", unit="W"))

    found = client.post(RECORDS, content=record.replace(b":", b": ", 1), headers=JSON)

    assert found.json()["code"] == "admission.malformed"


def test_answers_are_given_to_who_asks(
    client: TestClient, enterprise: Enterprise, device: Device
) -> None:
    """A gateway without a broker gets promise, receipt and refusals of an epoch."""
    client.post(MESSAGES, content=device.sign(reading(3, value=10**9)).encoded)

    found = client.get(f"{ANSWERS}/{device.kid.hex()}").json()
    said = [opened(enterprise, each["answer"]) for each in found["answers"]]

    assert [each["kind"] for each in found["answers"]] == ["promise", "receipt", "refusal"]
    assert found["answers"][1]["stage"] == "integrated"
    assert isinstance(said[1], Receipt) and said[1].ranges == ((0, 2),)


@pytest.mark.parametrize(("final_at", "stage"), [(None, "anchored"), (NOW, "final")])
def test_anchored_epoch_has_a_receipt_that_says_so(
    client: TestClient,
    enterprise: Enterprise,
    device: Device,
    final_at: Instant | None,
    stage: str,
) -> None:
    """What an anchor covers is receipted with its block, at the stage it has reached."""
    with enterprise.database.unit_of_work() as uow:
        checkpoint = uow.checkpoints.newest(enterprise.log.number)
        assert checkpoint is not None
        at = (checkpoint.size, checkpoint.root, 7, b"\x07" * 32, b"\x08" * 32)
        uow.anchors.add(StoredAnchor(enterprise.log.number, *at, final_at=final_at))
        uow.commit()

    last = client.get(f"{ANSWERS}/{device.kid.hex()}").json()["answers"][-1]
    receipt = opened(enterprise, last["answer"])

    assert (last["kind"], last["stage"]) == ("receipt", stage)
    assert isinstance(receipt, Receipt) and receipt.anchor == AnchorPlace(CHAIN, 7)


@pytest.mark.parametrize(
    ("path", "status"),
    [("00" * 32, 404), ("00" * 31, 400), ("GG" * 32, 400), ("AA" * 32, 400)],
)
def test_nobody_is_answered_about_another_key(client: TestClient, path: str, status: int) -> None:
    """A key nobody knows, and what is no key id."""
    assert client.get(f"{ANSWERS}/{path}").status_code == status


def test_another_epoch_has_no_answers(client: TestClient, device: Device) -> None:
    """The epoch after the last has nothing to be answered."""
    found = client.get(f"{ANSWERS}/{device.kid.hex()}", params={"epoch": 1})

    assert found.status_code == 404
