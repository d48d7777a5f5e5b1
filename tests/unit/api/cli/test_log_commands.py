"""Commands about one log, on a small log in SQLite."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from attestation.bundle import parse_bundle
from attestation.eip712 import address_of
from tests.support.enterprise import APPROVER, OTHER_USC, USC
from tests.unit.api.cli.conftest import Place, Run


def test_fsck_of_a_sound_log_without_the_chain(place: Place, run: Run) -> None:
    """Everything here holds; the chain was left out, so the whole could not be checked."""
    ran = run(
        *("log", "fsck", USC, "--signatures", "--offline", "--json", "--config", place.config)
    )

    outcomes = {each["name"]: each["outcome"] for each in ran.document["checks"]}
    assert ran.code == 3
    assert outcomes.pop("chain") == "could_not_check"
    assert set(outcomes.values()) == {"held"}
    assert {"entries", "tiles", "checkpoints", "messages", "signatures"} <= outcomes.keys()


def test_fsck_finds_a_changed_message(place: Place, run: Run, sqlite_url: str) -> None:
    """One byte changed behind the ledger's back is found, and the entry named."""
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        triggers = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'message'"
        ).fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        admission, content = connection.execute(
            "SELECT admission_id, content FROM message ORDER BY admission_id DESC LIMIT 1"
        ).fetchone()
        changed = content[:-1] + bytes([content[-1] ^ 1])
        connection.execute(
            "UPDATE message SET content = ? WHERE admission_id = ?", (changed, admission)
        )
    connection.close()

    ran = run("log", "fsck", USC, "--offline", "--json", "--config", place.config)

    assert ran.code == 1
    assert any(each["resource"] == "entry 6" for each in ran.document["findings"])


def test_crosscheck_agrees(place: Place, run: Run) -> None:
    """The other library finds the root that was signed, and the same proofs."""
    ran = run("log", "crosscheck", USC, "--json", "--config", place.config)

    assert ran.code == 0
    assert (ran.document["size"], ran.document["proofs"]) == (7, 7)


def test_rebuild_comes_to_the_same_root(place: Place, run: Run) -> None:
    """Tiles derived again make the tree that was signed."""
    with place.enterprise.database.reading() as uow:
        root = uow.heads.get(place.enterprise.log.number).root.hex()

    ran = run("log", "rebuild", USC, "--survey", "--json", "--config", place.config)

    assert ran.code == 0
    assert (ran.document["root"], ran.document["surveyed"]) == (root, 7)


def test_rebuild_is_a_command_of_its_own(place: Place, run: Run) -> None:
    """`carbonseal rebuild` does what `carbonseal log rebuild` does."""
    ours = run("rebuild", USC, "--json", "--config", place.config)
    logs = run("log", "rebuild", USC, "--json", "--config", place.config)

    assert (ours.code, ours.document) == (0, logs.document)


def test_every_log_is_rebuilt(place: Place, run: Run) -> None:
    """Each log that is kept here, with what its readings add up to."""
    run("log", "open", OTHER_USC, "--config", place.config)

    ran = run("rebuild", "--all", "--survey", "--json", "--config", place.config)

    logs = ran.document["logs"]
    assert ran.code == 0
    assert [(each["size"], each["surveyed"]) for each in logs] == [(7, 7), (0, 0)]


def test_log_that_refuses_does_not_keep_the_others_from_it(
    place: Place, run: Run, sqlite_url: str
) -> None:
    """One log's entries were changed: it is named, the other is rebuilt, and the command fails."""
    run("log", "open", OTHER_USC, "--config", place.config)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER guard_message_update")
        connection.execute(
            "UPDATE message SET content = CAST(content || 'x' AS BLOB) WHERE admission_id = 1"
        )
    connection.close()

    ran = run("rebuild", "--all", "--json", "--config", place.config)

    broken, sound = ran.document["logs"]
    assert ran.code == 1
    assert (broken["code"], sound["size"]) == ("log.fork_detected", 0)


