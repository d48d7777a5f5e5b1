"""Every cell of the policy, as the page writes it, is what callers meet; the rest is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from api.access import Grant
from api.auth.authorising import Authoriser
from api.auth.policy import POLICY, READS_DATA, WRITES, Action, Relation, Role
from api.auth.principals import NOBODY, Principal, Proof
from api.errors import Forbidden, Unauthenticated
from attestation.enums import RepresentativeRole
from ledger.database import Database
from ledger.repositories.parties import Party
from tests.fakes.clock import FixedClock
from tests.support.access import BY_ROLE, OWNER, put_case, register
from tests.support.database import sqlite_template
from tests.support.enterprise import NOW

__all__ = ["sqlite_template"]

PAGE = Path(__file__).resolve().parents[3] / "docs" / "access.md"
AREA, HELD, NAMED, NOTHING = "IN.AREA", "HELD", "NAMED", "NOTHING"
"""Credit codes of enterprises to which callers stand in one way each."""
INSIDE = {Role.NATION: 0, Role.PROVINCE: 350_000, Role.CITY: 350_200}
Table = dict[Role, dict[Action, frozenset[Relation]]]


def written() -> Table:
    """Read the table of the page."""
    text = PAGE.read_text(encoding="utf-8")
    block = text.split("<!-- policy -->")[1].split("<!-- /policy -->")[0].strip()
    head, _, *rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in block.split("\n")
    ]
    table: Table = {role: {} for role in Role}
    for action, *cells in rows:
        for names, cell in zip(head[1:], cells, strict=True):
            relations = frozenset(Relation(each) for each in re.findall(r"\w+", cell))
            if relations:
                for name in names.split(", "):
                    table[Role(name)][Action(action.strip("`"))] = relations
    return table


WRITTEN = written()


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Enterprises held by everybody, in the authorities' area, and neither."""
    path = tmp_path_factory.mktemp("policy") / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    blocks = count(1)
    with Database(f"sqlite:///{path}") as database:
        register(database, OWNER)
        for role in Role:
            put_case(
                database,
                block=next(blocks),
                inventory_id=_case(HELD, role),
                usc=f"{HELD}.{role}",
                area=110_101,
                verifier=_party(role).party_id,
                regulator=None,
            )
        for usc in (AREA, NAMED):
            put_case(
                database,
                block=next(blocks),
                inventory_id=_case(usc),
                usc=usc,
                area=350_211 if usc == AREA else 110_101,
                verifier=None,
                regulator=None,
            )
        yield database


@pytest.fixture
def authoriser(world: Database) -> Authoriser:
    """What decides."""
    return Authoriser(world, FixedClock(NOW))


def caller_as(role: Role, right: RepresentativeRole = RepresentativeRole.APPROVER) -> Principal:
    """Give a caller of a role who holds one case, has one area, or a grant for one enterprise."""
    if role is Role.NOBODY:
        return NOBODY
    if role is Role.GRANT:
        grant = Grant("reader", "", (NAMED,), NOW + 1)
        return Principal(Proof.GRANT, role, "grant reader", grant=grant)
    areas = (INSIDE[role],) if role in INSIDE else ()
    return Principal(
        Proof.WALLET, role, "0x", party=_party(role), address=bytes(20), right=right, areas=areas
    )


def _party(role: Role) -> Party:
    kind = BY_ROLE.get(role, OWNER).kind
    return Party(sha256(f"party {role}".encode()).digest(), kind, f"CODE.{role}", True)


def _case(usc: str, role: Role | None = None) -> bytes:
    return sha256(f"{usc} {role}".encode()).digest()


def subjects(caller: Principal) -> Iterator[tuple[dict[str, Any], frozenset[Relation]]]:
    """Give what a caller may ask for, and how they stand to it."""
    role = caller.role
    everywhere = {Relation.AREA} if role is Role.NATION else set()
    own = {Relation.OWN} if role is Role.ENTERPRISE else set()
    held = {Relation.HELD} if caller.party is not None else set()
    area = {Relation.AREA} if role in INSIDE else set()
    named = {Relation.NAMED} if role is Role.GRANT else set()
    yield {}, frozenset({Relation.ANY})
    yield {"usc": NOTHING}, frozenset({Relation.ANY})
    if caller.code is not None:
        yield {"usc": caller.code}, frozenset({Relation.ANY} | own)
    for usc, case, relations in (
        (f"{HELD}.{role}", _case(HELD, role), held | everywhere),
        (AREA, _case(AREA), area),
        (NAMED, _case(NAMED), named | everywhere),
    ):
        found = frozenset({Relation.ANY} | relations)
        yield {"usc": usc}, found
        yield {"inventory_id": case}, found


def test_page_and_code_say_the_same() -> None:
    """The table of the page is the policy, cell by cell."""
    assert {role: dict(cells) for role, cells in POLICY.items()} == WRITTEN


@pytest.mark.parametrize("role", list(Role))
def test_every_cell_is_what_callers_meet(role: Role, authoriser: Authoriser) -> None:
    """For every action, and every way to stand to a thing, the cell decides and nothing else."""
    caller = caller_as(role)
    met = 0
    for asked, relations in subjects(caller):
        for action in Action:
            is_allowed = bool(WRITTEN[role].get(action, frozenset()) & relations)
            assert authoriser.may(caller, action, **asked) is is_allowed, (action, asked)
            if not is_allowed:
                with pytest.raises(Unauthenticated if role is Role.NOBODY else Forbidden):
                    authoriser.require(caller, action, **asked)
            met += 1

    assert met >= 6 * len(Action)


@pytest.mark.parametrize("right", [RepresentativeRole.READ_ONLY, RepresentativeRole.NONE])
@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.VERIFIER, Role.PROVINCE])
def test_read_only_representatives_change_nothing(
    role: Role, right: RepresentativeRole, authoriser: Authoriser
) -> None:
    """Whoever may only read is refused every action that changes something, and no other."""
    caller = caller_as(role, right)
    for asked, relations in subjects(caller):
        for action in Action:
            held = WRITTEN[role].get(action, frozenset()) & relations
            is_allowed = bool(held) and action not in WRITES
            assert authoriser.may(caller, action, **asked) is is_allowed, (action, asked)


def test_what_is_read_of_others_is_noted_and_what_is_not_is_not(
    authoriser: Authoriser, world: Database
) -> None:
    """Each allowed look at another's data adds one row; one's own, and one's account, none."""
    for role in (Role.ENTERPRISE, Role.VERIFIER, Role.PROVINCE, Role.GRANT):
        caller = caller_as(role)
        for asked, relations in subjects(caller):
            for action in WRITTEN[role]:
                if not WRITTEN[role][action] & relations:
                    continue
                before = _rows(world)
                access = authoriser.require(caller, action, **asked)
                is_other = access.relation is not Relation.OWN and access.usc is not None
                expected = 1 if is_other and action in READS_DATA else 0
                assert _rows(world) - before == expected, (role, action, asked)


def test_code_alone_does_not_make_an_owner(authoriser: Authoriser) -> None:
    """A laboratory that is registered under an enterprise's code does not own its data."""
    owner = caller_as(Role.ENTERPRISE)
    laboratory = replace(caller_as(Role.LABORATORY), party=owner.party)

    assert authoriser.may(owner, Action.READ_ENTRIES, usc=owner.code)
    assert not authoriser.may(laboratory, Action.READ_ENTRIES, usc=owner.code)


def _rows(database: Database) -> int:
    with database.reading() as uow:
        newest = uow.reads.listed(limit=1)
    return cast(int, newest[0].id) if newest else 0
