"""What the operations of the server work with, joined once at start."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from fastapi import Request

from api.auth.authorising import Access, Authoriser
from api.auth.identifying import Identifier
from api.auth.place import Place
from api.auth.policy import Action
from api.auth.principals import Principal
from api.auth.sessions import Sessions
from api.bootstrap import Ledger
from api.http.limits import Limits
from ledger.repositories.chain_inventories import ChainInventory


@dataclass(frozen=True, slots=True)
class Services:
    """The ledger that one server shows, and how much of it to one caller."""

    ledger: Ledger
    limits: Limits
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the server is to end, so that what answers for long ends by itself."""
    address: str | None = None
    """Under which the server is reached, where the settings do not say it."""

    @property
    def place(self) -> Place:
        """What the server is called by those who log in."""
        return Place.of(self.ledger.settings, address=self.address)

    @property
    def sessions(self) -> Sessions:
        """The sessions of representatives."""
        return Sessions(self.ledger.database, self.ledger.clock, self.place)

    @property
    def identifier(self) -> Identifier:
        """Finds out who calls."""
        ledger = self.ledger
        return Identifier(ledger.database, ledger.clock, self.place, ledger.access)

    def authorise(
        self,
        caller: Principal,
        action: Action,
        *,
        usc: str | None = None,
        inventory_id: bytes | None = None,
    ) -> Access:
        """
        Let a caller do something, and note it where it shows them another party's data.

        Args:
            caller: Who asks.
            action: What for.
            usc: Credit code of the enterprise whose data it is.
            inventory_id: The case, where it is about one; its enterprise is found.

        Raises:
            Unauthenticated: If they showed nothing that holds.
            Forbidden: If it is not theirs to do.
            NotFound: If there is no such case.
        """
        return self.authoriser.require(caller, action, usc=usc, inventory_id=inventory_id)

    def admit(self, caller: Principal, action: Action) -> None:
        """
        Let a caller ask for a list, or for a thing whose owner is found only later.

        Raises:
            Unauthenticated: If they showed nothing that holds.
            Forbidden: If nothing of the kind is ever theirs to do.
        """
        self.authoriser.admit(caller, action)

    def may(
        self,
        caller: Principal,
        action: Action,
        *,
        usc: str | None = None,
        inventory_id: bytes | None = None,
    ) -> bool:
        """Say whether a caller may do something; nothing is noted."""
        return self.authoriser.may(caller, action, usc=usc, inventory_id=inventory_id)

    def reached(self, caller: Principal, action: Action, codes: Iterable[str]) -> list[str]:
        """Give those of some credit codes with whose data a caller may do something."""
        return self.authoriser.reached(caller, action, codes)

    def shown(self, caller: Principal, action: Action, codes: Iterable[str | None]) -> None:
        """
        Note whose data a list shows to a caller, in one statement, before it is shown.

        What is of no enterprise, or of one that the caller does not reach, is public.
        """
        self.authoriser.shown(caller, action, (each for each in codes if each is not None))

    def cases_reached(
        self, caller: Principal, action: Action, cases: Iterable[ChainInventory]
    ) -> list[ChainInventory]:
        """Give those of some cases with which a caller may do something."""
        return self.authoriser.cases_reached(caller, action, cases)

    def cases_shown(
        self, caller: Principal, action: Action, cases: Iterable[ChainInventory]
    ) -> None:
        """Note whose cases a list shows to a caller, in one statement, before it is shown."""
        self.authoriser.cases_shown(caller, action, cases)

    @property
    def authoriser(self) -> Authoriser:
        """Decides by the policy, and notes who read what."""
        return Authoriser(self.ledger.database, self.ledger.clock)


def services_of(request: Request) -> Services:
    """Give the parts of the server that answers this request."""
    services: Services = request.app.state.services
    return services
