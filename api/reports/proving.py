"""
Case bundles of what the ledger knows: acts with their signatures, storage proofs, a line's path.

The acts' signatures stand in the transactions that carried them, so a node is asked for these and
for the proofs; everything is checked before it leaves.

Source: FORMATS section 8; `docs/formats/case-bundle.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from api.settings import ChainSettings
from attestation.bundle import Profile, ProvenEntry
from attestation.canonical import canonical_json
from attestation.case_acts import ASSIGNMENT, CONFIRMATION, STATEMENT, SUBMISSION, ShownAct
from attestation.case_bundle import (
    CaseBundle,
    CaseChainEvidence,
    ShownLine,
    make_case_bundle,
)
from chain.bindings.inventory_registry import InventoryRegistry
from chain.case_evidence import WantedCase, capture_case, fetch_shown_acts
from chain.client import ChainClient
from chain.deployments import Deployment
from chain.finality import Depth, FinalityPolicy, parse_finality
from ledger.cases.case import Case
from ledger.inventory.lines import Line
from ledger.inventory.sources import SourceKind
from ledger.inventory.versions import InventoryVersion
from ledger.log.proving import LogProver
from ledger.log.witnessing import cosigned_note
from ledger.reports.errors import ReportRefused
from ledger.repositories.chain_inventories import ChainAct, ChainVersion
from ledger.unit_of_work import UnitOfWork

_SHOWN: Final = (SUBMISSION, ASSIGNMENT, STATEMENT, CONFIRMATION)


@dataclass(frozen=True, slots=True)
class CaseProver:
    """One node of the chain whose registry is proved."""

    client: ChainClient
    deployment: Deployment
    profile: Profile
    finality: FinalityPolicy

    @classmethod
    def of(cls, settings: ChainSettings, client: ChainClient, deployment: Deployment) -> Self:
        """Join a node with what the settings say of the chain."""
        profile = Profile[settings.profile.upper()]
        return cls(client, deployment, profile, parse_finality(settings.finality))

    @property
    def chain_name(self) -> str:
        """CAIP-2 id of the chain."""
        return self.deployment.identity.caip2

    @property
    def registry(self) -> InventoryRegistry:
        """The registry of inventories."""
        return InventoryRegistry(self.client, self.deployment.address(InventoryRegistry.NAME))

    def shown(self, acts: Sequence[ChainAct]) -> tuple[ShownAct, ...]:
        """
        Give acts with their signatures.

        Raises:
            NodeUnavailable: If the node does not know a transaction.
        """
        places = [(each.tx_hash, each.digest) for each in acts]
        return fetch_shown_acts(self.client, self.registry, self.deployment.chain_id, places)

    def capture(self, acts: Sequence[ChainAct], version: ChainVersion) -> CaseChainEvidence:
        """
        Capture what the newest final block says of a version and of acts on it.

        Raises:
            NodeUnavailable: If the node no longer has that state.
            EvidenceUnsound: If what it gives does not hold.
            ReportRefused: If one of the acts is in no final block yet.
        """
        block = self.finality.final_block(self.client)
        if any(each.at.block_number > block for each in acts):
            raise ReportRefused("an act is in no final block yet", code="report.not_final")
        return capture_case(
            self.client,
            WantedCase(
                profile=self.profile,
                chain=self.chain_name,
                block_number=block,
                inventory_registry=self.deployment.address(InventoryRegistry.NAME),
                inventory_id=version.inventory_id,
                version=version.number,
                digests=tuple(each.digest for each in acts),
                following=self.finality.blocks if isinstance(self.finality, Depth) else 0,
            ),
        )

    def of_report(self, uow: UnitOfWork, case: Case, number: int, body: bytes) -> CaseBundle:
        """
        Make the bundle that goes with a report.

        Args:
            uow: A reading unit of work.
            case: The case.
            number: Version that the report is of, as the registry counts.
            body: The report as it was signed.

        Raises:
            ReportRefused: If the version has no statement.
        """
        acts = acts_on(case, number)
        if not any(each.name == STATEMENT for each in acts):
            raise ReportRefused(
                f"the verifier stated nothing on version {number} yet", code="report.not_stated"
            )
        evidence = self.capture(acts, version_of(case, number))
        records, checkpoint = finding_records(uow, case)
        return make_case_bundle(
            self.shown(acts), evidence, body=body, records=records, checkpoint=checkpoint
        )

    def of_line(
        self, uow: UnitOfWork, case: Case, number: int, line_id: str, *, with_entries: bool
    ) -> CaseBundle:
        """
        Make the bundle that shows one line.

        Args:
            uow: A reading unit of work.
            case: The case.
            number: Version, as the registry counts.
            line_id: Of the line.
            with_entries: Whether the digests that the line stands on are shown too.

        Raises:
            InventoryError: If there is no such line.
            ReportRefused: If the version is not kept here.
        """
        content = content_of(case, number)
        proof = content.tree.prove_line(line_id)
        acts = [each for each in acts_on(case, number) if each.name != STATEMENT]
        pinned = version_of(case, number)
        line = ShownLine(canonical_json(proof.line.as_json()), proof.salt, proof.index, proof.path)
        return make_case_bundle(
            self.shown(acts),
            self.capture(acts, pinned),
            line=line,
            entries=line_entries(uow, case, pinned, proof.line) if with_entries else (),
        )


def acts_on(case: Case, number: int) -> list[ChainAct]:
    """
    Give the acts that a bundle of a version shows, in their order: of each kind the newest.

    An assignment may be older than the version: it stands while others are submitted.

    Raises:
        ReportRefused: If there is no such version.
    """
    version_of(case, number)
    newest: dict[str, ChainAct] = {}
    for each in case.acts:
        earlier = each.name == ASSIGNMENT and each.version < number
        if earlier or (each.name in _SHOWN and each.version == number):
            newest[each.name] = each
    return sorted(newest.values(), key=lambda each: each.at)


def version_of(case: Case, number: int) -> ChainVersion:
    """
    Give a submitted version.

    Raises:
        ReportRefused: If there is none of that number.
    """
    for each in case.versions:
        if each.number == number:
            return each
    raise ReportRefused(f"no version {number} was submitted", code="report.no_version")


def content_of(case: Case, number: int) -> InventoryVersion:
    """
    Give what a submitted version says.

    Raises:
        ReportRefused: If it is not kept here.
    """
    version_of(case, number)
    for version, content in zip(case.versions, case.contents, strict=True):
        if version.number == number and content is not None:
            return content
    raise ReportRefused(f"version {number} is not kept here", code="report.no_content")


def finding_records(uow: UnitOfWork, case: Case) -> tuple[tuple[ProvenEntry, ...], str | None]:
    """
    Prove the records of a case's findings under the newest checkpoint, and give its note.

    Those of a former verifier are among them: a report may be of its time.
    """
    threads = case.threads
    indexes = {each.finding.place.index for each in threads}
    indexes |= {step.place.index for each in threads for step in each.steps}
    if not indexes or case.log is None:
        return (), None
    prover = LogProver(uow, case.log)
    proved = [prover.entry(index) for index in sorted(indexes)]
    note = cosigned_note(uow, prover.newest)
    return tuple(ProvenEntry(e.entry.index, e.entry.content, e.proof) for e in proved), note


def line_entries(
    uow: UnitOfWork, case: Case, version: ChainVersion, line: Line
) -> tuple[ProvenEntry, ...]:
    """
    Prove the digests that a line stands on, in the tree that the version pinned.

    Raises:
        ReportRefused: If the pinned checkpoint is not kept here.
    """
    indexes = {each.index for each in line.sources if each.kind is SourceKind.DIGEST}
    checkpoint = (
        None if case.log is None else uow.checkpoints.get(case.log.number, version.log_size)
    )
    if not indexes:
        return ()
    if case.log is None or checkpoint is None:
        raise ReportRefused("the pinned checkpoint is not kept here", code="report.no_content")
    prover = LogProver(uow, case.log)
    proved = [prover.entry(index, checkpoint=checkpoint) for index in sorted(indexes)]
    return tuple(ProvenEntry(each.entry.index, each.entry.content, each.proof) for each in proved)
