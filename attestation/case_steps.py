"""
The steps of a case's verification, one by one.

Report and line take them in the order of `docs/formats/case-bundle.md`; each gives what later ones
need, or raises what stands against it.

Source: FORMATS sections 8 and 12; `docs/formats/case-bundle.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from attestation.argument import need
from attestation.canonical import parse_canonical, require_object
from attestation.case_acts import (
    ASSIGNMENT,
    CONFIRMATION,
    STATEMENT,
    SUBMISSION,
    ShownAct,
    require_same_inventory,
)
from attestation.case_bundle import CaseBundle
from attestation.case_chain import ProvenRegistry
from attestation.case_evidence import CaseFacts
from attestation.chain_evidence import ChainReader, FinalBlock, verify_final_block
from attestation.checkpoints import open_checkpoint
from attestation.enums import VerificationOpinion
from attestation.errors import AnchorError, VerificationError
from attestation.evidence import Unchecked
from attestation.evm.inventory_storage import PinnedVersion, Standing
from attestation.log_records import LogRecords, read_records
from attestation.merkle import hash_leaf, verify_inclusion
from attestation.records import verify_record
from attestation.report_document import ReportDocument
from attestation.report_file import ReportFile
from attestation.report_findings import leaves_of, require_findings
from attestation.trust_root import Contract, TrustedChain, TrustRoot

_RESULT: Final = ("version", "inputsHash", "total_tCO2e")
_TEAM: Final = ("leadVerifier", "technicalReviewer")

Redraw: TypeAlias = Callable[[bytes], bytes]
"""Draws a report's document again: gives the body."""


