"""Reports and lines of earlier releases hold for ever, and damage to them is found."""

from __future__ import annotations

import base64
import copy
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from attestation.canonical import canonical_json
from attestation.case_bundle import parse_case_bundle
from attestation.case_evidence import CaseReport
from attestation.case_verifier import CaseVerifier
from attestation.enums import Outcome
from attestation.report_file import open_report
from attestation.trust_root import parse_trust_root

FOLDER = Path(__file__).resolve().parent / "report" / "v1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
REPORT = (FOLDER / "report.pdf").read_bytes()
LINE = (FOLDER / "line.carbonseal.json").read_bytes()
VERIFIER = CaseVerifier(parse_trust_root((FOLDER / "trust-root.json").read_bytes()))


def failing(report: CaseReport) -> list[tuple[str, str | None]]:
    return [(each.name, each.code) for each in report.steps if each.outcome is Outcome.FAILED]


def test_report_holds() -> None:
    """Every step, and the total that was signed."""
    report = VERIFIER.verify_report(REPORT)

    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert str(report.facts.total_t) == EXPECTED["total"]
    body = open_report(REPORT).body
    assert (len(body), sha256(body).hexdigest()) == (
        EXPECTED["body_length"],
        EXPECTED["body_sha256"],
    )


def test_line_holds() -> None:
    """Every step, and the number that is shown."""
    report = VERIFIER.verify_line(parse_case_bundle(LINE))

    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.line is not None
    assert report.facts.line["value"] == EXPECTED["line_value"]


@pytest.mark.parametrize("damage", EXPECTED["report_damage"], ids=lambda damage: damage["name"])
def test_damage_to_the_report_is_found(damage: dict[str, Any]) -> None:
    """At the step that says so, for this reason."""
    damaged = REPORT
    for patch in reversed(damage["patches"]):
        at, inserted = patch["at"], base64.b64decode(patch["insert"])
        damaged = damaged[:at] + inserted + damaged[at + patch["remove"] :]

    assert failing(VERIFIER.verify_report(damaged))[0] == (damage["step"], damage["code"])


@pytest.mark.parametrize("damage", EXPECTED["line_damage"], ids=lambda damage: damage["path"])
def test_damage_to_the_line_is_found(damage: dict[str, Any]) -> None:
    """Every value that the argument rests on."""
    content = copy.deepcopy(json.loads(LINE))
    *parents, last = damage["path"].split(".")
    place: Any = content
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    place[last] = damage["set"]
    report = VERIFIER.verify_line(parse_case_bundle(canonical_json(content)))

    assert report.outcome is not Outcome.HELD
    assert report.step(damage["step"]).outcome is not Outcome.HELD
