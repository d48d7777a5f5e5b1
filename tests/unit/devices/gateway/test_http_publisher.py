"""The courier without a broker: what the ledger's answers, and its silence, come to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from attestation.enums import ReceiptStage
from attestation.ids import MessageId
from devices.agent import Agent, AgentSettings
from devices.errors import BrokerError, BrokerUnavailable, WindowFull
from devices.hearing import Hearing
from devices.http_publisher import HttpPublisher
from devices.ledger_http import LedgerHttp, open_ledger_http
from devices.outbox import MessageState, StoredMessage
from devices.session import PublishOutcome
from tests.support.agent_process import clock_from
from tests.support.broker import gather, wait_for
from tests.support.gateway import ORIGIN, Gateway, MemoryLog, time_of

Answer = Callable[[httpx2.Request], httpx2.Response]


class Ledger:
    """A ledger at an address: an answer for each request, which a test may change."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _request: httpx2.Response(202, json={"answer": None})
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self.answer(request)


@pytest.fixture
def ledger() -> Ledger:
    """A ledger that takes everything and says nothing."""
    return Ledger()


@pytest.fixture
def publisher(ledger: Ledger) -> Iterator[HttpPublisher]:
    """A courier to it."""
    client = httpx2.Client(base_url="http://ledger", transport=httpx2.MockTransport(ledger))
    made = HttpPublisher(LedgerHttp(client, ORIGIN), window=2, poll_s=0.05, pause_max_s=0.2)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def messages(tmp_path: Path) -> Iterator[list[StoredMessage]]:
    """Three signed messages."""
    gateway = Gateway(tmp_path / "gateway.sqlite").begin()
    gateway.sign(0, 1, 2)
    yield gateway.outbox.due(time_of(3), live_limit=3, backlog_limit=3)
    gateway.close()


def problem(status: int, **more: object) -> Answer:
    """Give a ledger that answers with a problem."""
    return lambda _request: httpx2.Response(status, json={"code": "admission.refused", **more})


def outcome_of(publisher: HttpPublisher, message: StoredMessage) -> PublishOutcome:
    """Send one message and wait for what became of it."""
    publisher.send(message)
    (sent,) = gather(publisher.take_sent, "no outcome")
    assert sent.message_id == message.message_id
    return sent.outcome


def test_message_goes_up_as_it_was_signed(
    publisher: HttpPublisher, ledger: Ledger, messages: list[StoredMessage]
) -> None:
    """The ledger gets the very bytes, at the log's address."""
    assert outcome_of(publisher, messages[0]) is PublishOutcome.TAKEN

    request = ledger.asked[0]
    assert request.url.path == f"/v1/logs/{ORIGIN.usc}/messages"
    assert request.content == messages[0].content


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (problem(422, answer=base64.b64encode(b"refusal").decode()), PublishOutcome.TAKEN),
        (problem(422, answer=None), PublishOutcome.REFUSED),
        (problem(422, answer="not base64!"), PublishOutcome.REFUSED),
        (problem(429), PublishOutcome.QUOTA_EXCEEDED),
        (problem(413), PublishOutcome.TOO_LARGE),
        (lambda _request: httpx2.Response(404, content=b"<html>"), PublishOutcome.REFUSED),
        (problem(503), PublishOutcome.LOST),
    ],
    ids=["signed refusal", "unsigned", "garbage", "quota", "length", "no log", "fault"],
)
def test_what_the_ledger_answers(
    publisher: HttpPublisher,
    ledger: Ledger,
    messages: list[StoredMessage],
    answer: Answer,
    outcome: PublishOutcome,
) -> None:
    """Only a decision counts as taken; everything else is tried again."""
    ledger.answer = answer

    assert outcome_of(publisher, messages[0]) is outcome


def test_signed_refusal_is_heard(
    publisher: HttpPublisher, ledger: Ledger, messages: list[StoredMessage]
) -> None:
    """What is signed comes to the agent as from a broker."""
    ledger.answer = problem(422, answer=base64.b64encode(b"refusal").decode())
    outcome_of(publisher, messages[0])

    (delivery,) = gather(publisher.take_answers, "no answer")
    assert delivery.payload == b"refusal"


