"""Whoever looks at another party's data is seen doing so, by the party and by the oversight."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text as sql

from api.auth.identifying import Shown
from api.auth.policy import Action
from api.bootstrap import Ledger
from api.errors import Forbidden
from api.services import Services
from attestation.enums import InventoryState
from attestation.instants import Instant
from ledger.database import Database
from ledger.errors import AppendOnly
from tests.support.access import (
    CASE,
    NEIGHBOUR,
    OTHER_CITY,
    OWNER,
    PROVINCE,
    VERIFIER,
    WATCH,
    Person,
    put_case,
    signed_in,
)
from tests.support.enterprise import NOW, OTHER_USC, USC

READS = "/v1/access/reads"
DEVICES = f"/v1/logs/{USC}/devices"


def look(client: TestClient, who: Person) -> int:
    """Let a person ask for the enterprise's devices: they are let in, or not."""
    return client.get(DEVICES, headers=signed_in(client, who)).status_code


def reads(client: TestClient, who: Person, **params: Any) -> list[dict[str, Any]]:
    """Ask who has read what."""
    answer = client.get(READS, headers=signed_in(client, who), params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["reads"]
    return found


def test_enterprise_sees_who_read_its_data(client: TestClient, database: Database) -> None:
    """A verifier's look is a row: who, as what, why it was allowed, what was asked."""
    put_case(database)
    look(client, VERIFIER)

    (row,) = reads(client, OWNER)

    assert (row["party"], row["role"], row["relation"], row["proof"]) == (
        VERIFIER.code,
        "verifier",
        "held",
        "wallet",
    )
    assert (row["asked"], row["action"]) == (f"GET {DEVICES}", "devices.read")
    assert row["reader"] == "0x" + VERIFIER.address.hex()


def test_own_look_is_no_row(client: TestClient, database: Database) -> None:
    """An enterprise that reads its own data is not noted."""
    look(client, OWNER)

    assert reads(client, OWNER) == []


def test_grant_is_seen_by_its_name(client: TestClient, ledger: Ledger) -> None:
    """Who reads by an access token is noted by the name of the grant."""
    assert ledger.access is not None
    token = ledger.access.grant("analyst", [USC], Instant(NOW + 1000))
    client.get(DEVICES, headers={"authorization": f"Bearer {token}"})

    (row,) = reads(client, OWNER)

    assert (row["reader"], row["role"], row["relation"]) == ("grant analyst", "grant", "named")


def test_refused_look_is_no_read(client: TestClient, database: Database) -> None:
    """What was refused showed nothing, and is not noted as read."""
    put_case(database)

    assert look(client, OTHER_CITY) == 403
    assert reads(client, OWNER) == []


def test_authoritys_look_is_sealed_until_the_case_closes(
    client: TestClient, database: Database
) -> None:
    """The enterprise sees it once the result is confirmed, the oversight at once."""
    put_case(database, InventoryState.SUBMITTED, block=1)
    look(client, PROVINCE)
    sealed, watched = reads(client, OWNER), reads(client, WATCH)

    put_case(database, InventoryState.CONFIRMED, block=2)

    assert sealed == []
    assert [(row["party"], row["sealed"]) for row in watched] == [(PROVINCE.code, True)]
    assert [row["party"] for row in reads(client, OWNER)] == [PROVINCE.code]


def test_one_open_case_of_two_keeps_the_seal(client: TestClient, database: Database) -> None:
    """A look that may have been about either case shows only when both are closed."""
    other = bytes(32)
    put_case(database, InventoryState.SUBMITTED, block=1)
    put_case(database, InventoryState.SUBMITTED, block=2, inventory_id=other, unit_code="2")
    look(client, PROVINCE)

    put_case(database, InventoryState.CONFIRMED, block=3)
    first = reads(client, OWNER)
    put_case(database, InventoryState.WITHDRAWN, block=4, inventory_id=other, unit_code="2")

    assert first == []
    assert len(reads(client, OWNER)) == 1


def test_verifiers_look_is_never_sealed(client: TestClient, database: Database) -> None:
    """Only authorities look unseen while a case is open."""
    put_case(database)
    look(client, VERIFIER)
    look(client, PROVINCE)

    assert [row["party"] for row in reads(client, OWNER)] == [VERIFIER.code]


@pytest.mark.parametrize("who", [NEIGHBOUR, VERIFIER, PROVINCE])
def test_nobody_else_sees_who_read(client: TestClient, who: Person) -> None:
    """Another enterprise, a verifier and an authority are refused."""
    answer = client.get(READS, headers=signed_in(client, who), params={"usc": USC})

    assert answer.status_code == 403


def test_oversight_reads_no_data(client: TestClient, database: Database) -> None:
    """Who watches the authorities sees what they read, and not the thing itself."""
    put_case(database)

    assert look(client, WATCH) == 403


def test_pages_leave_nothing_out(client: TestClient, database: Database) -> None:
    """Sealed rows between do not make a page end early, nor a row come twice."""
    put_case(database)
    header = {who: signed_in(client, who) for who in (VERIFIER, PROVINCE)}
    for who in (VERIFIER, PROVINCE, PROVINCE, VERIFIER, VERIFIER):
        client.get(DEVICES, headers=header[who])
    own = signed_in(client, OWNER)

    first = client.get(READS, headers=own, params={"limit": 2}).json()
    second = client.get(READS, headers=own, params={"limit": 2, "cursor": first["next"]}).json()

    assert [row["id"] for row in first["reads"] + second["reads"]] == [5, 4, 1]
    assert second["next"] is None


def test_rows_cannot_be_changed(client: TestClient, database: Database) -> None:
    """Not even the operator's code changes or removes what was noted."""
    put_case(database)
    look(client, VERIFIER)

    for statement in ("UPDATE access_read SET role = 'x'", "DELETE FROM access_read"):
        with database.unit_of_work() as uow, pytest.raises(AppendOnly):
            uow.connection.execute(sql(statement))


def test_verifier_loses_the_log_when_the_case_closes(
    client: TestClient, database: Database
) -> None:
    """A verifier reads the log of an enterprise while it holds an open case of it."""
    header = signed_in(client, VERIFIER)
    met = []
    for block, state in enumerate(
        (
            InventoryState.UNDER_VERIFICATION,
            InventoryState.CONFIRMED,
            InventoryState.OBJECTED,
            InventoryState.REJECTED,
        ),
        start=1,
    ):
        put_case(database, state, block=block)
        met.append(client.get(DEVICES, headers=header).status_code)

    assert met == [404, 403, 404, 403]  # no log is kept here: whoever may read is told so
    assert client.get(f"/v1/logs/{OTHER_USC}/devices", headers=header).status_code == 403


def test_verifier_replaced_loses_the_case(client: TestClient, ledger: Ledger) -> None:
    """Who is named at present holds the case; who was named before does not."""
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    put_case(ledger.database, block=1)
    header = signed_in(client, VERIFIER)
    put_case(ledger.database, block=2, verifier=NEIGHBOUR.party_id)

    token = header["authorization"].removeprefix("Bearer ")
    caller = services.identifier.identify(Shown("GET", "/", {}, bearer=token))

    assert not services.may(caller, Action.READ_CASE, inventory_id=CASE)
    with pytest.raises(Forbidden):
        services.authorise(caller, Action.READ_CASE, inventory_id=CASE)
