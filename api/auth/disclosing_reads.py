"""
Who is shown who has read what: the party concerned, and the oversight.

What an authority looked at while a case was open stays sealed for the party until none of those
cases is open any more, so that nobody learns from the audit what is being looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.auth.relations import is_closed
from ledger.repositories.reads import Read
from ledger.unit_of_work import UnitOfWork

_PAGE: Final = 500


def reads_shown_to_owner(
    uow: UnitOfWork, usc: str, *, before: int | None, limit: int
) -> list[Read]:
    """
    Load who has read a party's data, newest first, without what is sealed.

    Args:
        uow: Reads.
        usc: Credit code of the party.
        before: Only with smaller ids.
        limit: How many at most.
    """
    closed: dict[tuple[bytes, ...], bool] = {(): True}
    found: list[Read] = []
    for read in _all(uow, usc, before):
        if read.sealed_by not in closed:
            closed[read.sealed_by] = is_closed(uow, read.sealed_by)
        if closed[read.sealed_by]:
            found.append(read)
            if len(found) == limit:
                break
    return found


def _all(uow: UnitOfWork, usc: str, before: int | None) -> Iterator[Read]:
    while page := uow.reads.listed(usc=usc, before=before, limit=_PAGE):
        yield from page
        before = page[-1].id
