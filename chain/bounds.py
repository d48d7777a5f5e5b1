"""
Events kept within what databases and calendars hold.

A contract takes every number that its type holds, from whoever may sign: a total of 2**64 - 1
tonnes, a time to which nobody counts. One event that could not be stored would stop all who follow
the chain, so such a number is told as the greatest that can be; the chain keeps the true one.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from chain.ledger_events import LedgerEvent

MOST: Final = 2**63 - 1
"""The greatest number of a database's column."""
LATEST_S: Final = 253_402_271_999
"""The last second of the year 9999 in the reporting zone: texts of times end there."""
_SECONDS: Final = "_s"


def bounded(event: LedgerEvent) -> LedgerEvent:
    """Give an event with its numbers and times within bounds."""
    changed: dict[str, Any] = {}
    for field in fields(event):
        value = getattr(event, field.name)
        most = LATEST_S if field.name.endswith(_SECONDS) else MOST
        if isinstance(value, int) and value > most:
            changed[field.name] = most
    return replace(event, **changed) if changed else event
