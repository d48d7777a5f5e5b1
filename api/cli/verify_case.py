"""Reports and lines of inventories at a terminal: verified step by step, said in words."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from api.cli.outcomes import WORDS, next_step, styled
from api.cli.output import console, table
from api.cli.verifying_node import verifying_node
from api.reports.answers import case_document, facts_in_words
from api.visible import visible
from attestation.case_bundle import FORMAT, parse_case_bundle
from attestation.case_evidence import CaseReport
from attestation.case_steps import Redraw
from attestation.case_verifier import CaseVerifier
from attestation.chain_evidence import ChainReader
from attestation.enums import Outcome
from attestation.errors import EncodingError
from attestation.evidence import Step
from attestation.trust_root import TrustRoot

_PDF = b"%PDF-"
_MARK = f'"format":"{FORMAT}"'.encode()


def is_of_a_case(content: bytes) -> bool:
    """Say whether a file is a report, or shows a line of an inventory."""
    return content.startswith(_PDF) or _MARK in content


def verified(content: bytes, root: TrustRoot, rpc: str | None, *, redraw: bool) -> CaseReport:
    """Verify a report or a line; `rpc` is a node of the user's own."""
    with verifying_node(rpc) as node:
        return _verify(content, root, node, _drawer() if redraw else None)


def _verify(
    content: bytes, root: TrustRoot, node: ChainReader | None, redraw: Redraw | None
) -> CaseReport:
    verifier = CaseVerifier(root, node, redraw)
    if content.startswith(_PDF):
        return verifier.verify_report(content)
    try:
        bundle = parse_case_bundle(content)
    except EncodingError as error:
        # Evidence that has not its form is evidence that does not hold, not a wrong command.
        step = Step(0, "form", Outcome.FAILED, error.stable_code, error.message)
        return CaseReport(root.name, (step,))
    return verifier.verify_line(bundle)


def _drawer() -> Redraw:
    """Give what draws reports; its library is loaded only where pages are drawn."""
    from api.reports.drawing import draw_report

    return draw_report


def document(report: CaseReport) -> dict[str, Any]:
    """Describe a verification as the command prints it for programs."""
    described = case_document(report)
    described["outcome"] = WORDS[report.outcome]
    for step, shown in zip(report.steps, described["steps"], strict=True):
        shown["outcome"] = WORDS[step.outcome]
    return described


def print_report(report: CaseReport) -> None:
    """Print a verification: the steps, and where all held what was signed."""
    console.print(f"trust root  SHA-256 {report.trust_root}")
    rows = table("", "step", "outcome", "detail")
    for step in report.steps:
        detail = visible(f"{step.detail} ({step.code})" if step.code else step.detail)
        rows.add_row(str(step.number), step.name, styled(step.outcome), Text(detail))
    console.print(rows)
    if report.outcome is Outcome.HELD and report.facts is not None:
        for name, content in facts_in_words(report.facts):
            console.print(f"{name:<17} {content}", markup=False)
    console.print(styled(report.outcome))
    if report.outcome is Outcome.COULD_NOT_CHECK:
        console.print(next_step(report.steps), markup=False)
