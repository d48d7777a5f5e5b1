"""
The monthly evidence (月度存证): which months are there, which are due, which are asked about.

A month is missing until files are collected, a draft until its manifest is in the log, submitted
until a final anchor covers it, anchored from then on; a question of a verifier or regulator stands
until a new manifest answers it. Whether it came in time is read from the anchor's block alone: no
clock of the ledger proves anything.

Source: DESIGN section 8; `docs/formats/sample-records.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attestation.enums import EvidenceState
from attestation.evidence_bodies import EvidenceFile, EvidenceQuestion, Manifest
from attestation.instants import MILLISECONDS_PER_SECOND, Instant
from ledger.inventory.anchor_times import BlockTime, anchor_time
from ledger.inventory.errors import EvidenceIncomplete
from ledger.inventory.evidence_calendar import EvidenceCalendar
from ledger.inventory.periods import Period
from ledger.repositories.logs import Log
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class MonthStatus:
    """How far the evidence of one month has come."""

    month: Period
    state: EvidenceState
    due_s: int
    """First second at which it is late."""
    is_overdue: bool
    """Whether it is due and nothing is in the log, or a question is open."""
    manifest: StatedRecord[Manifest] | None = None
    """The standing manifest."""
    versions: int = 0
    """Manifests of the month in the log, superseded ones included."""
    drafted: int = 0
    """Files that are collected and not in a manifest yet."""
    questions: tuple[StatedRecord[EvidenceQuestion], ...] = ()
    """Open questions about the standing manifest."""
    anchored: BlockTime | None = None
    """When a block held the first manifest at the latest; None where that is not known."""

    @property
    def was_in_time(self) -> bool | None:
        """Whether the first manifest was anchored in time; None where that is not known."""
        return None if self.anchored is None else self.anchored.was_before(self.due_s)


def month_status(
    uow: UnitOfWork,
    log: Log,
    month: Period,
    calendar: EvidenceCalendar,
    *,
    now: Instant,
    size: int | None = None,
) -> MonthStatus:
    """
    Say how far the evidence of a month has come.

    Args:
        uow: A unit of work.
        log: The enterprise's log.
        month: A calendar month.
        calendar: Of due dates.
        now: Present time.
        size: Only the first entries of the log are looked at.

    Raises:
        CalendarUnknown: If the calendar does not have the month.
    """
    due_s = calendar.due_s(month)
    label = month.label
    manifests = uow.stated.listed(log.number, Manifest, label, size=size)
    drafted = _drafted(uow, log.usc, label, manifests)
    status = MonthStatus(
        month=month,
        state=EvidenceState.DRAFT if drafted else EvidenceState.MISSING,
        due_s=due_s,
        is_overdue=now >= due_s * MILLISECONDS_PER_SECOND,
        versions=len(manifests),
        drafted=drafted,
    )
    standing = [each for each in manifests if not each.place.is_superseded(size=size)]
    if not standing:
        return status
    return _with_manifest(uow, log, status, manifests, standing[-1], size)


def year_status(
    uow: UnitOfWork,
    log: Log,
    year: int,
    calendar: EvidenceCalendar,
    *,
    now: Instant,
    size: int | None = None,
) -> tuple[MonthStatus, ...]:
    """
    Say how far the evidence of each month of a year has come, as far as months have begun.

    Raises:
        CalendarUnknown: If the calendar does not have the year.
    """
    return tuple(
        month_status(uow, log, month, calendar, now=now, size=size)
        for month in calendar.months(year)
        if month.from_s * MILLISECONDS_PER_SECOND <= now
    )


def draft_manifest(uow: UnitOfWork, log: Log, month: Period, *, reason: str | None) -> Manifest:
    """
    Make the body of the manifest that a month's collected files ask for.

    Args:
        uow: A unit of work.
        log: The enterprise's log.
        month: A calendar month.
        reason: Why it takes the place of the manifest before it; for the first, None.

    Raises:
        EvidenceIncomplete: If no file is collected, a document is not kept any more, nothing has
            changed, or a reason is missing or too many.
    """
    label = month.label
    earlier = uow.stated.newest(log.number, Manifest, label)
    if (earlier is None) != (reason is None):
        raise EvidenceIncomplete(
            f"the manifest of {label} takes the place of another: give the reason"
            if reason is None
            else f"the first manifest of {label} has no reason"
        )
    collected = _files(uow, log.usc, label)
    if not collected:
        raise EvidenceIncomplete(f"no file is collected for {label}")
    if earlier is not None and earlier.body.files == collected:
        raise EvidenceIncomplete(f"the manifest of {label} in the log has these files already")
    number = 1 if earlier is None else earlier.body.number + 1
    return Manifest(month=label, number=number, files=collected, reason=reason)


def _with_manifest(
    uow: UnitOfWork,
    log: Log,
    status: MonthStatus,
    manifests: Sequence[StatedRecord[Manifest]],
    standing: StatedRecord[Manifest],
    size: int | None,
) -> MonthStatus:
    open_questions = tuple(
        each
        for each in uow.stated.listed(log.number, EvidenceQuestion, status.month.label, size=size)
        if each.body.manifest == standing.place.leaf_hash
        and not each.place.is_superseded(size=size)
    )
    is_anchored = uow.anchors.covering(log.number, standing.index, final=True) is not None
    state = EvidenceState.ANCHORED if is_anchored else EvidenceState.SUBMITTED
    return replace(
        status,
        state=EvidenceState.QUESTIONED if open_questions else state,
        is_overdue=status.is_overdue and bool(open_questions),
        manifest=standing,
        questions=open_questions,
        anchored=anchor_time(uow, log.number, manifests[0].index),
    )


def _files(uow: UnitOfWork, usc: str, month: str) -> tuple[EvidenceFile, ...]:
    found: list[EvidenceFile] = []
    for each in uow.documents.draft(usc, month):
        document = uow.documents.get(usc, each.sha256)
        if document is None:
            raise EvidenceIncomplete(f"the document of {each.name} is not kept")
        found.append(
            EvidenceFile(
                name=each.name,
                kind=each.kind,
                media_type=document.media_type,
                size=document.size,
                sha256=each.sha256,
                unit=each.unit,
            )
        )
    return tuple(found)


def _drafted(
    uow: UnitOfWork, usc: str, month: str, manifests: Sequence[StatedRecord[Manifest]]
) -> int:
    """Count the files that are collected and stand in no manifest of the log."""
    handed_in = {file.sha256 for each in manifests for file in each.body.files}
    return sum(each.sha256 not in handed_in for each in uow.documents.draft(usc, month))
