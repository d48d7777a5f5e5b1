"""`carbonseal doctor`: it names what is broken with its fix, and never breaks itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attestation.certificate_issuing import certificates_to_pem, issue_root
from attestation.keys import Algorithm, SoftwareKey
from tests.support.enterprise import VALIDITY
from tests.unit.api.cli.conftest import Place, Ran, Run


def lines(ran: Ran) -> dict[str, dict[str, Any]]:
    """Give the checks by name."""
    return {each["name"]: each for each in ran.document["checks"]}


def doctor(run: Run, place: Place) -> dict[str, dict[str, Any]]:
    """Look at a place, in which the chain at least is never well."""
    ran = run("doctor", "--json", "--config", place.config)
    assert ran.code != 0
    found = lines(ran)
    assert all(each["fix"] for each in found.values() if each["state"] != "ok")
    return found


def test_parts_that_are_well(place: Place, run: Run) -> None:
    """Database, key and certificates are well while there is no deployment of the chain."""
    found = doctor(run, place)

    assert found["settings"]["state"] == "ok"
    assert found["database"]["state"] == "ok"
    assert found["key of 91350211M000100Y46"]["state"] == "ok"
    assert found["platform roots"]["state"] == "ok"
    assert found["chain"]["state"] == "problem"
    assert found["operator"]["state"] == "problem"


def test_no_settings(tmp_path: Path, run: Run) -> None:
    """Without settings nothing else can be checked, and each part says so."""
    ran = run("doctor", "--json", "--config", tmp_path / "missing.toml")

    found = lines(ran)
    assert ran.code == 1
    assert found.pop("settings")["state"] == "problem"
    assert {each["state"] for each in found.values()} == {"could not check"}


def test_empty_database(place: Place, run: Run) -> None:
    """A database without a schema is told to be upgraded."""
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(text.replace("ledger.sqlite", "empty.sqlite"), encoding="utf-8")

    found = doctor(run, place)

    assert found["database"]["state"] == "problem"
    assert "db upgrade" in found["database"]["fix"]


def test_missing_log_key(place: Place, run: Run) -> None:
    """A key that is gone is named by its enterprise."""
    place.key_file.unlink()

    assert doctor(run, place)["key of 91350211M000100Y46"]["state"] == "problem"


def test_key_of_another_log(place: Place, run: Run) -> None:
    """A good key that is not the log's would sign a second history."""
    place.key_file.write_bytes(SoftwareKey.generate(Algorithm.ED25519).to_pem(None))

    line = doctor(run, place)["key of 91350211M000100Y46"]

    assert line["state"] == "problem"
    assert "not the key of" in line["detail"]


def test_clock_before_this_program(place: Place, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that shows a time before this program was written is wrong."""
    monkeypatch.setattr("api.clock.time.time_ns", lambda: 1_700_000_000 * 10**9)

    assert doctor(run, place)["clock"]["state"] == "problem"


def test_broken_certificate_file(place: Place, run: Run) -> None:
    """A file that holds no certificate is a problem of that file alone."""
    (place.folder / "roots.pem").write_text("nothing", encoding="utf-8")

    found = doctor(run, place)

    assert found["platform roots"]["state"] == "problem"
    assert found["database"]["state"] == "ok"


def test_broker_that_does_not_answer(place: Place, run: Run) -> None:
    """A broker that is down could not be checked."""
    key = SoftwareKey.generate(Algorithm.ESP256)
    (place.folder / "tls.pem").write_bytes(
        certificates_to_pem(issue_root(key, name="test", validity=VALIDITY))
    )
    (place.folder / "tls.key").write_bytes(key.to_pem(None))
    with place.config.open("a", encoding="utf-8") as file:
        file.write(
            '[mqtt]\nhost = "127.0.0.1"\nport = 9\nca_file = "tls.pem"\n'
            'cert_file = "tls.pem"\nkey_file = "tls.key"\n'
            'slot = "CN=ledger-0,O=91350211M000100Y46"\n'
        )

    assert doctor(run, place)["broker"]["state"] == "could not check"
