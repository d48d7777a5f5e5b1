"""A server on a fresh database where people of every role are registered, and nothing else is."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.access import AccessList
from api.app import create_app
from api.bootstrap import Ledger
from api.cli.run import make_server
from api.clock import SystemClock
from api.logs import configure_logs
from api.settings import Settings
from ledger.database import Database
from ledger.log.tile_cache import TileCache
from ledger.log.witnessing import UNWITNESSED
from tests.fakes.clock import FixedClock
from tests.support.access import OWNER, PEOPLE, WATCH, register
from tests.support.database import sqlite_template
from tests.support.enterprise import NOW

__all__ = ["sqlite_template"]


class NoContracts:
    """A node on whose chain a few addresses are contracts that sign what they are told to."""

    def __init__(self) -> None:
        self.codes: dict[bytes, bytes] = {}
        self.answers: dict[bytes, bytes] = {}
        self.asked: list[bytes] = []

    def code(self, address: bytes) -> bytes:
        """Give the code of a contract; keys have none."""
        return self.codes.get(address, b"")

    def call(self, to: bytes, data: bytes) -> bytes:
        """Answer what the contract answers."""
        self.asked.append(data)
        return self.answers[to]


@pytest.fixture(scope="session")
def peopled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with every party, to copy."""
    path = tmp_path_factory.mktemp("peopled") / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as opened:
        register(opened, OWNER, *PEOPLE)
    return path


@pytest.fixture
def database(peopled: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database with every party."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(peopled, path)
    with Database(f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture
def node() -> NoContracts:
    """The node that the server asks."""
    return NoContracts()


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    """Settings with an oversight; files that these tests do not read are not there."""
    values: dict[str, Any] = {
        "database": {"url": str(database.engine.url)},
        "log": {
            "host": "log.example",
            "keys": tmp_path / "keys",
            "platform_roots": tmp_path / "roots.pem",
        },
        "chain": {
            "rpc_url": "http://127.0.0.1:1",
            "chain_id": 31337,
            "deployments": tmp_path / "deployments.json",
            "operator_keystore": tmp_path / "operator.json",
            "operator_password_file": tmp_path / "password",
        },
        "auth": {"oversight": [WATCH.code]},
    }
    return Settings(**values)


@pytest.fixture
def ledger(database: Database, node: NoContracts, settings: Settings, tmp_path: Path) -> Ledger:
    """The ledger behind the server: what is not asked for here is not there."""
    parts: dict[str, Any] = {each.name: None for each in fields(Ledger)}
    parts |= {
        "settings": settings,
        "clock": FixedClock(NOW),
        "database": database,
        "chain": SimpleNamespace(client=node),
        "access": AccessList(tmp_path / "access.json"),
        "tiles": TileCache(),
        "policy": UNWITNESSED,
        "_stack": ExitStack(),
    }
    return Ledger(**parts)


@pytest.fixture
def client(ledger: Ledger) -> TestClient:
    """A caller who shows nothing."""
    return TestClient(create_app(ledger), raise_server_exceptions=False)


@pytest.fixture
def served(ledger: Ledger) -> Iterator[str]:
    """The address of the server, listening, at the time of this machine."""
    configure_logs(level="ERROR")  # commands print where the server would log
    cast(FixedClock, ledger.clock).instant = SystemClock().now()
    listening = socket.create_server(("127.0.0.1", 0))
    port: int = listening.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = make_server(create_app(ledger, address=address), "127.0.0.1", port)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield address
    server.should_exit = True
    thread.join(timeout=30)
