"""
Wording for findings that occur again and again, in English and Chinese.

A template saves typing and nothing else: what was found is said by whoever raises the finding.

Source: DOMAIN sections 5 and 6; SCREENS section 2.1, item 6.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attestation.enums import FindingKind, FindingSeverity
from ledger.cases.errors import PlaceUnknown

_FILE: Final = "finding-templates.json"


@dataclass(frozen=True, slots=True)
class FindingTemplate:
    """The wording of one kind of finding."""

    code: str
    kind: FindingKind
    severity: FindingSeverity
    title: str
    """In Chinese and English."""
    text: str


@cache
def finding_templates() -> tuple[FindingTemplate, ...]:
    """Give the templates that come with this version of the ledger, in their order."""
    content = (files("ledger.cases") / "data" / _FILE).read_text(encoding="utf-8")
    return tuple(_template(each) for each in json.loads(content)["templates"])


def finding_template(code: str) -> FindingTemplate:
    """
    Give a template by its code.

    Raises:
        PlaceUnknown: If there is none.
    """
    for each in finding_templates():
        if each.code == code:
            return each
    known = ", ".join(each.code for each in finding_templates())
    raise PlaceUnknown(f"no template {code}: {known}")


def _template(said: Any) -> FindingTemplate:
    kind, severity = (str(said[name]).upper().replace("-", "_") for name in ("kind", "severity"))
    return FindingTemplate(
        code=said["code"],
        kind=FindingKind[kind],
        severity=FindingSeverity[severity],
        title=f"{said['title']['zh']} {said['title']['en']}",
        text=f"{said['text']['zh']} {said['text']['en']}",
    )
