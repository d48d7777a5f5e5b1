"""The demonstration, run as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("demo")]


@pytest.mark.timeout(600)
def test_demo_holds_and_leaves_no_process(tmp_path: Path) -> None:
    """`carbonseal demo --exit` ends with 0, catches every fraud and stops what it started."""
    command = [str(Path(sys.executable).with_name("carbonseal")), "demo", "--exit"]
    place = tmp_path / "demo"
    done = subprocess.run(
        [*command, "--folder", str(place)], capture_output=True, text=True, timeout=580, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.count(" caught ") == 11
    assert "NOT CAUGHT" not in done.stdout
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)  # noqa: S607
    assert str(place) not in running.stdout
