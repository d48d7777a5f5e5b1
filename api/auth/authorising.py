"""
The one question of every operation: may this caller do this with that?

Whoever may not is told whether to show who they are (401) or that it is not theirs (403). What a
party reads of another's data is noted before it is shown: what cannot be noted is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from api.auth.policy import READS_DATA, WRITES, Action, Relation, Role, allowed
from api.auth.principals import Principal
from api.auth.relations import AUTHORITIES, Standing, standing_of
from api.errors import Forbidden, NotFound, Unauthenticated
from attestation.instants import Instant
from ledger.database import Database
from ledger.repositories.reads import Read
from ledger.unit_of_work import UnitOfWork

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
        held = cells & standing.relations
        if not held:
            whose = "this" if standing.usc is None else f"what belongs to {standing.usc}"
            raise Forbidden(f"{_who(caller)} does not reach {whose}")
        relation = next(each for each in _STRONGEST_FIRST if each in held)
        if relation is not Relation.OWN and action in READS_DATA and standing.usc is not None:
            self._note(caller, action, relation, standing, inventory_id, now)
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
        with self._database.reading() as uow:
            return self._may(uow, caller, action, usc=usc, inventory_id=inventory_id)

    def reached(self, caller: Principal, action: Action, codes: Iterable[str]) -> list[str]:
        """Give those of some credit codes with whose data the caller may do something."""
        with self._database.reading() as uow:
            return [each for each in codes if self._may(uow, caller, action, usc=each)]

    def _may(
        self,
        uow: UnitOfWork,
        caller: Principal,
        action: Action,
        *,
        usc: str | None = None,
        inventory_id: bytes | None = None,
    ) -> bool:
        try:
            cells = self._cells(caller, action)
            now = self._clock.now()
            standing = standing_of(uow, caller, now, usc=usc, inventory_id=inventory_id)
        except (Unauthenticated, Forbidden, NotFound):
            return False
        return bool(cells & standing.relations)

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
        relation: Relation,
        standing: Standing,
        inventory_id: bytes | None,
        now: Instant,
    ) -> None:
        is_sealed = caller.role in AUTHORITIES
        read = Read(
            usc=standing.usc or "",
            inventory_id=inventory_id,
            reader=caller.name,
            reader_code=caller.code,
            role=caller.role.value,
            proof=caller.proof.value,
            relation=relation.value,
            action=action.value,
            asked=caller.asked,
            at=now,
            sealed_by=standing.open_cases if is_sealed else (),
        )
        with self._database.unit_of_work() as uow:
            uow.reads.note(read)
            uow.commit()


def _who(caller: Principal) -> str:
    return "this access token" if caller.role is Role.GRANT else f"the {caller.role.value}"
