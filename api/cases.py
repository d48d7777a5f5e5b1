"""Cases as documents, the same for the command line and for HTTP: queue, overview, lines, talk."""

from __future__ import annotations

from typing import Any, Final

from api.inventories import line_document
from attestation.body_fields import write_body
from attestation.enums import label
from attestation.instants import format_instant, from_seconds
from ledger.cases.case import Case
from ledger.cases.conversation import Conversation
from ledger.cases.progress import Progress, SeenLine
from ledger.cases.queue import Queued
from ledger.cases.stages import Countdown
from ledger.inventory.amounts import Amount
from ledger.inventory.periods import Period
from ledger.repositories.cases import Comment
from ledger.repositories.chain_inventories import ChainAct, ChainVersion
from ledger.repositories.draws import DrawnStep
from ledger.repositories.parties import Party

TONNES: Final = "tCO2e"


def queued_document(queued: Queued) -> dict[str, Any]:
    """Give a case as it stands in the queue."""
    case = queued.case
    inventory, version = case.inventory, case.version
    return {
        "case": case_name(case),
        "enterprise": {"code": inventory.usc, "name": inventory.name},
        "unit": inventory.unit_code,
        "period": Period(inventory.period_from_s, inventory.period_to_s).label,
        "report_year": inventory.report_year,
        "sector": label(inventory.sector),
        "area": inventory.area,
        "state": label(inventory.state),
        "stage": label(queued.stage),
        "countdowns": [_countdown(each) for each in queued.countdowns],
        "version": None if version is None else version.number,
        "total": None if version is None else tonnes(version.total_t),
        "verifier": party_document(case.verifier),
        "regulator": party_document(case.regulator),
        "city_regulator": party_document(case.city_regulator),
        "lead_verifier": _address(inventory.lead_verifier),
        "technical_reviewer": _address(inventory.technical_reviewer),
        "waits_for": None if queued.waits_for is None else label(queued.waits_for),
        "lines_seen": queued.progress.seen_count,
        "lines": len(queued.progress.lines),
        "risk": queued.risk,
        "reasons": [
            {
                "name": each.name,
                "points": each.points,
                "english": each.english,
                "chinese": each.chinese,
            }
            for each in queued.reasons
        ],
    }


def case_document(queued: Queued) -> dict[str, Any]:
    """Give a case as it stands: queue row, what the next act names, versions, acts, changes."""
    case = queued.case
    inventory = case.inventory
    return {
        **queued_document(queued),
        "log": None if case.log is None else case.log.name,
        "state_hash": f"0x{inventory.state_hash.hex()}",
        "accepted_version": inventory.accepted_version or None,
        "is_final": inventory.is_final(case.now_s),
        "versions": [_version(case, number, each) for number, each in enumerate(case.versions)],
        "changes": [
            {
                "line": each.line_id,
                "before": each.before,
                "after": each.after,
                "difference": each.difference,
            }
            for each in case.changes
        ],
        "acts": [_act(each) for each in case.acts],
        "draws": [_draw(each) for each in case.draws],
        "findings_open": sum(each.closing is None for each in case.own_threads),
        "findings": len(case.own_threads),
        "uncorrected_gco2e": str(case.uncorrected.effect_gco2e),
        "effects_unknown": list(case.uncorrected.unknown),
        "visits": len(case.visits),
    }


def lines_document(case: Case, progress: Progress) -> dict[str, Any]:
    """Give the lines of the newest version with the ticks of a party."""
    return {
        "case": case_name(case),
        "version": None if case.version is None else case.version.number,
        "seen": progress.seen_count,
        "changed": list(progress.changed),
        "lines": [_seen_line(each) for each in progress.lines],
    }


def conversation_document(conversation: Conversation) -> dict[str, Any]:
    """Give a conversation with everything that was said."""
    anchor = conversation.anchor
    return {
        "number": conversation.comment.number,
        "anchor": None if anchor is None else write_body(anchor),
        "resolved": conversation.is_resolved,
        "said": [comment_document(each) for each in (conversation.comment, *conversation.replies)],
    }


