"""
A device's life by the command line alone, on real parts and with real processes.

Opened log, authority, sheet, key, enrolment by two persons, a gateway that runs and is stopped, a
rotated key, a revoked one, and what comes of a message signed with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import SHEET, CommandLine, command_line, wait_until
from tests.support.commands import Ran

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("command-line"), pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A place with an open log, a device authority and a registered series."""
    with command_line(tmp_path_factory.mktemp("command-line")) as made:
        made.open_log()
        office = ("--config", made.office_config)
        authority, sheet = made.path("authority.json"), made.path("sheet.csv")
        made.do("device", "authority", "--out", authority, *office)
        made.signed(authority, "approver")
        made.submit(authority)
        sheet.write_text(SHEET, encoding="utf-8")
        registered = made.path("sheet.json")
        made.do("device", "sheet", sheet, "--out", registered, *office)
        made.signed(registered, "initiator", "approver")
        made.submit(registered)
        yield made


def enrolled(place: CommandLine, key: str, *more: str) -> None:
    """Make a key of the gateway's settings, and enrol it."""
    gateway, request = ("--config", place.gateway_config), place.path(f"{key}.request.json")
    signing = place.path(f"{key}.enrolment.json")
    place.do("device", "key", "--key-name", key, *gateway)
    place.do("device", "request", "--key-name", key, "--out", request, *gateway, *more)
    place.do("device", "enrol", request, "--out", signing, "--config", place.office_config)
    place.signed(signing, "initiator", "approver")
    place.submit(signing)


def key_of(status: Any, name: str) -> Any:
    """Give what a status says of a key."""
    return next(key for key in status["keys"] if key["name"] == name)


def test_device_is_enrolled_measures_is_rotated_and_revoked(place: CommandLine) -> None:
    """From a key on the device to the refusal of what was signed after its revocation."""
    gateway = ("--config", place.gateway_config)
    office = ("--config", place.office_config)

    # A key, enrolled by two persons; the gateway's receipts become final.
    enrolled(place, "boiler")
    place.do("device", "begin", "--key", "boiler", *gateway)
    running = place.start("device", "run", *gateway)
    wait_until(
        lambda: (place.path("gateway.sqlite").exists() and place.status()["outbox"]["final"]) >= 5,
        "no receipt is final",
    )
    status = place.status()
    assert (status["running"], status["dead_letters"], status["silent_meters"]) == (True, 0, [])
    assert status["connection"]["protocol"] == "MQTT 5"
    assert status["clock_offset_ms"]["low"] <= status["clock_offset_ms"]["high"]
    assert place.run("device", "status", *gateway).code == 0
    again = place.do("device", "send-again", "boiler", "--from", "0", *gateway)
    assert again["messages"] >= 5

    # The broker dies and comes back; nothing is lost, and the gateway ends when it is asked to.
    place.broker.kill()
    wait_until(lambda: not place.status()["connection"]["connected"], "the loss is not noticed")
    before = place.status()["outbox"]["final"]
    place.broker.start()
    wait_until(lambda: place.status()["outbox"]["final"] > before + 3, "it does not come back")
    assert place.stop(running) == 0
    assert place.run("device", "status", *gateway).code == 3

    # Another key takes over, by HTTP this time; the old one's chain ends with a record.
    enrolled(place, "boiler-2", "--replaces", "boiler")
    closing, rotation = place.path("closing.json"), place.path("rotation.json")
    handed = place.do(
        *("device", "hand-over", "--from", "boiler", "--to", "boiler-2", "--out", closing),
        *gateway,
    )
    place.write_gateway(
        "boiler-2",
        courier=f"""\
[ledger]
url = "http://127.0.0.1:{place.web_port}"
poll_s = 1
""",
    )
    place.do("device", "rotate", closing, "--out", rotation, *office)
    place.signed(rotation, "approver")
    place.submit(rotation)
    running = place.start("device", "run", *gateway)
    wait_until(lambda: _final_of(place, "boiler-2") >= 3, "no receipt of the new key is final")
    status = place.status()
    assert key_of(status, "boiler-2")["receipts"]["epoch"] == handed["closed_epoch"] + 1
    assert status["connection"]["protocol"] == "HTTP"

    # The new key is revoked at once; what it signs from then on is refused.
    kid, revocation = handed["next_kid"], place.path("revocation.json")
    place.do("device", "revoke", kid, "--out", revocation, *office)
    place.signed(revocation, "approver")
    following = Path(place.submit(revocation)["following"])
    wait_until(lambda: place.status()["dead_letters"] > 0, "nothing is refused")
    letters = place.run("device", "dead-letters", *gateway, "--json").document
    assert {letter["code"] for letter in letters} == {"admission.revoked_key"}
    assert {letter["kid"] for letter in letters} == {kid}
    place.signed(following, "approver")
    place.submit(following)
    assert place.stop(running) == 0

    listed = place.run(
        "device", "list", place.origin.usc, "--config", place.operator_config, "--json"
    )
    assert all(key["closed_at"] is not None for key in listed.document)
    fsck = place.run("log", "fsck", place.origin.usc, "--config", place.operator_config)
    assert fsck.code == 0, fsck.out


def code_of(ran: Ran) -> tuple[int, str]:
    """Give exit code and stable code of a command that was refused."""
    return ran.code, json.loads(ran.out)["code"]


def test_bad_input_changes_nothing(place: CommandLine) -> None:
    """A wrong signer, one person twice, an edited file, a passed deadline, three bad rows."""
    office = ("--config", place.office_config)
    request, edited = place.path("bad.json"), place.path("edited.json")
    size = place.do("log", "checkpoint", place.origin.usc, "--config", place.operator_config)
    place.do(
        *("device", "calibrate", "--instrument", "boiler-1", "--number", "1", "--class", "0.5"),
        *("--laboratory", "l", "--from", "2025-01-01", "--to", "2025-12-31", "--out", request),
        *office,
    )

    assert code_of(place.sign(request, "stranger")) == (1, "signing.wrong_signer")
    place.signed(request, "initiator")
    assert code_of(place.sign(request, "initiator")) == (1, "signing.signed_already")
    unfinished = place.run("device", "submit", request, *office, "--json")
    assert code_of(unfinished) == (1, "signing.incomplete")

    text = request.read_text(encoding="utf-8")
    edited.write_text(text.replace("boiler-1", "boiler-9"), encoding="utf-8")
    assert code_of(place.sign(edited, "approver")) == (1, "signing.edited")
    expired = json.loads(text) | {"deadline": "2020-01-01T00:00:00Z"}
    edited.write_text(json.dumps(expired), encoding="utf-8")
    assert code_of(place.sign(edited, "approver")) == (1, "signing.expired")

    rows = SHEET.splitlines()
    bad = [
        rows[1].replace("boiler-1", f"boiler-{n}").replace(",Wh,1,", ",Wh,x,") for n in (7, 8, 9)
    ]
    sheet, out = place.path("bad.csv"), place.path("bad-sheet.json")
    sheet.write_text("\n".join([*rows, *bad, ""]), encoding="utf-8")
    refused = place.run("device", "sheet", sheet, "--out", out, *office, "--json")
    assert refused.code == 1
    assert [each["row"] for each in refused.document["errors"]] == [3, 4, 5]
    assert not out.exists()
    after = place.do("log", "checkpoint", place.origin.usc, "--config", place.operator_config)
    assert after["size"] == size["size"]


def _final_of(place: CommandLine, name: str) -> int:
    status = place.status()
    found = [key for key in status["keys"] if key["name"] == name and key["receipts"]]
    return found[0]["receipts"].get("final", 0) if found else 0
