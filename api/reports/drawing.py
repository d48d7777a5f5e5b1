"""
The body of a report: its document drawn as PDF/A-3, the same bytes wherever it is drawn.

Release of typst, fonts and date are fixed, nothing is read from the machine. The document is
embedded, and what the pages say comes from it alone.

Source: FORMATS section 12; ISO 19005-3; `docs/formats/report.md`, section 2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
import typst

from api.reports.pages import pages_of
from api.visible import visible
from attestation.report_document import ReportDocument
from attestation.report_file import STATEMENT_NAME
from ledger.reports.errors import ReportRefused

_PLACE: Final = Path(__file__).parent
_FONTS: Final = _PLACE / "fonts"
_TEMPLATE: Final = _PLACE / "report.typ"
_BLANK: Final = frozenset("\n\u200b")
_WIDE_SPACE: Final = "\u3000"
"""Stands in Chinese names, and shows as what it is."""
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def draw_report(document: bytes) -> bytes:
    """
    Draw a report.

    Args:
        document: From `report_document`.

    Returns:
        The body; its SHA-256 is what the verifier signs.

    Raises:
        EncodingError: If it is no document of a report.
        ReportRefused: If it lacks something, or can't be drawn.
    """
    content = legible(ReportDocument.parse(document).content)
    pages = shown(pages_of(content))
    try:
        drawn_on = datetime.fromisoformat(str(content["drawn_on"])).replace(tzinfo=UTC)
        code = _code(str(content["verify_url"]))
    except (KeyError, ValueError) as error:
        # Also from outside: whoever verifies a report may draw its document again.
        raise ReportRefused(
            "a report has a day as YYYY-MM-DD, and an address short enough for its code"
        ) from error
    if drawn_on < _EARLIEST:
        raise ReportRefused(f"{drawn_on.date()} is before there were reports", code="report.day")
    inputs = {
        "pages": json.dumps(pages, ensure_ascii=False, sort_keys=True),
        "document": document.decode(),
        "name": STATEMENT_NAME,
        "code": code,
    }
    try:
        drawn = typst.compile(
            _TEMPLATE.read_bytes(),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards="a-3b",
            timestamp=int(drawn_on.timestamp()),
        )
    except RuntimeError as error:
        raise ReportRefused(f"the report cannot be drawn: {error}"[:500]) from error
    return drawn


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(False, False, [str(_FONTS)])


@cache
def drawable_characters() -> frozenset[str]:
    """Give the characters that the fonts of reports have."""
    found: set[str] = set()
    for line in (_FONTS / "characters.txt").read_text(encoding="ascii").splitlines():
        first, _, last = line.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


def legible(content: Any) -> Any:
    """
    Give a document with every character that does not show as its number: `[U+202E]`.

    What turns the direction of writing, or takes no room, would let people read other names.
    """
    if isinstance(content, str):
        return _WIDE_SPACE.join(map(visible, content.split(_WIDE_SPACE)))
    if isinstance(content, Mapping):
        return {name: legible(each) for name, each in content.items()}
    return [legible(each) for each in content] if isinstance(content, list | tuple) else content


def shown(content: Any) -> Any:
    """
    Give the pages with every character that the fonts lack as its number: `[U+5803]`.

    Nothing is left out and no empty box is drawn; the document has the character itself.
    """
    if isinstance(content, str):
        missing = set(content) - drawable_characters() - _BLANK
        for each in sorted(missing):
            content = content.replace(each, f"[U+{ord(each):04X}]")
        return content
    if isinstance(content, Mapping):
        return {name: shown(each) for name, each in content.items()}
    return [shown(each) for each in content] if isinstance(content, list | tuple) else content


def _code(url: str) -> str:
    """Give the QR code of the page on which the report can be verified, as SVG."""
    out = BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()
