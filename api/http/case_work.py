"""
The work on a case: findings, checks, readiness, approvals, recomputation, what-if, statement.

Findings are records of the enterprise's log and come in as every record does, signed; here they
are read. What this server recomputes is its own result and says so: a party that wants its own
recomputes on its own machine.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth.policy import Action
from api.case_work import (
    findings_document,
    impartiality_document,
    panel_document,
    readiness_document,
    recomputation_document,
    thread_document,
    visits_document,
    what_if_document,
)
from api.errors import Forbidden, NotFound
from api.http.bodies import BoundedRoute
from api.http.case_models import PARTY_CODE
from api.http.case_work_models import (
    ApprovalRequest,
    CaseChecks,
    CaseReadiness,
    FindingList,
    FindingModel,
    Impartiality,
    RecomputationModel,
    VisitList,
    WhatIfModel,
    WhatIfRequest,
)
from api.http.cases import CaseId, note, open_case
from api.http.idempotency import Idempotent, IdempotentRoute
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here
from api.rule_side import chain_rules, seeded_factors
from attestation.canonical import Json
from attestation.enums import AssuranceLevel, PartyKind
from ledger.cases.approvals import approval_by, basis_of
from ledger.cases.case import Case, read_case
from ledger.cases.errors import CaseRefused
from ledger.cases.impartiality import impartiality
from ledger.cases.readiness import readiness
from ledger.cases.recomputation import recompute
from ledger.cases.statement import Assurance, statement_document
from ledger.cases.what_if import OtherFactor, OtherValue, what_if
from ledger.cases.working import read_panel, read_work
from ledger.inventory.amounts import Amount
from ledger.unit_of_work import UnitOfWork


def _private(response: Response) -> None:
    """Let nobody in between keep the answer."""
    response.headers["cache-control"] = PRIVATE


router = APIRouter(
    prefix="/v1/cases/{case}",
    tags=["cases"],
    dependencies=[Depends(_private)],
    route_class=IdempotentRoute,
)
_working = APIRouter(route_class=BoundedRoute)
# What is worked out changes nothing, and may be asked for as often as there is room.
_GROWN = Depends(gated(lambda limits: limits.bundles))

FindingNumber = Annotated[int, Path(ge=1, le=100_000, description="Number of the finding.")]


@router.get("/findings", operation_id="listFindings")
def list_findings(case: CaseId, services: Here, caller: Caller) -> FindingList:
    """List the findings (不符合项) of a case, and what they add up to."""
    with open_case(services, caller, Action.READ_CASE, case) as (_, found):
        return FindingList.model_validate(findings_document(found))


@router.get("/findings/{number}", operation_id="getFinding")
def get_finding(
    case: CaseId, number: FindingNumber, services: Here, caller: Caller
) -> FindingModel:
    """Show one finding with everything that was said about it."""
    with open_case(services, caller, Action.READ_CASE, case) as (_, found):
        for thread in found.threads:
            if thread.number == number:
                return FindingModel.model_validate(thread_document(thread))
    raise NotFound(f"no finding {number} in this case")


@router.get("/visits", operation_id="listSiteVisits")
def list_visits(case: CaseId, services: Here, caller: Caller) -> VisitList:
    """List the visits to the site (现场核查) that were recorded."""
    with open_case(services, caller, Action.READ_CASE, case) as (_, found):
        return VisitList.model_validate(visits_document(found))


@router.get("/checks", operation_id="getCaseChecks", dependencies=[_GROWN])
def get_checks(case: CaseId, services: Here, caller: Caller) -> CaseChecks:
    """Show the checks panel: the version's cross-checks, and how its evidence stands."""
    with open_case(services, caller, Action.READ_CASE, case) as (uow, found):
        panel = read_panel(uow, found)
    if panel is None:
        raise NotFound("the newest version is not kept here")
    return CaseChecks.model_validate(panel_document(panel))


@router.get("/readiness", operation_id="getCaseReadiness", dependencies=[_GROWN])
def get_readiness(case: CaseId, services: Here, caller: Caller) -> CaseReadiness:
    """Show the checklist for sign-off; the verifier's own."""
    with open_case(services, caller, Action.WORK_CASE, case) as (uow, found):
        return _readiness(uow, found)


