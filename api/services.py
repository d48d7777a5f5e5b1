"""What the operations of the server work with, joined once at start."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from fastapi import Request

from api.access import Grant
from api.bootstrap import Ledger
from api.errors import Unauthenticated
from api.http.limits import Limits


@dataclass(frozen=True, slots=True)
class Services:
    """The ledger that one server shows, and how much of it to one caller."""

    ledger: Ledger
    limits: Limits
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the server is to end, so that what answers for long ends by itself."""

    def require_grant(self, token: str | None, usc: str) -> Grant:
        """
        Give the grant by which the token's holder reads this enterprise's entries.

        Raises:
            Unauthenticated: If there is no valid token, or this place grants nothing.
            Forbidden: If the grant does not name this enterprise.
        """
        if self.ledger.access is None:
            raise Unauthenticated("nobody may read entries here: there is no access list")
        return self.ledger.access.check(token, usc, self.ledger.clock.now())


def services_of(request: Request) -> Services:
    """Give the parts of the server that answers this request."""
    services: Services = request.app.state.services
    return services
