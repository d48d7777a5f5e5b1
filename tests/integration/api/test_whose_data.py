"""Whatever gives another party's data writes down whose: every operation is asked, and watched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
from fastapi.testclient import TestClient

from api.access import AccessList
from api.app import create_app
from api.auth.identifying import Shown
from api.bootstrap import Ledger
from api.http.events import Feed
from api.services import Services
from attestation.canonical import Json
from attestation.enums import InventoryState, Outcome, VersionState
from attestation.instants import Instant
from ledger.alerts.watching import AlertWatch
from ledger.database import Database
from ledger.repositories.actions import ActionFilter
from ledger.repositories.reads import Read
from ledger.repositories.searching import Item
from ledger.search.indexing import Indexer
from ledger.search.kinds import ItemKind
from ledger.search.words import words_of
from tests.fakes.clock import FixedClock
from tests.integration.access.test_every_operation import GUARDED, Operation, ask
from tests.integration.api.conftest import QuietChain, joined
from tests.support.access import (
    CASE,
    CITY,
    NATION,
    NEIGHBOUR,
    OTHER_CITY,
    OWNER,
    PROVINCE,
    VERIFIER,
    WATCH,
    put_case,
    register,
    remove,
    signed_in,
)
from tests.support.checked import check, store_version
from tests.support.enterprise import NOW, OTHER_USC, START_S, USC, Device, Enterprise
from tests.support.operator import Operator, note, noted

OWN: Final = frozenset(
    {
        *("listSessions", "revokeSession", "listMachineKeys", "revokeMachineKey"),
        *("listIdentities", "unbindIdentity"),
        *("listSavedQueries", "saveQuery", "forgetQuery"),
        *("getMailAddress", "setMailAddress", "eraseMailAddress", "confirmMailAddress"),
        *("listWebhooks", "addWebhook", "getWebhook", "removeWebhook", "rotateWebhookSecret"),
        *("testWebhook", "activateWebhook", "listWebhookCalls", "replayWebhookCall"),
        "readNotice",  # gives nothing back
        *("handInAct", "getOperation"),  # an act on its way to the chain, where all see it
        *("makeDisclosure", "listDisclosures", "revokeDisclosure"),  # an enterprise's own alone
        "listReads",  # who has read: for the party concerned, and for the oversight
    }
)
"""What gives nobody's data but the caller's own: nothing else may be missing from the audit."""
CHANGED: Final[dict[str, dict[str, Any]]] = {
    "followEvents": {"query": {"after": 0, "until_s": 0}},
    "inspectAlert": {"body": {"inspection": 1}},
}
"""What is asked in another way here."""
LAST: Final = ("closeInspection", "revokeSession")
THEIRS: Final = sha256(b"theirs").digest()
"""A case of the neighbour, in the same area."""


def in_order(operation: Operation) -> tuple[bool, str]:
    """Put operations in an order in which each finds what it is about."""
    return operation.id in LAST, operation.id


def is_list(operation: Operation) -> bool:
    """Say whether an operation reads what may be several enterprises'."""
    is_read = operation.method == "GET" and operation.id not in OWN
    return is_read and not operation.is_about_enterprise