def comment_document(comment: Comment) -> dict[str, Any]:
    """Give one word of a conversation."""
    return {
        "number": comment.number,
        "kind": label(comment.kind),
        "party": comment.party,
        "actor": comment.actor,
        "version": comment.version,
        "text": comment.text,
        "at": format_instant(comment.at),
    }


def case_name(case: Case) -> str:
    """Give the name of a case in paths and on the command line."""
    return f"0x{case.inventory_id.hex()}"


def tonnes(total_t: int) -> dict[str, str]:
    """Give whole tonnes as a decimal string with its unit."""
    return {"value": str(total_t), "unit": TONNES}


def amount_document(amount: Amount | None) -> dict[str, str] | None:
    """Give an amount as a decimal string with its unit; None where it is missing."""
    return None if amount is None else {"value": amount.text, "unit": amount.unit}


def party_document(party: Party | None) -> dict[str, str] | None:
    """Give a party's code and name."""
    return None if party is None else {"code": party.code, "name": party.name}


def second(at_s: int) -> str:
    """Give a second as RFC 3339 in UTC."""
    return format_instant(from_seconds(at_s))


def _draw(step: DrawnStep) -> dict[str, Any]:
    return {
        "version": step.version,
        "draw": step.draw,
        "step": label(step.step),
        "at": second(step.at_s),
        "block_number": step.at.block_number,
        "party": _word(step.party),
        "word": _word(step.word),
        "draw_block": step.draw_block or None,
        "reveal_until": second(step.reveal_until_s) if step.reveal_until_s else None,
        "strict": step.is_strict,
        "reason": step.reason,
        "digest": _word(step.act_digest),
    }


def _word(content: bytes | None) -> str | None:
    return None if content is None else f"0x{content.hex()}"


def _seen_line(seen: SeenLine) -> dict[str, Any]:
    tick = seen.tick
    return {
        **line_document(seen.line),
        "seen": seen.is_seen,
        "changed": seen.has_changed,
        "seen_at": None if tick is None or not tick.is_seen else format_instant(tick.at),
        "seen_by": None if tick is None or not tick.is_seen else tick.actor,
    }


def _countdown(countdown: Countdown) -> dict[str, Any]:
    return {
        "name": countdown.name,
        "until": second(countdown.until_s),
        "days_left": countdown.days_left,
        "working_days": countdown.working_days,
        "working_days_left": countdown.working_days_left,
    }


def _version(case: Case, number: int, version: ChainVersion) -> dict[str, Any]:
    content = case.contents[number]
    return {
        "number": version.number,
        "submitted_at": second(version.submitted_at_s),
        "total": tonnes(version.total_t),
        "inputs_hash": f"0x{version.inputs_hash.hex()}",
        "lines_root": version.lines_root.hex(),
        "document": version.document_hash.hex(),
        "log_size": version.log_size,
        "reason": version.reason,
        "restates": version.restates or None,
        "restated_by": version.restated_by or None,
        "opinion": label(version.opinion) if version.opinion else None,
        "report": None if version.report_hash is None else version.report_hash.hex(),
        "stored_number": None if content is None else content.number,
    }


def _act(act: ChainAct) -> dict[str, Any]:
    return {
        "name": act.name,
        "at": second(act.at_s),
        "block_number": act.at.block_number,
        "transaction": f"0x{act.tx_hash.hex()}",
        "digest": f"0x{act.digest.hex()}",
        "signers": {role: f"0x{address.hex()}" for role, address in act.signers.items()},
        "state_before": label(act.state_before),
        "state_after": label(act.state_after),
        "version": act.version,
        "reason": act.reason,
        "document": None if act.document_hash is None else act.document_hash.hex(),
    }


def _address(address: bytes | None) -> str | None:
    return None if address is None else f"0x{address.hex()}"
