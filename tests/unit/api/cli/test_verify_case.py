"""`carbonseal verify` on reports and lines: what was signed in words, and the exit code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from attestation.case_bundle import format_case_bundle
from attestation.trust_root import format_trust_root
from tests.support.reported import NAME, ReportedCase, trust_root
from tests.unit.api.cli.conftest import Run

CASE = ReportedCase()
REPORT = CASE.report()
LINE = CASE.line_bundle()


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """The trust root as a file."""
    path = tmp_path / "trust.json"
    path.write_bytes(format_trust_root(trust_root()))
    return path


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "evidence"
    path.write_bytes(content)
    return path


def test_report_that_holds(tmp_path: Path, trust: Path, run: Run) -> None:
    """Exit code 0, every step, and the words that were signed."""
    file = stored(tmp_path, REPORT)
    ran = run("verify", file, "--trust", trust, "--redraw", "--json")

    assert ran.code == 0, ran.out
    assert {step["outcome"] for step in ran.document["steps"]} == {"held"}
    assert ran.document["steps"][-1]["name"] == "pages"
    assert ran.document["case"]["enterprise"] == NAME
    text = run("verify", file, "--trust", trust)
    assert "14815 tCO2e" in text.out
    assert "confirmed" in text.out


def test_line_that_holds(tmp_path: Path, trust: Path, run: Run) -> None:
    """The number with what it is of."""
    ran = run("verify", stored(tmp_path, format_case_bundle(LINE)), "--trust", trust)

    assert ran.code == 0
    assert "emissions · coal · emissions" in ran.out
    assert "14814.72 tCO2" in ran.out


def test_report_that_does_not_hold(tmp_path: Path, trust: Path, run: Run) -> None:
    """Exit code 1, and no word of what it claims."""
    ran = run("verify", stored(tmp_path, REPORT + b"\n"), "--trust", trust)

    assert ran.code == 1
    assert "did not hold" in ran.out
    assert NAME not in ran.out


def test_body_alone_could_not_be_checked(tmp_path: Path, trust: Path, run: Run) -> None:
    """Nothing in it is wrong, and nothing of it is signed; a page changed in it is all the same."""
    ran = run("verify", stored(tmp_path, CASE.body), "--trust", trust)

    assert ran.code == 3
    assert "next: Ask for the finished report" in ran.out
    assert run("verify", stored(tmp_path, CASE.body[:-9]), "--trust", trust).code == 1


def test_report_that_could_not_be_checked(tmp_path: Path, trust: Path, run: Run) -> None:
    """Exit code 3 without the chain's evidence, and what to do next."""
    bundle = replace(CASE.report_bundle(), chain=None)
    ran = run("verify", stored(tmp_path, CASE.report(bundle=bundle)), "--trust", trust)

    assert ran.code == 3
    assert "next: name a node" in ran.out
    assert NAME not in ran.out


def test_what_is_next_is_about_what_could_not_be_checked(tmp_path: Path, run: Run) -> None:
    """A trust root without the registry: another node would be of no use."""
    root = trust_root()
    assert root.chain is not None
    older = tmp_path / "older.json"
    chain = replace(root.chain, registries=root.chain.registries[:2])
    older.write_bytes(format_trust_root(replace(root, chain=chain)))
    ran = run("verify", stored(tmp_path, REPORT), "--trust", older)

    assert ran.code == 3
    assert "next: Take a newer trust root" in ran.out


def test_name_cannot_move_the_cursor(tmp_path: Path, trust: Path, run: Run) -> None:
    """What an act says reaches the terminal as text that shows."""
    subject = {**CASE.subject, "enterprise": "works\x1b[2K\rheld"}
    names = ("InventorySubmission", "VerificationAssignment", "VerificationStatement")
    changed = {name: {"subject": subject} for name in (*names, "ResultConfirmation")}
    content = format_case_bundle(ReportedCase(changed=changed).line_bundle())
    ran = run("verify", stored(tmp_path, content), "--trust", trust)

    assert ran.code == 0
    assert "\x1b[2K" not in ran.out
    assert "works[U+001B][2K[U+000D]held" in ran.out


def test_usage_is_another_exit_code(tmp_path: Path, run: Run) -> None:
    """No default trust root: exit code 2."""
    assert run("verify", stored(tmp_path, REPORT)).code == 2


def test_bundle_of_another_form_does_not_hold(tmp_path: Path, trust: Path, run: Run) -> None:
    """It is evidence that does not hold, not a wrong command."""
    broken = b'{"acts":[],"format":"carbonseal-case"}'

    assert run("verify", stored(tmp_path, broken), "--trust", trust).code == 1
