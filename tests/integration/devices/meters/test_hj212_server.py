"""Data loggers talk to the host over real connections: nothing answered is lost, nothing hangs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from attestation.instants import Instant, from_seconds
from devices.errors import ProtocolError, StationSilent, StoreUnavailable
from devices.hj212.cems import Cems
from devices.hj212.connection import Limits
from devices.hj212.flags import Edition
from devices.hj212.frames import FrameParser, encode_frame
from devices.hj212.inbox import Inbox
from devices.hj212.logger import DataLogger, LoggerSettings
from devices.hj212.meter import StationMeter
from devices.hj212.packets import Packet, format_packet
from devices.hj212.regions import parse_region
from devices.hj212.server import HostServer
from devices.hj212.stations import Station, parse_station
from devices.hj212.times import format_time, parse_time
from devices.meters.coal_unit import CoalUnit

NUMBER = "81733553216103"
KEY = b"0" * 16
HOUR_S = parse_time("20240301080000")
NOW = from_seconds(HOUR_S + 7200)
EXAMPLE = Path(__file__).parents[4] / "examples" / "mappings" / "stack-hj212.toml"
FAST = Limits(identify_s=1, idle_s=2, frame_s=1, send_s=1, skipped_bytes=500, damaged_frames=5)


def clock() -> Instant:
    """A clock that stands still."""
    return NOW


@pytest.fixture
def station() -> Station:
    """The station of the example file."""
    return parse_station(EXAMPLE.read_text(encoding="utf-8"))


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An empty inbox."""
    with Inbox(tmp_path / "inbox.sqlite") as opened:
        yield opened


@pytest.fixture
def server(station: Station, inbox: Inbox) -> Iterator[HostServer]:
    """A host that keeps packets in the inbox."""
    with HostServer({NUMBER: station}, inbox.keep, clock=clock, limits=FAST) as running:
        yield running


def logger(server: HostServer, **settings: object) -> DataLogger:
    """Connect a simulated data logger."""
    usual: dict[str, object] = {"number": NUMBER, "password": "123456", "answer_s": 5}
    return DataLogger(
        ("127.0.0.1", server.port),
        LoggerSettings(**(usual | settings)),  # type: ignore[arg-type]
        clock=clock,
        history=Cems(CoalUnit()).history,
    )


def wait_until_closed(connection: socket.socket) -> bytes:
    """Read until the host closes the connection, and give what came."""
    received = b""
    connection.settimeout(10)
    while True:
        try:
            piece = connection.recv(4096)
        except ConnectionResetError:
            return received
        if not piece:
            return received
        received += piece


def test_hour_of_a_stack_becomes_readings(
    server: HostServer, inbox: Inbox, station: Station
) -> None:
    """From the monitor's words over the line and the disk to integers in evidence units."""
    unit = CoalUnit()
    with logger(server) as connected:
        connected.upload("2061", Cems(unit).interval_region("2061", HOUR_S))
    readings = StationMeter(inbox, {NUMBER: station}).read(NOW)

    carbon = next(r for r in readings if r.series == "stack-1/carbon-dioxide/hour/")
    slots = range(HOUR_S + 900, HOUR_S + 3601, 900)
    assert carbon.value == sum(unit.carbon_dioxide_g(end_s) for end_s in slots)
    assert (carbon.end_s, carbon.interval_s) == (HOUR_S + 3600, 3600)
    assert len(readings) == 3


def test_answer_follows_the_disk(station: Station) -> None:
    """The logger is answered only after the packet was kept."""
    events: list[str] = []
    may_keep = threading.Event()

    def keep(_: Packet, __: Instant) -> None:
        assert may_keep.wait(10)
        events.append("kept")

    with (
        HostServer({NUMBER: station}, keep, clock=clock) as server,
        logger(server) as connected,
    ):
        upload = threading.Thread(
            target=lambda: (connected.upload("2061", b"DataTime=1"), events.append("answered"))
        )
        upload.start()
        time.sleep(0.3)
        assert events == []
        may_keep.set()
        upload.join(10)

    assert events == ["kept", "answered"]


def test_logger_tries_again_when_it_was_not_kept(station: Station) -> None:
    """A disk that fails once costs one attempt."""
    failures = iter([StoreUnavailable("full")])
    kept: list[Packet] = []

    def keep(packet: Packet, _: Instant) -> None:
        for failure in failures:
            raise failure
        kept.append(packet)

    with (
        HostServer({NUMBER: station}, keep, clock=clock) as server,
        logger(server, answer_s=1) as connected,
    ):
        connected.upload("2061", b"DataTime=20240301080000")

    assert len(kept) == 1


