"""Packets of the inbox become readings of the gateway, and leave it when they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.instants import Instant, from_seconds
from devices.hj212.inbox import Inbox
from devices.hj212.meter import StationMeter
from devices.hj212.times import parse_time
from tests.unit.devices.meters.hj212.builders import NUMBER, packet, station

HOUR_END = from_seconds(parse_time("20240122180000"))


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An empty inbox."""
    with Inbox(tmp_path / "inbox.sqlite") as opened:
        yield opened


@pytest.fixture
def meter(inbox: Inbox) -> StationMeter:
    """The meter of one station."""
    return StationMeter(inbox, {NUMBER: station()})


def test_readings_come_until_they_are_let_go_of(inbox: Inbox, meter: StationMeter) -> None:
    """A crash between reading and keeping costs nothing."""
    inbox.keep(packet(), HOUR_END)

    first = meter.read(HOUR_END)
    assert [reading.value for reading in first] == [19_191_973, 21_835]
    assert meter.read(HOUR_END) == first
    meter.forget()
    assert meter.read(HOUR_END) == []


def test_forgetting_leaves_what_came_meanwhile(inbox: Inbox, meter: StationMeter) -> None:
    """Only what was given is let go of."""
    inbox.keep(packet(), HOUR_END)
    meter.read(HOUR_END)
    inbox.keep(
        packet(request="20240123101501422", region=b"DataTime=20240122160000;a00000-Cou=1"),
        HOUR_END,
    )
    meter.forget()

    assert [reading.value for reading in meter.read(HOUR_END)] == [1000]


def test_hour_that_has_not_ended_waits(inbox: Inbox, meter: StationMeter) -> None:
    """A logger whose clock is a little ahead is not called a liar."""
    early = Instant(HOUR_END - 30_000)
    inbox.keep(packet(), early)

    assert meter.read(early) == []
    assert len(meter.read(HOUR_END)) == 2


def test_data_of_the_future_are_set_aside(inbox: Inbox, meter: StationMeter) -> None:
    """A clock that is far ahead must not block the packets after it."""
    region = b"DataTime=20990101000000;a00000-Cou=1"
    inbox.keep(packet(region=region), HOUR_END)

    assert meter.read(HOUR_END) == []
    assert "clock is ahead" in inbox.refused()[0][2]


def test_packet_of_an_unmapped_station_is_set_aside(inbox: Inbox, meter: StationMeter) -> None:
    """It was answered, so it is kept where the operator sees it."""
    inbox.keep(packet(number="OTHER"), HOUR_END)
    inbox.keep(packet(), HOUR_END)

    assert len(meter.read(HOUR_END)) == 2
    assert inbox.refused()[0][2] == "no station file for OTHER"
