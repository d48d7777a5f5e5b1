"""Leaving and arriving by the command line, from one place's settings to another's."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from attestation.keys import SoftwareKey
from ledger.repositories.actions import ActionFilter
from tests.support.enterprise import USC
from tests.unit.api.cli.conftest import Place, Run, settings_text


@pytest.fixture
def elsewhere(place: Place, sqlite_template: Path, tmp_path: Path) -> Path:
    """Settings of another operator, under another host, with an empty ledger."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "ledger.sqlite")
    shutil.copyfile(place.folder / "roots.pem", folder / "roots.pem")
    config = folder / "carbonseal.toml"
    text = settings_text(f"sqlite:///{folder / 'ledger.sqlite'}").replace(
        "log.example", "other.example"
    )
    config.write_text(text, encoding="utf-8")
    return config


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """A file with the password that the log's key travels under."""
    path = tmp_path / "password"
    path.write_text("of the key on its way\n")
    return path


def test_log_moves_with_its_key(place: Place, run: Run, elsewhere: Path, password: Path) -> None:
    """Frozen here, active there under its old name, with the same root and key."""
    out = place.folder / "parcel"
    key = ("--log-key-password-file", password)
    left = run("leave", "export", USC, "--out", out, *key, "--config", place.config, "--json")
    vkey = ("--vkey", left.document["vkey"])
    came = run("leave", "import", out, *vkey, *key, "--config", elsewhere, "--json")
    here = run("log", "list", "--config", place.config, "--json").document[0]
    there = run("log", "list", "--config", elsewhere, "--json").document[0]
    check = run("log", "fsck", USC, "--signatures", "--offline", "--config", elsewhere)

    assert (left.code, came.code, check.code) == (0, 0, 3), (left.err, came.err, check.out)
    assert came.document["root"] == left.document["root"] == there["root"]
    assert (here["state"], there["state"]) == ("frozen", "active")
    assert there["origin"] == here["origin"] == f"log.example/log/{USC}"
    moved = elsewhere.parent / "keys" / f"{USC}.pem"
    key_there = SoftwareKey.from_pem(moved.read_bytes(), None)
    assert key_there.public_key == place.enterprise.log_key.public_key
    assert stat.S_IMODE(moved.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in (out / "log.pem").read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    with place.enterprise.database.reading() as uow:
        noted = uow.actions.listed(ActionFilter(usc=USC))
    assert [each.body.what for each in noted] == ["log.leave"]


def test_copy_without_the_key_leaves_the_log_running(
    place: Place, run: Run, elsewhere: Path
) -> None:
    """Taking one's data along is no leaving: nothing is frozen here, nothing goes on there."""
    out = place.folder / "parcel"
    left = run("leave", "export", USC, "--out", out, "--config", place.config, "--json")
    vkey = ("--vkey", left.document["vkey"])
    came = run("leave", "import", out, *vkey, "--config", elsewhere, "--json")
    here = run("log", "list", "--config", place.config, "--json").document[0]

    assert (here["state"], came.document["state"]) == ("active", "frozen")
    assert not (out / "log.pem").exists()


def test_wrong_password_or_key_takes_nothing_in(
    place: Place, run: Run, elsewhere: Path, password: Path
) -> None:
    """Neither the log nor its key arrives."""
    out = place.folder / "parcel"
    key = ("--log-key-password-file", password)
    left = run("leave", "export", USC, "--out", out, *key, "--config", place.config, "--json")
    vkey = ("--vkey", left.document["vkey"])
    password.write_text("another")
    wrong_password = run("leave", "import", out, *vkey, *key, "--config", elsewhere)
    (out / "log.pem").write_bytes(SoftwareKey.from_seed(bytes(32)).to_pem(b"another"))
    wrong_key = run("leave", "import", out, *vkey, *key, "--config", elsewhere)

    assert (wrong_password.code, wrong_key.code) == (2, 2)
    assert run("log", "list", "--config", elsewhere, "--json").document == []
    assert not (elsewhere.parent / "keys").exists()


def test_parcel_is_not_written_over(place: Place, run: Run) -> None:
    """A folder that holds something stays as it is."""
    out = place.folder / "parcel"
    out.mkdir()
    (out / "mine").write_text("mine")

    assert run("leave", "export", USC, "--out", out, "--config", place.config).code == 2
    assert [each.name for each in out.iterdir()] == ["mine"]
