"""A place with settings, an enterprise's log on SQLite, and no chain that answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import main
from attestation.certificate_issuing import certificates_to_pem
from ledger.database import Database
from tests.support.database import sqlite_template, sqlite_url
from tests.support.enterprise import USC, Device, Enterprise

__all__ = ["sqlite_template", "sqlite_url"]


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process, as the installed program does."""

    def call(*arguments: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["carbonseal", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    return call


@dataclass(frozen=True)
class Place:
    """One operator's folder."""

    folder: Path
    config: Path
    enterprise: Enterprise

    @property
    def key_file(self) -> Path:
        return self.folder / "keys" / f"{USC}.pem"


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str) -> Iterator[Place]:
    """An operator who keeps one log of seven entries; its node does not answer."""
    with Database(sqlite_url) as database:
        enterprise = Enterprise(database)
        device = Device()
        enterprise.enrol(device)
        enterprise.accept(*device.row(4))
        (tmp_path / "keys").mkdir(mode=0o700)
        made = Place(tmp_path, tmp_path / "carbonseal.toml", enterprise)
        made.key_file.write_bytes(enterprise.log_key.to_pem(None))
        made.key_file.chmod(0o600)
        roots = certificates_to_pem(enterprise.root.certificate)
        (tmp_path / "roots.pem").write_bytes(roots)
        made.config.write_text(settings_text(sqlite_url), encoding="utf-8")
        yield made


def settings_text(database_url: str) -> str:
    """Give an operator's settings with this database."""
    return f"""
[database]
url = "{database_url}"
[log]
host = "log.example"
keys = "keys"
platform_roots = "roots.pem"
[chain]
rpc_url = "http://127.0.0.1:9"
chain_id = 31337
deployments = "deployments.json"
operator_keystore = "operator.json"
operator_password_file = "operator.password"
[worker]
processes = 0
"""
