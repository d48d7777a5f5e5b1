"""
The findings of a report, held against the records of the log.

Each finding that the document lists is a record, and what it says of the answer, the conclusion
and the estimate is what the later records say. That none is left out cannot be shown; the
verifier's persons signed the list.

Source: FORMATS section 12; `docs/formats/report.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attestation.canonical import Json, canonical_json, require_object
from attestation.case_bodies import (
    Estimate,
    Finding,
    FindingClosing,
    FindingReopening,
    FindingResponse,
)
from attestation.errors import VerificationError
from attestation.evidence import Unchecked
from attestation.log_records import LogRecords, PlacedRecord
from attestation.merkle import hash_leaf
from attestation.report_document import ReportDocument

_Step: TypeAlias = FindingResponse | FindingClosing | FindingReopening


def require_findings(
    document: ReportDocument, records: LogRecords, leaves: Mapping[int, bytes], inventory: bytes
) -> int:
    """
    Check that the document's findings are what the records say; give their count.

    Args:
        document: Of the report.
        records: Of the bundle; their signatures and inclusion were checked.
        leaves: Leaf hash of each record, by its index.
        inventory: Id of the inventory, 32 bytes.

    Raises:
        VerificationError: If a finding is none, or says something else.
        Unchecked: If a record is not shown.
    """
    by_leaf = {leaves[each.index]: each for each in records.placed}
    listed = document.findings
    if len({each.record for each in listed}) != len(listed):
        raise VerificationError("a finding is listed twice", code="verification.findings")
    verifier = require_object(document.content.get("verifier"), "verifier").get("code")
    for shown in listed:
        finding = _finding(_record(by_leaf, shown.record), inventory, verifier)
        steps = sorted(
            (_record(by_leaf, leaf) for leaf in shown.steps), key=lambda each: each.index
        )
        # As text: Python takes `true` and 1 for the same, and pages show them otherwise.
        told = canonical_json(_told(finding, shown.record, steps))
        if told != canonical_json(shown.content):
            raise _differs(shown.content)
    return len(listed)


def leaves_of(entries: Mapping[int, bytes]) -> dict[int, bytes]:
    """Give the leaf hash of each entry."""
    return {index: hash_leaf(entry) for index, entry in entries.items()}


def _record(by_leaf: Mapping[bytes, PlacedRecord], leaf: bytes) -> PlacedRecord:
    found = by_leaf.get(leaf)
    if found is None:
        raise Unchecked(f"the record {leaf.hex()[:16]}… is not shown", code="unchecked.record")
    return found


def _finding(placed: PlacedRecord, inventory: bytes, verifier: Json) -> Finding:
    """Give a finding of this case, raised by the verifier whose report it is."""
    body = placed.body
    if not isinstance(body, Finding) or body.inventory != inventory:
        raise VerificationError("a record that is no finding here", code="verification.findings")
    if body.verifier != verifier:
        raise VerificationError(
            f"finding {body.number} is another verifier's", code="verification.findings"
        )
    return body


def _told(body: Finding, leaf: bytes, steps: list[PlacedRecord]) -> dict[str, Json]:
    """Give what the records say of a finding, by the names that the document has."""
    response: FindingResponse | None = None
    closing: FindingClosing | None = None
    for each in steps:
        step = _step(each, leaf, body)
        match step:
            case FindingResponse():
                response = step
            case FindingClosing():
                closing = step
            case FindingReopening():
                closing = None
    return {
        "number": body.number,
        "kind": body.kind.name,
        "severity": body.severity.name,
        "anchor": body.anchor.words,
        "title": body.title,
        "text": body.text,
        "effect_gco2e": None if body.effect_gco2e is None else str(body.effect_gco2e),
        "response": None if response is None else response.text,
        "conclusion": None if closing is None else closing.conclusion.name,
        "estimate": None if closing is None else _estimate(closing.estimate),
    }


def _step(placed: PlacedRecord, leaf: bytes, finding: Finding) -> _Step:
    body = placed.body
    if isinstance(body, FindingResponse | FindingClosing | FindingReopening) and (
        body.finding,
        body.number,
        body.inventory,
    ) == (leaf, finding.number, finding.inventory):
        return body
    raise VerificationError("a record about another finding", code="verification.findings")


def _estimate(estimate: Estimate | None) -> Json:
    if estimate is None:
        return None
    return {
        "formula": estimate.formula,
        "amount_gco2e": str(estimate.amount_gco2e),
        "difference_gco2e": str(estimate.difference_gco2e),
    }


def _differs(content: Mapping[str, Json]) -> VerificationError:
    return VerificationError(
        f"finding {content.get('number')} does not say what the records say",
        code="verification.findings",
    )