def put(
    database: Database, state: InventoryState = InventoryState.UNDER_VERIFICATION, **changes: Any
) -> None:
    """Let the chain say how a case of a calendar year of UTC+8 stands."""
    begin_s = START_S - 8 * 3_600
    put_case(database, state, period_from_s=begin_s, period_to_s=begin_s + 365 * 86_400, **changes)


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Logs, cases, alerts, inspections, actions, notices and an index, to copy."""
    folder = tmp_path_factory.mktemp("world")
    path = folder / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as database:
        enterprise = Enterprise(database)
        enterprise.enrol(Device())
        register(database)
        store_version(
            database, enterprise.log, check(Outcome.FAILED), state=VersionState.FINAL, now=NOW
        )
        put(database)
        put(database, block=2, inventory_id=THEIRS, usc=OTHER_USC, enterprise=NEIGHBOUR.party_id)
        AlertWatch(database.unit_of_work, database.reading).step(NOW)
        operator = Operator(database)
        remove(database, replace(OWNER, code=OTHER_USC), at_s=0)  # speaks for one party only
        note(database, noted(subject=f"case 0x{CASE.hex()}"), noted(usc=OTHER_USC))
        operator.carry()
        _tell(database)
        while Indexer(database.unit_of_work, database.reading).step(NOW):
            pass
        made = joined(enterprise, QuietChain(), AccessList(folder / "access.json"), folder)
    changed = {
        "log": made.settings.log.model_copy(update={"operator": OTHER_USC}),
        "auth": made.settings.auth.model_copy(update={"oversight": (WATCH.code,)}),
    }
    keys = SimpleNamespace(signer_of=lambda _origin: operator.home.note_signer)
    return replace(made, settings=made.settings.model_copy(update=changed), keys=cast(Any, keys))


def _tell(database: Database) -> None:
    """Open an inspection, and tell of a case."""
    with database.unit_of_work() as uow:
        alert = uow.alerts.get(1)
        assert alert is not None
        uow.alerts.open_inspection(alert, by=CITY.code, title="title", at=NOW)
        for who in (CITY, NATION, VERIFIER):
            body: dict[str, Json] = {"inventory_id": f"0x{CASE.hex()}", "version": 1}
            uow.notices.tell(to=who.code, kind="case.x", subject="act", body=body, at=NOW)
        uow.commit()


@pytest.fixture
def ledger(world: Ledger, tmp_path: Path) -> Iterator[Ledger]:
    """A copy of the world, which is the test's own."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(str(world.database.engine.url.database), path)
    with Database(f"sqlite:///{path}") as database:
        clock = FixedClock(world.clock.now())
        yield replace(world, database=database, clock=cast(Any, clock))


@pytest.fixture
def server(ledger: Ledger) -> TestClient:
    """A server that shows the world."""
    return TestClient(create_app(ledger), raise_server_exceptions=False)


def reads_of(ledger: Ledger, after: int) -> list[Read]:
    """Give what was noted since a row."""
    with ledger.database.reading() as uow:
        return [each for each in uow.reads.listed(limit=1000) if each.id > after]


def asked_of(client: TestClient, operation: Operation, header: dict[str, str]) -> Any:
    """Ask for an operation so that it finds something."""
    key = {"idempotency-key": sha256(f"{operation.id}{header}".encode()).hexdigest()}
    return ask(client, replace(operation, **CHANGED.get(operation.id, {})), header | key)


def test_every_read_of_anothers_data_is_noted(server: TestClient, ledger: Ledger) -> None:
    """
    Whoever is answered with something of an enterprise has left a row that names it.

    A new operation that gives another's data without a row fails here, and one whose data is
    nobody's must be put into the list above.
    """
    silent, unnamed, refused, seen, last = [], [], [], set(OWN), 0
    for who in (CITY, VERIFIER):
        header = signed_in(server, who)
        for operation in sorted(GUARDED, key=in_order):
            answer = asked_of(server, operation, header)
            found = reads_of(ledger, last)
            last = max((each.id for each in found), default=last)
            named = {each.usc for each in found}
            seen |= {operation.id} if named else set()
            if answer.status_code >= 400 and is_list(operation) and who is CITY:
                refused.append((operation.id, answer.text))
            if answer.status_code >= 400 or operation.id in OWN:
                continue
            if not named:
                silent.append(operation.id)
            given = {usc for usc in (USC, OTHER_USC) if usc in answer.text}
            unnamed += [(operation.id, usc) for usc in sorted(given - named)]

    assert (silent, unnamed) == ([], [])
    assert refused == []
    # What is watched was let in for somebody, so that silence above says something.
    assert {each.id for each in GUARDED} - seen == set()


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/audit/actions", "/v1/audit/search?q=9135"])
def test_list_leaves_one_row_an_enterprise(server: TestClient, ledger: Ledger, path: str) -> None:
    """However many of its things are on the page; and none where nothing of it is shown."""
    header = signed_in(server, NATION)
    note(ledger.database, *(noted() for _ in range(3)))

    assert server.get(path, headers=header).status_code == 200
    rows = reads_of(ledger, 0)
    server.get(path, params={"enterprise": USC}, headers=header)
    narrowed = reads_of(ledger, max(each.id for each in rows))

    assert len({each.usc for each in rows}) == len(rows) >= 1
    assert [each.usc for each in narrowed] == [USC]


