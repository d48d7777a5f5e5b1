"""`carbonseal disclose` on the ledger's own machine: files, links, and links taken back."""

from __future__ import annotations

from pathlib import Path

from attestation.bundle import parse_bundle
from tests.support.enterprise import USC
from tests.unit.api.cli.conftest import Place, Run

MESSAGE = 3


def test_message_is_written_as_a_file(place: Place, run: Run, tmp_path: Path) -> None:
    """The bundle of that message, whole."""
    out = tmp_path / "one.carbonseal.json"
    ran = run("disclose", "message", USC, MESSAGE, "--out", out, "--config", place.config)

    assert ran.code == 0, ran.err
    message = parse_bundle(out.read_bytes()).message
    assert message is not None
    assert message.index == MESSAGE


def test_link_is_made_listed_and_taken_back(place: Place, run: Run) -> None:
    """The token is shown once, and after that nobody opens it."""
    at = ("--config", place.config)
    made = run("disclose", "message", USC, MESSAGE, "--for", "客户", "--days", 3, *at, "--json")
    assert made.code == 0, made.err
    assert made.document["path"].startswith("/d/csd_")

    (row,) = run("disclose", "list", USC, *at, "--json").document
    assert (row["for"], row["openings"], row["is_open"]) == ("客户", 0, True)
    assert made.document["path"] not in run("disclose", "list", USC, *at).out
    gone = run("disclose", "revoke", USC, row["id"], *at, "--json")
    assert gone.document["is_open"] is False
    assert "no" in run("disclose", "list", USC, *at).out


def test_link_is_for_somebody(place: Place, run: Run) -> None:
    """Neither a file nor a name: a wrong command."""
    ran = run("disclose", "message", USC, MESSAGE, "--config", place.config)

    assert ran.code == 2
    assert "--for" in ran.err


def test_what_is_not_there_is_not_disclosed(place: Place, run: Run) -> None:
    """Beyond the log, a record, another enterprise's link."""
    at = ("--config", place.config)
    for index in (99, 0):
        assert run("disclose", "message", USC, index, "--for", "x", *at).code != 0
    assert run("disclose", "revoke", USC, "00" * 8, *at, "--json").document["code"] == (
        "disclosure.unknown"
    )
