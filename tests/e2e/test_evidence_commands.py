"""
A month's evidence by the command line alone: collected, signed, handed in, anchored, given back.

On a real chain, with the server and the worker as processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.support.command_line import CommandLine, command_line

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("command-line"), pytest.mark.timeout(1800)]

MONTH = "2026-10"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A place with an open log that keeps documents."""
    with command_line(tmp_path_factory.mktemp("evidence")) as made:
        with made.operator_config.open("a", encoding="utf-8") as config:
            config.write('[documents]\nkeys = "document-keys"\n')
        made.open_log()
        yield made


def test_month_is_collected_signed_and_anchored(place: CommandLine) -> None:
    """From a sheet on a desk to a manifest under a final anchor, whose time is known."""
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
    back = place.path("back.csv")
    place.do("evidence", "document", usc, added["sha256"], "--out", back, *operator)

    assert checked["months"][0]["consumed"] == "9.5 t"
    assert (month["state"], month["manifests"]) == ("anchored", 1)
    assert month["in_time"] is not None
    assert sha256(back.read_bytes()).hexdigest() == added["sha256"]
    assert back.read_bytes() == sheet.read_bytes()
