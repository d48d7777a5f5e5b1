"""One queue over several operators' servers: real HTTP, each with a token of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.enterprise import OTHER_USC, USC
from tests.unit.api.cli.conftest import Ran, Run

CASE, OTHER = f"0x{'1' * 64}", f"0x{'2' * 64}"


def row(case: str, usc: str, days: int | None, **changes: Any) -> dict[str, Any]:
    """Give a row of a server's queue."""
    clocks = [] if days is None else [{"name": "decision", "until": "", "days_left": days}]
    return {
        "case": case,
        "enterprise": {"code": usc, "name": "plant"},
        "unit": "u1",
        "period": "2024",
        "stage": "document review",
        "state": "under verification",
        "countdowns": clocks,
        "version": 1,
        "total": {"value": "1", "unit": "t"},
        "waits_for": "verifier",
        "risk": 0,
    } | changes


@contextmanager
def serving(content: Any, token: str) -> Iterator[str]:
    """Serve a list of cases to whoever has a token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            may = self.headers.get("authorization") == f"Bearer {token}"
            said = content if may else {"code": "api.unauthenticated", "detail": "who are you"}
            body = json.dumps(said).encode()
            self.send_response(200 if may else 401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Desk:
    """A verifier's desk with a grant at each of several servers."""

    def __init__(self, run: Run, folder: Path, stack: ExitStack) -> None:
        self.run = run
        self.folder = folder
        self.stack = stack
        self.options: list[object] = []

    def add(self, content: Any, *, token: str | None = None) -> str:
        """Start a server that lists this, to be asked with a token."""
        name = f"cs_{len(self.options)}"
        address = self.stack.enter_context(serving(content, name))
        file = self.folder / name
        file.write_text(token or name)
        self.options += ["--host", address, "--grant", f"{address}={file}"]
        return address

    def queue(self, *options: object) -> Ran:
        """Ask them all."""
        sessions = self.folder / "sessions.json"
        asked = ("--session-file", sessions, *self.options, *options)
        return self.run("case", "queue", *asked, "--json")


@pytest.fixture
def desk(run: Run, tmp_path: Path) -> Iterator[Desk]:
    """A desk without a server yet."""
    with ExitStack() as stack:
        yield Desk(run, tmp_path, stack)


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"cases": list(rows), "next": None}


def test_most_urgent_case_is_first_whoever_keeps_it(desk: Desk) -> None:
    """By days left, then by risk; each with the server it is at."""
    first = desk.add(listed(row(CASE, USC, None, risk=9), row("0x3", USC, 5)))
    second = desk.add(listed(row(OTHER, OTHER_USC, -1)))
    ran = desk.queue()

    assert ran.code == 0
    assert [(each["case"], each["host"]) for each in ran.document["cases"]] == [
        (OTHER, second),
        ("0x3", first),
        (CASE, first),
    ]


def test_server_that_is_away_is_named(desk: Desk) -> None:
    """The others' cases are shown, and the whole could not be checked."""
    desk.add(listed(row(CASE, USC, 5)))
    away = "http://127.0.0.1:9"
    ran = desk.queue("--host", away, "--grant", f"{away}={desk.folder / 'cs_0'}")

    assert ran.code == 3
    assert [each["case"] for each in ran.document["cases"]] == [CASE]
    assert [each["host"] for each in ran.document["could_not_ask"]] == [away]


def test_server_without_session_or_with_a_wrong_token_is_named(desk: Desk) -> None:
    """Nobody's token is tried at another's server."""
    other = desk.add(listed(row(CASE, USC, 5)), token="wrong")
    ran = desk.queue("--host", "http://localhost:8080")

    found = {each["host"]: each["code"] for each in ran.document["could_not_ask"]}
    assert ran.code == 3
    assert found[other] == "api.unauthenticated"
    assert found["http://localhost:8080"] == "configuration.invalid"


def test_case_in_two_states_is_found_out(desk: Desk) -> None:
    """Two servers of one chain cannot both be right."""
    desk.add(listed(row(CASE, USC, 5)))
    desk.add(listed(row(CASE, USC, 5, state="verified")))
    ran = desk.queue()

    assert (ran.code, ran.document["differing"]) == (1, [CASE])


@pytest.mark.parametrize(
    "content", [listed({"case": CASE}), listed(row(CASE, USC, 5) | {"risk": "x"})]
)
def test_server_that_lists_nonsense_is_named(desk: Desk, content: Any) -> None:
    """What it lists is not half taken."""
    desk.add(content)
    ran = desk.queue()

    assert (ran.code, ran.document["cases"]) == (3, [])


def test_server_cannot_pass_a_case_off_as_another_s(desk: Desk) -> None:
    """The server's name is that of who was asked, whatever the row says."""
    address = desk.add(listed(row(CASE, USC, 5, host="https://other.example")))

    assert desk.queue().document["cases"][0]["host"] == address


def test_token_of_a_server_that_is_not_asked_is_a_mistake(desk: Desk) -> None:
    """An address that was mistyped must not leave a server without its token."""
    desk.add(listed())

    assert desk.queue("--grant", f"http://localhost:1={desk.folder / 'cs_0'}").code == 2
