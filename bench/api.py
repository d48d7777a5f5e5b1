"""
The HTTP server under load: how long callers wait, by what they ask.

The server runs as `carbonseal serve` starts it, on one process; callers are processes of their own,
each with one connection that it keeps. The limit is `/healthz` under the same load: the server and
the framework, without the ledger.
"""

from __future__ import annotations

import logging
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import structlog

from api.access import AccessList
from api.app import create_app
from api.cli.run import make_server
from attestation.instants import Instant
from bench import material
from bench.calling import ask
from bench.measuring import Row, Say, percentile
from ledger import migrations
from ledger.database import Database
from tests.integration.api.conftest import QuietChain, joined
from tests.support.enterprise import NOW, SERIES, USC, Device, Enterprise

_CALLERS: Final = 4
_LOG: Final = f"/v1/logs/{USC}"
_FLOOR: Final = "process lives"
_ASKED: Final = {
    _FLOOR: "/healthz",
    "checkpoint": f"/log/{USC}/checkpoint",
    "log with its anchor": _LOG,
    "inclusion proof": f"{_LOG}/proofs/inclusion?index=40",
    "entry": f"{_LOG}/entries/40",
    "evidence bundle": f"{_LOG}/entries/40/bundle",
    "load curve of a day": f"{_LOG}/energy/curve?series={SERIES}&period=2025-01-01&by=hour",
    "page of events": f"{_LOG}/events?limit=100",
    "factors by words": "/v1/factors?text=diesel&limit=20",
}


def run(say: Say, *, quick: bool) -> list[Row]:
    """Ask each operation from several callers at once, on both databases."""
    count = 25 if quick else 400
    rows: list[Row] = []
    with material.postgresql() as cluster, material.sqlite_url() as sqlite:
        urls = {"PostgreSQL": material.postgresql_url(cluster, "api"), "SQLite": sqlite}
        for kind, url in urls.items():
            say(f"{kind}: filling a log")
            with _served(url) as (address, token):
                rows += _rows(say, kind, address, token, count)
    return rows


def _rows(say: Say, kind: str, address: str, token: str, count: int) -> Iterator[Row]:
    floor: dict[int, float] = {}
    with ProcessPoolExecutor(_CALLERS, mp_context=get_context("forkserver")) as pool:
        list(pool.map(ask, *zip(*[(address, token, "/healthz", 5)] * _CALLERS, strict=True)))
        for name, path in _ASKED.items():
            say(f"{kind}: {name}")
            begun = time.perf_counter()
            orders = [(address, token, path, count)] * _CALLERS
            waits = [each for found in pool.map(ask, *zip(*orders, strict=True)) for each in found]
            rate = len(waits) / (time.perf_counter() - begun)
            found = {each: percentile(waits, each) for each in (50, 95, 99)}
            if name == _FLOOR:
                floor = found
            remark = (
                f"p50 {found[50]:.1f}, p95 {found[95]:.1f} ms; {rate:.0f}/s, {_CALLERS} callers"
            )
            yield Row(f"{kind}, {name}, p99", found[99], "ms", floor[99], "/healthz", remark=remark)


@contextmanager
def _served(url: str) -> Iterator[tuple[str, str]]:
    """Serve a log of a day's messages; give the address and a token that reads it."""
    # The line of each request is not written: a terminal is slower than the server.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as name, Database(url) as database:
        folder = Path(name)
        migrations.upgrade(database.engine)
        enterprise, device = Enterprise(database), Device()
        enterprise.enrol(device)
        enterprise.accept(*device.row(90))
        access = AccessList(folder / "access.json")
        token = access.grant(uuid.uuid4().hex, [USC], Instant(NOW + 3_600_000))
        ledger = joined(enterprise, QuietChain(), access, folder)
        # The limits of callers are measured elsewhere; here they would hold the load back.
        ledger.settings.web.__dict__.update(
            caller_per_s=100_000, caller_burst=1_000_000, open_proofs=1_000, open_bundles=1_000
        )
        with _listening(create_app(ledger)) as address:
            yield address, token


@contextmanager
def _listening(app: Any) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = make_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