def test_repetition_over_a_new_connection_counts_once(server: HostServer, inbox: Inbox) -> None:
    """A logger that lost our answer with its line is answered and not kept twice."""
    region = Cems(CoalUnit()).interval_region("2061", HOUR_S)
    with logger(server) as first:
        first.upload("2061", region, request="20240301090000001")
    with logger(server) as second:
        second.upload("2061", region, request="20240301090000001")

    assert len(inbox.waiting(NOW)) == 1


def test_repetition_after_a_restart_of_the_host_counts_once(station: Station, inbox: Inbox) -> None:
    """The inbox remembers what the host's memory does not."""
    for _ in range(2):
        with (
            HostServer({NUMBER: station}, inbox.keep, clock=clock) as server,
            logger(server) as connected,
        ):
            connected.upload("2061", b"DataTime=20240301080000", request="20240301090000001")

    assert len(inbox.waiting(NOW)) == 1


def test_long_region_comes_in_parts_and_is_joined(server: HostServer, inbox: Inbox) -> None:
    """Each part is answered, and the packet is whole again."""
    groups = ";".join(f"a{n:05}-Avg=12.345,a{n:05}-Flag=N" for n in range(80))
    region = f"DataTime=20240301080000;{groups}".encode()
    with logger(server) as connected:
        connected.upload("2061", region)
    (joined,) = inbox.waiting(NOW)

    assert joined.packet.region == region
    assert len(joined.numbers) > 2


def test_encrypted_upload_needs_the_station_s_key(inbox: Inbox, station: Station) -> None:
    """A logger of 2025 is understood with its key, and not answered without."""
    text = EXAMPLE.read_text(encoding="utf-8").replace(
        "minute_interval_min", f'sm4_key = "{KEY.hex()}"\nminute_interval_min'
    )
    with (
        HostServer({NUMBER: parse_station(text)}, inbox.keep, clock=clock) as server,
        logger(server, edition=Edition.Y2025, key=KEY) as connected,
    ):
        connected.upload("2061", b"DataTime=20240301080000;a21026-Avg=1.5,a21026-Flag=N")
    assert inbox.waiting(NOW)[0].packet.region.startswith(b"DataTime=20240301080000;a21026")

    with (
        HostServer({NUMBER: station}, inbox.keep, clock=clock) as keyless,
        logger(keyless, edition=Edition.Y2025, key=KEY, answer_s=1, attempts=1) as connected,
        pytest.raises(StationSilent, match="no answer"),
    ):
        connected.upload("2061", b"DataTime=20240301090000;a21026-Avg=1.5,a21026-Flag=N")


def test_heartbeat_is_answered(server: HostServer, inbox: Inbox) -> None:
    """A line that only beats is alive, and leaves nothing in the inbox."""
    with logger(server, edition=Edition.Y2025) as connected:
        connected.heartbeat()

    assert inbox.waiting(NOW) == []


@pytest.mark.parametrize(
    "settings", [{"number": "UNKNOWN"}, {"password": "654321"}], ids=["unknown", "password"]
)
def test_stranger_is_not_answered(
    server: HostServer, inbox: Inbox, settings: dict[str, object]
) -> None:
    """Who is not registered, or does not know the password, meets silence."""
    with (
        logger(server, answer_s=1, attempts=1, **settings) as connected,
        pytest.raises(StationSilent),
    ):
        connected.upload("2061", b"DataTime=20240301080000")

    assert inbox.waiting(NOW) == []


def test_silent_connection_is_closed(server: HostServer) -> None:
    """Who never says which station it is does not keep the place."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        began = time.monotonic()
        wait_until_closed(connection)

    assert 0.5 < time.monotonic() - began < 5


def test_frame_that_trickles_is_closed(server: HostServer) -> None:
    """A byte now and then does not hold a connection open."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        began = time.monotonic()
        with pytest.raises(OSError, match=r"."):
            for byte in b"##4000" + b"x" * 4000:
                connection.sendall(bytes([byte]))
                time.sleep(0.1)

    assert time.monotonic() - began < 8


