"""A gateway whose key lies in a token: made there, used by a running process, never seen."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attestation.ids import Kid
from attestation.keys import Algorithm
from attestation.messages import parse_message
from devices.enrolment import verify_request
from devices.store import StoreView
from tests.support.command_line import CARBONSEAL
from tests.support.gateway import ORIGIN
from tests.support.gateway_settings import LEDGER, LOG, METER, PLACE, write_settings

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
SOFTHSM = shutil.which("softhsm2-util") or "softhsm2-util is not installed"
PIN = "73514820"
TOKEN = f"""\
[[key]]
name = "boiler"
[key.token]
library = "{LIBRARY}"
label = "gateway"
key = "boiler"
pin_file = "pin"
"""

pytestmark = pytest.mark.real

Carbonseal = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A token store of this test's own."""
    if not LIBRARY.exists():
        pytest.fail("SoftHSM is not installed (apt-get install softhsm2)", pytrace=False)
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tmp_path}/tokens\nlog.level = ERROR\n")
    named = {**os.environ, "SOFTHSM2_CONF": str(configuration)}
    subprocess.run(
        [
            SOFTHSM,
            "--init-token",
            "--free",
            "--label",
            "gateway",
            "--pin",
            PIN,
            "--so-pin",
            "56789",
        ],
        check=True,
        capture_output=True,
        env=named,
    )
    return named


@pytest.fixture
def carbonseal(environment: dict[str, str]) -> Carbonseal:
    """The installed command line, with that token store."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CARBONSEAL, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment,
        )

    return run


def test_running_gateway_signs_with_its_token(
    tmp_path: Path, environment: dict[str, str], carbonseal: Carbonseal
) -> None:
    """Key, request, begun chain and signed messages, by a key that never leaves the token."""
    config = write_settings(tmp_path, PLACE, LOG, LEDGER, TOKEN, METER)
    (tmp_path / "pin").write_text(f"{PIN}\n", encoding="utf-8")
    gateway, request = ("--config", config), tmp_path / "request.json"
    made = carbonseal("device", "key", "--key-name", "boiler", "--algorithm", "p256", *gateway)
    asked = carbonseal("device", "request", "--key-name", "boiler", "--out", request, *gateway)
    begun = carbonseal("device", "begin", "--key", "boiler", *gateway)
    assert [each.returncode for each in (made, asked, begun)] == [0, 0, 0], made.stderr
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            [CARBONSEAL, "device", "run", *map(str, gateway)],
            stdout=log,
            stderr=log,
            env=environment,
        )
    kept: list[bytes] = []
    deadline = time.monotonic() + 120
    while not kept and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.5)
        with StoreView(tmp_path / "gateway.sqlite") as store:
            kept = [content for (content,) in store.fetch("SELECT content FROM message LIMIT 1")]
    status = carbonseal("device", "status", "--json", *gateway)
    running.send_signal(signal.SIGTERM)

    assert running.wait(60) == 0, (tmp_path / "log").read_text(encoding="utf-8")
    key = verify_request(request.read_bytes(), origin=ORIGIN).key
    assert key.algorithm is Algorithm.ESP256
    assert parse_message(kept[0], origin=str(ORIGIN)).header.kid == Kid(key.kid)
    said = made.stdout + made.stderr + status.stdout + (tmp_path / "log").read_text("utf-8")
    assert PIN not in said
    document = json.loads(status.stdout)
    assert (status.returncode, document["running"]) == (1, True)
    assert "no connection" in document["attention"][0]
