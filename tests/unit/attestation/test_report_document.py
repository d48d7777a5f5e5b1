"""The document of a report as outside gives it: read strictly, compared exactly."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.bundle import ProvenEntry
from attestation.canonical import canonical_json, parse_canonical
from attestation.case_bodies import FindingReopening
from attestation.errors import EncodingError, VerificationError
from attestation.log_records import read_records
from attestation.merkle import hash_leaf
from attestation.report_document import ReportDocument
from attestation.report_findings import leaves_of, require_findings
from tests.support.evidence import ORIGIN, signed_record
from tests.support.reported import (
    ReportedCase,
    finding_bodies,
    finding_document,
    finding_records,
)

CASE = ReportedCase()
INVENTORY = CASE.submission.inventory_id


def document(**members: Any) -> ReportDocument:
    made = parse_canonical(CASE.document)
    assert isinstance(made, dict)
    return ReportDocument.parse(canonical_json({**made, **members}))


MALFORMED_LINES: dict[str, Any] = {
    "no list": "lines",
    "too many": [{}] * 10_001,
    "no object": ["line"],
    "no salt": [{"line": {}}],
    "short salt": [{"line": {}, "salt": "00"}],
    "salt in capitals": [{"line": {}, "salt": "AB" * 16}],
    "line is text": [{"line": "x", "salt": "ab" * 16}],
}


@pytest.mark.parametrize("name", MALFORMED_LINES)
def test_lines_of_another_form_are_refused(name: str) -> None:
    """Before anything is hashed."""
    with pytest.raises(EncodingError):
        document(lines=MALFORMED_LINES[name]).require_lines(CASE.submission)


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"record": "00"},
        finding_document() | {"record": "zz" * 32},
        finding_document() | {"steps": ["00"]},
        finding_document() | {"steps": {}},
    ],
)
def test_finding_of_another_form_is_refused(shown: dict[str, Any]) -> None:
    """Each name is there, each hash whole."""
    with pytest.raises(EncodingError):
        _ = document(findings=[shown]).findings


def test_finding_that_was_opened_again_is_open() -> None:
    """The closing before it does not stand any more."""
    finding, *steps = finding_records()
    body, _, closing = finding_bodies()
    reopening = signed_record(
        FindingReopening(
            inventory=INVENTORY,
            number=1,
            finding=hash_leaf(finding),
            closing=hash_leaf(steps[-1]),
            reason="of another scale",
            at_s=closing.at_s + 1,
            due_s=body.due_s,
        )
    )
    entries = dict(enumerate((finding, *steps, reopening)))
    records = read_records(
        [ProvenEntry(index, entry, ()) for index, entry in entries.items()], origin=ORIGIN
    )
    all_steps = [hash_leaf(each).hex() for each in (*steps, reopening)]
    open_again = finding_document() | {"steps": all_steps, "conclusion": None, "estimate": None}

    leaves = leaves_of(entries)
    assert require_findings(document(findings=[open_again]), records, leaves, INVENTORY) == 1
    still_closed = open_again | {"conclusion": "NOT_CORRECTED"}
    with pytest.raises(VerificationError):
        require_findings(document(findings=[still_closed]), records, leaves, INVENTORY)


def test_finding_of_another_inventory_is_none_here() -> None:
    """Rightly signed, of another case of the same log."""
    entries = dict(enumerate(finding_records()))
    records = read_records(
        [ProvenEntry(index, entry, ()) for index, entry in entries.items()], origin=ORIGIN
    )
    with pytest.raises(VerificationError):
        require_findings(document(), records, leaves_of(entries), b"\x00" * 32)
