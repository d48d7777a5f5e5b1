"""Inventories as documents, the same for the command line and for HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attestation.enums import label
from ledger.inventory.lines import Line, Obstacle
from ledger.inventory.tracing import Trace
from ledger.inventory.versions import InventoryVersion


def version_document(version: InventoryVersion, in_the_way: Sequence[Obstacle]) -> dict[str, Any]:
    """Give a version, without what salts its lines."""
    scope = version.scope
    return {
        "inventory_id": f"0x{scope.inventory_id.hex()}",
        "usc": scope.usc,
        "unit": scope.unit,
        "period": scope.period.label,
        "report_year": scope.report_year,
        "number": version.number,
        "state": label(version.state),
        "recipe": version.recipe,
        "log_size": version.log_size,
        "total": None if version.total is None else str(version.total),
        "lines": [line_document(line) for line in version.lines],
        "lines_root": version.root.hex(),
        "calculations": list(version.calculations),
        "checks": [
            {
                "name": each.name,
                "period": each.period.label,
                "outcome": label(each.outcome),
                "english": each.english,
                "chinese": each.chinese,
            }
            for each in version.checks
        ],
        "stated": [each.as_json() for each in version.stated],
        "obstacles": [each.as_json() for each in in_the_way],
        "restates": None if version.restates is None else version.restates.as_json(),
        "sha256": version.sha256,
    }


def line_document(line: Line) -> dict[str, Any]:
    """Give a line: a decimal string with its unit, or null where it is missing."""
    return {
        "line": line.line_id,
        "data_class": label(line.data_class),
        "period": line.period.label,
        "item": line.item,
        "quantity": line.quantity,
        "value": None if line.amount is None else line.amount.text,
        "unit": None if line.amount is None else line.amount.unit,
        "sources": [source.as_json() for source in line.sources],
        "obstacles": [obstacle.as_json() for obstacle in line.obstacles],
    }


def trace_document(trace: Trace) -> dict[str, Any]:
    """Give what a number rests on, down to the entries with its readings."""
    return {
        "name": trace.name,
        "detail": trace.detail,
        "entries": list(trace.entries),
        "below": [trace_document(each) for each in trace.below],
    }