@pytest.mark.parametrize("arguments", [(), (USC, "--all")], ids=["none", "both"])
def test_rebuild_is_told_what(place: Place, run: Run, arguments: tuple[str, ...]) -> None:
    """One log or all of them, never by accident."""
    assert run("rebuild", *arguments, "--config", place.config).code == 2


def test_nothing_is_forgotten_where_the_chain_does_not_answer(place: Place, run: Run) -> None:
    """What the chain says is read again only from a node that answers."""
    with place.enterprise.database.reading() as uow:
        before = uow.parties.speaking(bytes.fromhex(address_of(APPROVER)[2:]), at_s=1)

    ran = run("rebuild", "--all", "--from-chain", "--config", place.config)

    with place.enterprise.database.reading() as uow:
        after = uow.parties.speaking(bytes.fromhex(address_of(APPROVER)[2:]), at_s=1)
    assert ran.code != 0
    assert before == after and after


def test_bundle_is_written(place: Place, run: Run, tmp_path: Path) -> None:
    """The bundle of a message stands in the file, and is known not to be anchored yet."""
    out = tmp_path / "made.carbonseal.json"

    ran = run("log", "bundle", USC, 3, "--out", out, "--json", "--config", place.config)

    assert ran.code == 0
    assert ran.document["anchored"] is False
    assert parse_bundle(out.read_bytes()).message is not None


def test_open_makes_key_and_log_once(place: Place, run: Run) -> None:
    """A log is opened once; the second time says that it is open."""
    arguments = ("log", "open", OTHER_USC, "--json", "--config", place.config)

    first = run(*arguments)
    second = run(*arguments)

    assert first.code == 0
    assert (place.folder / "keys" / f"{OTHER_USC}.pem").stat().st_mode & 0o777 == 0o600
    assert second.code == 2


def test_successor_is_not_opened_out_of_nothing(place: Place, run: Run) -> None:
    """A second log begins with the record that names the first; no key is made for it before."""
    ran = run("log", "open", f"{USC}-2", "--config", place.config)

    assert ran.code == 2
    assert [each.name for each in (place.folder / "keys").iterdir()] == [f"{USC}.pem"]


def test_unknown_log_names_the_next_step(place: Place, run: Run) -> None:
    """A log that is not kept here ends the command with what to do."""
    ran = run("log", "checkpoint", OTHER_USC, "--config", place.config)

    assert ran.code == 1
    assert "log.unknown" in ran.err
    assert "next:" in ran.err


def test_checkpoint_is_printed_as_published(place: Place, run: Run) -> None:
    """The note comes out byte for byte."""
    ran = run("log", "checkpoint", USC, "--config", place.config)

    with place.enterprise.database.reading() as uow:
        newest = uow.checkpoints.newest(place.enterprise.log.number)
    assert newest is not None
    assert (ran.code, ran.out) == (0, newest.note)


def test_devices_are_listed(place: Place, run: Run) -> None:
    """The enrolled key is shown with its series."""
    ran = run("device", "list", USC, "--json", "--config", place.config)

    (key,) = ran.document
    assert key["closed_at"] is None
    assert key["series"] == ["em-01/energy/total/"]


def test_events_are_shown(place: Place, run: Run) -> None:
    """All of them, those after one, those of one kind."""
    everything = run("log", "events", USC, "--json", "--config", place.config).document
    command = ("log", "events", USC, "--json", "--config", place.config)
    after = run(*command, "--after", everything[2]["id"]).document
    records = run(*command, "--kind", "record").document
    text = run("log", "events", USC, "--kind", "record", "--config", place.config)

    assert after == everything[3:]
    assert [each["body"]["type"] for each in records] == ["ca", "series", "key"]
    assert [line.split()[2] for line in text.out.splitlines()] == ["record"] * 3


def test_events_of_an_unknown_log_are_not_shown(place: Place, run: Run) -> None:
    """No log of this enterprise is kept here."""
    assert run("log", "events", OTHER_USC, "--json", "--config", place.config).code == 1
