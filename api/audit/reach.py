"""
Whose things a caller may look at, where a list runs over more than one enterprise.

An enterprise sees its own, an authority what lies in its area or in its hands, the oversight
everything. What is shown of another's is noted for each enterprise that is on the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.auth.policy import Action, Relation, Role, allowed
from api.auth.principals import Principal
from api.services import Services


@dataclass(frozen=True, slots=True)
class Reach:
    """The enterprises whose things may be shown."""

    codes: tuple[str, ...] | None
    """None where there is no limit."""

    def covers(self, usc: str | None) -> bool:
        """Say whether something of this enterprise, or of none, may be shown."""
        return self.codes is None or usc in self.codes


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
        return Reach((usc,))
    codes = tuple(services.reached(caller, action, known_enterprises(services)))
    if not codes:
        services.authorise(caller, action)  # says who may not do this at all, and why
    return Reach(codes)


def known_enterprises(services: Services) -> list[str]:
    """Give the credit codes of the enterprises that are known here: by a log or by a case."""
    with services.ledger.database.reading() as uow:
        codes = {log.usc for log in uow.logs.all()}
        codes.update(case.usc for case in uow.chain_inventories.all())
    return sorted(codes)


def note_shown(
    services: Services, caller: Principal, action: Action, codes: Iterable[str | None]
) -> None:
    """Note that something of these enterprises is shown to a caller who reaches them."""
    for usc in sorted({each for each in codes if each is not None}):
        if services.may(caller, action, usc=usc):
            services.authorise(caller, action, usc=usc)
