"""
Samples and the monthly evidence (月度存证) of one log, for whoever may read it.

Only what rests on published entries is shown. Files are named by their hash here, and given by
`api.http.holdings` to those who may read the evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from api.auth.policy import Action, Role
from api.auth.principals import Principal
from api.errors import NotFound
from api.evidence import manifest_document, month_document, question_document, samples_document
from api.http.limits import gated
from api.http.lookup import (
    PRIVATE,
    Caller,
    Here,
    LogName,
    find_log,
    find_published,
    require_access,
)
from api.http.models import Model
from api.services import Services
from attestation.evidence_bodies import EvidenceQuestion, Manifest
from ledger.inventory.evidence_calendar import evidence_calendar
from ledger.inventory.monthly import year_status
from ledger.inventory.samples import SampleBook, open_samples
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

router = APIRouter(prefix="/v1/logs/{name}/evidence", tags=["evidence"])

Month = Annotated[
    str,
    Path(
        pattern="^(19[7-9][0-9]|[2-8][0-9]{3})-(0[1-9]|1[0-2])$",
        description="Calendar month of UTC+8, such as 2024-03.",
    ),
]
Year = Annotated[int, Query(ge=1970, le=8999, description="Calendar year of UTC+8.")]
_Grown = Depends(gated(lambda limits: limits.bundles))


class MonthModel(Model):
    """How far the evidence of a month has come, and when it is due."""

    month: str
    state: str
    last_day: str
    due_before: str
    overdue: bool
    manifests: int
    manifest_index: int | None
    drafted: int
    open_questions: int
    in_time: bool | None


class MonthList(Model):
    """The months of a year that have begun."""

    calendar: int = Field(description="Version of the calendar of due dates.")
    months: list[MonthModel]


class FileModel(Model):
    """A file of a manifest, named by its hash."""

    name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    unit: str | None


class ManifestModel(Model):
    """One manifest of a month, as its entry has it."""

    index: int
    leaf_hash: str
    month: str
    number: int
    reason: str | None
    superseded: bool
    files: list[FileModel]


class QuestionModel(Model):
    """A question about a manifest, named by its leaf hash."""

    index: int
    manifest: str
    question: str
    superseded: bool


class ManifestList(Model):
    """Every manifest of a month in the order of the log, and every question."""

    manifests: list[ManifestModel]
    questions: list[QuestionModel]


class RemarkModel(Model):
    """Why a measured value does not count, or what is odd."""

    code: str
    message: str
    message_zh: str


class AlarmModel(RemarkModel):
    """A sign of a made-up report, with the entries of the reports."""

    reports: list[int]


class VerdictModel(Model):
    """Whether a sample's measured value counts, and why not."""

    sample: str
    usable: bool
    sample_index: int
    report_index: int | None
    faults: list[RemarkModel]
    notes: list[RemarkModel]
    figures: dict[str, str]


class SampleList(Model):
    """Every sample of the log with its verdict, and what all reports together raise."""

    samples: list[VerdictModel]
    alarms: list[AlarmModel]


@router.get("/months", operation_id="listEvidenceMonths")
def list_months(
    name: LogName, year: Year, services: Here, caller: Caller, response: Response
) -> MonthList:
    """Say of each month of a year how far its evidence has come, and when it is due."""
    calendar = evidence_calendar()
    with _published(services, caller, name, response) as (uow, log, size):
        now = services.ledger.clock.now()
        found = year_status(uow, log, year, calendar, now=now, size=size)
    months = [MonthModel.model_validate(month_document(each)) for each in found]
    return MonthList(calendar=calendar.version, months=months)


@router.get("/months/{month}/manifests", operation_id="listManifests")
def list_manifests(
    name: LogName, month: Month, services: Here, caller: Caller, response: Response
) -> ManifestList:
    """Give every manifest of a month, those that were replaced too, and the questions about it."""
    with _published(services, caller, name, response) as (uow, log, size):
        manifests = uow.stated.listed(log.number, Manifest, month, size=size)
        questions = uow.stated.listed(log.number, EvidenceQuestion, month, size=size)
    return ManifestList(
        manifests=[
            ManifestModel.model_validate(manifest_document(each, size=size)) for each in manifests
        ],
        questions=[
            QuestionModel.model_validate(question_document(each, size=size)) for each in questions
        ],
    )


@router.get("/samples", operation_id="listSamples", dependencies=[_Grown])
def list_samples(
    name: LogName,
    services: Here,
    caller: Caller,
    response: Response,
    sample: Annotated[
        str | None, Query(max_length=200, description="Only the sample of this number.")
    ] = None,
) -> SampleList:
    """
    Judge the chain of custody of each sample, and look for signs of made-up reports.

    A laboratory sees the samples that it reported on, and no alarm.
    """
    with _published(services, caller, name, response, Action.READ_SAMPLES) as (uow, log, size):
        book = open_samples(uow, log.number, size=size)
        seen = tuple(each for each in book.samples if _is_seen(caller, book, each))
        if sample is not None and sample not in seen:
            raise NotFound(f"no sample {sample} is filed")
        numbers = seen if sample is None else (sample,)
        verdicts = [book.verdict(each) for each in numbers]
    document = samples_document(verdicts, book)
    if caller.role is Role.LABORATORY:
        document["alarms"] = []
    return SampleList.model_validate(document)


def _is_seen(caller: Principal, book: SampleBook, sample: str) -> bool:
    if caller.role is not Role.LABORATORY:
        return True
    return any(each.body.laboratory == caller.code for each in book.custody(sample).reports)


@contextmanager
def _published(
    services: Services,
    caller: Principal,
    name: str,
    response: Response,
    action: Action = Action.READ_EVIDENCE,
) -> Iterator[tuple[UnitOfWork, Log, int]]:
    """Open a log to whoever may read it, with the number of its published entries."""
    require_access(services, caller, name, action)
    response.headers["cache-control"] = PRIVATE
    with services.ledger.database.reading() as uow:
        log = find_log(uow, services, name)
        checkpoint, _ = find_published(uow, services, log)
        yield uow, log, checkpoint.size
