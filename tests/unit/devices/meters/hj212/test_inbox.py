"""The inbox keeps what was answered, once, over restarts, and never a password."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attestation.instants import MILLISECONDS_PER_DAY, Instant
from devices.errors import ProtocolError, StoreUnavailable
from devices.hj212.inbox import Inbox
from tests.unit.devices.meters.hj212.builders import PASSWORD, packet

NOW = Instant(1_706_000_000_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the inbox is."""
    return tmp_path / "inbox.sqlite"


@pytest.fixture
def inbox(path: Path) -> Iterator[Inbox]:
    """An empty inbox."""
    with Inbox(path) as opened:
        yield opened


def test_kept_packet_waits_until_it_is_done(inbox: Inbox) -> None:
    """A packet is given again and again until its readings are in the outbox."""
    assert inbox.keep(packet(), NOW)
    (waiting,) = inbox.waiting(NOW)

    assert replace(waiting.packet, password=PASSWORD) == packet()
    assert inbox.waiting(NOW) == [waiting]
    inbox.done(waiting.numbers)
    assert inbox.waiting(NOW) == []


def test_kept_packet_survives_a_restart(path: Path) -> None:
    """What was kept is on disk."""
    with Inbox(path) as first:
        first.keep(packet(), NOW)
    with Inbox(path) as second:
        assert len(second.waiting(NOW)) == 1


def test_repeated_packet_is_recognised_even_after_it_was_done(path: Path) -> None:
    """A logger that repeats itself after our restart is answered and not counted again."""
    with Inbox(path) as first:
        first.keep(packet(), NOW)
        first.done(first.waiting(NOW)[0].numbers)
    with Inbox(path) as second:
        assert not second.keep(packet(), NOW)
        assert second.waiting(NOW) == []


def test_other_content_under_the_same_request_is_kept_too(inbox: Inbox) -> None:
    """A logger whose clock stands still must not lose data."""
    inbox.keep(packet(), NOW)

    assert inbox.keep(packet(region=b"DataTime=20240122180000;a00000-Cou=1"), NOW)


def test_password_is_not_on_disk(inbox: Inbox, path: Path) -> None:
    """The file holds what was measured, and nothing that opens a door."""
    inbox.keep(packet(password="open-sesame"), NOW)
    inbox.close()

    files = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"19191.973" in files
    assert b"open-sesame" not in files


def test_file_is_the_owner_s_alone(inbox: Inbox, path: Path) -> None:
    """Readings are the enterprise's business."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_malformed_region_is_not_kept(inbox: Inbox) -> None:
    """What cannot be mapped must not be answered, so it is refused at the door."""
    with pytest.raises(ProtocolError, match="not an item"):
        inbox.keep(packet(region=b"nonsense"), NOW)
    assert inbox.waiting(NOW) == []


def test_packet_set_aside_is_shown_with_its_reason(inbox: Inbox) -> None:
    """It waits no longer, and the operator sees why."""
    inbox.keep(packet(), NOW)
    inbox.refuse(inbox.waiting(NOW)[0].numbers, "no station file")

    ((_, refused, reason),) = inbox.refused()
    assert (refused.command, reason) == ("2061", "no station file")
    assert inbox.waiting(NOW) == []


def test_done_packets_are_forgotten_after_the_retention(inbox: Inbox) -> None:
    """Only what is done, and only when it is old."""
    inbox.keep(packet(), NOW)
    inbox.keep(packet(request="20240123101501422"), NOW)
    inbox.done([1])
    later = Instant(NOW + 41 * MILLISECONDS_PER_DAY)

    assert inbox.prune(NOW) == 0
    assert inbox.prune(later) == 1
    assert len(inbox.waiting(later)) == 1


def test_failing_disk_is_our_error(inbox: Inbox, path: Path) -> None:
    """A database that cannot be written is no reason to answer."""
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("DROP TABLE packet")
    other.close()

    with pytest.raises(StoreUnavailable, match="inbox failed"):
        inbox.keep(packet(), NOW)
