"""
What was done on a case besides its records, read together for checklist and page.

Source: SCREENS section 2.1.
"""

from __future__ import annotations

from ledger.cases.approvals import seats
from ledger.cases.case import Case
from ledger.cases.conversation import conversations
from ledger.cases.impartiality import impartiality
from ledger.cases.panel import Panel, panel_of
from ledger.cases.progress import Progress, progress_of
from ledger.cases.readiness import Work
from ledger.unit_of_work import UnitOfWork


def verifier_progress(uow: UnitOfWork, case: Case) -> Progress:
    """Say how far the verifier that is assigned has come; nothing is seen while there is none."""
    ticks = [] if case.verifier is None else uow.cases.ticks(case.inventory_id, case.verifier.code)
    return progress_of(case, ticks)


def read_work(uow: UnitOfWork, case: Case) -> Work:
    """Read what was done on a case."""
    inventory = case.inventory
    return Work(
        progress=verifier_progress(uow, case),
        conversations=conversations(uow.cases.comments(case.inventory_id)),
        seats=seats(case, uow.cases.approvals(case.inventory_id)),
        panel=read_panel(uow, case),
        impartiality=(
            () if inventory.verifier is None else impartiality(uow, case, inventory.verifier)
        ),
    )


def read_panel(uow: UnitOfWork, case: Case) -> Panel | None:
    """Make the checks panel of the newest version; None where it is not kept here."""
    if case.log is None or case.content is None or case.version is None:
        return None
    return panel_of(uow, case.log, case.content, case.version)