def test_line_that_speaks_something_else_is_closed(server: HostServer) -> None:
    """Nonsense is bounded."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n" * 100)

        assert wait_until_closed(connection) == b""


def test_other_loggers_go_on_beside_a_faulty_one(server: HostServer, inbox: Inbox) -> None:
    """Each connection has its own thread and its own bounds."""
    with (
        socket.create_connection(("127.0.0.1", server.port)) as faulty,
        logger(server) as sound,
    ):
        faulty.sendall(b"##9999" + b"\x00" * 50)
        sound.upload("2061", b"DataTime=20240301080000")

    assert len(inbox.waiting(NOW)) == 1


def test_connections_are_bounded(station: Station, inbox: Inbox) -> None:
    """Beyond the bound a connection is closed at once, and the first goes on."""
    limits = Limits(connections=1)
    with (
        HostServer({NUMBER: station}, inbox.keep, clock=clock, limits=limits) as server,
        logger(server) as first,
    ):
        first.upload("2061", b"DataTime=20240301080000")
        with socket.create_connection(("127.0.0.1", server.port)) as second:
            assert wait_until_closed(second) == b""
        first.upload("2061", b"DataTime=20240301090000")

    assert len(inbox.waiting(NOW)) == 2


def test_damaged_frame_is_sent_again_by_the_logger(server: HostServer, inbox: Inbox) -> None:
    """Noise on the line costs nothing but the repetition."""
    with logger(server) as connected:
        connected.send_bytes(b"##0050QN=2024\xff\xfe broken\r\n")
        connected.upload("2061", b"DataTime=20240301080000")

    assert len(inbox.waiting(NOW)) == 1


def test_many_loggers_at_a_time(station: Station, inbox: Inbox) -> None:
    """Twenty stations that upload at once are all answered, each packet once."""
    numbers = [f"STATION{n:02}" for n in range(20)]
    stations = dict.fromkeys(numbers, station)

    def run(server: HostServer, number: str) -> None:
        with logger(server, number=number) as connected:
            for hour in range(5):
                connected.upload("2061", f"DataTime=2024030108{hour:02}00".encode())

    with HostServer(stations, inbox.keep, clock=clock) as server:
        threads = [threading.Thread(target=run, args=(server, number)) for number in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert len(inbox.waiting(NOW)) == 100


def test_host_asks_for_hours_it_missed(server: HostServer, inbox: Inbox) -> None:
    """A gap is closed by asking the logger: taken, data, executed."""
    begin, end = format_time(HOUR_S), format_time(HOUR_S + 3 * 3600)
    with logger(server) as connected:
        connected.upload("2061", b"DataTime=20240301070000")
        listening = threading.Thread(target=connected.serve, args=(1,))
        listening.start()
        result = server.request(
            NUMBER, "2061", f"BeginTime={begin},EndTime={end}".encode(), timeout_s=5
        )
        listening.join(10)
    times = [parse_region(j.packet.region).values["DataTime"] for j in inbox.waiting(NOW)]

    assert result == "1"
    assert times == [
        "20240301070000",
        "20240301080000",
        "20240301090000",
        "20240301100000",
    ]


def test_request_without_data_says_so(server: HostServer) -> None:
    """The logger has nothing of that time: 100, and no hour is made up."""
    with logger(server) as connected:
        connected.upload("2061", b"DataTime=20240301070000")
        listening = threading.Thread(target=connected.serve, args=(1,))
        listening.start()
        result = server.request(NUMBER, "2061", timeout_s=5)
        listening.join(10)

    assert result == "100"


def test_request_to_a_station_that_is_not_there_fails(server: HostServer) -> None:
    """Nobody is asked, and it is said so."""
    with pytest.raises(StationSilent, match="not connected"):
        server.request(NUMBER, "2061")


def test_request_that_is_not_answered_fails_in_time(server: HostServer) -> None:
    """A logger that does not obey does not hold us."""
    with logger(server) as connected:
        connected.upload("2061", b"DataTime=20240301070000")
        with pytest.raises(StationSilent, match="did not answer in 1 s"):
            server.request(NUMBER, "2061", timeout_s=1)


def test_refused_request_tells_the_code(server: HostServer) -> None:
    """QnRtn=3 is a wrong password; nothing more is waited for."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        hello = Packet("2061", NUMBER, b"DataTime=1", "20240301090000001", "31", "123456")
        connection.sendall(encode_frame(format_packet(hello)))
        while NUMBER not in server.connected_stations():
            time.sleep(0.01)
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(server.request, NUMBER, "1011", timeout_s=5)
            (asked,) = FrameParser().feed(connection.recv(4096))
            request = asked.segment.split(b";")[0].removeprefix(b"QN=").decode()
            refusal = Packet("9011", NUMBER, b"QnRtn=3", request, "91", "123456")
            connection.sendall(encode_frame(format_packet(refusal)))

            with pytest.raises(ProtocolError, match="QnRtn=3"):
                asking.result(10)