@router.post("/approvals", operation_id="approveCase", status_code=201)
def approve(
    case: CaseId, wanted: ApprovalRequest, services: Here, caller: Caller, once: Idempotent
) -> CaseReadiness:
    """Approve the case as the caller has seen it, or take that back; falls when data change."""
    inventory_id = bytes.fromhex(case[2:])
    services.authorise(caller, Action.WORK_CASE, inventory_id=inventory_id)
    if caller.address is None or caller.key is not None:
        raise Forbidden("a person approves, with the key that the chain names; no machine does")
    now = services.ledger.clock.now()
    with services.ledger.database.unit_of_work() as uow:
        found = read_case(uow, inventory_id, now=now)
        if wanted.basis != basis_of(found).hex():
            raise CaseRefused("the case has changed since: look at it again")
        approval = approval_by(found, caller.address, is_given=wanted.approved, now=now)
        uow.cases.add_approval(approval)
        after: dict[str, Json] = {"approved": wanted.approved, "basis": wanted.basis}
        note(uow, caller, found, "case.approve", after, now)
        answer = _readiness(uow, found)
        once.carried_out(uow)
        # Commit point: the approval, the action and the key of the request, together.
        uow.commit()
    return answer


@router.get("/impartiality/{verifier}", operation_id="getImpartiality")
def get_impartiality(
    case: CaseId,
    verifier: Annotated[
        str, Path(pattern=PARTY_CODE, description="Code of a verifier, assigned or not.")
    ],
    services: Here,
    caller: Caller,
) -> Impartiality:
    """Ask whether a verifier may verify the enterprise: before it accepts, or is assigned."""
    with open_case(services, caller, Action.READ_CASE, case) as (uow, found):
        party = uow.parties.by_code(verifier)
        if party is None or party.kind is not PartyKind.VERIFIER:
            raise NotFound(f"no verifier {verifier} is registered")
        questions = impartiality(uow, found, party.party_id)
    return Impartiality.model_validate(impartiality_document(found, verifier, questions))


@router.get(
    "/statement",
    operation_id="getCaseStatement",
    response_model=dict[str, Any],
)
def get_statement(
    case: CaseId,
    services: Here,
    caller: Caller,
    assurance: Annotated[
        str, Query(pattern="^(reasonable|limited)$", description="Level of assurance.")
    ] = "reasonable",
    materiality: Annotated[
        str | None,
        Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="As stated."),
    ] = None,
) -> dict[str, Any]:
    """Give the data of the verification statement, as the report embeds them."""
    level = AssuranceLevel[assurance.upper()]
    with open_case(services, caller, Action.READ_CASE, case) as (_, found):
        return dict(statement_document(found, Assurance(level, materiality)))


@_working.post("/recomputations", operation_id="recomputeCase", dependencies=[_GROWN])
def post_recomputation(case: CaseId, services: Here, caller: Caller) -> RecomputationModel:
    """Work the newest version out again on this server, and hold everything side by side."""
    with (
        open_case(services, caller, Action.READ_CASE, case) as (uow, found),
        chain_rules() as engine,
    ):
        made = recompute(uow, found, engine=engine, factors=seeded_factors())
    host = services.ledger.settings.log.host
    return RecomputationModel.model_validate(
        {**recomputation_document(found, made), "computed_by": host}
    )


@_working.post("/what-if", operation_id="askWhatIf", dependencies=[_GROWN])
def post_what_if(
    case: CaseId, wanted: WhatIfRequest, services: Here, caller: Caller
) -> WhatIfModel:
    """Work the newest version out with other factors, apart from the record; nothing is kept."""
    others = [
        OtherFactor(each.guide, each.quantity, each.subject, tuple(each.values))
        for each in wanted.factors
    ]
    values = [
        OtherValue(each.parameter, Amount.parse(each.value, each.unit)) for each in wanted.values
    ]
    with (
        open_case(services, caller, Action.READ_CASE, case) as (uow, found),
        chain_rules() as engine,
    ):
        made = what_if(uow, found, others, values, engine=engine, factors=seeded_factors())
    host = services.ledger.settings.log.host
    return WhatIfModel.model_validate({**what_if_document(found, made), "computed_by": host})


def _readiness(uow: UnitOfWork, case: Case) -> CaseReadiness:
    work = read_work(uow, case)
    return CaseReadiness.model_validate(readiness_document(case, readiness(case, work), work.seats))


router.include_router(_working)
