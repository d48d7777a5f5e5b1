"""The demonstration, run as a newcomer runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def served(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the demonstration until it serves; interrupt it at the end."""
    told = folder.with_suffix(".txt")
    with told.open("w") as out:
        command = [CARBONSEAL, "demo", "--folder", str(folder), "--port", "0"]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while "Try next" not in told.read_text(encoding="utf-8"):
            assert process.poll() is None, told.read_text(encoding="utf-8")[-3000:]
            assert time.monotonic() < deadline, "it never served"
            time.sleep(0.5)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def test_demo_holds_and_leaves_no_process(tmp_path: Path) -> None:
    """`carbonseal demo --exit` ends with 0, catches every fraud and stops what it started."""
    place = tmp_path / "demo"
    done = subprocess.run(
        [CARBONSEAL, "demo", "--exit", "--folder", str(place)],
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.count(" caught ") == 17
    assert "confirmed 已确认, final, 48 digests bound" in done.stdout
    assert "with its own proof: held" in done.stdout
    assert "inventory of 2024 is final" in done.stdout
    assert "rechecked from its records: held" in done.stdout
    assert done.stdout.count("measured out of calibration") == 1
    assert "coal of 2024-12" in done.stdout
    assert "NOT CAUGHT" not in done.stdout
    assert running(place) == []


def test_what_it_says_to_try_next_works(tmp_path: Path) -> None:
    """While it serves, the ledger goes on anchoring, and the files verify as the page says."""
    place = tmp_path / "demo"
    config = ("--config", str(place / "carbonseal.toml"))
    bundle, trust = place / "reading.carbonseal.json", place / "trust-root.json"
    with served(place):
        offline = carbonseal("verify", str(bundle), "--trust", str(trust))
        status = json.loads(carbonseal("chain", "status", *config, "--json").stdout)
        usc = status["logs"][0]["origin"].rsplit("/", 1)[1]
        asked = carbonseal("chain", "anchor", usc, *config)
        deadline = time.monotonic() + 60
        while status["logs"][0]["waiting"] and time.monotonic() < deadline:
            status = json.loads(carbonseal("chain", "status", *config, "--json").stdout)
        fsck = carbonseal("log", "fsck", usc, *config)
        doctor = carbonseal("doctor", *config)

    assert (offline.returncode, asked.returncode) == (3, 0)
    assert status["logs"][0]["waiting"] == 0
    assert fsck.returncode == 0, fsck.stdout
    assert doctor.returncode == 0, doctor.stdout
    assert running(place) == []
