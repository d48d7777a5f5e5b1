"""The host answers what it kept, once; it refuses strangers and says nothing to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from attestation.instants import Instant
from devices.errors import ProtocolError, StoreUnavailable
from devices.hj212.flags import Flag
from devices.hj212.frames import Frame, FrameParser
from devices.hj212.host import Heard, Host
from devices.hj212.packets import Packet, parse_packet
from tests.unit.devices.meters.hj212.builders import NUMBER, frame, packet, station

NOW = Instant(1_706_000_000_000)


class RecordingKeeper:
    """Keeps packets in a list, and fails when told to."""

    def __init__(self) -> None:
        self.kept: list[Packet] = []
        self.failure: Exception | None = None

    def __call__(self, kept: Packet, at: Instant) -> None:
        if self.failure is not None:
            raise self.failure
        self.kept.append(kept)


@pytest.fixture
def keeper() -> RecordingKeeper:
    """Where packets go."""
    return RecordingKeeper()


@pytest.fixture
def host(keeper: RecordingKeeper) -> Host:
    """A host that knows one station."""
    return Host({NUMBER: station()}, keeper, lambda: NOW)


def answer(heard: Heard) -> Packet:
    """Read the answer that goes back."""
    assert heard.answer is not None
    (sent,) = FrameParser().feed(heard.answer)
    return parse_packet(sent.segment)


def test_upload_is_kept_and_answered(host: Host, keeper: RecordingKeeper) -> None:
    """9014 carries the request's number, and goes out after the packet was kept."""
    replied = answer(host.hear(frame(packet())))

    assert keeper.kept == [packet()]
    assert (replied.command, replied.request, replied.station) == (
        "9014",
        packet().request,
        NUMBER,
    )
    assert replied.flag == Flag(1)


@pytest.mark.shared
def test_answer_is_the_published_one_byte_for_byte(shared: Path, keeper: RecordingKeeper) -> None:
    """Another host's answer to the annex example is ours, too."""
    cases = json.loads((shared / "vectors" / "hj212" / "frames.json").read_text(encoding="utf-8"))
    published = next(case for case in cases if case["name"] == "hbt212_answer_87")
    number = "010000A8900016F000169DC0"
    host = Host({number: station()}, keeper, lambda: NOW)
    heard = host.hear(frame(packet(number=number, request="20160801085000001")))

    assert heard.answer == published["frame"].encode()


def test_packet_that_was_not_kept_is_not_answered(host: Host, keeper: RecordingKeeper) -> None:
    """A full disk costs an answer, not a reading: the logger tries again."""
    keeper.failure = StoreUnavailable("disk full")
    assert host.hear(frame(packet())).answer is None

    keeper.failure = None
    assert host.hear(frame(packet())).answer is not None


def test_packet_that_cannot_be_taken_is_not_answered(host: Host, keeper: RecordingKeeper) -> None:
    """Refusing is staying silent: the protocol has no other way."""
    keeper.failure = ProtocolError("malformed")

    assert host.hear(frame(packet())) == Heard(packet())


def test_repeated_packet_is_answered_again_and_kept_once(
    host: Host, keeper: RecordingKeeper
) -> None:
    """The logger did not hear our answer; it gets the same one."""
    first = host.hear(frame(packet()))

    assert host.hear(frame(packet())) == first
    assert len(keeper.kept) == 1


def test_same_request_with_other_content_is_another_packet(
    host: Host, keeper: RecordingKeeper
) -> None:
    """Nothing is taken for a repetition that says something else."""
    host.hear(frame(packet()))
    host.hear(frame(packet(region=b"DataTime=20240122180000")))

    assert len(keeper.kept) == 2


def test_nobody_is_answered_who_did_not_ask(host: Host, keeper: RecordingKeeper) -> None:
    """Without the bit A the packet is kept in silence."""
    assert host.hear(frame(packet(answer_wanted=False))).answer is None
    assert len(keeper.kept) == 1


@pytest.mark.parametrize("command", ["1013", "1014", "1001", "9015"])
def test_notices_are_answered_as_notices(host: Host, keeper: RecordingKeeper, command: str) -> None:
    """A heartbeat or a wish for the time is no data: 9013, and nothing kept."""
    assert answer(host.hear(frame(packet(command, b"")))).command == "9013"
    assert keeper.kept == []


@pytest.mark.parametrize("command", ["9011", "9012", "9013", "9014"])
def test_answers_are_never_answered(host: Host, keeper: RecordingKeeper, command: str) -> None:
    """Two hosts that answered answers would never stop."""
    assert host.hear(frame(packet(command, b"QnRtn=1"))).answer is None
    assert keeper.kept == []


@pytest.mark.parametrize(
    "stranger",
    [packet(number="UNKNOWN"), packet(password="654321"), packet(password="")],
    ids=["unknown", "wrong", "none"],
)
def test_stranger_is_refused_in_silence(
    host: Host, keeper: RecordingKeeper, stranger: Packet
) -> None:
    """An unknown station and a wrong password look the same from outside."""
    assert host.hear(frame(stranger)) == Heard(refused_station=True)
    assert keeper.kept == []


def test_request_of_ours_wants_an_answer(host: Host) -> None:
    """A request carries the station's password, its own number and the bit A."""
    (sent,) = FrameParser().feed(
        host.request(NUMBER, "2061", b"BeginTime=1", request="20240101000000001")
    )
    asked = parse_packet(sent.segment)

    assert (asked.command, asked.request) == ("2061", "20240101000000001")
    assert (asked.password, asked.answer_wanted) == ("123456", True)


def test_passwords_are_in_no_log(host: Host) -> None:
    """Neither the right one nor a wrong one is written down."""
    with capture_logs() as logs:
        host.hear(frame(packet()))
        host.hear(frame(packet(password="swordfish")))
        host.hear(Frame(b"QN=x;CN=2061;MN=1;PW=sword fish;CP=&&&&", 0, intact=True))

    assert len(logs) == 3
    assert "123456" not in str(logs)
    assert "fish" not in str(logs)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120), st.booleans())
def test_any_frame_is_heard_in_peace(noise: bytes, intact: bool) -> None:
    """Whatever a segment holds, the connection's thread goes on."""
    host = Host({NUMBER: station()}, RecordingKeeper(), lambda: NOW)
    head = f"QN=20240101000000001;CN=2061;PW=123456;MN={NUMBER};Flag=5;CP=&&".encode()

    for segment in (noise, head + noise + b"&&"):
        heard = host.hear(Frame(segment, 0, intact=intact))
        assert heard.answer is None or heard.packet is not None
