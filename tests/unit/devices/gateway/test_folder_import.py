"""A folder of files: each imported once, whatever happens between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from attestation.messages import parse_message
from devices.errors import ImportRefused, MeterUnreadable
from devices.folder_import import LOOK_EVERY_MS, SETTLED_MS, FolderImport
from devices.meters.csv_file import CsvFile
from devices.meters.csv_mapping import parse_csv_mapping
from tests.support.gateway import Gateway

MAPPING = parse_csv_mapping(
    """
[time]
columns = ["time"]
format = "%Y-%m-%d %H:%M"
zone = "UTC+08:00"
stamp = "end"
midnight = "end-of-day"
interval_s = 900

[[series]]
column = "energy"
series = "feeder-7/active-energy/import/"
source_unit = "kWh"
unit = "Wh"
"""
)
CHANGED_S = 1_750_000_000
NOW = Instant(CHANGED_S * MILLISECONDS_PER_SECOND + SETTLED_MS)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose key has begun its chain."""
    opened = Gateway(tmp_path / "gateway.sqlite").begin()
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder into which files are put."""
    made = tmp_path / "imports"
    made.mkdir()
    return made


def put(folder: Path, name: str, *rows: str, changed_s: int = CHANGED_S) -> Path:
    """Put a file into the folder."""
    path = folder / name
    path.write_text("\n".join(["time,energy", *rows, ""]), encoding="utf-8")
    os.utime(path, (changed_s, changed_s))
    return path


def line_of(gateway: Gateway, folder: Path) -> FolderImport:
    """Look at the folder as a start of the process does."""
    return FolderImport(
        "files", folder, "*.csv", lambda path: CsvFile(path, MAPPING), gateway.state
    )


def kept(gateway: Gateway) -> list[int]:
    """Give the values of everything that was signed, in order."""
    messages = gateway.outbox.due(Instant(2**50), live_limit=99, backlog_limit=99)
    readings = [parse_message(each.content, origin=str(gateway.origin)) for each in messages]
    return [reading.value or 0 for message in readings for reading in message.readings]


def test_files_are_imported_in_the_order_of_names(gateway: Gateway, folder: Path) -> None:
    """Both files are signed, each row once."""
    put(folder, "b.csv", "2025-01-01 00:30,2")
    put(folder, "a.csv", "2025-01-01 00:15,1")
    line = line_of(gateway, folder)
    for _ in range(4):
        line.measure(NOW)

    assert kept(gateway) == [1000, 2000]


def test_restart_signs_nothing_again(gateway: Gateway, folder: Path) -> None:
    """A process that starts anew finds what is kept already."""
    put(folder, "a.csv", "2025-01-01 00:15,1")
    line_of(gateway, folder).measure(NOW)
    again = line_of(gateway, folder).measure(NOW)

    assert (again.messages, again.already_signed) == (0, 0)
    assert kept(gateway) == [1000]


def test_copy_under_another_name_adds_nothing(gateway: Gateway, folder: Path) -> None:
    """A file is known by its bytes."""
    for name in ("a.csv", "copy.csv"):
        put(folder, name, "2025-01-01 00:15,1")
    line = line_of(gateway, folder)
    line.measure(NOW)
    line.measure(NOW)

    assert kept(gateway) == [1000]


def test_file_that_is_being_written_waits(gateway: Gateway, folder: Path) -> None:
    """What changed a moment ago may not be whole."""
    put(folder, "a.csv", "2025-01-01 00:15,1")
    line = line_of(gateway, folder)

    assert line.measure(Instant(NOW - 1)).messages == 0
    assert line.measure(Instant(NOW - 1 + LOOK_EVERY_MS)).messages == 1


def test_wrong_file_does_not_stop_the_others(gateway: Gateway, folder: Path) -> None:
    """It is named until it is mended, and then imported."""
    wrong = put(folder, "a.csv", "2025-01-01 00:15,one")
    put(folder, "b.csv", "2025-01-01 00:30,2")
    line = line_of(gateway, folder)
    with pytest.raises(ImportRefused, match=r"a\.csv"):
        line.measure(NOW)
    assert line.measure(NOW).messages == 1
    with pytest.raises(ImportRefused, match=r"a\.csv"):
        line.measure(NOW)
    put(folder, wrong.name, "2025-01-01 00:15,1", changed_s=CHANGED_S + 1)
    line.measure(Instant(NOW + LOOK_EVERY_MS))

    assert sorted(kept(gateway)) == [1000, 2000]


def test_folder_that_cannot_be_read(gateway: Gateway, folder: Path) -> None:
    """A file that vanishes between looking and reading costs that round only."""
    path = put(folder, "a.csv", "2025-01-01 00:15,1")
    line = line_of(gateway, folder)
    line._look(NOW)
    path.unlink()

    with pytest.raises(MeterUnreadable, match=r"a\.csv"):
        line.measure(NOW)
    assert line.measure(Instant(NOW + LOOK_EVERY_MS)).messages == 0
