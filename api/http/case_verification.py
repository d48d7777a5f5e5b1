"""
Verifying reports and lines of inventories for somebody who has no verifier at hand.

As with messages nothing of this ledger takes part, and the caller brings the trust root.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from api.errors import BadRequest
from api.http.bodies import body_up_to, described_body
from api.http.forms import parse_form
from api.http.limits import gated
from api.http.models import Model, StepModel
from api.reports.answers import case_document
from api.reports.verifying import verify_content
from attestation.report_file import MAX_LENGTH
from attestation.trust_root import MAX_LENGTH as MAX_TRUST_ROOT_LENGTH
from attestation.trust_root import parse_trust_root

router = APIRouter(prefix="/v1", tags=["verification"])

MAX_FORM: Final = MAX_LENGTH + MAX_TRUST_ROOT_LENGTH + 10_000
_FILE: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
_BODY: Final = described_body(
    "multipart/form-data",
    {
        "type": "object",
        "required": ["file", "trust_root"],
        "properties": {"file": _FILE, "trust_root": _FILE},
        "additionalProperties": False,
    },
)


class ShownLineModel(Model):
    """A line of an inventory."""

    class_: str = Field(alias="class")
    item: str | None
    quantity: str | None
    first_day: str
    last_day: str
    value: str | None
    unit: str | None


class CaseFactsModel(Model):
    """What holds of an inventory, in the words that people signed."""

    report_number: str | None
    inventory_id: str
    enterprise: str
    credit_code: str
    unit: str
    first_day: str
    last_day: str
    version: int
    total: str
    unit_of_total: str
    opinion: str | None
    verifier: str | None
    confirmed_by: str | None
    state: str | None = Field(description="State of the case in the block.")
    accepted_version: int | None
    block: int | None
    block_time: str | None
    line: ShownLineModel | None


class CaseReportModel(Model):
    """A verification of a report or of a line, step by step."""

    outcome: Literal["held", "failed", "could_not_check"]
    trust_root: str | None
    """Name of the trust root it was checked against; compare it with one from elsewhere."""
    steps: list[StepModel]
    case: CaseFactsModel | None
    """Only where every step held."""


@router.post(
    "/verify/case",
    operation_id="verifyCase",
    openapi_extra=_BODY,
    response_model=CaseReportModel,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def verify_case(
    request: Request, content: Annotated[bytes, Depends(body_up_to(MAX_FORM))]
) -> dict[str, Any]:
    """Verify a report (PDF) or the case bundle of a line against a trust root; keeps nothing."""
    form = parse_form(request.headers.get("content-type", ""), content)
    if form.keys() != {"file", "trust_root"}:
        raise BadRequest("the form has a `file` and a `trust_root`")
    found = verify_content(form["file"], parse_trust_root(form["trust_root"]))
    if found.case is None:
        raise BadRequest("a bundle of a message is verified at /v1/verify")
    return case_document(found.case)
