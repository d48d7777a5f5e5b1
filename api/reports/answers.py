"""What the verification of a case gives, in words: one form for terminal, interface and page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.visible import visible
from attestation.canonical import Json
from attestation.case_evidence import CaseFacts, CaseReport
from attestation.enums import Outcome, label
from attestation.instants import format_instant, from_seconds
from ledger.inventory.periods import day_of

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.HELD: "held",
    Outcome.FAILED: "failed",
    Outcome.COULD_NOT_CHECK: "could_not_check",
}


def case_document(report: CaseReport) -> dict[str, Any]:
    """Describe a verification; facts stand only where every step held."""
    held = report.outcome is Outcome.HELD and report.facts is not None
    return {
        "outcome": OUTCOMES[report.outcome],
        "trust_root": report.trust_root,
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                "outcome": OUTCOMES[step.outcome],
                "code": step.code,
                "detail": step.detail,
            }
            for step in report.steps
        ],
        "case": facts_document(report.facts) if held and report.facts else None,
    }


def facts_document(facts: CaseFacts) -> dict[str, Any]:
    """Describe what holds of the inventory, in the words that people signed."""
    standing, block = facts.standing, facts.block
    return {
        "report_number": facts.report_number,
        "inventory_id": f"0x{facts.inventory_id.hex()}",
        "enterprise": facts.enterprise,
        "credit_code": facts.credit_code,
        "unit": facts.unit_code,
        "first_day": str(day_of(facts.period_from_s)),
        "last_day": str(day_of(facts.period_to_s - 1)),
        "version": facts.version,
        "total": str(facts.total_t),
        "unit_of_total": "tCO2e",
        "opinion": None if facts.opinion is None else facts.opinion.name.lower(),
        "verifier": facts.verifier,
        "confirmed_by": facts.regulator,
        "state": None if standing is None else standing.state.name.lower(),
        "accepted_version": None if standing is None else standing.accepted_version,
        "block": None if block is None else block.number,
        "block_time": None if block is None else format_instant(from_seconds(block.timestamp_s)),
        "line": None if facts.line is None else line_document(facts.line),
    }


def line_document(line: Mapping[str, Json]) -> dict[str, Any]:
    """Describe the line that is shown."""
    return {
        "class": str(line.get("class", "")).lower(),
        "item": line.get("item"),
        "quantity": line.get("quantity"),
        "first_day": str(day_of(_second(line.get("from_s")))),
        "last_day": str(day_of(_second(line.get("to_s")) - 1)),
        "value": line.get("value"),
        "unit": line.get("unit"),
    }


def facts_in_words(facts: CaseFacts, language: str = "en") -> list[tuple[str, str]]:
    """Give what holds as pairs of name and text, leaving out what is not shown."""
    names = _NAMES[language]
    described = facts_document(facts)
    total = f"{described['total']} {described['unit_of_total']}"
    words: dict[str, object] = {
        **described,
        "period": f"{described['first_day']} – {described['last_day']}",
        "total": total,
        "opinion": None if facts.opinion is None else label(facts.opinion, language),
        "state": None if facts.standing is None else label(facts.standing.state, language),
        "accepted_version": _accepted(facts, language),
    }
    shown = described["line"]
    if shown:
        value = f"{shown['value']} {shown['unit']}" if shown["value"] is not None else "–"
        days = f"{shown['first_day']} – {shown['last_day']}"
        words["line"] = (
            f"{shown['class']} · {shown['item']} · {shown['quantity']} · {days}: {value}"
        )
    return [
        (names[each], visible(str(words[each]))) for each in names if words.get(each) is not None
    ]


def _accepted(facts: CaseFacts, language: str) -> str | None:
    """Say whether what is shown is of the accepted version, in the block of the evidence."""
    if facts.standing is None:
        return None
    number = facts.standing.accepted_version
    if not number:
        return "none" if language == "en" else "无"
    if number == facts.version:
        return f"{number}"
    return f"{number}, not this one" if language == "en" else f"{number}（非本版本）"


def _second(content: Json) -> int:
    return content if isinstance(content, int) else 0


_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "line": "line",
        "report_number": "report",
        "enterprise": "enterprise",
        "credit_code": "credit code",
        "unit": "unit",
        "period": "period",
        "version": "version",
        "total": "total",
        "opinion": "opinion",
        "verifier": "verifier",
        "confirmed_by": "confirmed by",
        "state": "state",
        "accepted_version": "accepted version",
        "block": "as of block",
        "block_time": "block time",
    },
    "zh": {
        "line": "数据行",
        "report_number": "报告编号",
        "enterprise": "企业名称",
        "credit_code": "统一社会信用代码",
        "unit": "核算单元",
        "period": "核算期间",
        "version": "版本",
        "total": "排放总量",
        "opinion": "核查意见",
        "verifier": "核查机构",
        "confirmed_by": "确认机关",
        "state": "状态",
        "accepted_version": "生效版本",
        "block": "截至区块",
        "block_time": "区块时间",
    },
}
