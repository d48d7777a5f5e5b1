"""
Verifying for somebody who has no verifier at hand: a bundle and a trust root in, the steps out.

Nothing of this ledger takes part: no database, no node, no network. The caller brings the trust
root, because one that comes with the evidence, or from its keeper, proves nothing. The body is
canonical JSON, as `{"bundle":`, the one file, `,"trust_root":`, the other file and `}` are.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends

from api.errors import BadRequest
from api.http.bodies import body_up_to, described_body
from api.http.limits import gated
from api.http.models import ReadingModel, ReportModel, StepModel
from attestation.bundle import MAX_LENGTH as MAX_BUNDLE_LENGTH
from attestation.bundle import parse_bundle
from attestation.canonical import Json, canonical_json, parse_canonical, require_object
from attestation.enums import Outcome
from attestation.evidence import CalibrationState, Report, VerifiedReading
from attestation.instants import format_instant, from_seconds
from attestation.policy import UnsafeAcceptAll
from attestation.trust_root import MAX_LENGTH as MAX_TRUST_ROOT_LENGTH
from attestation.trust_root import parse_trust_root
from attestation.verifier import Verifier

router = APIRouter(prefix="/v1", tags=["verification"])

_OUTCOMES: Final[dict[Outcome, Literal["held", "failed", "could_not_check"]]] = {
    Outcome.HELD: "held",
    Outcome.FAILED: "failed",
    Outcome.COULD_NOT_CHECK: "could_not_check",
}
_CALIBRATIONS: Final[dict[CalibrationState, Literal["inside", "outside", "not_shown"]]] = {
    CalibrationState.INSIDE: "inside",
    CalibrationState.OUTSIDE: "outside",
    CalibrationState.NOT_SHOWN: "not_shown",
}
_PARTS: Final = ("bundle", "trust_root")
_BODY: Final = described_body(
    "application/json",
    {
        "type": "object",
        "required": list(_PARTS),
        "properties": {name: {"type": "object"} for name in _PARTS},
        "additionalProperties": False,
    },
)

Content = Annotated[bytes, Depends(body_up_to(MAX_BUNDLE_LENGTH + MAX_TRUST_ROOT_LENGTH))]


@router.post(
    "/verify",
    operation_id="verifyBundle",
    openapi_extra=_BODY,
    dependencies=[Depends(gated(lambda limits: limits.bundles))],
)
def verify_bundle(content: Content) -> ReportModel:
    """Verify the message of a bundle against a trust root; keeps nothing."""
    document = _read(content)
    trust_root = parse_trust_root(canonical_json(document["trust_root"]))
    bundle = parse_bundle(canonical_json(document["bundle"]))
    # The caller reads every step; what they ask beyond that is theirs to decide.
    return _describe(Verifier(trust_root, UnsafeAcceptAll()).verify(bundle))


def _read(content: bytes) -> Mapping[str, Json]:
    document = require_object(parse_canonical(content), "the body")
    if set(document) != set(_PARTS):
        raise BadRequest("the body is an object of `bundle` and `trust_root`")
    return document


def _describe(report: Report) -> ReportModel:
    verified = report.verified
    return ReportModel(
        outcome=_OUTCOMES[report.outcome],
        trust_root=report.trust_root,
        steps=[
            StepModel(
                number=step.number,
                name=step.name,
                outcome=_OUTCOMES[step.outcome],
                code=step.code,
                detail=step.detail,
            )
            for step in report.steps
        ],
        readings=None if verified is None else [_reading(each) for each in verified],
    )


def _reading(verified: VerifiedReading) -> ReadingModel:
    reading = verified.reading
    return ReadingModel(
        series=reading.series,
        start=format_instant(from_seconds(reading.start_s)),
        end=format_instant(from_seconds(reading.end_s)),
        value=None if reading.value is None else _decimal(reading.value, reading.scale),
        unit=reading.unit,
        quality=reading.quality.name.lower(),
        register_value=reading.register,
        calibration=_CALIBRATIONS[verified.calibration],
    )


def _decimal(value: int, scale: int) -> str:
    return format(Decimal(value).scaleb(-scale), "f")
