"""From meters and files to kept messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from attestation.enums import Provenance
from attestation.instants import Instant
from attestation.messages import parse_message
from attestation.readings import Reading
from devices.errors import OutboxFull
from devices.measuring import FileImport, Measured, MeterLine
from devices.outbox import OutboxLimits
from tests.support.gateway import ORIGIN, Gateway, ListMeter, reading, time_of

HOUR_MS = 3_600_000


def contents(gateway: Gateway) -> list[tuple[Provenance, list[Reading]]]:
    """Give provenance and readings of every message kept."""
    rows = gateway.store.fetch("SELECT content FROM message ORDER BY epoch, sequence")
    messages = [parse_message(content, origin=str(ORIGIN)) for (content,) in rows]
    return [(message.header.provenance, list(message.readings)) for message in messages]


def test_meter_forgets_only_what_is_kept(gateway: Gateway) -> None:
    """After a measurement the meter has nothing left, and the message is on disk."""
    meter = ListMeter([reading(0), reading(1)])
    measured = MeterLine("boiler", meter, gateway.state).measure(time_of(1))

    assert measured == Measured(messages=1, already_signed=0, not_ended=0)
    assert meter.waiting == []
    assert contents(gateway) == [(Provenance.LIVE, [reading(0), reading(1)])]


def test_meter_keeps_what_could_not_be_signed(tmp_path: Path) -> None:
    """When the outbox is full the meter gives the same readings again."""
    gateway = Gateway(tmp_path / "full.db", limits=OutboxLimits(max_bytes=1)).begin()
    meter = ListMeter([reading(0)])
    with pytest.raises(OutboxFull):
        MeterLine("boiler", meter, gateway.state).measure(time_of(0))
    gateway.close()

    assert meter.waiting == [reading(0)]


def test_reading_that_has_not_ended_is_held_back(gateway: Gateway) -> None:
    """A meter with a fast clock is not believed, nor is its reading lost."""
    meter = ListMeter([reading(0), reading(1)])
    line = MeterLine("boiler", meter, gateway.state)

    assert line.measure(time_of(0)) == Measured(messages=1, already_signed=0, not_ended=1)
    assert line.measure(time_of(1)) == Measured(messages=1, already_signed=1, not_ended=0)
    assert [readings for _, readings in contents(gateway)] == [[reading(0)], [reading(1)]]


def test_long_series_is_cut_into_messages(gateway: Gateway) -> None:
    """Many readings make messages of the size asked for."""
    meter = ListMeter([reading(number) for number in range(7)])
    MeterLine("boiler", meter, gateway.state, readings_per_message=3).measure(time_of(7))

    assert [len(readings) for _, readings in contents(gateway)] == [3, 3, 1]


def test_late_readings_are_marked_as_back_fill(gateway: Gateway) -> None:
    """What is later than the device's limit goes apart, as admission wants it."""
    meter = ListMeter([reading(0), reading(200)])
    MeterLine("boiler", meter, gateway.state, lateness_ms=48 * HOUR_MS).measure(time_of(200))

    assert contents(gateway) == [
        (Provenance.BACK_FILL, [reading(0)]),
        (Provenance.LIVE, [reading(200)]),
    ]


def test_reading_exactly_at_the_limit_is_live(gateway: Gateway) -> None:
    """Forty-eight hours to the millisecond are not late."""
    meter = ListMeter([reading(0)])
    now = Instant(reading(0).end_s * 1000 + 48 * HOUR_MS)
    MeterLine("boiler", meter, gateway.state).measure(now)

    assert contents(gateway)[0][0] is Provenance.LIVE


@dataclass
class Rows:
    """A file with ten rows."""

    count: int = 10

    def readings(self) -> Iterator[Reading]:
        """Give each row, from the first."""
        for number in range(self.count):
            yield replace(reading(number), source_file=bytes(32), source_row=number + 1)


def test_file_is_imported_row_by_row(gateway: Gateway) -> None:
    """Every row is in one message, with provenance import."""
    rows = FileImport("file", Rows(), gateway.state, readings_per_message=4, messages_at_once=2)
    steps = [rows.measure(time_of(100)) for _ in range(3)]

    assert [step.messages for step in steps] == [2, 1, 0]
    assert rows.is_done
    assert {provenance for provenance, _ in contents(gateway)} == {Provenance.IMPORT}
    assert [one.source_row for _, some in contents(gateway) for one in some] == [*range(1, 11)]


def test_import_goes_on_where_it_was_interrupted(gateway: Gateway) -> None:
    """A new process reads the file from the beginning and signs only what is missing."""
    FileImport("file", Rows(), gateway.state, 3, 1).measure(time_of(100))
    gateway.restart()
    again = FileImport("file", Rows(), gateway.state, 3, 10)
    measured = again.measure(time_of(100))

    assert (measured.messages, measured.already_signed) == (3, 0)
    assert [one.source_row for _, some in contents(gateway) for one in some] == [*range(1, 11)]


def test_import_that_meets_a_full_outbox_tries_again(tmp_path: Path) -> None:
    """Rows that found no room are taken by the next call."""
    path = tmp_path / "full.db"
    gateway = Gateway(path, limits=OutboxLimits(max_bytes=1)).begin()
    rows = FileImport("file", Rows(), gateway.state, 3, 10)
    with pytest.raises(OutboxFull):
        rows.measure(time_of(100))
    object.__setattr__(gateway.outbox.limits, "max_bytes", 1 << 30)
    measured = rows.measure(time_of(100))
    gateway.close()

    assert measured.messages == 4
