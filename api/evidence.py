"""Samples and the monthly evidence as documents, the same for the command line and for HTTP."""

from __future__ import annotations

from typing import Any

from attestation.evidence_bodies import EvidenceFile, EvidenceQuestion, Manifest
from attestation.instants import format_instant, from_seconds
from ledger.inventory.custody import SampleVerdict
from ledger.inventory.custody_words import Remark
from ledger.inventory.evidence_calendar import evidence_calendar
from ledger.inventory.monthly import MonthStatus
from ledger.inventory.samples import SampleBook
from ledger.repositories.stated import StatedRecord


def month_document(status: MonthStatus) -> dict[str, Any]:
    """Give how far a month has come."""
    return {
        "month": status.month.label,
        "state": status.state.name.lower(),
        "last_day": evidence_calendar().last_day(status.month).isoformat(),
        "due_before": format_instant(from_seconds(status.due_s)),
        "overdue": status.is_overdue,
        "manifests": status.versions,
        "manifest_index": None if status.manifest is None else status.manifest.index,
        "drafted": status.drafted,
        "open_questions": len(status.questions),
        "in_time": status.was_in_time,
    }


def manifest_document(record: StatedRecord[Manifest], *, size: int | None = None) -> dict[str, Any]:
    """Give one manifest of a month; one that was replaced by then says so."""
    body = record.body
    return {
        "index": record.index,
        "leaf_hash": record.place.leaf_hash.hex(),
        "month": body.month,
        "number": body.number,
        "reason": body.reason,
        "superseded": record.place.is_superseded(size=size),
        "files": [_file(each) for each in body.files],
    }


def question_document(
    record: StatedRecord[EvidenceQuestion], *, size: int | None = None
) -> dict[str, Any]:
    """Give one question about a month."""
    return {
        "index": record.index,
        "manifest": record.body.manifest.hex(),
        "question": record.body.question,
        "superseded": record.place.is_superseded(size=size),
    }


def samples_document(verdicts: list[SampleVerdict], book: SampleBook) -> dict[str, Any]:
    """Give verdicts over samples, and the alarms over all reports."""
    return {
        "samples": [_verdict(each) for each in verdicts],
        "alarms": [
            {**_remark(alarm.remark), "reports": list(alarm.reports)} for alarm in book.alarms
        ],
    }


def _file(file: EvidenceFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "kind": file.kind.name.lower().replace("_", "-"),
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256.hex(),
        "unit": file.unit,
    }


def _verdict(verdict: SampleVerdict) -> dict[str, Any]:
    return {
        "sample": verdict.sample,
        "usable": verdict.usable,
        "sample_index": verdict.sample_index,
        "report_index": verdict.report_index,
        "faults": [_remark(each) for each in verdict.faults],
        "notes": [_remark(each) for each in verdict.notes],
        "figures": {name: str(amount) for name, amount in verdict.figures.items()},
    }


def _remark(remark: Remark) -> dict[str, str]:
    return {"code": remark.code, "message": remark.text(), "message_zh": remark.text("zh")}
