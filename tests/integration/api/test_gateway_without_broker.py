"""A gateway that only speaks HTTP gets its messages to final, although it never stops sending."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from attestation.enums import ReceiptStage
from attestation.ids import parse_origin
from devices.hearing import FORGED, Hearing
from devices.outbox import MessageState
from ledger.repositories.anchors import StoredAnchor
from tests.support.enterprise import ORIGIN, USC, Device, Enterprise
from tests.support.gateway import SERIES, Gateway, time_of

LOG = f"/v1/logs/{USC}"
PROMISED, INTEGRATED, ANCHORED, FINAL = (
    MessageState.PROMISED,
    MessageState.INTEGRATED,
    MessageState.ANCHORED,
    MessageState.FINAL,
)


class Station:
    """A gateway with its outbox, which posts its messages and asks for answers."""

    def __init__(self, path: Path, client: TestClient, enterprise: Enterprise) -> None:
        self.device = Device("boiler-1", series=(SERIES,))
        self.gateway = Gateway(path, key=self.device.key).begin()
        self._client = client
        self._enterprise = enterprise
        self._hearing = Hearing(
            origin=parse_origin(ORIGIN),
            log_key=enterprise.answer_key,
            store=self.gateway.store,
            outbox=self.gateway.outbox,
        )

    def send(self, number: int) -> None:
        """Sign one message and post what is due."""
        self.gateway.sign(number)
        now = time_of(number)
        for message in self.gateway.outbox.due(now, live_limit=10, backlog_limit=10, in_flight=()):
            found = self._client.post(f"{LOG}/messages", content=message.content).json()
            self._hear(found["answer"])

    def ask(self) -> dict[str, Any]:
        """Ask for the answers, hear each, and give what was said of the progress."""
        kid = self.device.kid.hex()
        found = self._client.get(f"{LOG}/answers/{kid}").json()
        for each in found["answers"]:
            self._hear(each["answer"])
        progress: dict[str, Any] = self._client.get(f"{LOG}/answers/{kid}/progress").json()
        assert progress == found["progress"]
        return {
            name: None if stage is None else stage["newest_sequence"]
            for name, stage in progress.items()
        }

    def states(self, count: int) -> list[MessageState]:
        """Give the state of the first messages."""
        stored = [
            self.gateway.outbox.stored(self.gateway.state.kid, 0, number) for number in range(count)
        ]
        return [each.state for each in stored if each is not None]

    def _hear(self, answer: str) -> None:
        self._hearing.hear(base64.b64decode(answer), self._enterprise.now)


@pytest.fixture
def station(tmp_path: Path, client: TestClient, enterprise: Enterprise) -> Iterator[Station]:
    """A station whose key is enrolled."""
    made = Station(tmp_path / "gateway.db", client, enterprise)
    enterprise.file(enterprise.registration(SERIES))
    enterprise.file(enterprise.enrolment(made.device))
    yield made
    made.gateway.close()


def newest_size(enterprise: Enterprise) -> int:
    """Give the size of the tree."""
    with enterprise.database.reading() as uow:
        return uow.heads.get(enterprise.log.number).size


def anchor(enterprise: Enterprise, size: int, stage: ReceiptStage) -> None:
    """Let a checkpoint be anchored, or be final, as the worker's anchoring reports it."""
    number = enterprise.log.number
    with enterprise.database.unit_of_work() as uow:
        checkpoint = uow.checkpoints.get(number, size)
        assert checkpoint is not None
        if stage is ReceiptStage.ANCHORED:
            uow.anchors.add(StoredAnchor(number, size, checkpoint.root, 7, b"b" * 32, b"t" * 32))
        else:
            uow.anchors.finalise(number, size, final_at=enterprise.now, evidence=None)
        stored = uow.anchors.get(number, size)
        assert stored is not None
        enterprise.receipts.anchored(uow, enterprise.log, stored, stage, now=enterprise.now)
        uow.commit()


def test_messages_become_final_while_the_key_keeps_sending(
    station: Station, enterprise: Enterprise
) -> None:
    """Each stage is heard of as it is reached, with newer messages under way all the time."""
    station.send(0)
    station.send(1)
    assert station.states(2) == [PROMISED, PROMISED]

    enterprise.integrate()
    size = newest_size(enterprise)
    station.send(2)
    assert station.ask() == {"admitted": 2, "integrated": 1, "anchored": None, "final": None}
    assert station.states(3) == [INTEGRATED, INTEGRATED, PROMISED]

    anchor(enterprise, size, ReceiptStage.ANCHORED)
    enterprise.integrate()
    station.send(3)
    assert station.ask() == {"admitted": 3, "integrated": 2, "anchored": 1, "final": None}
    assert station.states(4) == [ANCHORED, ANCHORED, INTEGRATED, PROMISED]

    anchor(enterprise, size, ReceiptStage.FINAL)
    enterprise.integrate()
    station.send(4)
    assert station.ask() == {"admitted": 4, "integrated": 3, "anchored": 1, "final": 1}
    assert station.states(5) == [FINAL, FINAL, INTEGRATED, INTEGRATED, PROMISED]
    assert station.gateway.outbox.status().tally.get(FORGED) is None


def test_refused_message_is_a_dead_letter(station: Station, client: TestClient) -> None:
    """The signed refusal that came with the answer ends the sending of that message."""
    station.gateway.sign(0, now=time_of(10_000))
    (message,) = station.gateway.outbox.due(
        time_of(10_000), live_limit=10, backlog_limit=10, in_flight=()
    )
    found = client.post(f"{LOG}/messages", content=message.content).json()
    station._hear(found["answer"])

    assert found["code"] == "admission.future"
    assert station.gateway.outbox.status().dead_letters == 1


def test_progress_of_nothing_is_not_found(client: TestClient, device: Device) -> None:
    """Another epoch, and a key nobody knows."""
    assert client.get(f"{LOG}/answers/{device.kid.hex()}/progress?epoch=1").status_code == 404
    assert client.get(f"{LOG}/answers/{'00' * 32}/progress").status_code == 404
