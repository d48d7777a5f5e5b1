"""A server on a fresh SQLite database with one enterprise's log, and a caller of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api.access import AccessList
from api.app import create_app
from api.bootstrap import Ledger
from api.settings import Settings
from attestation.instants import Instant
from ledger.database import Database
from ledger.log.bundling import Bundler
from ledger.log.tile_cache import TileCache
from ledger.log.witnessing import UNWITNESSED
from tests.fakes.clock import FixedClock
from tests.support.database import sqlite_template, sqlite_url
from tests.support.enterprise import CHAIN, NOW, OTHER_USC, USC, Device, Enterprise

__all__ = ["sqlite_template", "sqlite_url"]


class QuietChain:
    """A chain with a head, whose node can be taken away."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.operator = SimpleNamespace(address=bytes(20))
        self.anchorer = SimpleNamespace(chain_id=CHAIN)
        self.events = self
        self.client = self
        self.codes: dict[bytes, bytes] = {}

    def code(self, address: bytes) -> bytes:
        """Give the code of a contract; keys have none."""
        return self.codes.get(address, b"")

    def final_block(self) -> tuple[int, bytes]:
        """Give the head, or fail as a node that is away does."""
        if self.fault is not None:
            raise self.fault
        return 7, bytes(32)


def settings_at(folder: Path, url: str) -> Settings:
    """Give settings whose files are not there; these tests join the parts themselves."""
    values: dict[str, Any] = {
        "database": {"url": url},
        "log": {
            "host": "log.example",
            "keys": folder / "keys",
            "platform_roots": folder / "roots.pem",
        },
        "chain": {
            "rpc_url": "http://127.0.0.1:1",
            "chain_id": 31337,
            "deployments": folder / "deployments.json",
            "operator_keystore": folder / "operator.json",
            "operator_password_file": folder / "password",
        },
    }
    return Settings(**values)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database."""
    with Database(sqlite_url) as opened:
        yield opened


@pytest.fixture
def device() -> Device:
    """A device that is enrolled."""
    return Device()


@pytest.fixture
def enterprise(database: Database, device: Device) -> Enterprise:
    """An enterprise with an enrolled device and three of its messages: entries 3 to 5."""
    found = Enterprise(database)
    found.enrol(device)
    found.accept(*device.row(3))
    return found


@pytest.fixture
def chain() -> QuietChain:
    """The chain that the server asks."""
    return QuietChain()


@pytest.fixture
def access(tmp_path: Path) -> AccessList:
    """The grants of the server."""
    return AccessList(tmp_path / "access.json")


def joined(enterprise: Enterprise, chain: QuietChain, access: AccessList, folder: Path) -> Ledger:
    """Give the ledger that a server shows, on an enterprise's database."""
    database = enterprise.database
    tiles = TileCache()
    parts = SimpleNamespace(key_of=lambda _origin: enterprise.log_key)
    unused = cast(Any, None)
    return Ledger(
        settings=settings_at(folder, str(database.engine.url)),
        clock=cast(Any, FixedClock(enterprise.now)),
        database=database,
        chain=cast(Any, chain),
        keys=cast(Any, parts),
        access=access,
        admission=enterprise.admission,
        records=enterprise.records,
        sequencer=enterprise.sequencer,
        surveyor=enterprise.surveyor,
        answering=enterprise.answering,
        anchoring=unused,
        follower=unused,
        relaying=unused,
        bundler=Bundler(
            database.reading, UNWITNESSED, platform_root=enterprise.root.certificate, cache=tiles
        ),
        tiles=tiles,
        policy=UNWITNESSED,
        _stack=ExitStack(),
    )


@pytest.fixture
def ledger(enterprise: Enterprise, chain: QuietChain, access: AccessList, tmp_path: Path) -> Ledger:
    """The ledger that the server shows."""
    return joined(enterprise, chain, access, tmp_path)


@pytest.fixture
def client(ledger: Ledger) -> TestClient:
    """A caller without a token."""
    return TestClient(create_app(ledger), raise_server_exceptions=False)


@pytest.fixture
def granted(access: AccessList) -> dict[str, str]:
    """The header of a caller who may read the enterprise's entries."""
    token = access.grant("verifier", [USC], Instant(NOW + 1000))
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def elsewhere(access: AccessList) -> dict[str, str]:
    """The header of a caller who may read another enterprise's entries only."""
    token = access.grant("neighbour", [OTHER_USC], Instant(NOW + 1000))
    return {"authorization": f"Bearer {token}"}
