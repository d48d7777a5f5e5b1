"""Whom a caller reaches is decided for many enterprises at once, as it is for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import event

from api.auth.authorising import Authoriser
from api.auth.policy import Action, Role
from api.auth.principals import Principal, Proof
from attestation.enums import CredentialStatus, InventoryState, PartyKind
from ledger.database import Database
from ledger.repositories.parties import Party
from ledger.repositories.places import Place
from tests.fakes.clock import FixedClock
from tests.support.access import (
    CITY,
    NATION,
    OTHER_CITY,
    VERIFIER,
    Person,
    credential,
    person,
    put_case,
)
from tests.support.enterprise import NOW, START_S

HERE, NEXT_DOOR = 350_211, 350_502
ALL = "AREA MOVED ELSEWHERE BOTH HELD CLOSED TAKEN ENTITLED"
BY = {NATION: Role.NATION, CITY: Role.CITY, OTHER_CITY: Role.CITY, VERIFIER: Role.VERIFIER}


def caller(who: Person) -> Principal:
    """Give somebody who is logged in."""
    party = Party(who.party_id, who.kind, who.code, True)
    areas = () if who.area is None else (who.area,)
    return Principal(Proof.WALLET, BY[who], "0x", party=party, areas=areas)


def put(database: Database, code: str, **changes: Any) -> None:
    """Let an enterprise have one more case, verified by nobody in particular."""
    arguments: dict[str, Any] = {"verifier": None, "regulator": None, "area": HERE} | changes
    name = f"{code} {arguments.get('unit_code')}".encode()
    arguments.setdefault("inventory_id", sha256(name).digest())
    put_case(database, usc=code, **arguments)


def entitle(database: Database, code: str, area: int, **changes: Any) -> None:
    """Give an enterprise a credential for an area."""
    of = person(code, PartyKind.ENTERPRISE, area=area)
    with database.unit_of_work() as uow:
        uow.parties.put_party(Party(of.party_id, of.kind, of.code, True))
        place = changes.pop("at", Place(1, 900))
        uow.credentials.put(credential(of, place, **changes))
        uow.commit()


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Take down what the database is asked."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    yield said
    event.remove(database.engine, "before_cursor_execute", listen)


@pytest.fixture
def world(database: Database) -> Database:
    """Enterprises that stand to the callers in every way there is."""
    put(database, "AREA")
    put(database, "MOVED", block=1)
    put(database, "MOVED", block=2, area=NEXT_DOOR)
    put(database, "ELSEWHERE", area=NEXT_DOOR)
    put(database, "BOTH", unit_code="1")
    put(database, "BOTH", unit_code="2", area=NEXT_DOOR)
    put(database, "HELD", verifier=VERIFIER.party_id)
    put(database, "CLOSED", state=InventoryState.CONFIRMED, verifier=VERIFIER.party_id)
    put(database, "TAKEN", block=1, verifier=VERIFIER.party_id)
    put(database, "TAKEN", block=2)
    entitle(database, "ENTITLED", HERE)
    entitle(database, "OVER", HERE, valid_to_s=START_S)
    entitle(database, "WITHDRAWN", HERE)
    entitle(database, "WITHDRAWN", HERE, at=Place(2, 0), status=CredentialStatus.WITHDRAWN)
    return database


@pytest.mark.parametrize(
    ("who", "reached"),
    [
        (NATION, ALL),
        (CITY, "AREA BOTH HELD CLOSED TAKEN ENTITLED"),
        (OTHER_CITY, "MOVED ELSEWHERE BOTH"),
        (VERIFIER, "HELD"),
    ],
    ids=lambda each: getattr(each, "code", None),
)
def test_many_are_judged_as_each_is(world: Database, who: Person, reached: str) -> None:
    """By the newest state of cases and credentials; a neighbour's area is none of theirs."""
    authoriser = Authoriser(world, FixedClock(NOW))
    codes = [*ALL.split(), "OVER", "WITHDRAWN", "NOBODY"]
    one = [each for each in codes if authoriser.may(caller(who), Action.READ_INVENTORIES, usc=each)]
    at_once = authoriser.reached(caller(who), Action.READ_INVENTORIES, codes)

    assert at_once == one == reached.split()


def test_many_take_as_many_statements_as_few(world: Database) -> None:
    """Deciding on sixty and noting them asks as often as deciding on one."""
    authoriser = Authoriser(world, FixedClock(NOW))
    for number in range(60):
        put(world, f"E{number:02}")
    counts = []
    for codes in (["E00"], [f"E{number:02}" for number in range(60)]):
        with statements(world) as said:
            found = authoriser.reached(caller(CITY), Action.READ_INVENTORIES, codes)
            authoriser.shown(caller(CITY), Action.READ_INVENTORIES, found)
        assert found == codes
        counts.append(len(said))
    with world.reading() as uow:
        rows = uow.reads.listed(limit=1000)

    assert counts[0] == counts[1]
    assert len(rows) == 61
