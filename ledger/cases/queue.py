"""
The queue: which cases there are, how urgent each is, and for whom it waits.

A score of risk is a sum of reasons, each with its points and its words; it orders a list and
decides nothing.

Source: SCREENS section 2.1, item 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from attestation.enums import (
    CaseStage,
    FindingSeverity,
    FindingState,
    InventoryState,
    Outcome,
    PartyKind,
)
from ledger.cases.case import Case
from ledger.cases.progress import Progress
from ledger.cases.stages import Countdown, countdowns, stage_of

_WAITS_FOR: Final = {
    InventoryState.DRAFTED: PartyKind.ENTERPRISE,
    InventoryState.SUBMITTED: PartyKind.REGULATOR,
    InventoryState.UNDER_VERIFICATION: PartyKind.VERIFIER,
    InventoryState.FINDINGS: PartyKind.ENTERPRISE,
    InventoryState.VERIFIED: PartyKind.REGULATOR,
    InventoryState.OBJECTED: PartyKind.REGULATOR,
    InventoryState.REOPENED: PartyKind.ENTERPRISE,
    InventoryState.WITHDRAWN: PartyKind.ENTERPRISE,
    InventoryState.REJECTED: PartyKind.ENTERPRISE,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for which a case is risky."""

    name: str
    """Such as `checks.failed`; stable."""
    points: int
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class Queued:
    """A case as it stands in the queue."""

    case: Case
    stage: CaseStage
    countdowns: tuple[Countdown, ...]
    progress: Progress
    waits_for: PartyKind | None
    """Kind of party whose turn it is; None where nobody's."""
    reasons: tuple[Reason, ...]

    @property
    def risk(self) -> int:
        """Points of all reasons."""
        return sum(each.points for each in self.reasons)


def queued(case: Case, progress: Progress) -> Queued:
    """
    Put a case into the queue.

    Args:
        case: The case.
        progress: Of the verifier that is assigned.
    """
    return Queued(
        case=case,
        stage=stage_of(case, all_seen=progress.all_seen),
        countdowns=countdowns(case),
        progress=progress,
        waits_for=_WAITS_FOR.get(case.inventory.state),
        reasons=tuple(_reasons(case, progress)),
    )


def _reasons(case: Case, progress: Progress) -> Iterator[Reason]:
    """Give why a case is risky, the weightiest first."""
    major = [
        each.number
        for each in case.own_threads
        if each.finding.body.severity is FindingSeverity.MAJOR
        and each.state is not FindingState.CLOSED
    ]
    if major:
        yield Reason(
            "findings.major",
            10 * len(major),
            f"{len(major)} major findings are open",
            f"{len(major)} 个严重不符合项未关闭",
        )
    checks = () if case.content is None else case.content.checks
    failed = sorted({each.name for each in checks if each.outcome is Outcome.FAILED})
    if failed:
        yield Reason(
            "checks.failed",
            5 * len(failed),
            f"{len(failed)} kinds of cross-checks did not hold",
            f"{len(failed)} 类交叉核对不成立",
        )
    if case.version is not None and case.content is None:
        yield Reason(
            "content.missing", 5, "the signed document is not kept here", "未取得提交的清单文件"
        )
    overdue = [
        each.number
        for each in case.own_threads
        if each.state is FindingState.OPEN and each.due_s <= case.now_s
    ]
    if overdue:
        yield Reason(
            "findings.overdue",
            3 * len(overdue),
            f"{len(overdue)} findings are overdue",
            f"{len(overdue)} 个不符合项逾期未回复",
        )
    if len(case.versions) > 1:
        again = len(case.versions) - 1
        yield Reason(
            "versions.again", 2 * again, f"submitted again {again} times", f"已重新提交 {again} 次"
        )
    if progress.changed:
        yield Reason(
            "lines.changed",
            1,
            f"{len(progress.changed)} lines changed after they were seen",
            f"{len(progress.changed)} 行在查看后变更",
        )
