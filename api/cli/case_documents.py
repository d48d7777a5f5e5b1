"""
Cases of a database at hand, as the documents that a server would give of them.

The database is a ledger's or a mirror's; nothing is written, and nobody has to be logged in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.case_work import (
    findings_document,
    impartiality_document,
    panel_document,
    readiness_document,
    visits_document,
)
from api.cases import (
    case_document,
    case_name,
    conversation_document,
    lines_document,
    queued_document,
)
from api.client.transport import Value
from api.clock import SystemClock
from api.errors import BadRequest
from attestation.enums import PartyKind
from ledger.cases.case import Case, read_case
from ledger.cases.conversation import conversations
from ledger.cases.impartiality import impartiality
from ledger.cases.queue import queued
from ledger.cases.readiness import readiness
from ledger.cases.statement import statement_document
from ledger.cases.working import read_panel, read_work, verifier_progress
from ledger.database import Database
from ledger.unit_of_work import UnitOfWork

_FILTERS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "enterprise": lambda row: row["enterprise"]["code"],
    "verifier": lambda row: None if row["verifier"] is None else row["verifier"]["code"],
    "year": lambda row: row["report_year"],
    "state": lambda row: row["state"],
    "stage": lambda row: row["stage"],
}


class LocalCases:
    """
    The cases of a database at hand.

    Args:
        database: Of a ledger or a mirror.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, filters: Mapping[str, Value]) -> list[Any]:
        """Give the rows of the queue, by enterprise, unit and period."""
        now = SystemClock().now()
        with self._database.reading() as uow:
            rows = [
                queued_document(queued(case, verifier_progress(uow, case)))
                for case in (
                    read_case(uow, each.inventory_id, now=now, newest_only=True)
                    for each in uow.chain_inventories.all()
                )
            ]
        wanted = {name: value for name, value in filters.items() if value is not None}
        return sorted(
            (
                row
                for row in rows
                if all(_FILTERS[name](row) == value for name, value in wanted.items())
            ),
            key=lambda row: (row["enterprise"]["code"], row["unit"], row["period"]),
        )

    def look(self, case: str, part: str = "", **query: Value) -> Any:
        """Give one document of a case."""
        with self._database.reading() as uow:
            found = read_case(uow, bytes.fromhex(case[2:]), now=SystemClock().now())
            name, _, of = part.partition("/")
            if name == "impartiality":
                return _impartiality(uow, found, of)
            return _PARTS[part](uow, found)


def _impartiality(uow: UnitOfWork, case: Case, verifier: str) -> dict[str, Any]:
    party = uow.parties.by_code(verifier)
    if party is None or party.kind is not PartyKind.VERIFIER:
        raise BadRequest(f"no verifier {verifier} is registered")
    questions = impartiality(uow, case, party.party_id)
    return impartiality_document(case, verifier, questions)


def _comments(uow: UnitOfWork, case: Case) -> dict[str, Any]:
    said = conversations(uow.cases.comments(case.inventory_id))
    return {
        "case": case_name(case),
        "conversations": [conversation_document(each) for each in said],
    }


def _checks(uow: UnitOfWork, case: Case) -> dict[str, Any]:
    panel = read_panel(uow, case)
    if panel is None:
        raise BadRequest("the newest version is not kept here")
    return panel_document(panel)


def _readiness(uow: UnitOfWork, case: Case) -> dict[str, Any]:
    work = read_work(uow, case)
    return readiness_document(case, readiness(case, work), work.seats)


_PARTS: Final[Mapping[str, Callable[[UnitOfWork, Case], Mapping[str, Any]]]] = {
    "": lambda uow, case: case_document(queued(case, verifier_progress(uow, case))),
    "lines": lambda uow, case: lines_document(case, verifier_progress(uow, case)),
    "comments": _comments,
    "findings": lambda _uow, case: findings_document(case),
    "checks": _checks,
    "readiness": _readiness,
    "visits": lambda _uow, case: visits_document(case),
    "statement": lambda _uow, case: statement_document(case),
}
