"""
The demonstration's case: enterprise, verifier and authorities agree on the year; none can alone.

The laboratory's report for June was typed wrong and nobody noticed. The verifier does: three
findings, a corrected report that supersedes the wrong one, another version, and only then the
statement. In between somebody tries what is nearly right, and the contract refuses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from api.bootstrap import Ledger
from api.demo.accounts import Accounted, Accounts
from api.demo.case_desk import CaseDesk, keys_of
from api.demo.case_report import CaseReports, ReportOnDisk
from api.demo.frauds import Caught
from api.demo.office import EnterpriseOffice
from api.demo.unit_records import COAL, JUNE, YEAR, corrected_report
from api.demo.world import World
from api.errors import PartMissing
from attestation.canonical import canonical_json
from attestation.case_bodies import Anchor, Finding, FindingClosing, FindingResponse
from attestation.enums import (
    FindingConclusion,
    FindingKind,
    FindingSeverity,
    InventoryState,
    InventoryStep,
    Outcome,
)
from attestation.instants import MILLISECONDS_PER_SECOND
from attestation.sample_bodies import LabReport
from chain.bindings.checkpoint_registry import CheckpointRegistry
from chain.errors import Reverted
from ledger.cases.threads import read_threads
from ledger.inventory.agreeing import Submission, kept_submission
from ledger.inventory.versions import InventoryVersion
from ledger.repositories.stated import StatedRecord

_PATIENCE_S: Final = 60
_POLL_S: Final = 0.05
_DAY_S: Final = 86_400
_DUE_DAYS: Final = 10
_CORRECTED: Final = 2
"""Number of the version that is confirmed."""
_ANSWERS: Final = (
    "The typing error is confirmed; the laboratory issued a corrected report.",
    "The scale was out of calibration in December; the amount was corrected upwards by its class.",
    "A meter for bought electricity is planned for the next outage.",
)
_CONCLUSIONS: Final = (
    "The corrected report agrees with the laboratory's original record.",
    "The correction follows the rule for meters that are not calibrated.",
    "Noted for the next year.",
)


@dataclass(frozen=True, slots=True)
class CoVerified:
    """How the case ended."""

    state: InventoryState
    is_final: bool
    """Whether nobody may object any more."""
    first_t: int
    """Whole tonnes that were submitted first."""
    total_t: int
    """Whole tonnes that were confirmed."""
    findings: int
    bound: int
    """Digests that contract and log agree on."""
    refused: tuple[Caught, ...]
    """What was tried in between."""
    report: ReportOnDisk
    outcome: bool
    """Whether it ended as it should."""


class CoVerification:
    """
    Plays the case.

    Args:
        world: Where everything is.
        ledger: The ledger that keeps the log.
        office: Signs and submits records.
        accounts: Makes the versions.
        first: The version that is submitted first.
    """

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        office: EnterpriseOffice,
        accounts: Accounts,
        first: Accounted,
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._office = office
        self._accounts = accounts
        self._first = first.version
        self.desk = CaseDesk(world, first.version.scope)
        self._drawer = CaseReports(world, ledger, self.desk.inventory_id)
        self._refused: list[Caught] = []

    def play(self) -> CoVerified:
        """Submit, find, correct, submit again, state, review, confirm, bind."""
        desk, cast = self.desk, self._world.cast
        carried = self._submit_first()
        findings = self._find()
        early = desk.statement(carried, report_hash=sha256(self._drawer.draw()).digest())
        restated = self._correct(findings)
        again = self._carried(restated)
        self._anchored(again.log_size)
        desk.submit(again, reason="June's test report was corrected")
        self._close(findings)
        self._try(
            "an old signature",
            "数据变更后旧签名失效",
            "the statement signed before the correction is sent after it",
            lambda: desk.send(early, *keys_of(cast.verifier)),
        )
        body = self._state(again)
        bound = desk.bind(self._ledger, self._office.log, restated)
        found = desk.now
        # What can be objected to for seven working days is final afterwards.
        self._world.advance_to(found.objectable_until_s)
        self._office.follow_chain()
        report = self._drawer.finish(body)
        is_right = found.state is InventoryState.CONFIRMED and found.accepted_version == _CORRECTED
        return CoVerified(
            state=found.state,
            is_final=desk.registry.is_final(desk.inventory_id),
            first_t=carried.total_t,
            total_t=again.total_t,
            findings=len(findings),
            bound=bound,
            refused=tuple(self._refused),
            report=report,
            outcome=is_right
            and report.verified.outcome is Outcome.HELD
            and all(each.held for each in self._refused),
        )

    # --- the steps ----------------------------------------------------------------------------

    def _submit_first(self) -> Submission:
        desk, cast = self.desk, self._world.cast
        carried = self._carried(self._first)
        desk.draft()
        self._anchored(carried.log_size)
        alone = replace(
            desk.submission(carried, reason=""), approver=cast.enterprise.initiator.address
        )
        initiator = cast.enterprise.initiator.signer
        self._try(
            "one person for two",
            "一人兼任两岗",
            "the initiator signs for the approver as well",
            lambda: desk.send(alone, initiator, initiator),
        )
        act = desk.submit(carried)
        self._try(
            "submitted twice",
            "重复提交",
            "the same signed submission is sent a second time",
            lambda: desk.send(act, *keys_of(cast.enterprise)),
        )
        desk.assign()
        self._office.follow_chain()
        return carried

    def _find(self) -> tuple[StatedRecord[Finding], ...]:
        """Raise three findings: records in the log, and one act on chain that names them."""
        verifier = self._world.cast.verifier
        for body in self._findings():
            self._office.record(body, f"finding {body.number}", by=verifier.initiator)
            self._office.settle()
        with self._ledger.database.reading() as uow:
            threads = read_threads(uow, self._office.log, self.desk.inventory_id)
        filed = tuple(each.finding for each in threads)
        names = canonical_json([each.place.leaf_hash.hex() for each in filed])
        self.desk.step(
            InventoryStep.FINDINGS,
            verifier,
            "three findings",
            document_hash=sha256(names).digest(),
        )
        self._office.follow_chain()
        return filed

    def _findings(self) -> tuple[Finding, ...]:
        month = YEAR.months()[JUNE]
        line = f"energy_in:{month.label}:{COAL}:carbon-content"
        if line not in {each.line_id for each in self._first.lines}:
            raise PartMissing(f"the inventory has no line {line}")
        consumption = f"energy_in:2024-12:{COAL}:fuel-consumption"
        return (
            self._finding(
                1,
                FindingKind.NON_CONFORMITY,
                FindingSeverity.MAJOR,
                Anchor(line=line),
                "June's carbon content is not what the laboratory measured",
                "The laboratory's own record says 55.69 %, the report 53.69 %.",
            ),
            self._finding(
                2,
                FindingKind.CLARIFICATION,
                FindingSeverity.MINOR,
                Anchor(line=consumption),
                "The belt scale had no valid certificate in December",
                "Explain how the month's amount was worked out.",
            ),
            self._finding(
                3,
                FindingKind.RECOMMENDATION,
                FindingSeverity.MINOR,
                Anchor(entry=0),
                "Bought electricity is not metered",
                "Nothing meters what the unit buys while it stands still.",
            ),
        )

    def _finding(
        self,
        number: int,
        kind: FindingKind,
        severity: FindingSeverity,
        anchor: Anchor,
        title: str,
        text: str,
    ) -> Finding:
        now_s = self._now_s()
        return Finding(
            inventory=self.desk.inventory_id,
            version=1,
            number=number,
            verifier=self._world.cast.verifier.code,
            kind=kind,
            severity=severity,
            anchor=anchor,
            title=title,
            text=text,
            raised_s=now_s,
            due_s=now_s + _DUE_DAYS * _DAY_S,
        )

    def _correct(self, findings: Sequence[StatedRecord[Finding]]) -> InventoryVersion:
        """Let the laboratory replace its report, and make the year again."""
        tester, month = self._world.cast.laboratory, YEAR.months()[JUNE]
        wrong = next(each for each in self._reports() if each.body.from_s == month.from_s)
        body = corrected_report(tester)
        self._office.record(
            body,
            f"test report {body.report}",
            by=tester.approver,
            supersedes=(wrong.place.leaf_hash,),
        )
        self._office.settle()
        corrected = self._reports()[-1].place.leaf_hash
        restated = self._accounts.restate("June's test report was corrected")
        for finding, words in zip(findings, _ANSWERS, strict=True):
            number = finding.body.number
            answer = FindingResponse(
                inventory=self.desk.inventory_id,
                number=number,
                finding=finding.place.leaf_hash,
                text=words,
                corrections=(corrected,) if number == 1 else (),
                at_s=self._now_s(),
            )
            self._office.record(answer, f"answer to finding {number}")
        self._office.settle()
        return restated.version

    def _close(self, findings: Sequence[StatedRecord[Finding]]) -> None:
        """Say of each finding that its answer will do."""
        lead = self._world.cast.verifier.initiator
        self._office.follow_chain()
        for finding, words in zip(findings, _CONCLUSIONS, strict=True):
            body = FindingClosing(
                inventory=self.desk.inventory_id,
                number=finding.body.number,
                finding=finding.place.leaf_hash,
                conclusion=FindingConclusion.CORRECTED,
                text=words,
                at_s=self._now_s(),
            )
            self._office.record(body, f"finding {body.number} closed", by=lead)
        self._office.settle()

    def _state(self, carried: Submission) -> bytes:
        """State, review and confirm; another total, or another authority, is refused."""
        desk, cast = self.desk, self._world.cast
        body = self._drawer.draw()
        report = sha256(body).digest()
        other = desk.statement(carried, total_t=carried.total_t - 1, report_hash=report)
        self._try(
            "another total",
            "核查机构另签数值",
            "the verifier signs one tonne less than was submitted",
            lambda: desk.send(other, *keys_of(cast.verifier)),
        )
        self._try(
            "confirmed unstated",
            "未核查先确认",
            "the province confirms what the verifier has not stated",
            lambda: desk.send(desk.confirmation(carried, cast.regulator), *keys_of(cast.regulator)),
        )
        desk.send(desk.statement(carried, report_hash=report), *keys_of(cast.verifier))
        desk.step(InventoryStep.REVIEW, cast.city, "the samples of June were seen on site")
        self._try(
            "another authority",
            "越权确认",
            "the city confirms in the place of the province",
            lambda: desk.send(desk.confirmation(carried, cast.city), *keys_of(cast.city)),
        )
        desk.send(desk.confirmation(carried, cast.regulator), *keys_of(cast.regulator))
        return body

    # --- what the steps need ---------------------------------------------------------------------

    def _try(self, name: str, chinese: str, tried: str, act: Callable[[], bytes]) -> None:
        """Try something that must not work."""
        try:
            act()
        except Reverted as error:
            self._refused.append(Caught(name, chinese, tried, error.name or error.message, True))
        else:
            self._refused.append(Caught(name, chinese, tried, "the contract took it", False))

    def _reports(self) -> tuple[StatedRecord[LabReport], ...]:
        with self._ledger.database.reading() as uow:
            return uow.stated.listed(self._office.log.number, LabReport)

    def _carried(self, version: InventoryVersion) -> Submission:
        with self._ledger.database.reading() as uow:
            return kept_submission(uow, self._office.log, version)

    def _anchored(self, size: int) -> None:
        """
        Wait until the chain has a checkpoint of at least a size.

        Raises:
            PartMissing: If that takes too long.
        """
        stage, log_id = self._world.stage, self._world.origin.log_id
        registry = CheckpointRegistry(
            stage.client, stage.deployment.address(CheckpointRegistry.NAME)
        )
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            newest = registry.latest(log_id)
            if newest is not None and newest.size >= size:
                return
            time.sleep(_POLL_S)
        raise PartMissing(f"entry {size - 1} is not anchored after {_PATIENCE_S} s")

    def _now_s(self) -> int:
        return self._ledger.clock.now() // MILLISECONDS_PER_SECOND
