"""
Write the report and the line of format version 1: `python tests/vectors/generate_reports.py`.

They are written once and then kept: later releases must verify the reports of earlier ones, which
another release of typst may draw otherwise. The test beside them verifies, and damages them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from attestation.case_bundle import CaseBundle, ReportReference, format_case_bundle
from attestation.report_file import BUNDLE_NAME, Attachment, finish_report
from attestation.trust_root import format_trust_root
from tests.support.reported import ReportedCase, trust_root

FOLDER = Path(__file__).resolve().parent / "report" / "v1"
_STARTXREF = b"startxref\n"
_APART = 16
"""Bytes that are alike between two patches."""

LINE_DAMAGE: list[dict[str, Any]] = [
    {"path": "line.line.value", "set": "14814.73", "step": "line"},
    {"path": "line.salt", "set": base64.b64encode(bytes(16)).decode(), "step": "line"},
    {"path": "line.index", "set": 1, "step": "line"},
    {"path": "acts.0.message.total_tCO2e", "set": "14816", "step": "acts"},
    {"path": "acts.0.message.linesRoot", "set": "0x" + "00" * 32, "step": "acts"},
    {"path": "acts.1.message.version", "set": "3", "step": "acts"},
    {"path": "chain.id", "set": "eip155:1", "step": "finality"},
    {"path": "chain.inventory_registry.address", "set": "0x" + "1d" * 20, "step": "registry"},
    {"path": "chain.inventory_registry.slots", "set": [], "step": "registry"},
    {"path": "entries.0.index", "set": 6, "step": "entries"},
]


def files() -> dict[str, bytes]:
    """Make the files anew."""
    case = ReportedCase(languages=("zh",))
    report, bundle = case.report(), case.report_bundle()
    expected = {
        "description": "A report and a line of version 1 that hold, and damage that must be found",
        "total": "14815",
        "line_value": "14814.72",
        "body_length": len(case.body),
        "body_sha256": sha256(case.body).hexdigest(),
        "report_damage": [
            {"name": name, "step": step, "code": code, "patches": patches(report, damaged)}
            for name, step, code, damaged in damages(case, report, bundle)
        ],
        "line_damage": LINE_DAMAGE,
    }
    return {
        "report.pdf": report,
        "line.carbonseal.json": format_case_bundle(case.line_bundle()),
        "trust-root.json": format_trust_root(trust_root()),
        "expected.json": (json.dumps(expected, indent=1) + "\n").encode(),
    }


def damages(
    case: ReportedCase, report: bytes, bundle: CaseBundle
) -> list[tuple[str, str, str, bytes]]:
    """Give what must be found: name, step, code, file."""
    body = case.body
    update = report[len(body) :]
    page = changed_page(body)
    opinion = {**case.statement.message, "opinion": "2"}
    other_acts = tuple(
        replace(each, message=opinion) if each is case.statement else each for each in bundle.acts
    )
    named = bundle.report
    assert named is not None
    longer = replace(named, body_length=len(body) + 1)
    of_update, of_form = "verification.report_update", "encoding.report"
    return [
        ("changed page", "bundle", "verification.report_length", page + update),
        ("changed page, named", "body", "verification.report_body", finished(page, bundle)),
        ("second update", "update", of_form, report + second_update(report)),
        ("the update twice", "update", of_form, report + repeated_update(report, body)),
        (
            "swapped bundle",
            "acts",
            "verification.signature",
            case.report(bundle=replace(bundle, acts=other_acts)),
        ),
        ("other name", "update", of_update, swapped_name(report, body)),
        (
            "length of the body",
            "bundle",
            "verification.report_length",
            case.report(bundle=replace(bundle, report=longer)),
        ),
        ("byte before the update", "update", of_form, body + b" " + update),
        ("appended page", "update", of_form, report + appended_page(report)),
        ("other pages", "update", of_update, other_pages(report, body)),
    ]


def changed_page(body: bytes) -> bytes:
    """Flip a bit of what a page shows."""
    at = body.index(b"stream\n") + 20
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def finished(body: bytes, bundle: CaseBundle) -> bytes:
    """Finish another body with the bundle made to name it."""
    named = ReportReference(len(body), sha256(body).digest())
    encoded = format_case_bundle(replace(bundle, report=named))
    return finish_report(body, [Attachment(BUNDLE_NAME, encoded)])


def second_update(report: bytes) -> bytes:
    """An update that changes nothing, as another program would write it."""
    at = len(report)
    return b"xref\n0 0\ntrailer\n<</Size 9/Root 1 0 R/Prev %d>>\n%s%d\n%%%%EOF\n" % (
        start_of(report),
        _STARTXREF,
        at,
    )


def repeated_update(report: bytes, body: bytes) -> bytes:
    """The update once more, as it would be written after itself."""
    section = report[len(body) :]
    previous = b"/Prev %d>>" % start_of(report[: len(body)])
    return section.replace(previous, b"/Prev %d>>" % start_of(report))


def swapped_name(report: bytes, body: bytes) -> bytes:
    """The catalogue calls the bundle by another name than its specification."""
    section = report[len(body) :]
    return body + section.replace(b"[(case.carbonseal.json)", b"[(cast.carbonseal.json)", 1)


def appended_page(report: bytes) -> bytes:
    """A page more, in an update of its own."""
    page = b"9999 0 obj\n<</Type/Page/Parent 1 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    table = b"xref\n9999 1\n%010d 00000 n \ntrailer\n<</Size 10000/Root 1 0 R/Prev %d>>\n" % (
        len(report),
        start_of(report),
    )
    return page + table + b"%s%d\n%%%%EOF\n" % (_STARTXREF, len(report) + len(page))


def other_pages(report: bytes, body: bytes) -> bytes:
    """The update's catalogue names other pages."""
    return body + report[len(body) :].replace(b"/Pages 1 0 R", b"/Pages 2 0 R", 1)


def start_of(content: bytes) -> int:
    """Give where the last table of objects begins."""
    return int(content.rsplit(_STARTXREF, 1)[1].split(b"\n")[0])


def patches(before: bytes, after: bytes) -> list[dict[str, Any]]:
    """Say how one file becomes another: at a place, so many bytes go and these come."""
    if len(before) != len(after):
        return [patch(before, after, 0)]
    found: list[dict[str, Any]] = []
    differing = [at for at in range(len(before)) if before[at] != after[at]]
    while differing:
        start = end = differing.pop(0)
        while differing and differing[0] - end < _APART:
            end = differing.pop(0)
        found.append(patch(before[start : end + 1], after[start : end + 1], start))
    return found


def patch(before: bytes, after: bytes, offset: int) -> dict[str, Any]:
    """Say how a piece becomes another."""
    limit = min(len(before), len(after))
    start = next((at for at in range(limit) if before[at] != after[at]), limit)
    end = 0
    while end < limit - start and before[len(before) - 1 - end] == after[len(after) - 1 - end]:
        end += 1
    inserted = after[start : len(after) - end]
    return {
        "at": offset + start,
        "remove": len(before) - end - start,
        "insert": base64.b64encode(inserted).decode(),
    }


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
