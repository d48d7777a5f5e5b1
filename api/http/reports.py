"""
Verification reports (核查报告) of a case: handed in by the verifier, fetched by who may read it.

A body is taken only if the statement on chain carries its hash. What is fetched is the finished
file, with signatures, acts and the chain's proof as they are at present.

Source: FORMATS section 12.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.auth.policy import Action
from api.http.bodies import body_up_to, described_body
from api.http.cases import CaseId, open_case
from api.http.limits import gated
from api.http.lookup import PRIVATE, Caller, Here
from api.http.models import Model
from api.reports.keeping import keep_body, kept_report
from api.reports.proving import CaseProver
from attestation.report_file import MAX_LENGTH
from chain.client import ChainClient
from chain.deployments import load_deployment
from ledger.reports.errors import ReportRefused

router = APIRouter(prefix="/v1/cases/{case}", tags=["cases"])

_PDF = "application/pdf"
_BODY = described_body(_PDF, {"type": "string", "contentMediaType": _PDF})
Number = Annotated[int, Path(ge=1, le=2**31, description="Version, as the registry counts.")]


class KeptReport(Model):
    """A report whose body is kept."""

    version: int
    report_hash: str
    """SHA-256 of the body, hex: what both persons signed."""
    length: int


@router.put(
    "/reports/{number}",
    operation_id="putReport",
    openapi_extra=_BODY,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def put_report(
    case: CaseId,
    number: Number,
    content: Annotated[bytes, Depends(body_up_to(MAX_LENGTH))],
    services: Here,
    caller: Caller,
) -> KeptReport:
    """Hand in the body of the report on a version, once the statement on it is on chain."""
    with open_case(services, caller, Action.WORK_CASE, case) as (_, found):
        pass
    now = services.ledger.clock.now()
    with services.ledger.database.unit_of_work() as uow:
        kept = keep_body(uow, found, content, by=caller.actor, role=caller.role, now=now)
        if kept.version != number:
            raise ReportRefused(f"the report is of version {kept.version}", code="report.version")
        uow.commit()
    return KeptReport(version=number, report_hash=kept.sha256.hex(), length=len(content))


@router.get(
    "/reports/{number}",
    operation_id="getReport",
    response_class=Response,
    responses={200: {"content": {_PDF: {}}}},
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def get_report(case: CaseId, number: Number, services: Here, caller: Caller) -> Response:
    """Fetch the finished report on a version: the signed body, and one update with its proof."""
    chain = services.ledger.settings.chain
    with (
        open_case(services, caller, Action.READ_CASE, case) as (uow, found),
        ChainClient(chain.rpc_url.get_secret_value()) as client,
    ):
        deployment = load_deployment(chain.deployments, chain.chain_id)
        report = kept_report(uow, found, number, CaseProver.of(chain, client, deployment))
    headers = {
        "cache-control": PRIVATE,
        "content-disposition": f'attachment; filename="report-{number}.pdf"',
    }
    return Response(report, media_type=_PDF, headers=headers)
