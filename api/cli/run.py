"""Commands that run until they are stopped: the demonstration, the server, the worker."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.bootstrap import open_ledger
from api.cli.listening import listening
from api.cli.output import DID_NOT_HOLD, console
from api.cli.places import Config
from api.cli.signals import stop_on_signals
from api.collector import collector_spared
from api.demo.screen import Screen, run_demo
from api.demo.world import ear_of
from api.errors import ConfigurationError
from api.logs import configure_logs
from api.settings import load_settings
from api.steps import worker_steps
from api.worker import Worker
from ledger.log.start_check import check_logs


def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the checks; exit code 0 if all held.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the demonstration lives.")] = Path(
        ".carbonseal/demo"
    ),
    reset: Annotated[bool, typer.Option(help="Begin anew.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
    network: Annotated[
        bool, typer.Option(help="On four Clique signers, whose seals a bundle proves offline.")
    ] = False,
    readings: Annotated[
        Path | None, typer.Option(help="A real meter's CSV file, imported beside the simulation.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="How to understand it; see docs/meters.md.")
    ] = None,
) -> None:
    """Play the whole path on this machine: meters, broker, log, chain, frauds, offline proof."""
    configure_logs(level="ERROR")
    if (readings is None) != (mapping is None):
        raise ConfigurationError("--readings and --mapping go together")
    files = (readings, mapping) if readings is not None and mapping is not None else None
    world, story, proof, held = run_demo(folder, console, reset=reset, network=network, files=files)
    with world:
        if leave or not held:
            story.close()
            raise SystemExit(0 if held else DID_NOT_HOLD)
        port = _usable(port)
        app = create_app(story.ledger, address=f"http://127.0.0.1:{port}")
        server = make_server(app, "127.0.0.1", port)
        Screen(console).next_steps(world, proof, f"http://127.0.0.1:{server.config.port}")
        story.start_worker()
        server.run()
        story.close()


def serve(config: Config = None) -> None:
    """Answer HTTP until stopped."""
    configure_logs()
    settings = load_settings(config)
    with (
        open_ledger(settings) as ledger,
        listening(settings.web) as sockets,
        collector_spared(),
    ):
        host, port = settings.web.host, sockets[0].getsockname()[1]
        app = create_app(ledger, address=f"http://{host}:{port}")
        make_server(app, host, port).run(sockets)


def worker(config: Config = None) -> None:
    """Ingest, integrate, survey, answer and anchor until stopped."""
    configure_logs()
    settings = load_settings(config)
    with open_ledger(settings, processes=settings.worker.processes) as ledger:
        ledger.follower.follow()
        check_logs(
            ledger.database.unit_of_work,
            ledger.chain.anchorer,
            now=ledger.clock.now(),
            is_development=settings.chain.development,
        )
        ear = ear_of(settings)
        if ear is not None:
            ear.start()
        running = Worker(list(worker_steps(ledger, ear)))
        stopping = threading.Event()
        stop_on_signals(stopping)
        with collector_spared():
            running.start()
            while not stopping.wait(0.2) and running.failure is None:
                pass
            running.stop()
        if ear is not None:
            ear.stop()
        if running.failure is not None:
            raise running.failure


def make_server(app: object, host: str, port: int) -> uvicorn.Server:
    """Make the server that listens on an address; port 0 takes a free one."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        # Left to itself it believes X-Forwarded-For of whoever connects from this machine;
        # whom to believe is a setting of ours (api/http/callers.py).
        proxy_headers=False,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """Ends streams of events before it waits for the requests under way."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop answering."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.services.closing.set()
        super().handle_exit(sig, frame)


def _usable(port: int) -> int:
    """Give the port, or a free one where it is taken."""
    for wanted in (port, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    return port
