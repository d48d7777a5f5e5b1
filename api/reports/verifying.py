"""
Verifying what somebody brings: a report, a line of an inventory or a message, by its content.

The same verifiers as at a terminal; nothing of this ledger takes part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.bundle import parse_bundle
from attestation.canonical import parse_canonical, require_object
from attestation.case_bundle import FORMAT, parse_case_bundle
from attestation.case_evidence import CaseReport
from attestation.case_verifier import CaseVerifier
from attestation.chain_evidence import ChainReader
from attestation.enums import Outcome
from attestation.errors import EncodingError
from attestation.evidence import Report, Step
from attestation.policy import UnsafeAcceptAll
from attestation.trust_root import TrustRoot
from attestation.verifier import Verifier

_PDF: Final = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it: of a case (report or line), or of a message."""

    case: CaseReport | None = None
    message: Report | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, whatever it was."""
        return self._report.steps

    @property
    def outcome(self) -> Outcome:
        """The outcome of the whole."""
        return self._report.outcome

    @property
    def trust_root(self) -> str | None:
        """Name of the trust root it was checked against."""
        return self._report.trust_root

    @property
    def _report(self) -> CaseReport | Report:
        found = self.case or self.message
        return CaseReport(None, ()) if found is None else found


def verify_content(
    content: bytes, root: TrustRoot | None, node: ChainReader | None = None
) -> Verified:
    """
    Verify a file, whatever of the three it is.

    Args:
        content: From outside.
        root: What the user trusts.
        node: The user's own node.
    """
    try:
        if content.startswith(_PDF):
            return Verified(case=CaseVerifier(root, node).verify_report(content))
        if _format_of(content) == FORMAT:
            bundle = parse_case_bundle(content)
            return Verified(case=CaseVerifier(root, node).verify_line(bundle))
        verifier = Verifier(root, UnsafeAcceptAll(), node)
        return Verified(message=verifier.verify(parse_bundle(content)))
    except EncodingError as error:
        # Evidence that has not its form is evidence that does not hold, not a wrong request.
        step = Step(0, "form", Outcome.FAILED, error.stable_code, error.message)
        return Verified(case=CaseReport(None if root is None else root.name, (step,)))


def _format_of(content: bytes) -> str:
    return str(require_object(parse_canonical(content), "a bundle").get("format"))
