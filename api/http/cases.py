"""
Cases: the queue, one case as it stands, its lines with ticks.

A case is an inventory under co-verification, named by its id. What is shown is read from chain and
log each time; what the caller says besides (ticks) is noted with who said it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth.policy import Action, Role, allowed
from api.auth.principals import Principal
from api.auth.relations import contains
from api.cases import case_document, case_name, lines_document, queued_document
from api.errors import Forbidden
from api.http.case_models import (
    PARTY_CODE,
    CaseLines,
    CaseList,
    CaseModel,
    CaseSummary,
    TickRequest,
)
from api.http.idempotency import Idempotent, IdempotentRoute
from api.http.lookup import PRIVATE, Caller, Here
from api.http.paging import Paged
from api.services import Services
from attestation.canonical import Json
from attestation.enums import label
from attestation.instants import Instant
from ledger.cases.case import Case, read_case
from ledger.cases.conversation import Speaker
from ledger.cases.progress import ticks_for
from ledger.cases.queue import Queued, queued
from ledger.cases.working import verifier_progress
from ledger.repositories.actions import Noted
from ledger.repositories.chain_inventories import ChainInventory
from ledger.unit_of_work import UnitOfWork


def _private(response: Response) -> None:
    """Let nobody in between keep the answer."""
    response.headers["cache-control"] = PRIVATE


router = APIRouter(
    prefix="/v1/cases",
    tags=["cases"],
    dependencies=[Depends(_private)],
    route_class=IdempotentRoute,
)

CaseId = Annotated[
    str, Path(pattern="^0x[0-9a-f]{64}$", description="Id of the case: of its inventory, with 0x.")
]


@router.get("", operation_id="listCases")
def list_cases(
    services: Here,
    caller: Caller,
    page: Paged,
    response: Response,
    enterprise: Annotated[
        str | None, Query(pattern=PARTY_CODE, description="Only of this credit code.")
    ] = None,
    verifier: Annotated[
        str | None, Query(pattern=PARTY_CODE, description="Only assigned to this code.")
    ] = None,
    year: Annotated[
        int | None, Query(ge=2000, le=9999, description="Only of this report year.")
    ] = None,
    state: Annotated[
        str | None, Query(max_length=40, pattern="^[a-z ]+$", description="Only in this state.")
    ] = None,
    stage: Annotated[
        str | None, Query(max_length=40, pattern="^[a-z ,]+$", description="Only in this stage.")
    ] = None,
) -> CaseList:
    """List the cases that the caller may read: of its own, held by it, or in its area."""
    services.admit(caller, Action.READ_CASE)
    now = services.ledger.clock.now()
    rows: list[Queued] = []
    with services.ledger.database.reading() as uow:
        wanted = _wanted(uow, caller, enterprise, verifier, year, state)
        for inventory in services.cases_reached(caller, Action.READ_CASE, wanted):
            if page.after is not None and _place(inventory) <= page.after:
                continue
            row = read_queued(uow, _row(uow, inventory, now))
            if stage is None or label(row.stage) == stage:
                rows.append(row)
            if len(rows) > page.limit:
                break
    shown = page.cut(rows, response, key=lambda row: _place(row.case.inventory))
    services.cases_shown(caller, Action.READ_CASE, (row.case.inventory for row in shown))
    return CaseList(
        cases=[CaseSummary.model_validate(queued_document(each)) for each in shown],
        next=page.next,
    )


@router.get("/{case}", operation_id="getCase")
def get_case(case: CaseId, services: Here, caller: Caller) -> CaseModel:
    """Show a case: where it stands, what was submitted and signed, what changed since."""
    with open_case(services, caller, Action.READ_CASE, case) as (uow, found):
        return CaseModel.model_validate(case_document(read_queued(uow, found)))


@router.get("/{case}/lines", operation_id="listCaseLines")
def list_lines(case: CaseId, services: Here, caller: Caller) -> CaseLines:
    """Show the lines of the newest version, with the ticks of the verifier that is assigned."""
    with open_case(services, caller, Action.READ_CASE, case) as (uow, found):
        return CaseLines.model_validate(lines_document(found, verifier_progress(uow, found)))


@router.post("/{case}/ticks", operation_id="tickCaseLines", status_code=201)
def tick_lines(
    case: CaseId, wanted: TickRequest, services: Here, caller: Caller, once: Idempotent
) -> CaseLines:
    """Say that lines were seen as they stand; a tick falls when its line changes."""
    services.authorise(caller, Action.WORK_CASE, inventory_id=bytes.fromhex(case[2:]))
    now = services.ledger.clock.now()
    speaker = speaker_of(caller)
    with services.ledger.database.unit_of_work() as uow:
        found = read_case(uow, bytes.fromhex(case[2:]), now=now)
        for tick in ticks_for(
            found,
            dict.fromkeys(wanted.lines),
            party=speaker.party,
            actor=speaker.actor,
            is_seen=wanted.seen,
            now=now,
        ):
            uow.cases.add_tick(tick)
        after: dict[str, Json] = {"lines": list(dict.fromkeys(wanted.lines)), "seen": wanted.seen}
        note(uow, caller, found, "case.tick", after, now)
        answer = CaseLines.model_validate(lines_document(found, verifier_progress(uow, found)))
        once.carried_out(uow)
        # Commit point: the ticks, the action and the key of the request, together.
        uow.commit()
    return answer


@contextmanager
def open_case(
    services: Services, caller: Principal, action: Action, case: str
) -> Iterator[tuple[UnitOfWork, Case]]:
    """
    Open a case to a caller who may read it.

    Raises:
        Unauthenticated: If nothing that holds was shown.
        Forbidden: If it is not the caller's to read.
        NotFound: If there is no such case.
    """
    inventory_id = bytes.fromhex(case[2:])
    services.authorise(caller, action, inventory_id=inventory_id)
    with services.ledger.database.reading() as uow:
        yield uow, read_case(uow, inventory_id, now=services.ledger.clock.now())


def read_queued(uow: UnitOfWork, case: Case) -> Queued:
    """Read a case as it stands in the queue."""
    return queued(case, verifier_progress(uow, case))


def speaker_of(caller: Principal) -> Speaker:
    """
    Give who speaks.

    Raises:
        Forbidden: If the caller speaks for no party.
    """
    if caller.code is None:
        raise Forbidden("only who speaks for a party takes part in a case")
    return Speaker(caller.code, caller.actor)


def note(
    uow: UnitOfWork,
    caller: Principal,
    case: Case,
    what: str,
    after: Mapping[str, Json],
    now: Instant,
) -> None:
    """Note in the ledger of actions what was done with a case."""
    uow.actions.note(
        Noted(
            actor=caller.actor,
            role=caller.role.value,
            on_behalf_of=caller.code,
            what=what,
            subject=f"case {case_name(case)}",
            usc=case.inventory.usc,
            after=after,
            at=now,
        )
    )


def _row(uow: UnitOfWork, inventory: ChainInventory, now: Instant) -> Case:
    return read_case(uow, inventory.inventory_id, now=now, newest_only=True)


def _wanted(
    uow: UnitOfWork,
    caller: Principal,
    enterprise: str | None,
    verifier: str | None,
    year: int | None,
    state: str | None,
) -> list[ChainInventory]:
    """Give the inventories that filters let through, in the order of the queue."""
    party = None if verifier is None else uow.parties.by_code(verifier)
    if verifier is not None and party is None:
        return []
    found = _reachable(uow, caller)
    return sorted(
        (
            each
            for each in found
            if (enterprise is None or each.usc == enterprise)
            and (party is None or each.verifier == party.party_id)
            and (year is None or each.report_year == year)
            and (state is None or label(each.state) == state)
        ),
        key=_place,
    )


def _reachable(uow: UnitOfWork, caller: Principal) -> list[ChainInventory]:
    """Give the inventories that may be the caller's to read; each is judged by the policy after."""
    if not allowed(caller.role, Action.READ_CASE):
        return []
    if caller.grant is not None:
        codes = caller.grant.enterprises
        return [each for code in codes for each in uow.chain_inventories.of_enterprise(code)]
    if caller.party is None:
        return []
    if caller.role is Role.ENTERPRISE:
        return uow.chain_inventories.of_enterprise(caller.party.code)
    held = uow.chain_inventories.held_by(caller.party.party_id)
    if not caller.areas:
        return held
    known = {each.inventory_id for each in held}
    return held + [
        each
        for each in uow.chain_inventories.all()
        if each.inventory_id not in known
        and any(contains(area, each.area) for area in caller.areas)
    ]


def _place(inventory: ChainInventory) -> tuple[Any, ...]:
    """Give what the queue is ordered by: enterprise, unit, period."""
    return (
        inventory.usc,
        inventory.unit_code,
        inventory.period_from_s,
        inventory.inventory_id.hex(),
    )
