"""
The one question of every operation: may this caller do this with that?

Whoever may not is told whether to show who they are (401) or that it is not theirs (403). What a
party reads of another's data is noted before it is shown: what cannot be noted is not shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Protocol

from api.auth.policy import READS_DATA, WRITES, Action, Relation, Role, allowed
from api.auth.principals import Principal
from api.auth.relations import AUTHORITIES, Standing, standing_of, standing_to, standings_of
from api.errors import Forbidden, NotFound, Unauthenticated
from attestation.instants import Instant
from ledger.database import Database
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.reads import Read

_STRONGEST_FIRST: Final = (
    Relation.OWN,
    Relation.HELD,
    Relation.AREA,
    Relation.NAMED,
    Relation.FILED,
    Relation.ANY,
)


class Clock(Protocol):
    """Gives the present."""

    def now(self) -> Instant:
        """Give the present instant."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller had to be allowed."""

    action: Action
    usc: str | None
    inventory_id: bytes | None


ALLOWED: Final[ContextVar[list[Need] | None]] = ContextVar("allowed", default=None)
"""Takes down what is allowed while one request is answered, where somebody wants to know."""


@dataclass(frozen=True, slots=True)
class Access:
    """What was allowed, and why."""

    action: Action
    relation: Relation
    usc: str | None
    """Credit code of the enterprise whose data it is."""


class Authoriser:
    """
    Decides by the policy and notes who read what.

    Args:
        database: Of the ledger.
        clock: Gives the present.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def require(
        self,
        caller: Principal,
        action: Action,
        *,
        usc: str | None = None,
        inventory_id: bytes | None = None,
    ) -> Access:
        """
        Let a caller do something with an enterprise's data, a case, or their own account.

        Raises:
            Unauthenticated: If they showed nothing, or what they showed is not valid.
            Forbidden: If it is not theirs to do.
            NotFound: If there is no such case.
        """
        cells = self._cells(caller, action)
        now = self._clock.now()
        with self._database.reading() as uow:
            standing = standing_of(uow, caller, now, usc=usc, inventory_id=inventory_id)
        relation = _strongest(cells & standing.relations)
        if relation is None:
            whose = "this" if standing.usc is None else f"what belongs to {standing.usc}"
            raise Forbidden(f"{_who(caller)} does not reach {whose}")
        cases = {} if inventory_id is None else {standing.usc: inventory_id}
        self._note(caller, action, [standing], cases, now)
        noted = ALLOWED.get()
        if noted is not None:
            noted.append(Need(action, usc, inventory_id))
        return Access(action, relation, standing.usc)

    def admit(self, caller: Principal, action: Action) -> None:
        """
        Let a caller ask for something whose owner is found only later, or for a list.

        Raises:
            Unauthenticated: If they showed nothing that holds.
            Forbidden: If nothing of the kind is ever theirs to do.
        """
        self._cells(caller, action)

    def may(
        self,
        caller: Principal,
        action: Action,
        *,
        usc: str | None = None,
        inventory_id: bytes | None = None,
    ) -> bool:
        """Say whether a caller may do something; nothing is noted."""
        try:
            cells = self._cells(caller, action)
            with self._database.reading() as uow:
                now = self._clock.now()
                standing = standing_of(uow, caller, now, usc=usc, inventory_id=inventory_id)
        except (Unauthenticated, Forbidden, NotFound):
            return False
        return bool(cells & standing.relations)

    def reached(self, caller: Principal, action: Action, codes: Iterable[str]) -> list[str]:
        """Give those of some credit codes with whose data the caller may do something."""
        try:
            cells = self._cells(caller, action)
        except (Unauthenticated, Forbidden):
            return []
        with self._database.reading() as uow:
            found = standings_of(uow, caller, self._clock.now(), codes)
        return [usc for usc, standing in found.items() if cells & standing.relations]

    def shown(self, caller: Principal, action: Action, codes: Iterable[str]) -> None:
        """
        Note that a list shows a caller something of some enterprises: a row for each.

        What a caller is shown of an enterprise that they do not reach is public, and not noted.
        """
        now = self._clock.now()
        with self._database.reading() as uow:
            found = standings_of(uow, caller, now, sorted(set(codes)))
        self._note(caller, action, found.values(), {}, now)

    def cases_reached(
        self, caller: Principal, action: Action, cases: Iterable[ChainInventory]
    ) -> list[ChainInventory]:
        """Give those of some cases with which the caller may do something."""
        try:
            cells = self._cells(caller, action)
        except (Unauthenticated, Forbidden):
            return []
        return [each for each in cases if cells & standing_to(caller, each).relations]

    def cases_shown(
        self, caller: Principal, action: Action, cases: Iterable[ChainInventory]
    ) -> None:
        """Note that a list shows a caller some cases: a row for each enterprise."""
        found: dict[str, Standing] = {}
        named: dict[str | None, bytes | None] = {}
        for each in {each.inventory_id: each for each in cases}.values():
            standing = standing_to(caller, each)
            known = found.get(each.usc)
            named[each.usc] = each.inventory_id if known is None else None
            found[each.usc] = standing if known is None else known.joined(standing)
        self._note(caller, action, found.values(), named, self._clock.now())

    def _cells(self, caller: Principal, action: Action) -> frozenset[Relation]:
        cells = allowed(caller.role, action)
        if caller.role is Role.NOBODY and not cells:
            raise Unauthenticated(caller.refused or "this is for those who show who they are")
        if not cells:
            raise Forbidden(f"{_who(caller)} may not do this ({action.value})")
        if action in WRITES and not caller.may_write:
            raise Forbidden("a representative who may only read (只读代表) changes nothing")
        return cells

    def _note(
        self,
        caller: Principal,
        action: Action,
        shown: Iterable[Standing],
        cases: Mapping[str | None, bytes | None],
        now: Instant,
    ) -> None:
        """Note what is shown of others' data, in one statement."""
        if action not in READS_DATA:
            return
        cells = allowed(caller.role, action)
        is_sealed = caller.role in AUTHORITIES
        reads = []
        for each in shown:
            relation = _strongest(cells & each.relations)
            if each.usc is None or relation in (None, Relation.OWN):
                continue
            reads.append(
                Read(
                    usc=each.usc,
                    inventory_id=cases.get(each.usc),
                    reader=caller.name,
                    reader_code=caller.code,
                    role=caller.role.value,
                    proof=caller.proof.value,
                    relation=str(relation),
                    action=action.value,
                    asked=caller.asked,
                    at=now,
                    sealed_by=each.open_cases if is_sealed else (),
                )
            )
        if not reads:
            return
        with self._database.unit_of_work() as uow:
            uow.reads.note(*reads)
            # Commit point: who looked is known before anything is shown.
            uow.commit()


def _strongest(held: Collection[Relation]) -> Relation | None:
    """Give of some relations the one that says most; None where there is none."""
    return next((each for each in _STRONGEST_FIRST if each in held), None)


def _who(caller: Principal) -> str:
    return "this access token" if caller.role is Role.GRANT else f"the {caller.role.value}"
