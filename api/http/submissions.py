"""
Messages and records that come without a broker.

Nobody logs in to submit: what is submitted is signed, and is judged by that alone. Submitting the
same again gives the first decision again.

Source: FORMATS sections 1, 4 and 6.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.catalogue import row_of
from api.http.answers import Speaker
from api.http.bodies import body_up_to, described_body
from api.http.lookup import Here, LogName, find_log
from api.http.models import Submitted, base64_of
from api.problems import language_of, problem
from api.services import Services
from attestation.enums import LogState
from attestation.messages import MAX_ENTRY_LENGTH, parse_header
from ledger.errors import Equivocation, Frozen
from ledger.log.decisions import Admitted, Decision, Duplicate, Equivocal, Refused, Submission
from ledger.repositories.logs import Log

router = APIRouter(prefix="/v1/logs/{name}", tags=["submissions"])

Content = Annotated[bytes, Depends(body_up_to(MAX_ENTRY_LENGTH))]

_COSE: Final = described_body("application/cose", {"type": "string", "format": "binary"})
_RECORD: Final = described_body("application/json", {"type": "object"})


@router.post(
    "/messages",
    status_code=202,
    response_model=Submitted,
    operation_id="submitMessage",
    openapi_extra=_COSE,
)
def submit_message(
    name: LogName, services: Here, content: Content, request: Request
) -> Submitted | JSONResponse:
    """Submit one device message; the answer has the log's signed promise or refusal."""
    ledger, limits = services.ledger, services.limits
    log = _require_active(services, name)
    now = ledger.clock.now()
    limits.require_key(content, now)
    with limits.submissions.open(log.name):
        submission = Submission(content, log=log.number)
        (decision,) = ledger.admission.admit([submission], now=now)
    limits.charge_key(content, decision, now)
    if isinstance(decision, Refused | Equivocal):
        return _refusal(decision, content, request)
    header = parse_header(content)
    with ledger.database.reading() as uow:
        promise = Speaker(services, uow, log).promise(bytes(header.kid), header.epoch)
    return _submitted(decision, content, promise)


@router.post(
    "/records",
    status_code=202,
    response_model=Submitted,
    operation_id="submitRecord",
    openapi_extra=_RECORD,
)
def submit_record(
    name: LogName, services: Here, content: Content, request: Request
) -> Submitted | JSONResponse:
    """Submit one signed record, in canonical JSON."""
    ledger = services.ledger
    log = _require_active(services, name)
    with services.limits.submissions.open(log.name):
        decision: Decision = ledger.records.admit_record(
            log.number, content, now=ledger.clock.now()
        )
    if isinstance(decision, Refused | Equivocal):
        return _refusal(decision, content, request)
    return _submitted(decision, content, None)


def _require_active(services: Services, name: str) -> Log:
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
    if log.state is not LogState.ACTIVE:
        raise Frozen(f"the log is {log.state.name.lower()}")
    return log


def _submitted(decision: Admitted | Duplicate, content: bytes, answer: bytes | None) -> Submitted:
    return Submitted(
        code="admitted" if isinstance(decision, Admitted) else "duplicate",
        message_id=sha256(content).hexdigest(),
        admission_id=decision.admission_id,
        answer=None if answer is None else base64_of(answer),
    )


def _refusal(decision: Refused | Equivocal, content: bytes, request: Request) -> JSONResponse:
    code, detail = Equivocation.code, row_of(Equivocation.code).title.lower()
    if isinstance(decision, Refused):
        code, detail = decision.code, decision.detail
    return problem(
        code,
        detail,
        language=language_of(request),
        request_id=request.state.request_id,
        # Without a signed answer nothing was kept, and the same may be sent again.
        retryable=decision.answer is None,
        message_id=sha256(content).hexdigest(),
        answer=None if decision.answer is None else base64_of(decision.answer),
    )
