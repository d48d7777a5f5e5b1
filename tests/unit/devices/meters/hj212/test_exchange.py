"""Requests of ours end with a result, a refusal or silence, and leave nothing behind."""

from __future__ import annotations

import pytest

from devices.errors import ProtocolError, StationSilent
from devices.hj212.exchange import Exchange
from tests.unit.devices.meters.hj212.builders import NUMBER, packet

REQUEST = "20240301080000001"


@pytest.fixture
def exchange() -> Exchange:
    """One request under way."""
    opened = Exchange()
    opened.open(NUMBER, REQUEST)
    return opened


def test_request_that_was_taken_and_executed(exchange: Exchange) -> None:
    """The result is the station's."""
    exchange.hear(packet("9011", b"QnRtn=1", request=REQUEST))
    exchange.hear(packet("9012", b"ExeRtn=100", request=REQUEST))

    assert exchange.wait(NUMBER, REQUEST, timeout_s=1) == "100"


def test_execution_without_an_answer_before_it_is_enough(exchange: Exchange) -> None:
    """Some loggers skip 9011."""
    exchange.hear(packet("9012", b"ExeRtn=1", request=REQUEST))

    assert exchange.wait(NUMBER, REQUEST, timeout_s=1) == "1"


def test_refusal_ends_the_request(exchange: Exchange) -> None:
    """Nothing more comes after a refusal."""
    exchange.hear(packet("9011", b"QnRtn=3", request=REQUEST))

    with pytest.raises(ProtocolError, match="QnRtn=3"):
        exchange.wait(NUMBER, REQUEST, timeout_s=5)


def test_request_that_was_taken_and_not_finished_is_silence(exchange: Exchange) -> None:
    """Asking later may help."""
    exchange.hear(packet("9011", b"QnRtn=1", request=REQUEST))

    with pytest.raises(StationSilent, match="did not finish in 0 s"):
        exchange.wait(NUMBER, REQUEST, timeout_s=0)


@pytest.mark.parametrize(
    ("number", "request_number", "region"),
    [("OTHER", REQUEST, b"ExeRtn=1"), (NUMBER, "20240301080000002", b"ExeRtn=1")],
)
def test_answer_to_something_else_is_ignored(
    exchange: Exchange, number: str, request_number: str, region: bytes
) -> None:
    """Neither another station nor another request ends ours."""
    exchange.hear(packet("9012", region, number=number, request=request_number))

    with pytest.raises(StationSilent, match="did not answer"):
        exchange.wait(NUMBER, REQUEST, timeout_s=0)


def test_malformed_result_is_none(exchange: Exchange) -> None:
    """A result that cannot be read is no success."""
    exchange.hear(packet("9012", b"nonsense", request=REQUEST))

    assert exchange.wait(NUMBER, REQUEST, timeout_s=0) == ""
