"""
Waiting a little for what is about to be done (`Prefer: wait`).

What needs a block is answered with 202 at once. A caller who would rather wait than ask again says
for how long; the server waits less, or not at all, where too many do so already.

Source: RFC 7240, sections 2, 3 and 4.3.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header, Request, Response

from api.errors import Busy
from api.services import Services, services_of

LONGEST_S: Final = 30
_ROUND_MS: Final = 200
_MS_PER_S: Final = 1000
_NS_PER_S: Final = 1_000_000_000
_WAIT: Final = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])', re.ASCII)

State = TypeVar("State")


class Patience:
    """
    How long one caller would wait, as far as this server lets it.

    Args:
        seconds: What is asked for; 0 does not wait.
        services: Of the server.
        request: Whose caller it is.
        response: Gets `Preference-Applied`.
    """

    def __init__(
        self, seconds: int, services: Services, request: Request, response: Response
    ) -> None:
        self.seconds = min(seconds, LONGEST_S)
        self._services = services
        self._request = request
        self._response = response

    def wait(self, look: Callable[[], State], is_done: Callable[[State], bool]) -> State:
        """
        Look until it is done, the time is over, or the server ends; give what was seen last.

        Args:
            look: Reads the state, in a transaction of its own.
            is_done: Says whether there is nothing to wait for.
        """
        found = look()
        if is_done(found) or not self.seconds:
            return found
        limits = self._services.limits
        caller = limits.caller(self._request, self._services.ledger.clock.now())
        try:
            with limits.waits.open(caller):
                found = self._look_again(look, is_done)
        except Busy:
            return found  # a preference, not a right
        self._response.headers["preference-applied"] = f"wait={self.seconds}"
        return found

    def _look_again(self, look: Callable[[], State], is_done: Callable[[State], bool]) -> State:
        end = time.monotonic_ns() + self.seconds * _NS_PER_S
        while True:
            self._services.closing.wait(_ROUND_MS / _MS_PER_S)
            found = look()
            is_over = time.monotonic_ns() >= end or self._services.closing.is_set()
            if is_over or is_done(found):
                return found


def patience_of(
    request: Request,
    response: Response,
    services: Annotated[Services, Depends(services_of)],
    prefer: Annotated[
        str | None,
        Header(max_length=200, description="`wait=10` waits up to so many seconds for the end."),
    ] = None,
) -> Patience:
    """Read how long the caller would wait."""
    found = _WAIT.search(prefer or "")
    return Patience(int(found[1]) if found else 0, services, request, response)


Patient = Annotated[Patience, Depends(patience_of)]
"""What an operation takes whose result may take a block."""
