"""A process that is killed in the middle of its work leaves a sound log, on both databases."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ledger.database import Database
from ledger.log.fsck import fsck
from tests.fakes.plant import Plant

ROOT = Path(__file__).resolve().parents[4]
KILLS = 4


def test_a_killed_ledger_goes_on(database_url: str) -> None:
    """After each kill the log is sound, and begins with what was published before."""
    seen: list[bytes] = []
    for number in range(KILLS):
        _work_and_die(database_url, number, seen_size=len(seen))
        with Database(database_url) as database:
            plant = Plant(database)
            entries = plant.read_from_outside()
            with database.reading() as uow:
                report = fsck(uow, plant.log)

        assert entries[: len(seen)] == seen
        assert report.findings == []
        seen = entries

    assert len(seen) > KILLS


def _work_and_die(url: str, number: int, *, seen_size: int) -> None:
    """Let a process work until the log has grown, then kill it where it stands."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.sequencing_process", url, str(number)], cwd=ROOT
    )
    try:
        deadline = time.monotonic() + 60
        while _size(url) <= seen_size + 8 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        worker.kill()
        worker.wait()


def _size(url: str) -> int:
    with Database(url) as database, database.reading() as uow:
        logs = uow.logs.all()
        return uow.heads.get(logs[0].number).size if logs else 0
