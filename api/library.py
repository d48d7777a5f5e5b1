"""
Rules and factors as documents, the same for the command line and for HTTP.

Source: CONTRACTS section 3; `chain/seed`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from api.errors import BadRequest
from attestation.enums import label
from attestation.instants import format_instant, from_seconds
from chain.factors import Found
from chain.rules import Rule

LAST_YEAR: Final = 65_534
"""The last report year that a contract can name."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def parse_day(text: str) -> date:
    """
    Read a day of the reporting zone.

    Raises:
        BadRequest: If it is not one.
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadRequest(f"not a day: {text!r}; write it as 2026-11-21")


def factor_document(found: Found) -> dict[str, Any]:
    """Give a factor that was found, its numbers as decimal strings."""
    entry = found.factor.entry
    return {
        "factor_id": entry.factor_id.hex(),
        "guide": entry.guide,
        "edition": entry.edition,
        "quantity": entry.quantity,
        "subject": entry.subject,
        "values": list(found.factor.values),
        "unit": entry.unit,
        "report_from": entry.report_from,
        "report_to": entry.report_to or None,
        "valid_from": _moment(entry.valid_from_s),
        "valid_to": _moment(entry.valid_to_s),
        "table_row": entry.table_row,
        "status": label(found.status),
        "prescribed": found.is_prescribed,
        "confidence": entry.confidence,
        "citation": found.factor.citation,
        "source_hash": entry.source_hash.hex(),
    }


def rule_document(rule: Rule) -> dict[str, Any]:
    """Give a version of a rule, with the hash of the code that runs."""
    return {
        "name": rule.name,
        "version": rule.version,
        "report_from": rule.report_from,
        "report_to": rule.report_to or None,
        "status": label(rule.status),
        "source": rule.source,
        "code_hash": rule.code_hash.hex(),
    }


def input_documents(rule: Rule) -> list[dict[str, str]]:
    """Give every field a rule takes, with what it takes."""
    return [{"field": path, "takes": kind.text} for path, kind in rule.schema.lines()]


def _moment(seconds: int) -> str | None:
    return format_instant(from_seconds(seconds)) if seconds else None