def test_list_of_an_authority_is_sealed_case_by_case(server: TestClient, ledger: Ledger) -> None:
    """The row is kept from each party until what was shown of it is closed."""
    server.get("/v1/cases", headers=signed_in(server, PROVINCE))
    sealed = {each.usc: (each.sealed_by, each.inventory_id) for each in reads_of(ledger, 0)}
    put(ledger.database, InventoryState.CONFIRMED, block=3)
    server.get("/v1/cases", headers=signed_in(server, PROVINCE))

    assert sealed == {USC: ((CASE,), CASE), OTHER_USC: ((THEIRS,), THEIRS)}
    assert {each.usc: each.sealed_by for each in reads_of(ledger, 2)} == {
        USC: (),
        OTHER_USC: (THEIRS,),
    }


def test_closed_case_in_a_verifiers_list_is_noted(server: TestClient, ledger: Ledger) -> None:
    """A case that it holds, although the log of the enterprise is not open to it any more."""
    put(ledger.database, InventoryState.CONFIRMED, block=3)
    server.get("/v1/cases", params={"enterprise": USC}, headers=signed_in(server, VERIFIER))

    (row,) = reads_of(ledger, 0)
    assert (row.usc, row.relation, row.inventory_id) == (USC, "held", CASE)


def test_stream_notes_only_whose_events_it_shows(server: TestClient, ledger: Ledger) -> None:
    """Not everybody whom the caller could reach."""
    header = signed_in(server, NATION)
    server.get("/v1/events?until_s=0", headers=header)
    silent = reads_of(ledger, 0)
    server.get("/v1/events?after=0&until_s=0", headers=header)

    assert silent == []
    assert {each.usc for each in reads_of(ledger, 0)} <= {USC, OTHER_USC}
    assert [each.usc for each in reads_of(ledger, 0)].count(USC) == 1


def test_stream_of_a_replaced_verifier_falls_silent(server: TestClient, ledger: Ledger) -> None:
    """Whom an open stream reaches is asked each time, not when it was opened."""
    services: Services = server.app.state.services  # type: ignore[attr-defined]
    token = signed_in(server, VERIFIER)["authorization"].removeprefix("Bearer ")
    caller = services.identifier.identify(Shown("GET", "/v1/events", {}, bearer=token))
    feed = Feed(services, caller, None)
    before = feed.after(0, 100)
    put(ledger.database, block=3, verifier=NEIGHBOUR.party_id)
    put(ledger.database, InventoryState.WITHDRAWN, block=4, inventory_id=THEIRS, usc=OTHER_USC)

    assert before != []
    assert feed.after(0, 100) == []


def test_enterprise_does_not_learn_that_it_is_watched(server: TestClient, ledger: Ledger) -> None:
    """Alerts and inspections are the authorities'; who took a dossier shows when it is closed."""
    actions = (
        noted(what="alert.inspect", subject="alert 1", role="city"),
        noted(what="inspection.close", subject="inspection 1", role="city"),
        noted(what="case.export", subject=f"case 0x{CASE.hex()}", role="city"),
        noted(what="case.export", subject=f"case 0x{CASE.hex()}", role="verifier"),
    )
    note(ledger.database, *actions)

    def seen(who: Any) -> list[tuple[str, str]]:
        answer = server.get(
            "/v1/audit/actions", params={"enterprise": USC}, headers=signed_in(server, who)
        )
        return [(each["what"], each["role"]) for each in answer.json()["actions"]][::-1]

    told = ("case.comment", "verifier")
    assert seen(OWNER) == [told, ("case.export", "verifier")]
    assert seen(CITY) == [told] + [(each.what, each.role) for each in actions]
    put(ledger.database, InventoryState.CONFIRMED, block=3)
    assert seen(OWNER) == [told, ("case.export", "city"), ("case.export", "verifier")]


