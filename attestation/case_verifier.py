"""
The verifier of cases: a report, or one line of an inventory, against a trust root.

Like the verifier of messages it reads no clock, no disk and no network, and never raises for what
it is given: each step held, did not hold or could not be checked.

Source: FORMATS sections 8 and 12; `docs/formats/case-bundle.md`, section 5.
"""

from __future__ import annotations

from hashlib import sha256

from attestation.argument import Argument, need
from attestation.case_bundle import CaseBundle, parse_case_bundle
from attestation.case_evidence import CaseReport
from attestation.case_steps import CaseSteps, Redraw
from attestation.chain_evidence import ChainReader
from attestation.errors import EncodingError, VerificationError
from attestation.evidence import Unchecked
from attestation.report_file import BUNDLE_NAME, ReportFile, is_body, open_report
from attestation.trust_root import TrustRoot


class CaseVerifier:
    """
    Holds a trust root; verifies any number of reports and lines.

    Args:
        trust_root: What the user trusts; None leaves most steps unchecked.
        node: The user's own node, if there is one; never the evidence's.
        redraw: Draws a report's document again, for who wants to know that the pages say what the
            document says.

    Source: `docs/formats/case-bundle.md`.
    """

    def __init__(
        self,
        trust_root: TrustRoot | None,
        node: ChainReader | None = None,
        redraw: Redraw | None = None,
    ) -> None:
        self._trust_root = trust_root
        self._node = node
        self._redraw = redraw

    def verify_line(self, bundle: CaseBundle) -> CaseReport:
        """
        Verify one line of an inventory.

        The argument, step by step:

         1. acts         the acts are of one inventory, and the persons named in them signed
         2. finality     the block is the trusted chain's and final
         3. registry     in that block the registry has taken every act
         4. standing     in that block it says where the case stands
         5. version      it keeps the version that was submitted
         6. line         the line is in the tree that was submitted
         7. entries      the entries shown are in the tree of the log that the version pinned

        Args:
            bundle: From `parse_case_bundle`; what it says is from outside.
        """
        argument, case = Argument(), CaseSteps(bundle, self._trust_root, self._node)
        self._verify_chain(argument, case)
        argument.step("line", case.check_line)
        argument.step("entries", case.check_entries)
        return self._reported(argument, case)

    def verify_report(self, file: bytes) -> CaseReport:
        """
        Verify a report as a file.

        The argument, step by step:

         1. update       the file is a body and one update that only adds embedded files
         2. bundle       one of them is the case bundle, and it names the body
         3. acts         the acts are of one inventory, and the persons named in them signed
         4. finality     the block is the trusted chain's and final
         5. registry     in that block the registry has taken every act
         6. standing     in that block it says where the case stands
         7. version      it keeps the version that was submitted
         8. body         the verifier's persons signed the SHA-256 of the body
         9. statement    the document in the body says what they signed
        10. lines        its lines are those that the enterprise submitted
        11. entries      the entries shown are in the tree of the log that the version pinned
        12. findings     its findings say what the records of the log say
        13. pages        the document gives this body when it is drawn again; only where asked

        Args:
            file: From outside.
        """
        argument = Argument()
        report = argument.step("update", lambda: _open(file))
        bundle = argument.step("bundle", lambda: _bundle_of(need(report, "update")))
        if report is None or bundle is None:
            return CaseReport(self._name, tuple(argument.steps))
        case = CaseSteps(bundle, self._trust_root, self._node, report)
        self._verify_chain(argument, case)
        case.signed = argument.step("body", case.check_body)
        argument.step("statement", case.check_statement)
        argument.step("lines", case.check_lines)
        argument.step("entries", case.check_entries)
        argument.step("findings", case.check_findings)
        if self._redraw is not None:
            redraw = self._redraw
            argument.step("pages", lambda: case.check_pages(redraw))
        return self._reported(argument, case)

    @property
    def _name(self) -> str | None:
        return None if self._trust_root is None else self._trust_root.name

    @staticmethod
    def _verify_chain(argument: Argument, case: CaseSteps) -> None:
        case.digests = argument.step("acts", case.check_acts)
        case.block = argument.step("finality", case.find_final_block)
        case.registry = argument.step("registry", case.check_registry)
        case.standing = argument.step("standing", case.find_standing)
        case.pinned = argument.step("version", case.check_version)

    def _reported(self, argument: Argument, case: CaseSteps) -> CaseReport:
        return CaseReport(self._name, tuple(argument.steps), case.facts())


def _open(file: bytes) -> tuple[ReportFile, str]:
    try:
        report = open_report(file)
    except EncodingError:
        if is_body(file):
            raise Unchecked(
                "this is the body of a report: signatures and proofs are not with it",
                code="unchecked.case_bundle",
            ) from None
        raise
    others = sorted(each.name for each in report.attachments if each.name != BUNDLE_NAME)
    words = f"one update adds {len(report.attachments)} files and changes nothing else"
    # Whoever passes a report on can add files; a reader sees them beside what was signed.
    return report, words + (f"; nobody signed {', '.join(others)}" if others else "")


def _bundle_of(report: ReportFile) -> tuple[CaseBundle, str]:
    encoded = report.attachment(BUNDLE_NAME)
    if encoded is None:
        raise Unchecked(f"the report embeds no {BUNDLE_NAME}", code="unchecked.case_bundle")
    bundle = parse_case_bundle(encoded)
    named = bundle.report
    if named is None:
        raise EncodingError("the bundle is of a line", code="encoding.case_bundle")
    if (named.body_length, named.body_sha256) != (len(report.body), sha256(report.body).digest()):
        raise VerificationError(
            f"the bundle names a body of {named.body_length} bytes, the file has"
            f" {len(report.body)}, or others",
            code="verification.report_length",
        )
    return bundle, f"the bundle names the first {named.body_length} bytes"
