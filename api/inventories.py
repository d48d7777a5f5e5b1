"""Inventories as documents, the same for the command line and for HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attestation.enums import label
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.firm import Firm
from ledger.inventory.lines import Line, Obstacle
from ledger.inventory.peers import AmongPeers
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
        "checks": [check_document(each) for each in version.checks],
        "stated": [each.as_json() for each in version.stated],
        "obstacles": [each.as_json() for each in in_the_way],
        "restates": None if version.restates is None else version.restates.as_json(),
        "sha256": version.sha256,
    }


def check_document(check: CheckResult) -> dict[str, Any]:
    """Give what a cross-check says."""
    return {
        "name": check.name,
        "period": check.period.label,
        "outcome": label(check.outcome),
        "english": check.english,
        "chinese": check.chinese,
        "sources": [source.as_json() for source in check.sources],
    }


def firm_document(firm: Firm) -> dict[str, Any]:
    """Give an enterprise's units in a year, and their total where none is missing."""
    return {
        "usc": firm.usc,
        "year": firm.period.label,
        "total": None if firm.total is None else str(firm.total),
        "units": [
            {
                "unit": each.scope.unit,
                "inventory_id": f"0x{each.scope.inventory_id.hex()}",
                "number": each.number,
                "sha256": each.sha256,
                "total": str(each.total),
            }
            for each in firm.versions
        ],
        "missing": list(firm.missing),
    }


def peers_document(version: InventoryVersion, found: AmongPeers) -> dict[str, Any]:
    """Give a unit's emissions per output among those of its peers."""
    return {
        "usc": version.scope.usc,
        "unit": version.scope.unit,
        "period": version.scope.period.label,
        "number": version.number,
        "intensity": None if found.own is None else str(found.own),
        "peers": [
            {
                "usc": each.usc,
                "unit": each.unit,
                "number": each.number,
                "sha256": each.sha256,
                "intensity": str(each.intensity),
            }
            for each in found.peers
        ],
        "check": check_document(found.check),
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