def test_alert_of_others_is_as_one_that_is_not_there(server: TestClient) -> None:
    """An authority next door does not count what alerts and inspections there are elsewhere."""
    header = signed_in(server, OTHER_CITY)
    for what in ("alert", "inspection"):
        there, missing = (
            server.get(f"/v1/audit/{what}s/{number}", headers=header) for number in (1, 9)
        )
        assert there.status_code == missing.status_code == 403
        assert there.json()["detail"].replace("1", "9") == missing.json()["detail"]
        assert USC not in there.text


def test_replaced_verifier_finds_no_notice_any_more(server: TestClient, ledger: Ledger) -> None:
    """What it was told stays told; its inbox does not go on showing it."""
    header = signed_in(server, VERIFIER)
    before = server.get("/v1/notices", headers=header).json()["notices"]
    put(ledger.database, block=3, verifier=NEIGHBOUR.party_id)
    after = server.get("/v1/notices", headers=header).json()["notices"]

    assert [each["kind"] for each in before] == ["case.x"]
    assert after == []


def test_replaced_verifier_is_not_answered_again(server: TestClient, ledger: Ledger) -> None:
    """A kept answer under an old key is another's data too: the right is asked for again."""
    header = signed_in(server, VERIFIER) | {"idempotency-key": "once"}
    path, body = f"/v1/cases/0x{CASE.hex()}/comments", {"text": "why?"}
    first = server.post(path, json=body, headers=header)
    again = server.post(path, json=body, headers=header)
    put(ledger.database, block=3, verifier=NEIGHBOUR.party_id)
    late = server.post(path, json=body, headers=header)

    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert again.headers["idempotency-replayed"] == "true"
    assert len([each for each in reads_of(ledger, 0) if each.action == "case.comment"]) == 2
    assert (late.status_code, late.json()["code"]) == (403, "api.forbidden")


def test_search_notes_what_it_shows_and_no_more(server: TestClient, ledger: Ledger) -> None:
    """The first page shows one enterprise's thing; the other's comes with the next."""
    header = signed_in(server, NATION)
    first = server.get("/v1/audit/search", params={"q": "case", "limit": 1}, headers=header)
    rows = reads_of(ledger, 0)
    with ledger.database.reading() as uow:
        (told,) = uow.actions.listed(ActionFilter(what="audit.search"))

    shown = {each["enterprise"] for each in first.json()["items"]} - {None}
    assert {each.usc for each in rows} == shown
    assert cast(Any, told.change)["after"]["shown"] == len(first.json()["items"])
    assert told.body.at_ms == Instant(NOW)


def test_pages_of_a_search_are_full(server: TestClient, ledger: Ledger) -> None:
    """Things that the caller does not reach stand between, and neither shorten a page nor show."""
    with ledger.database.unit_of_work() as uow:
        for number in range(30):
            item = Item(
                kind=ItemKind.RECORD,
                key=f"interleaved {number}",
                title="interleaved",
                at=NOW,
                enterprise=USC if number % 3 == 0 else f"FOREIGN{number}",
                body={},
            )
            uow.search.put(item, words_of("interleaved"))
        uow.commit()
    query = {"q": "interleaved", "limit": "4"}
    header, met = signed_in(server, CITY), []
    while True:
        page = server.get("/v1/audit/search", params=query, headers=header).json()
        met.append([each["key"] for each in page["items"]])
        if page["next"] is None:
            break
        query["cursor"] = page["next"]

    assert [len(each) for each in met] == [4, 4, 2]
    shown = [key for keys in met for key in keys]
    assert shown == [f"interleaved {number}" for number in range(27, -1, -3)]
    assert {each.usc for each in reads_of(ledger, 0)} == {USC}
