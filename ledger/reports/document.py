"""
The document of a verification report: everything its pages say, as canonical JSON.

It stands inside the drawn report, so that a reader can hold the pages against what was signed: the
statement against the verifier's act, each line with its salt against the root of the lines.

Source: FORMATS section 12; SCREENS section 2.1, item 8; `docs/formats/report.md`, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from attestation.canonical import Json, canonical_json
from attestation.case_acts import STATEMENT, SUBMISSION, ShownAct
from attestation.encodings import format_hex
from attestation.report_document import STATED, TYPE, VERSION
from ledger.inventory.line_tree import salt_of
from ledger.inventory.versions import Change, InventoryVersion
from ledger.reports.errors import ReportRefused, WishMalformed

LANGUAGES: Final = ("zh", "en")
_DAY = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]")
_FIRST_YEAR: Final = 1970
"""A PDF is dated in seconds since then."""


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party as the report names it."""

    code: str
    name: str

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in the document."""
        return {"code": self.code, "name": self.name}


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """What a report is made of."""

    number: str
    """From `report_number`."""
    drawn_on: str
    """Day that stands on the report, `YYYY-MM-DD`."""
    languages: tuple[str, ...]
    """`zh`, `en` or both, in the order of the pages."""
    chain_id: str
    """CAIP-2."""
    contract: bytes
    """Address of the InventoryRegistry, 20 bytes."""
    submission: ShownAct
    """The enterprise's act on the version."""
    opinion: int
    """A `VerificationOpinion`."""
    lead_verifier: str
    """Address, lower-case."""
    technical_reviewer: str
    verifier: PartyName
    regulator: PartyName
    version: InventoryVersion
    """Whose lines the enterprise submitted."""
    changes: Sequence[Change]
    """What differs from the first version that was submitted."""
    case: Mapping[str, Json]
    """What the case says: `assurance`, `materiality`, `findings`, `visits`, `versions`."""
    verify_url: str
    """Page on which the report can be verified."""


def report_document(inputs: ReportInputs) -> bytes:
    """
    Give the document of a report, canonical JSON.

    Raises:
        ReportRefused: If the version is not the one that was submitted, or a language or the day
            is none.
    """
    _require_fitting(inputs)
    version = inputs.version
    document: dict[str, Json] = {
        "type": TYPE,
        "version": VERSION,
        "number": inputs.number,
        "drawn_on": inputs.drawn_on,
        "languages": list(inputs.languages),
        "chain": {"id": inputs.chain_id, "contract": format_hex(inputs.contract)},
        "statement": _statement(inputs),
        "verifier": inputs.verifier.as_json(),
        "regulator": inputs.regulator.as_json(),
        "recipe": version.recipe,
        "log": {
            "origin": inputs.submission.text("origin"),
            "size": inputs.submission.text("logSize"),
        },
        "document_sha256": version.sha256,
        "lines": [
            {"line": line.as_json(), "salt": salt_of(version.secret, line).hex()}
            for line in version.lines
        ],
        "evidence": [each.as_json() for each in version.evidence],
        "changes": [
            {
                "line": each.line_id,
                "before": each.before,
                "after": each.after,
                "difference": each.difference,
            }
            for each in inputs.changes
        ],
        "assurance": inputs.case["assurance"],
        "materiality": inputs.case.get("materiality"),
        "findings": inputs.case.get("findings", []),
        "visits": inputs.case.get("visits", []),
        "versions": inputs.case.get("versions", []),
        "verify_url": inputs.verify_url,
    }
    return canonical_json(document)


def _statement(inputs: ReportInputs) -> dict[str, Json]:
    """Give what the verifier's act will say, but for the hash of the report."""
    submitted = inputs.submission.message
    own: dict[str, Json] = {
        "opinion": str(inputs.opinion),
        "leadVerifier": inputs.lead_verifier,
        "technicalReviewer": inputs.technical_reviewer,
    }
    return {member: own.get(member, submitted.get(member)) for member in STATED}


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text).year >= _FIRST_YEAR
    except ValueError:
        return False


def _require_fitting(inputs: ReportInputs) -> None:
    act, version = inputs.submission, inputs.version
    if act.name != SUBMISSION:
        raise ReportRefused(f"a {STATEMENT} rests on a {SUBMISSION}, not on {act.name}")
    named = (act.word("documentHash"), act.word("linesRoot"), act.inventory_id)
    if named != (bytes.fromhex(version.sha256), version.root, version.scope.inventory_id):
        raise ReportRefused("this is not the version that was submitted", code="report.version")
    known = inputs.languages and set(inputs.languages) <= set(LANGUAGES)
    if not known or len(set(inputs.languages)) != len(inputs.languages):
        raise WishMalformed("a report is in zh, in en, or in both", code="report.language")
    if not _is_day(inputs.drawn_on):
        raise WishMalformed(f"{inputs.drawn_on[:20]!r} is no day", code="report.day")