def test_answers_are_asked_for_and_given_once(
    publisher: HttpPublisher, ledger: Ledger, messages: list[StoredMessage]
) -> None:
    """Receipts are polled; the same answer again is not handed on."""

    def answers(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            return httpx2.Response(202, json={"answer": None})
        listed = [{"kind": "receipt", "answer": base64.b64encode(b"receipt").decode()}]
        return httpx2.Response(200, json={"answers": listed})

    ledger.answer = answers
    outcome_of(publisher, messages[0])
    gather(publisher.take_answers, "no receipt")
    polls = len(ledger.asked)
    wait_for(lambda: len(ledger.asked) >= polls + 3, "it does not go on asking")

    assert publisher.take_answers() == []
    assert ledger.asked[-1].url.params["epoch"] == "0"


def test_silent_ledger_is_left_alone_for_a_while(
    publisher: HttpPublisher, ledger: Ledger, messages: list[StoredMessage]
) -> None:
    """After a failure nothing is taken; one message shows that the ledger is back."""

    def silent(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    ledger.answer = silent
    assert outcome_of(publisher, messages[0]) is PublishOutcome.LOST
    assert not publisher.state.connected
    with pytest.raises(BrokerUnavailable, match="ConnectError"):
        publisher.send(messages[1])
    ledger.answer = lambda _request: httpx2.Response(202, json={})
    wait_for(lambda: publisher.room == 1, "it is never tried again")
    assert outcome_of(publisher, messages[1]) is PublishOutcome.TAKEN

    assert publisher.state.connected
    assert publisher.room == 2


def test_window_bounds_what_waits(publisher: HttpPublisher, messages: list[StoredMessage]) -> None:
    """No more is handed over than may wait, until outcomes were taken."""
    publisher.send(messages[0])
    publisher.send(messages[1])

    with pytest.raises(WindowFull, match="2 messages"):
        publisher.send(messages[2])
    assert publisher.in_flight == {MessageId(each.message_id) for each in messages[:2]}


@pytest.mark.parametrize("url", ["ftp://ledger", "ledger.example", "http://"])
def test_address_that_is_none(url: str) -> None:
    """An address is one of HTTP."""
    with pytest.raises(BrokerError, match="address"):
        open_ledger_http(url, ORIGIN)


def test_certificates_that_are_none(tmp_path: Path) -> None:
    """A file of something else is named at once."""
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")

    with pytest.raises(BrokerError, match=r"ca\.pem"):
        open_ledger_http("https://ledger", ORIGIN, ca_file=tmp_path / "ca.pem")


def test_agent_comes_to_final_receipts_without_a_broker(tmp_path: Path, ledger: Ledger) -> None:
    """The whole loop: messages go by HTTP, promise and receipt come back, the outbox is final."""
    gateway = Gateway(tmp_path / "gateway.sqlite").begin()
    log = MemoryLog()

    def decide(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            log.integrate([request.content])
            promise = log.promise(gateway.state.kid, 0, 0, len(log.entries) - 1, time_of(9))
            body = {"answer": base64.b64encode(promise).decode()}
            return httpx2.Response(202, content=json.dumps(body).encode())
        receipt = log.receipt(log.entries[-1], stage=ReceiptStage.FINAL)
        listed = [{"answer": base64.b64encode(receipt).decode()}]
        return httpx2.Response(200, json={"answers": listed})

    ledger.answer = decide
    client = httpx2.Client(base_url="http://ledger", transport=httpx2.MockTransport(ledger))
    agent = Agent(
        publisher=HttpPublisher(LedgerHttp(client, ORIGIN), poll_s=0.05),
        outbox=gateway.outbox,
        hearing=Hearing(
            origin=ORIGIN,
            log_key=log.key.public_key,
            store=gateway.store,
            outbox=gateway.outbox,
        ),
        lines=(),
        clock=clock_from(time_of(3)),
        settings=AgentSettings(listen_s=0),
    )
    gateway.sign(0, 1, 2)
    agent.start()

    def all_final() -> bool:
        agent.step()
        return gateway.outbox.status().count_by_state[MessageState.FINAL] == 3

    wait_for(all_final, "not final", timeout_s=20)
    assert agent.status().connection.protocol == "HTTP"
    agent._publisher.stop()
    gateway.close()
