"""
A month's evidence by the command line alone: collected, signed, handed in, anchored, given back.

On a real chain, with the server and the worker as processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.inventory.replica import Replica
from tests.support.command_line import CommandLine, command_line

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("command-line"), pytest.mark.timeout(1800)]

MONTH = "2026-10"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A place with an open log that keeps documents and lets them be read."""
    with command_line(tmp_path_factory.mktemp("evidence")) as made:
        text = made.operator_config.read_text(encoding="utf-8")
        text = text.replace("[web]\n", '[web]\naccess_file = "access.json"\n')
        text += '[documents]\nkeys = "document-keys"\n'
        made.operator_config.write_text(text, encoding="utf-8")
        made.open_log()
        yield made


@dataclass(frozen=True)
class Filed:
    """What the commands said of a month, from a sheet on a desk to an anchored manifest."""

    sheet: Path
    checked: Any
    added: Any
    month: Any


@pytest.fixture(scope="module")
def filed(place: CommandLine) -> Filed:
    """A month that is collected, signed, handed in and anchored."""
    usc, operator = place.origin.usc, ("--config", place.operator_config)
    forms, manifest, request = (place.path(name) for name in ("forms", "m.json", "request.json"))
    place.do("evidence", "templates", "--out", forms)
    sheet = place.path("fuel.csv")
    row = f"{MONTH}-01,u1,烟煤,100,10,9.5,,,100.5,,,\n"
    sheet.write_bytes((forms / "fuel-ledger.csv").read_bytes() + row.encode())
    checked = place.do("evidence", "check", sheet, "--form", "fuel-ledger")
    added = place.do(
        *("evidence", "add", usc, MONTH, sheet, "--kind", "fuel-use", "--form", "fuel-ledger"),
        *operator,
    )
    place.do("evidence", "manifest", usc, MONTH, "--out", manifest, *operator)
    place.do("evidence", "hand-in", manifest, "--config", place.office_config, "--out", request)
    place.signed(request, "approver")
    place.submit(request)
    month = place.do("evidence", "month", usc, MONTH, *operator)
    return Filed(sheet, checked, added, month)


def test_month_is_collected_signed_and_anchored(place: CommandLine, filed: Filed) -> None:
    """From a sheet on a desk to a manifest under a final anchor, whose time is known."""
    usc, back = place.origin.usc, place.path("back.csv")
    name = filed.added["sha256"]
    place.do("evidence", "document", usc, name, "--out", back, "--config", place.operator_config)

    assert filed.checked["months"][0]["consumed"] == "9.5 t"
    assert (filed.month["state"], filed.month["manifests"]) == ("anchored", 1)
    assert filed.month["in_time"] is not None
    assert sha256(back.read_bytes()).hexdigest() == name
    assert back.read_bytes() == filed.sheet.read_bytes()


def test_everything_is_copied_and_proved_on_another_machine(
    place: CommandLine, filed: Filed
) -> None:
    """Log, chain events and the document in a mirror; a raw export that holds with a node."""
    usc, operator = place.origin.usc, ("--config", place.operator_config)
    token, mirror, export = (place.path(name) for name in ("token", "mirror", "export"))
    granted = place.do("access", "grant", "verifier", "--usc", usc, *operator)
    token.write_text(granted["token"], encoding="ascii")
    copied = place.do(
        *("mirror", f"http://127.0.0.1:{place.web_port}/log/{usc}", "--vkey", place.vkey),
        *("--out", mirror, "--token-file", token, "--accounting"),
        *("--rpc", place.rpc_url, "--deployments", place.path("deployments.json")),
    )
    place.do("export", "range", usc, "--from", 0, "--to", 1, "--out", export, *operator)
    checked = place.do("export", "verify", export, "--trust", place.trust, "--rpc", place.rpc_url)
    with Replica(mirror) as replica, replica.database.reading() as uow:
        name = bytes.fromhex(filed.added["sha256"])
        document = replica.documents.load(uow, usc, name)
        party = uow.parties.by_code(usc)

    assert (copied["alerts"], copied["unread"], copied["pieces"]) == ([], 0, 1)
    assert copied["chain_events"] > 0
    assert document == filed.sheet.read_bytes()
    assert party is not None
    assert checked["outcome"] == "held"