@dataclass
class CaseSteps:
    """The case in question, and what the steps so far have found of it; each method is one step."""

    bundle: CaseBundle
    trust_root: TrustRoot | None
    node: ChainReader | None
    report: ReportFile | None = None
    digests: tuple[bytes, ...] | None = None
    block: FinalBlock | None = None
    registry: ProvenRegistry | None = None
    standing: Standing | None = None
    pinned: PinnedVersion | None = None
    signed: bool | None = None
    """Whether the body is the one that was signed; what it embeds is read only then."""
    document: ReportDocument | None = None

    def check_acts(self) -> tuple[tuple[bytes, ...], str]:
        """Check who signed the acts, and that they speak of one version."""
        chain, contract = self._place()
        acts = self.bundle.acts
        require_same_inventory(acts)
        chain_id = int(chain.chain_id.partition(":")[2])
        digests = tuple(each.verify_signed(chain_id, contract) for each in acts)
        self._require_agreement()
        by_key = sum(each.signatures_by_key for each in acts)
        if by_key == 2 * len(acts):
            return digests, f"{len(acts)} acts are each signed by two persons"
        return digests, (
            f"{by_key} of {2 * len(acts)} signatures are by keys that the acts name; the others"
            " only a contract can judge"
        )

    def find_final_block(self) -> tuple[FinalBlock, str]:
        """Check that the block is of the trusted chain and final."""
        chain, _ = self._place()
        if self.bundle.chain is None:
            raise Unchecked("no chain evidence is given", code="unchecked.no_chain_evidence")
        block = verify_final_block(self.bundle.chain, chain, self.node)
        return block, f"block {block.reference.number} of {chain.chain_id} is final"

    def check_registry(self) -> tuple[ProvenRegistry, str]:
        """Check that the registry took every act."""
        block, digests = need(self.block, "finality"), need(self.digests, "acts")
        evidence = need(self.bundle.chain, "finality")
        chain, _ = self._place()
        registry = ProvenRegistry(block, evidence.inventory_registry, chain)
        for act, digest in zip(self.bundle.acts, digests, strict=True):
            registry.require_taken(act.name, digest)
        return registry, f"the registry took {len(digests)} acts"

    def find_standing(self) -> tuple[Standing, str]:
        """Find where the case stands."""
        found = need(self.registry, "registry").standing(self._submission.inventory_id)
        words = found.state.name.lower().replace("_", " ")
        accepted = f"version {found.accepted_version} is accepted"
        if not found.accepted_version:
            accepted = "no result is accepted"
        return found, f"the case is {words}, its newest version {found.version}; {accepted}"

    def check_version(self) -> tuple[PinnedVersion, str]:
        """Check that the registry keeps the version that was submitted."""
        act = self._submission
        number = act.number("version")
        kept = need(self.registry, "registry").version(act.inventory_id, number)
        submitted = (act.word("linesRoot"), act.number("lineCount"), act.number("total_tCO2e"))
        if (kept.lines_root, kept.line_count, kept.total_t) != submitted:
            raise AnchorError(
                f"the registry keeps another version {number}", code="verification.version"
            )
        words = f"version {number} stands on {kept.log_size} entries of the log"
        return kept, f"{words}{self._overtaken(number, kept)}"

    def _overtaken(self, number: int, kept: PinnedVersion) -> str:
        """Say what came after a version, as far as the block of the evidence shows it."""
        if kept.restated_by:
            return f"; the result of version {kept.restated_by} has replaced its own"
        if self.standing is None or self.standing.version <= number:
            return ""
        return f"; version {self.standing.version} was submitted after it"

    def check_line(self) -> tuple[bool, str]:
        """Check that the line is one of those that were submitted."""
        act, line = self._submission, self.bundle.line
        need(self.digests, "acts")
        if line is None:
            raise Unchecked("the bundle is of a report, not of a line", code="unchecked.line")
        root, size = act.word("linesRoot"), act.number("lineCount")
        verify_inclusion(line.leaf, index=line.index, size=size, root=root, proof=line.path)
        return True, f"it is leaf {line.index} of {size}"

    def check_entries(self) -> tuple[bool, str]:
        """Check that entries of the log are those that the version stands on."""
        if not self.bundle.entries:
            return True, "no entry of the log is shown"
        pinned = need(self.pinned, "version")
        for each in self.bundle.entries:
            verify_inclusion(
                hash_leaf(each.entry),
                index=each.index,
                size=pinned.log_size,
                root=pinned.log_root,
                proof=each.proof,
            )
        return True, f"{len(self.bundle.entries)} entries stand in the tree of {pinned.log_size}"

    def check_body(self) -> tuple[bool, str]:
        """Check that the verifier's persons signed this body."""
        need(self.digests, "acts")
        signed, found = self._statement.word("reportHash"), sha256(self._file.body).digest()
        if signed != found:
            raise VerificationError(
                "the report that was signed has another body", code="verification.report_body"
            )
        return True, f"{len(self._file.body)} bytes have the SHA-256 that was signed"

    def check_statement(self) -> tuple[bool, str]:
        """Check that the document says what the verifier signed."""
        need(self.signed, "body")
        chain, contract = self._place()
        document = ReportDocument.parse(self._file.statement)
        document.require_statement(self._statement, chain.chain_id, contract)
        assignment = self.bundle.act(ASSIGNMENT)
        if assignment is not None:
            document.require_parties(assignment)
        self.document = document
        return True, f"report {document.number} says what was signed"

    def check_lines(self) -> tuple[bool, str]:
        """Check that its lines are those that the enterprise submitted."""
        need(self.digests, "acts")
        count = need(self.document, "statement").require_lines(self._submission)
        return True, f"its {count} lines are those that were submitted"

    def check_findings(self) -> tuple[bool, str]:
        """Check that the findings are what the log's records say."""
        document = need(self.document, "statement")
        if not document.findings:
            return True, "it lists no finding"
        if self.bundle.checkpoint is None:
            raise Unchecked("no record of a finding is shown", code="unchecked.record")
        records = self._open_records(self.bundle.checkpoint)
        signers = {verify_record(each.record) for each in records.placed}
        leaves = leaves_of({each.index: each.entry for each in self.bundle.records})
        count = require_findings(document, records, leaves, self._submission.inventory_id)
        return True, f"{count} findings say what {len(signers)} addresses signed in the log"

    def check_pages(self, redraw: Redraw) -> tuple[bool, str]:
        """Check that the pages are what the document gives when it is drawn again."""
        need(self.signed, "body")
        if redraw(self._file.statement) != self._file.body:
            raise Unchecked(
                "drawn again here it gives other bytes: another release may have drawn it",
                code="unchecked.pages",
            )
        return True, "drawn again the document gives the same pages"

    def _open_records(self, note: str) -> LogRecords:
        """Give the records shown, if they stand in the tree of a checkpoint that the log signed."""
        origin = self._submission.text("origin")
        root = self.trust_root
        log = None if root is None else root.log(origin)
        if log is None:
            raise Unchecked(
                f"the trust root does not name {origin[:80]!r}", code="unchecked.unknown_log"
            )
        checkpoint = open_checkpoint(note, log.vkey)
        for each in self.bundle.records:
            verify_inclusion(
                hash_leaf(each.entry),
                index=each.index,
                size=checkpoint.size,
                root=checkpoint.root,
                proof=each.proof,
            )
        return read_records(self.bundle.records, origin=origin)

    def facts(self) -> CaseFacts | None:
        """Give what the acts say; None where nothing was submitted."""
        bundle = self.bundle
        submission = bundle.act(SUBMISSION)
        if submission is None:
            return None
        statement, assignment = bundle.act(STATEMENT), bundle.act(ASSIGNMENT)
        confirmation, subject = bundle.act(CONFIRMATION), submission.subject
        line = bundle.line
        return CaseFacts(
            inventory_id=submission.inventory_id,
            enterprise=str(subject["enterprise"]),
            credit_code=str(subject["creditCode"]),
            unit_code=str(subject["unitCode"]),
            period_from_s=int(str(subject["periodFrom"])),
            period_to_s=int(str(subject["periodTo"])),
            version=submission.number("version"),
            total_t=submission.number("total_tCO2e"),
            opinion=None if statement is None else _opinion(statement),
            # An assignment may be a former one; the statement says that it is not.
            verifier=(
                None if assignment is None or statement is None else assignment.text("verifier")
            ),
            regulator=None if confirmation is None else confirmation.text("regulator"),
            report_number=None if self.document is None else self.document.number,
            standing=self.standing,
            block=None if self.block is None else self.block.reference,
            line=None if line is None else require_object(parse_canonical(line.line), "line"),
        )

    @property
    def _submission(self) -> ShownAct:
        return self._act(SUBMISSION)

    @property
    def _statement(self) -> ShownAct:
        return self._act(STATEMENT)

    @property
    def _file(self) -> ReportFile:
        return need(self.report, "update")

    def _act(self, name: str) -> ShownAct:
        found = self.bundle.act(name)
        if found is None:
            raise Unchecked(f"the bundle shows no {name}", code="unchecked.act")
        return found

    def _place(self) -> tuple[TrustedChain, bytes]:
        """Give the chain, and the registry for which the acts were signed."""
        if self.trust_root is None:
            raise Unchecked("no trust root is given", code="unchecked.trust_root")
        chain = self.trust_root.chain
        if chain is None:
            raise Unchecked("the trust root names no chain", code="unchecked.no_trusted_chain")
        known = [
            each.address
            for each in chain.registries
            if each.contract is Contract.INVENTORY_REGISTRY
        ]
        if not known:
            raise Unchecked(
                "the trust root names no inventory registry", code="unchecked.no_inventory_registry"
            )
        evidence = self.bundle.chain
        if evidence is not None and evidence.inventory_registry.address in known:
            return chain, evidence.inventory_registry.address
        return chain, known[-1]

    def _require_agreement(self) -> None:
        """Check that the acts speak of one version and result, and name the same persons."""
        submission = self._submission
        for name in (STATEMENT, CONFIRMATION):
            act = self.bundle.act(name)
            if act is not None and not _agree(act, submission, _RESULT):
                raise VerificationError(
                    f"{name} is of another version or result", code="verification.act"
                )
        assignment = self.bundle.act(ASSIGNMENT)
        if assignment is None:
            return
        for name, members in ((STATEMENT, _TEAM), (CONFIRMATION, ("regulator",))):
            act = self.bundle.act(name)
            if act is not None and not _agree(act, assignment, members):
                raise VerificationError(
                    f"{name} is not by those whom the assignment names", code="verification.act"
                )


def _opinion(statement: ShownAct) -> VerificationOpinion | None:
    number = statement.number("opinion")
    return VerificationOpinion(number) if number in tuple(VerificationOpinion) else None


def _agree(one: ShownAct, other: ShownAct, members: Sequence[str]) -> bool:
    return all(one.message[each] == other.message[each] for each in members)
