"""Events over HTTP: page by page and as a stream that goes on where it was cut."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.access import AccessList
from api.app import create_app
from api.bootstrap import Ledger
from api.cli.run import make_server
from api.events import KindWord
from api.http import events
from attestation.enums import EventKind
from attestation.instants import Instant
from tests.support.enterprise import OTHER_USC, USC, Device, Enterprise

LOG = f"/v1/logs/{USC}/events"
FEED = "/v1/events"


def listed(client: TestClient, header: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    """Give the events of a page."""
    answer = client.get(f"{LOG}?{query}", headers=header)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def streamed(
    client: TestClient, header: dict[str, str], query: str = "after=0&until_s=0"
) -> list[dict[str, str]]:
    """Give the parts of a stream, the opening one first, by the names of their fields."""
    answer = client.get(f"{FEED}?{query}", headers=header)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    parts = answer.text.removesuffix("\n\n").split("\n\n")
    return [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]


def add_neighbour(enterprise: Enterprise) -> None:
    """Open another enterprise's log, in which something happens too."""
    other = Enterprise(enterprise.database, usc=OTHER_USC)
    other.register_authority()


def test_every_kind_has_its_word() -> None:
    """The words are those of the closed list, one for one."""
    assert {each.name: each.value for each in KindWord} == {
        each.name: each.name.lower().replace("_", "-") for each in EventKind
    }


def test_what_happened_is_listed(client: TestClient, granted: dict[str, str]) -> None:
    """Three records with a checkpoint each, then one checkpoint over three messages."""
    found = listed(client, granted)

    assert [(each["kind"], each["body"].get("type")) for each in found] == [
        ("checkpoint", None),
        ("record", "ca"),
        ("checkpoint", None),
        ("record", "series"),
        ("checkpoint", None),
        ("record", "key"),
        ("checkpoint", None),
    ]
    assert [each["body"]["index"] for each in found if each["kind"] == "record"] == [0, 1, 2]
    assert found[-1]["body"]["size"] == 6
    assert {each["log"] for each in found} == {USC}
    assert [each["id"] for each in found] == sorted({each["id"] for each in found})


def test_pages_go_on_after_the_last(client: TestClient, granted: dict[str, str]) -> None:
    """Each page says where the next begins; an empty one where it was asked to."""
    everything = listed(client, granted)
    first = client.get(f"{LOG}?limit=5", headers=granted).json()
    second = client.get(f"{LOG}?after={first['last']}&limit=5", headers=granted).json()
    third = client.get(f"{LOG}?after={second['last']}", headers=granted).json()

    assert first["events"] + second["events"] == everything
    assert (first["is_full"], second["is_full"]) == (True, False)
    assert (third["events"], third["last"]) == ([], second["last"])


def test_kind_is_chosen(client: TestClient, granted: dict[str, str]) -> None:
    """Only records, on pages and in the stream; a word that is none is refused."""
    assert {each["kind"] for each in listed(client, granted, "kind=record")} == {"record"}
    parts = streamed(client, granted, "after=0&until_s=0&kind=record")
    assert [each["event"] for each in parts[1:]] == ["record"] * 3
    assert client.get(f"{LOG}?kind=message", headers=granted).status_code == 400


def test_nobody_reads_without_a_grant(
    client: TestClient, elsewhere: dict[str, str], ledger: Ledger
) -> None:
    """No token, a made-up one, one for another enterprise, and a server without grants."""
    made_up = {"authorization": "Bearer cs_made-up"}
    unlisted = TestClient(create_app(replace(ledger, access=None)))

    assert client.get(LOG).status_code == 401
    assert client.get(LOG, headers=made_up).status_code == 401
    assert client.get(LOG, headers=elsewhere).status_code == 403
    for caller, header in ((client, {}), (client, made_up), (unlisted, made_up)):
        assert caller.get(f"{FEED}?until_s=0", headers=header).status_code == 401


def test_stream_shows_what_the_pages_show(client: TestClient, granted: dict[str, str]) -> None:
    """Each with its id, its kind and the same document."""
    parts = streamed(client, granted)

    assert parts[0] == {"retry": "3000", "id": "0"}
    assert [json.loads(each["data"]) for each in parts[1:]] == listed(client, granted)
    assert all(
        (each["id"], each["event"])
        == (str(json.loads(each["data"])["id"]), json.loads(each["data"])["kind"])
        for each in parts[1:]
    )


def test_stream_goes_on_where_it_was_cut(
    client: TestClient, granted: dict[str, str], enterprise: Enterprise, device: Device
) -> None:
    """With the last id seen nothing is missed and nothing repeated, whatever the address says."""
    before = streamed(client, granted, "after=0&limit=4")
    enterprise.accept(*device.row(2))
    resumed = {**granted, "last-event-id": before[-1]["id"]}
    after = streamed(client, resumed, "after=0&until_s=0")

    assert len(before) == 5
    assert after[0]["id"] == before[-1]["id"]
    ids = [each["id"] for each in before[1:] + after[1:]]
    assert ids == [str(each["id"]) for each in listed(client, granted)]


def test_stream_begins_with_what_happens_next(
    client: TestClient, granted: dict[str, str], enterprise: Enterprise, device: Device
) -> None:
    """Without a place only its opening comes, with the id from which a cut stream goes on."""
    opening = streamed(client, granted, "until_s=0")
    enterprise.accept(*device.row(1))
    next_ones = streamed(client, {**granted, "last-event-id": opening[0]["id"]}, "until_s=0")

    assert opening == [{"retry": "3000", "id": str(listed(client, granted)[-2]["id"])}]
    assert [json.loads(each["data"])["body"]["size"] for each in next_ones[1:]] == [7]


