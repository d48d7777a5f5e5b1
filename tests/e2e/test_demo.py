"""The demonstration, run as a newcomer runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("demo"), pytest.mark.timeout(600)]

CARBONSEAL = str(Path(sys.executable).with_name("carbonseal"))
PATIENCE_S = 420


def running(folder: Path) -> list[str]:
    """Give the command lines of the processes that name a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # it ended meanwhile
        if str(folder) in command:
            found.append(command)
    return found


def carbonseal(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [CARBONSEAL, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def status_of(*config: str) -> Any:
    """Ask how far each log is anchored, again where a busy node could not be asked."""
    deadline = time.monotonic() + 60
    ran = carbonseal("chain", "status", *config, "--json")
    while ran.returncode == 3 and time.monotonic() < deadline:
        ran = carbonseal("chain", "status", *config, "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


@dataclass(frozen=True)
class Played:
    """A demonstration that serves, and what its screen says so far."""

    folder: Path
    process: subprocess.Popen[str]
    told: Path

    @property
    def screen(self) -> str:
        return self.told.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demonstration, run until it serves; interrupted at the end."""
    folder = tmp_path_factory.mktemp("played") / "demo"
    told = folder.with_suffix(".txt")
    with told.open("w") as out:
        command = [CARBONSEAL, "demo", "--folder", str(folder), "--port", "0"]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True)
    demonstration = Played(folder, process, told)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while "Try next" not in demonstration.screen:
            assert process.poll() is None, demonstration.screen[-3000:]
            assert time.monotonic() < deadline, "it never served"
            time.sleep(0.5)
        yield demonstration
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def test_every_check_holds_and_every_fraud_is_caught(played: Played) -> None:
    """The screen tells of a final inventory, an agreed case, a report and seventeen frauds."""
    assert played.screen.count(" caught ") == 17
    assert "confirmed 已确认, final, 48 digests bound" in played.screen
    assert "with its own proof: held" in played.screen
    assert "inventory of 2024 is final" in played.screen
    assert "rechecked from its records: held" in played.screen
    assert played.screen.count("measured out of calibration") == 1
    assert "coal of 2024-12" in played.screen
    assert "NOT CAUGHT" not in played.screen


def test_what_it_says_to_try_next_works(played: Played) -> None:
    """
    While it serves, the ledger goes on anchoring, and the files verify as the page says.

    Interrupted, it stops what it started: chain, broker and itself.
    """
    place = played.folder
    config = ("--config", str(place / "carbonseal.toml"))
    bundle, trust = place / "reading.carbonseal.json", place / "trust-root.json"
    offline = carbonseal("verify", str(bundle), "--trust", str(trust))
    status = status_of(*config)
    usc = status["logs"][0]["origin"].rsplit("/", 1)[1]
    asked = carbonseal("chain", "anchor", usc, *config)
    deadline = time.monotonic() + 60
    while status["logs"][0]["waiting"] and time.monotonic() < deadline:
        status = status_of(*config)
    fsck = carbonseal("log", "fsck", usc, *config)
    doctor = carbonseal("doctor", *config)

    assert (offline.returncode, asked.returncode) == (3, 0)
    assert status["logs"][0]["waiting"] == 0
    assert fsck.returncode == 0, fsck.stdout
    assert doctor.returncode == 0, doctor.stdout

    before = running(place)
    played.process.send_signal(signal.SIGINT)
    played.process.wait(60)

    assert len(before) > 1
    assert running(place) == []
