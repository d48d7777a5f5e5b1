"""
A browser, a server that listens, and a chain with the parties of a case: one of each.

The pages are asked for as people ask for them; the wallet is a key of the test's, behind the
interface that wallets have (EIP-1193).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.access import AccessList
from api.app import create_app
from api.bootstrap import Ledger
from api.chain_side import LedgerRelay, final_events
from api.cli.run import make_server
from api.clock import SystemClock
from api.logs import configure_logs
from api.settings import Settings
from chain.client import ChainClient
from chain.finality import Instant as InstantFinality
from chain.keys import AccountSigner
from chain.relay import ChainRelay
from chain.transactions import TransactionSender
from ledger import migrations
from ledger.database import Database
from ledger.log.parties import PartyFollower
from ledger.log.tile_cache import TileCache
from ledger.log.witnessing import UNWITNESSED
from ledger.relay.relaying import Relaying
from tests.browser.visitor import Visitor, Visits
from tests.support.agreements import Agreement
from tests.support.chain import running_world

CHROMIUM = Path("/usr/bin/chromium")


@dataclass(frozen=True)
class Place:
    """A server at its address, and the case that its chain has."""

    address: str
    case: Agreement
    ledger: Ledger


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server that relays, whose worker runs beside it."""
    folder = tmp_path_factory.mktemp("browser")
    with ExitStack() as stack:
        world = stack.enter_context(running_world(folder / "chain"))
        case = Agreement.begin(world)
        database = stack.enter_context(Database(f"sqlite:///{folder / 'ledger.sqlite'}"))
        migrations.upgrade(database.engine)
        payer = world.funded()
        ledger = _ledger(folder, database, case, _relay(world.client, case, payer))
        # A client of its own: one client serves one thread.
        client = stack.enter_context(ChainClient(world.chain.rpc_url))
        relay = cast(Any, _relay(client, case, payer))
        relaying = Relaying(database.unit_of_work, database.reading, relay)
        stack.enter_context(_working(relaying, ledger))
        address = stack.enter_context(_served(ledger))
        yield Place(address, case, ledger)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's browser, without a window."""
    assert CHROMIUM.exists(), "Chromium is needed, which `make system` installs"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(place: Place, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """What lets a person visit the server; afterwards nobody had a fault to read."""
    configure_logs(level="CRITICAL")  # undone after each test
    with Visits(chromium, place.address) as visits:
        yield visits.begin
        visits.require_clean()


def _ledger(folder: Path, database: Database, case: Agreement, relay: LedgerRelay) -> Ledger:
    world = case.world
    events = final_events(world.client, world.deployment, InstantFinality())
    follower = PartyFollower(database.unit_of_work, database.reading, events)
    follower.follow()
    settings: dict[str, Any] = {
        "database": {"url": str(database.engine.url)},
        "log": {"host": "log.example", "keys": folder, "platform_roots": folder / "roots.pem"},
        "chain": {
            "rpc_url": world.chain.rpc_url,
            "chain_id": world.chain_id,
            "deployments": folder / "deployments.json",
            "operator_keystore": folder / "operator.json",
            "operator_password_file": folder / "password",
        },
    }
    chain = SimpleNamespace(
        client=world.client, deployment=world.deployment, relay=relay, events=events
    )
    parts: dict[str, Any] = {each.name: None for each in fields(Ledger)} | {
        "settings": Settings(**settings),
        "clock": SystemClock(),
        "database": database,
        "chain": chain,
        "access": AccessList(folder / "access.json"),
        "follower": follower,
        "tiles": TileCache(),
        "policy": UNWITNESSED,
        "_stack": ExitStack(),
    }
    return Ledger(**parts)


def _relay(client: ChainClient, case: Agreement, payer: AccountSigner) -> LedgerRelay:
    sender = TransactionSender(client, payer, chain_id=case.world.chain_id)
    return LedgerRelay(ChainRelay(client, sender, InstantFinality()))


@contextmanager
def _working(relaying: Relaying, ledger: Ledger) -> Iterator[None]:
    """Carry acts to the chain until the end, as the worker does."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(0.05):
            relaying.step(ledger.clock.now())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(timeout=30)


@contextmanager
def _served(ledger: Ledger) -> Iterator[str]:
    """Listen on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    port: int = listening.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = make_server(create_app(ledger, address=address), "127.0.0.1", port)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=30)
