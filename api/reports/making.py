"""
Making a report: the body that the verifier signs, and the file with its evidence afterwards.

The body depends on the case and on the few words that are the verifier's own; the same case and
the same words give the same bytes on every machine, so that both who sign can draw it themselves.

Source: FORMATS section 12; `docs/reports.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from api.reports.drawing import draw_report
from api.reports.proving import CaseProver, acts_on, content_of, version_of
from attestation.canonical import Json, require_object
from attestation.case_acts import STATEMENT, SUBMISSION, inventory_id
from attestation.case_bundle import format_case_bundle
from attestation.enums import VerificationOpinion
from attestation.errors import EncodingError
from attestation.report_document import ReportDocument
from attestation.report_file import BUNDLE_NAME, Attachment, finish_report, statement_of
from ledger.cases.case import Case
from ledger.cases.statement import Assurance, statement_document
from ledger.inventory.versions import Change, diff
from ledger.reports.document import PartyName, ReportInputs, report_document
from ledger.reports.errors import ReportRefused
from ledger.reports.numbering import report_number
from ledger.repositories.parties import Party
from ledger.unit_of_work import UnitOfWork

_VERSION: Final = re.compile("[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class ReportWish:
    """What a report says that the case does not."""

    body_name: str
    """The verifier's abbreviation, for the number."""
    drawn_on: str
    """Day of the report, `YYYY-MM-DD`."""
    opinion: VerificationOpinion
    verify_url: str
    assurance: Assurance = Assurance()  # noqa: RUF009 - frozen
    languages: tuple[str, ...] = ("zh", "en")


def report_body(case: Case, prover: CaseProver, wish: ReportWish) -> bytes:
    """
    Draw the report on the newest version of a case.

    Args:
        case: The case; a verifier is assigned to it.
        prover: The node that has the enterprise's submission.
        wish: The verifier's own words.

    Returns:
        The body; its SHA-256 is the report hash of the verifier's statement.

    Raises:
        ReportRefused: If nothing was submitted or kept here, or nobody is assigned.
    """
    inventory, pinned = case.inventory, case.version
    lead, reviewer = inventory.lead_verifier, inventory.technical_reviewer
    if pinned is None or lead is None or reviewer is None:
        raise ReportRefused(
            "a report needs a submitted version and an assigned verifier", code="report.not_ready"
        )
    submitted = [each for each in acts_on(case, pinned.number) if each.name == SUBMISSION]
    (submission,) = prover.shown(submitted)
    inputs = ReportInputs(
        number=report_number(
            area=inventory.area,
            body=wish.body_name,
            credit_code=inventory.usc,
            year=inventory.report_year,
            version=pinned.number,
        ),
        drawn_on=wish.drawn_on,
        languages=wish.languages,
        chain_id=prover.chain_name,
        contract=prover.registry.contract.address,
        submission=submission,
        opinion=int(wish.opinion),
        lead_verifier=f"0x{lead.hex()}",
        technical_reviewer=f"0x{reviewer.hex()}",
        verifier=_name(case.verifier),
        regulator=_name(case.regulator),
        version=content_of(case, pinned.number),
        changes=_changes(case),
        case=statement_document(case, wish.assurance),
        verify_url=wish.verify_url,
    )
    return draw_report(report_document(inputs))


def finished_report(uow: UnitOfWork, case: Case, prover: CaseProver, body: bytes) -> bytes:
    """
    Add the evidence to a report whose statement is on chain.

    Args:
        uow: A reading unit of work.
        case: The case.
        prover: The node.
        body: From `report_body`, as it was signed.

    Raises:
        EncodingError: If it is no body of a report.
        ReportRefused: If the statement on chain is of another body.
    """
    number = version_of_body(body)
    version = version_of(case, number)
    if version.report_hash != sha256(body).digest():
        raise ReportRefused(
            f"the verifier's statement on version {number} is of another report, or there is none",
            code="report.not_stated",
        )
    bundle = prover.of_report(uow, case, number, body)
    return finish_report(body, [Attachment(BUNDLE_NAME, format_case_bundle(bundle))])


def inventory_of_body(body: bytes) -> bytes:
    """
    Give the inventory that a report is of, 32 bytes.

    Raises:
        EncodingError: If it is no body of a report.
    """
    subject = require_object(_stated(body).get("subject"), "subject")
    try:
        texts = (str(subject["creditCode"]), str(subject["unitCode"]))
        return inventory_id(*texts, int(str(subject["periodFrom"])), int(str(subject["periodTo"])))
    except (KeyError, ValueError, OverflowError) as error:
        raise EncodingError("not the document of a report", code="encoding.report") from error


def version_of_body(body: bytes) -> int:
    """
    Give the version that a report is of, as the registry counts.

    Raises:
        EncodingError: If it is no body of a report.
    """
    number = str(_stated(body).get("version"))
    if not _VERSION.fullmatch(number):
        raise EncodingError("not the document of a report", code="encoding.report")
    return int(number)


def _stated(body: bytes) -> Mapping[str, Json]:
    content = ReportDocument.parse(statement_of(body)).content
    return require_object(content.get("statement"), STATEMENT)


def _changes(case: Case) -> tuple[Change, ...]:
    """Give what differs between the first submitted version and the newest."""
    first, newest = case.contents[0], case.contents[-1]
    if first is None or newest is None or first is newest:
        return ()
    return tuple(diff(first, newest))


def _name(party: Party | None) -> PartyName:
    return PartyName("–", "") if party is None else PartyName(party.code, party.name)
