"""The work on a case as documents: findings, checks, readiness, recomputation, what-if."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from api.cases import amount_document, case_name, second
from api.inventories import check_document
from attestation.body_fields import write_body
from attestation.case_bodies import FindingClosing, FindingReopening, FindingResponse
from attestation.enums import label
from ledger.cases.approvals import Seat
from ledger.cases.case import Case
from ledger.cases.impartiality import Question
from ledger.cases.panel import Panel
from ledger.cases.readiness import Readiness
from ledger.cases.recomputation import Recomputation
from ledger.cases.threads import Step, Thread
from ledger.cases.what_if import WhatIf


def findings_document(case: Case) -> dict[str, Any]:
    """Give the findings of a case, and what they add up to."""
    return {
        "case": case_name(case),
        "uncorrected_gco2e": str(case.uncorrected.effect_gco2e),
        "effects_unknown": list(case.uncorrected.unknown),
        "findings": [thread_document(each) for each in case.threads],
    }


def thread_document(thread: Thread) -> dict[str, Any]:
    """Give a finding with everything that was said about it."""
    body = thread.finding.body
    effect, counted = body.effect_gco2e, thread.uncorrected_gco2e
    return {
        "number": body.number,
        "entry": thread.finding.index,
        "leaf_hash": thread.finding.place.leaf_hash.hex(),
        "signer": thread.finding.record.signer,
        "version": body.version,
        "verifier": body.verifier,
        "kind": label(body.kind),
        "severity": label(body.severity),
        "state": label(thread.state),
        "anchor": write_body(body.anchor),
        "about": body.anchor.words,
        "title": body.title,
        "text": body.text,
        "effect_gco2e": None if effect is None else str(effect),
        "uncorrected_gco2e": None if counted is None else str(counted),
        "raised_at": second(body.raised_s),
        "due_at": second(thread.due_s),
        "steps": [_step(each) for each in thread.steps],
    }


def visits_document(case: Case) -> dict[str, Any]:
    """Give the visits to the site that were recorded."""
    return {
        "case": case_name(case),
        "visits": [
            {
                "entry": each.index,
                "leaf_hash": each.place.leaf_hash.hex(),
                "signer": each.record.signer,
                "verifier": each.body.verifier,
                "version": each.body.version,
                "from": second(each.body.from_s),
                "to": second(each.body.to_s),
                "place": each.body.place,
                "latitude": _degrees(each.body.latitude_udeg),
                "longitude": _degrees(each.body.longitude_udeg),
                "persons": [person.hex() for person in each.body.persons],
                "observations": list(each.body.observations),
                "files": [file.hex() for file in each.body.files],
            }
            for each in case.visits
        ],
    }


def impartiality_document(
    case: Case, verifier: str, questions: Sequence[Question]
) -> dict[str, Any]:
    """Give whether a verifier may verify the enterprise, question by question."""
    return {
        "case": case_name(case),
        "verifier": verifier,
        "questions": [
            {
                "name": each.name,
                "outcome": label(each.outcome),
                "english": each.english,
                "chinese": each.chinese,
            }
            for each in questions
        ],
    }


def panel_document(panel: Panel) -> dict[str, Any]:
    """Give the checks panel."""
    return {
        "evidence": [check_document(each) for each in panel.evidence],
        "kept": [check_document(each) for each in panel.kept],
    }


def readiness_document(case: Case, found: Readiness, seats: tuple[Seat, Seat]) -> dict[str, Any]:
    """Give the checklist for sign-off, and who approves."""
    return {
        "case": case_name(case),
        "ready": found.is_ready,
        "points": [
            {
                "name": each.name,
                "met": each.is_met,
                "english": each.english,
                "chinese": each.chinese,
            }
            for each in found.points
        ],
        "basis": seats[0].basis.hex(),
        "approvals": [
            {
                "role": seat.role,
                "address": None if seat.address is None else f"0x{seat.address.hex()}",
                "stands": seat.stands,
                "fallen": seat.has_fallen,
            }
            for seat in seats
        ],
    }


def recomputation_document(case: Case, found: Recomputation) -> dict[str, Any]:
    """Give everything side by side; of the lines, those that come out otherwise."""
    return {
        "case": case_name(case),
        "outcome": label(found.outcome),
        "steps": [
            {"name": step.name, "outcome": label(step.outcome), "detail": step.detail}
            for step in found.checked.steps
        ],
        "agreements": [
            {
                "name": each.name,
                "outcome": label(each.outcome),
                "reported": each.reported,
                "recomputed": each.recomputed,
                "on_chain": each.on_chain,
                "difference": each.difference,
            }
            for each in found.agreements
        ],
        "lines": len(found.lines),
        "differing": [
            {
                "line": each.line_id,
                "reported": amount_document(each.reported),
                "recomputed": amount_document(each.recomputed),
                "difference": amount_document(each.difference),
            }
            for each in found.differing
        ],
    }


def what_if_document(case: Case, found: WhatIf) -> dict[str, Any]:
    """Give what would come out with other factors."""
    return {
        "case": case_name(case),
        "total_before": amount_document(found.total_before),
        "total": amount_document(found.total),
        "difference": amount_document(found.difference),
        "changes": [
            {
                "line": each.line_id,
                "before": each.before,
                "after": each.after,
                "difference": each.difference,
            }
            for each in found.changes
        ],
    }


def _degrees(millionths: int) -> str:
    """Give a coordinate as a decimal string."""
    return f"{Decimal(millionths).scaleb(-6):f}"


def _step(step: Step) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": step.record.record_type,
        "entry": step.index,
        "leaf_hash": step.place.leaf_hash.hex(),
        "signer": step.record.signer,
        "at": second(step.body.at_s),
        "text": "",
        "conclusion": None,
        "estimate": None,
        "corrections": [],
        "version": None,
    }
    match step.body:
        case FindingResponse() as body:
            corrections = [each.hex() for each in body.corrections]
            said |= {"text": body.text, "corrections": corrections, "version": body.version}
        case FindingClosing() as body:
            estimate = None if body.estimate is None else write_body(body.estimate)
            said |= {
                "text": body.text,
                "conclusion": label(body.conclusion),
                "estimate": estimate,
            }
        case FindingReopening() as body:
            said |= {"text": body.reason}
    return said
