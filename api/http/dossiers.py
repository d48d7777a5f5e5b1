"""
The dossier of a case (案卷) in one package: for its parties, and for authorities of its area.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from api.audit.documents import as_of
from api.audit.dossier import DossierParts, FinishReport, make_dossier
from api.audit.operator_log import require_operator_log, sign_package
from api.audit.reach import unseen_by
from api.auth.policy import Action
from api.bootstrap import Ledger
from api.http.audit import ZIP, zip_answer
from api.http.cases import CaseId, open_case, read_queued
from api.http.limits import gated
from api.http.lookup import Caller, Here
from api.reports.keeping import kept_report
from api.reports.proving import CaseProver, version_of
from attestation.errors import Error
from chain.client import ChainClient
from chain.deployments import load_deployment
from ledger.cases.case import Case
from ledger.repositories.actions import Noted
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/v1/cases/{case}", tags=["cases"])


@router.get(
    "/dossier",
    operation_id="exportCase",
    response_class=Response,
    responses=ZIP,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def export_case(case: CaseId, services: Here, caller: Caller) -> Response:
    """Export everything about a case: data, proofs, tables, report, and a signed manifest."""
    ledger = services.ledger
    with open_case(services, caller, Action.EXPORT_CASE, case) as (uow, found):
        operator_log = require_operator_log(uow, ledger.settings)
        logs = [operator_log, *([] if found.log is None else [found.log])]
        parts = DossierParts(
            operator_log=operator_log,
            policy=ledger.policy,
            cache=ledger.tiles,
            finish=_finisher(ledger),
            as_of=as_of(uow, logs),
            unseen=unseen_by(uow, caller, found.inventory.usc),
        )
        package = make_dossier(uow, read_queued(uow, found), parts)
        usc = found.inventory.usc
    with ledger.database.unit_of_work() as uow:
        uow.actions.note(
            Noted(
                actor=caller.actor,
                role=caller.role.value,
                what="case.export",
                subject=f"case {case}",
                at=ledger.clock.now(),
                on_behalf_of=caller.code,
                usc=usc,
            )
        )
        # Commit point: who took the dossier is known before it leaves.
        uow.commit()
    return zip_answer(sign_package(ledger.keys, operator_log, package), f"case-{case[2:10]}.zip")


def _finisher(ledger: Ledger) -> FinishReport:
    """Give what finishes a report, as far as the node answers."""

    def finish(uow: UnitOfWork, case: Case, number: int) -> tuple[str, bytes] | None:
        digest = version_of(case, number).report_hash
        kept = None if digest is None else uow.report_bodies.get(digest)
        if kept is None:
            return None
        chain = ledger.settings.chain
        try:
            deployment = load_deployment(chain.deployments, chain.chain_id)
            with ChainClient(chain.rpc_url.get_secret_value()) as client:
                prover = CaseProver.of(chain, client, deployment)
                return f"version-{number}.pdf", kept_report(uow, case, number, prover)
        except Error:
            # Without the node the evidence is not at hand; what was signed is given as it is.
            return f"version-{number}.body.pdf", kept.content

    return finish
