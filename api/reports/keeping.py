"""
Reports that are kept: the body whose hash the verifier's statement on chain carries.

Only such a body is taken; the finished file is made anew each time, so that it shows where the
case stands at present.
"""

from __future__ import annotations

from hashlib import sha256

from api.reports.making import finished_report, inventory_of_body, version_of_body
from api.reports.proving import CaseProver, version_of
from attestation.instants import Instant
from ledger.cases.case import Case
from ledger.reports.errors import ReportRefused
from ledger.repositories.actions import Noted
from ledger.repositories.report_bodies import ReportBody
from ledger.unit_of_work import UnitOfWork


def keep_body(
    uow: UnitOfWork, case: Case, body: bytes, *, by: str, role: str, now: Instant
) -> ReportBody:
    """
    Keep the body of a report; the caller commits.

    Args:
        uow: A writing unit of work.
        case: The case that it is of.
        body: From outside.
        by: Who hands it in: address or name.
        role: As what.
        now: Present time.

    Raises:
        EncodingError: If it is no body of a report.
        ReportRefused: If it is another case's, or the statement on chain is of another body.
    """
    number, digest = version_of_body(body), sha256(body).digest()
    if inventory_of_body(body) != case.inventory_id:
        raise ReportRefused("the report is of another inventory", code="report.version")
    if version_of(case, number).report_hash != digest:
        raise ReportRefused(
            f"the verifier's statement on version {number} is of another report, or there is none",
            code="report.not_stated",
        )
    kept = ReportBody(digest, case.inventory_id, number, body, now)
    if uow.report_bodies.get(digest) is None:
        uow.report_bodies.put(kept)
        uow.actions.note(
            Noted(
                actor=by,
                role=role,
                what="report.keep",
                subject=f"case 0x{case.inventory_id.hex()}",
                usc=case.inventory.usc,
                after={"version": number, "report_hash": digest.hex()},
                at=now,
            )
        )
    return kept


def kept_report(uow: UnitOfWork, case: Case, number: int, prover: CaseProver) -> bytes:
    """
    Give the finished report on a version.

    Raises:
        ReportRefused: If nothing was stated on it, or its body is not kept here.
    """
    digest = version_of(case, number).report_hash
    if digest is None:
        raise ReportRefused(
            f"the verifier stated nothing on version {number} yet", code="report.not_stated"
        )
    kept = uow.report_bodies.get(digest)
    if kept is None:
        raise ReportRefused(
            f"the report on version {number} is not kept here", code="report.no_content"
        )
    return finished_report(uow, case, prover, kept.content)
