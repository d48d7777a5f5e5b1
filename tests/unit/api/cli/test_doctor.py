"""`carbonseal doctor`: it names what is broken with its fix, and never breaks itself."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.bootstrap import open_database
from api.cli.doctor import _SHOWN
from api.cli.doctor_checks import disk
from api.notices.sealing import SealFile, seal_stored
from api.settings import load_settings
from attestation.certificate_issuing import certificates_to_pem, issue_root
from attestation.instants import MILLISECONDS_PER_DAY, Instant
from attestation.keys import Algorithm, SoftwareKey
from ledger.repositories.requests import StoredSecret
from ledger.repositories.webhooks import Webhook
from tests.support.enterprise import VALIDITY, Device
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


def test_key_of_the_endpoints_secrets(place: Place, run: Run) -> None:
    """Secrets in the clear, a missing file, another's and one that others may read are named."""
    settings = load_settings(place.config)
    file = SealFile(settings)
    endpoint = Webhook(0, "A", "https://a.example/", (), "", True, "", 0, 0, Instant(1))
    with open_database(settings) as database:
        with database.unit_of_work() as uow:
            number = uow.webhooks.add(endpoint)
            uow.webhooks.add_secret(number, StoredSecret(bytes(32), None), at=Instant(1))
            uow.commit()
        clear = doctor(run, place)["webhook key"]
        assert seal_stored(settings, database) == 1
    sealed = doctor(run, place)["webhook key"]
    file.path.chmod(0o640)
    shown = doctor(run, place)["webhook key"]
    file.path.write_text("22" * 32, encoding="utf-8")
    other = doctor(run, place)["webhook key"]
    file.path.unlink()
    missing = doctor(run, place)["webhook key"]

    assert (sealed["state"], sealed["fix"]) == ("ok", None)
    for line, said in (
        (clear, "1 secrets of endpoints stand in the clear"),
        (shown, "others may read"),
        (other, "is not the key of every sealed secret"),
        (missing, "there is no"),
    ):
        assert line["state"] == "problem"
        assert said in line["detail"]


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


def test_missing_database_is_not_made(place: Place, run: Run) -> None:
    """Looking for a database does not leave an empty one behind."""
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(text.replace("ledger.sqlite", "empty.sqlite"), encoding="utf-8")

    doctor(run, place)

    assert not (place.folder / "empty.sqlite").exists()


def test_disk_with_room(place: Place, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Database and keys each have their line, with the room there is."""
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(total=2**40, free=2**35))

    found = doctor(run, place)

    for name in ("disk of the database", "disk of the log keys"):
        assert found[name]["state"] == "ok"
        assert "32,768 MiB of 1,048,576 free" in found[name]["detail"]


def test_disk_that_is_nearly_full(place: Place, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte less than must be free is a problem."""
    free = 2 * 2**30 - 1
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(total=2**40, free=free))

    assert doctor(run, place)["disk of the database"]["state"] == "problem"


def test_disk_that_cannot_be_looked_at(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that says nothing is not said to be full, nor to have room."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("shutil.disk_usage", refuse)

    assert doctor(run, place)["disk of the database"]["state"] == "could not check"


def test_disk_of_another_machine(place: Place, run: Run) -> None:
    """What is on the database's server cannot be seen from here, and that is said."""
    text = place.config.read_text(encoding="utf-8")
    line = next(each for each in text.splitlines() if each.startswith("url = "))
    there = 'url = "postgresql://ledger@db.example/ledger"'
    place.config.write_text(text.replace(line, there), encoding="utf-8")

    assert _disk_line(place)["state"] == "could not check"


def _disk_line(place: Place) -> dict[str, str]:
    (line, *_) = disk(load_settings(place.config))
    return {"name": line.name, "state": _SHOWN[line.outcome]}


def test_device_certificates_that_last(place: Place, run: Run) -> None:
    """Keys in use are counted for each log, with the first end."""
    line = doctor(run, place)["devices of 91350211M000100Y46"]

    assert line["state"] == "ok"
    assert "1 keys, valid until 2040-01-01" in line["detail"]


def test_device_certificate_that_ends_soon(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month before the end the key is named, so that it can be rotated in time."""
    soon = (VALIDITY.not_after - 29 * MILLISECONDS_PER_DAY) * 1_000_000
    monkeypatch.setattr("api.clock.time.time_ns", lambda: soon)

    line = doctor(run, place)["devices of 91350211M000100Y46"]

    assert line["state"] == "problem"
    assert Device().kid.hex()[:16] in line["fix"]


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