def test_stream_has_an_end(client: TestClient, granted: dict[str, str]) -> None:
    """It waits for what happens until its time is over, and no longer."""
    started = time.monotonic()
    streamed(client, granted, "until_s=1")

    assert 1 <= time.monotonic() - started < 10


def test_quiet_stream_says_that_it_lives(
    client: TestClient, granted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment, which readers of events pass over, keeps what stands in between from closing."""
    monkeypatch.setattr(events, "_HEARTBEAT_S", 0)
    answer = client.get(f"{FEED}?until_s=1", headers=granted)

    assert answer.text.split("\n\n")[1:3] == [": still here", ""]


def test_neighbours_are_not_shown(
    client: TestClient, granted: dict[str, str], elsewhere: dict[str, str], enterprise: Enterprise
) -> None:
    """Each token's stream holds its own enterprise's events only, and begins at their newest."""
    add_neighbour(enterprise)
    ours, theirs = streamed(client, granted), streamed(client, elsewhere)
    opening = streamed(client, granted, "until_s=0")

    assert {json.loads(each["data"])["log"] for each in ours[1:]} == {USC}
    assert {json.loads(each["data"])["log"] for each in theirs[1:]} == {OTHER_USC}
    assert opening[0]["id"] == ours[-1]["id"]


def test_one_token_may_reach_several(
    client: TestClient, access: AccessList, enterprise: Enterprise
) -> None:
    """The stream of a token for two enterprises holds both, in one order."""
    add_neighbour(enterprise)
    token = access.grant("park", [USC, OTHER_USC], Instant(enterprise.now + 1000))
    parts = streamed(client, {"authorization": f"Bearer {token}"})

    assert {json.loads(each["data"])["log"] for each in parts[1:]} == {USC, OTHER_USC}
    assert [int(each["id"]) for each in parts] == sorted({int(each["id"]) for each in parts})


@pytest.mark.parametrize(
    ("query", "header"),
    [("after=-1", ""), ("until_s=3601", ""), ("limit=0", ""), ("", "seven"), ("", "-1")],
)
def test_a_place_is_a_number(
    client: TestClient, granted: dict[str, str], query: str, header: str
) -> None:
    """What cannot be a place or a bound is refused before the stream begins."""
    headers = {**granted, **({"last-event-id": header} if header else {})}

    assert client.get(f"{FEED}?{query}", headers=headers).status_code == 400


def test_stopping_server_ends_its_streams(ledger: Ledger, granted: dict[str, str]) -> None:
    """A stream without an end of its own ends when the server is to stop."""
    app = create_app(ledger)
    app.state.services.closing.set()

    assert len(streamed(TestClient(app), granted, "after=0")) == 1


@pytest.fixture
def server(ledger: Ledger) -> Iterator[uvicorn.Server]:
    """The server as `carbonseal serve` runs it, on a port of its own."""
    found = make_server(create_app(ledger), "127.0.0.1", 0)
    thread = threading.Thread(target=found.run)
    thread.start()
    while not found.started:
        time.sleep(0.01)
    yield found
    found.handle_exit(signal.SIGTERM, None)
    thread.join(timeout=20)
    assert not thread.is_alive()


@contextmanager
def open_stream(server: uvicorn.Server, header: dict[str, str]) -> Iterator[HTTPResponse]:
    """Open a stream that has no end of its own."""
    port = server.servers[0].sockets[0].getsockname()[1]
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", f"{FEED}?after=0", headers=header)
        with connection.getresponse() as answer:
            yield answer


def read_until(stream: HTTPResponse, wanted: str) -> None:
    """Read lines up to one."""
    while stream.readline().decode().rstrip("\n") != wanted:
        pass


def test_open_stream_shows_what_happens_and_ends_with_the_server(
    server: uvicorn.Server, granted: dict[str, str], enterprise: Enterprise, device: Device
) -> None:
    """A new checkpoint comes within seconds; stopping the server ends the stream in order."""
    with open_stream(server, granted) as stream:
        read_until(stream, "retry: 3000")
        enterprise.accept(*device.row(1))
        with enterprise.database.reading() as uow:
            newest = uow.events.newest_id([enterprise.log.number])
        read_until(stream, f"id: {newest}")
        server.handle_exit(signal.SIGTERM, None)

        assert stream.read().count(b"\n\n") == 1


def test_open_stream_ends_with_its_grant(
    server: uvicorn.Server, granted: dict[str, str], access: AccessList
) -> None:
    """Withdrawn while the stream is open, the grant shows nothing more."""
    with open_stream(server, granted) as stream:
        read_until(stream, "retry: 3000")
        access.withdraw("verifier")

        assert stream.read().endswith(b"\n\n")


def test_stream_that_nobody_reads_makes_room(
    server: uvicorn.Server, granted: dict[str, str]
) -> None:
    """A caller who goes away is noticed, and the place of the stream is free again."""
    feeds = server.config.app.state.services.limits.feeds  # type: ignore[union-attr]
    with open_stream(server, granted) as stream:
        read_until(stream, "retry: 3000")
        assert feeds._open.total() == 1
    end = time.monotonic() + 15
    while feeds._open and time.monotonic() < end:
        time.sleep(0.05)

    assert not feeds._open
