"""Reports and lines of a case on a real chain: made, finished, verified; and what is too early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from api.reports.drawing import draw_report
from api.reports.making import inventory_of_body, report_body
from attestation.case_bundle import format_case_bundle, parse_case_bundle
from attestation.case_verifier import CaseVerifier
from attestation.enums import Outcome, VerificationOpinion
from attestation.trust_root import TrustRoot
from chain.deployments import save_deployment
from chain.verifier_node import VerifierNode
from ledger.inventory.errors import InventoryError
from ledger.reports.errors import ReportRefused
from tests.integration.chain.test_case_evidence import trust_root
from tests.support.chain import USC, ChainWorld
from tests.support.database import sqlite_template
from tests.support.reporting import COAL, TOTAL_T, WISH, Reporting, reporting, version
from tests.unit.api.cli.conftest import Run, run, settings_text

pytestmark = pytest.mark.real
__all__ = ["run", "sqlite_template"]


@pytest.fixture(scope="module")
def case(
    shared_world: ChainWorld, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reporting]:
    """A case whose verifier is assigned; the tests play it on, in their order."""
    path = tmp_path_factory.mktemp("reporting") / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    with reporting(shared_world, f"sqlite:///{path}") as begun:
        yield begun


def verifier(case: Reporting) -> CaseVerifier:
    world = case.agreement.world
    root: TrustRoot = trust_root(world)
    return CaseVerifier(root, VerifierNode(world.client), draw_report)


def test_report_from_draft_to_confirmed_result(case: Reporting) -> None:
    """Drawn by both persons alike, signed, finished, and verified at every later state."""
    found = case.follow()
    body = report_body(found, case.prover, WISH)
    assert report_body(case.follow(), case.prover, WISH) == body
    assert inventory_of_body(body) == case.agreement.inventory_id
    with pytest.raises(ReportRefused) as refused:
        case.finished(body)
    assert refused.value.stable_code == "report.not_stated"

    case.conclude(body)
    verified = case.finished(body)
    report = verifier(case).verify_report(verified)
    assert [each.name for each in report.steps if each.outcome is not Outcome.HELD] == []
    assert report.facts is not None
    assert report.facts.regulator is None
    assert "no result is accepted" in report.step("standing").detail

    case.confirm()
    finished = case.finished(body)
    report = verifier(case).verify_report(finished)
    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.total_t == TOTAL_T
    assert report.facts.regulator == "PROVINCE.310000"
    assert "version 1 is accepted" in report.step("standing").detail

    other = report_body(case.follow(), case.prover, replace(WISH, drawn_on="2026-04-11"))
    with pytest.raises(ReportRefused):
        case.finished(other)


def test_line_of_a_submitted_version(case: Reporting) -> None:
    """It is shown as soon as it was submitted, by the same proofs."""
    found = case.follow()
    with case.database.reading() as uow:
        bundle = case.prover.of_line(uow, found, 1, COAL, with_entries=True)
        with pytest.raises(InventoryError):
            case.prover.of_line(uow, found, 1, "emissions:2025:oil:emissions", with_entries=False)
        with pytest.raises(ReportRefused):
            case.prover.of_line(uow, found, 2, COAL, with_entries=False)

    report = verifier(case).verify_line(parse_case_bundle(format_case_bundle(bundle)))
    assert report.outcome is Outcome.HELD
    assert report.facts is not None
    assert report.facts.line is not None
    assert report.facts.line["value"] == "1234.56"


def test_report_needs_a_verifier_and_a_version_at_hand(case: Reporting) -> None:
    """Nobody assigned, nothing submitted, or a version that is not kept here."""
    found = case.follow()
    nobody = replace(found, inventory=replace(found.inventory, lead_verifier=None))
    elsewhere = replace(found, contents=(None,))
    other = replace(found, contents=(version(coal="1234.57"),))
    for changed, code in (
        (nobody, "report.not_ready"),
        (replace(found, versions=(), contents=()), "report.not_ready"),
        (elsewhere, "report.no_content"),
        (other, "report.version"),
    ):
        with pytest.raises(ReportRefused) as refused:
            report_body(changed, case.prover, WISH)
        assert refused.value.stable_code == code


def test_words_of_the_verifier_change_the_report(case: Reporting) -> None:
    """Another opinion, another language, another day: another report to sign."""
    found = case.follow()
    bodies = {
        report_body(found, case.prover, wish)
        for wish in (
            WISH,
            replace(WISH, opinion=VerificationOpinion.MODIFIED),
            replace(WISH, languages=("en",)),
            replace(WISH, body_name="BDY"),
        )
    }
    assert len(bodies) == 4


def test_commands_draw_and_finish(case: Reporting, tmp_path: Path, run: Run) -> None:
    """Beside each other: the body that was signed, the finished file, and one line."""
    config = settings(case, tmp_path)
    body, report, line = (tmp_path / name for name in ("body.pdf", "report.pdf", "line.json"))
    name = f"{USC}/1/2025"
    words = ("--opinion", "unmodified", "--body", "ABC", "--day", "2026-04-10")
    url = ("--verify-url", WISH.verify_url, "--language", "zh")
    case.follow()
    drawn = run("report", "draw", name, *words, *url, "--out", body, "--config", config, "--json")
    assert drawn.code == 0, drawn.err
    assert body.read_bytes() == report_body(case.follow(), case.prover, WISH)
    assert drawn.document["report_hash"] == sha256(body.read_bytes()).hexdigest()

    finished = run("report", "finish", body, "--out", report, "--config", config, "--json")
    stated = case.follow().version
    assert stated is not None
    if stated.report_hash is None:
        assert finished.document["code"] == "report.not_stated"
    else:
        assert finished.code == 0, finished.err
        assert verifier(case).verify_report(report.read_bytes()).outcome is Outcome.HELD
        # The finished file will do as well: it begins with what was signed.
        again = run("report", "finish", report, "--out", tmp_path / "again.pdf", "--config", config)
        assert (again.code, (tmp_path / "again.pdf").read_bytes()) == (0, report.read_bytes())
    shown = run("disclose", "line", name, COAL, "--out", line, "--config", config, "--json")
    assert shown.code == 0, shown.err
    verified = verifier(case).verify_line(parse_case_bundle(line.read_bytes()))
    assert verified.outcome is Outcome.HELD


def settings(case: Reporting, folder: Path) -> Path:
    """Write the settings of the party's own place."""
    world = case.agreement.world
    save_deployment(folder / "deployments.json", world.deployment)
    config = folder / "carbonseal.toml"
    text = settings_text(str(case.database.engine.url))
    config.write_text(text.replace("http://127.0.0.1:9", world.chain.rpc_url), encoding="utf-8")
    return config
