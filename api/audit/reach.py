"""
Whose things a caller may look at, where a list runs over more than one enterprise.

An enterprise sees its own, an authority what lies in its area or in its hands, the oversight
everything. What is shown of another's is noted for each enterprise that is on the page. Of what
authorities do, those whom they watch see neither alerts and inspections nor, while a case is open,
who took it along.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from api.auth.policy import Action, Relation, Role, allowed
from api.auth.principals import Principal
from api.auth.relations import AUTHORITIES
from api.services import Services
from ledger.repositories.actions import Unseen
from ledger.repositories.standings import OPEN
from ledger.unit_of_work import UnitOfWork

_WATCHING: Final = ("alert.", "inspection.")
_LOOKS: Final = ("case.export",)


@dataclass(frozen=True, slots=True)
class Reach:
    """The enterprises whose things may be shown."""

    codes: tuple[str, ...] | None
    """None where there is no limit."""
    is_noted: bool = False
    """Whether the look is noted already: at the one enterprise that was asked for."""


def reach_of(services: Services, caller: Principal, action: Action, usc: str | None) -> Reach:
    """
    Say which enterprises a list may run over.

    Args:
        services: The server's parts.
        caller: Who asks.
        action: What for.
        usc: The only enterprise that is asked for, if any.

    Raises:
        Unauthenticated: If they showed nothing that holds.
        Forbidden: If it is not theirs to do.
    """
    if Relation.ANY in allowed(caller.role, action):
        services.authorise(caller, action)
        return Reach(None if usc is None else (usc,))
    if usc is None and caller.role is Role.ENTERPRISE:
        usc = caller.code
    if usc is not None:
        services.authorise(caller, action, usc=usc)
        return Reach((usc,), is_noted=True)
    codes = tuple(services.reached(caller, action, known_enterprises(services)))
    if not codes:
        services.authorise(caller, action)  # says who may not do this at all, and why
    return Reach(codes)


def note_shown(
    services: Services,
    caller: Principal,
    action: Action,
    reach: Reach,
    codes: Iterable[str | None],
) -> None:
    """Note whose things a list shows, where that is not noted already."""
    if not reach.is_noted:
        services.shown(caller, action, codes)


def known_enterprises(services: Services) -> list[str]:
    """Give the credit codes of the enterprises that are known here: by a log or by a case."""
    with services.ledger.database.reading() as uow:
        return uow.standings.enterprises()


def unseen_by(uow: UnitOfWork, caller: Principal, usc: str) -> Unseen | None:
    """Say what of an enterprise's actions a caller is not shown; None to whoever watches."""
    if caller.role in AUTHORITIES or caller.role is Role.OVERSIGHT:
        return None
    return Unseen(
        beginnings=_WATCHING,
        looks=_LOOKS,
        roles=tuple(sorted(each.value for each in AUTHORITIES)),
        subjects=tuple(
            f"case 0x{each.inventory_id.hex()}"
            for each in uow.standings.cases((usc,))
            if each.state in OPEN
        ),
    )
