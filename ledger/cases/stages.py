"""
The stage of a case, after the verification guide, and the clocks that run.

A stage is derived, never set: 建立技术组 → 文件评审 → 现场核查 → 不符合项 → 整改 → 核查结论 →
告知/复核 → 归档. What the chain holds decides; within the verification, what lies in the log does.

Source: 企业温室气体排放报告核查指南(试行); `contracts/README.md`, "An inventory".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.enums import CaseStage, FindingState, InventoryState
from ledger.cases.case import Case
from ledger.cases.working_days import working_calendar
from ledger.inventory.errors import CalendarUnknown
from ledger.inventory.periods import DAY_S
from ledger.repositories.chain_inventories import ChainInventory

_FIXED: Final = {
    InventoryState.NONE: CaseStage.PREPARATION,
    InventoryState.DRAFTED: CaseStage.PREPARATION,
    InventoryState.REOPENED: CaseStage.PREPARATION,
    InventoryState.SUBMITTED: CaseStage.TEAM,
    InventoryState.VERIFIED: CaseStage.CONCLUSION,
    InventoryState.OBJECTED: CaseStage.NOTIFICATION,
    InventoryState.WITHDRAWN: CaseStage.ENDED,
    InventoryState.REJECTED: CaseStage.ENDED,
}
OBJECTION_DAYS: Final = 7
"""Working days in which a confirmed result may be objected to."""
DECISION_DAYS: Final = 10
"""Working days in which the provincial authority decides on an objection."""
_BOTH: Final = 3
"""Enterprise and national authority have objected."""


@dataclass(frozen=True, slots=True)
class Countdown:
    """A clock that runs in a case."""

    name: str
    """`objection`, `decision` or `finding`."""
    until_s: int
    """First second at which the time is over, as chain or record has it."""
    left_s: int
    """Seconds left; negative where it is over."""
    working_days: int | None = None
    """Working days it was set for; None where it is no time of working days."""
    working_days_left: int | None = None
    """After today; None where it is no time of working days, or a year is not in the calendar."""

    @property
    def days_left(self) -> int:
        """Whole natural days left; negative where it is over."""
        return self.left_s // DAY_S


def stage_of(case: Case, *, all_seen: bool) -> CaseStage:
    """
    Give the stage of a case.

    Args:
        case: The case.
        all_seen: Whether the verifier has seen every line.
    """
    state = case.inventory.state
    if state in _FIXED:
        return _FIXED[state]
    if state is InventoryState.CONFIRMED:
        is_final = case.inventory.is_final(case.now_s)
        return CaseStage.ARCHIVED if is_final else CaseStage.NOTIFICATION
    states = {each.state for each in case.own_threads}
    if state is InventoryState.FINDINGS:
        is_answered = FindingState.ANSWERED in states
        return CaseStage.CORRECTION if is_answered else CaseStage.FINDINGS
    if states & {FindingState.OPEN, FindingState.ANSWERED}:
        return CaseStage.CORRECTION
    if case.own_visits:
        return CaseStage.CONCLUSION
    return CaseStage.SITE_VISIT if all_seen else CaseStage.DOCUMENT_REVIEW


def countdowns(case: Case) -> tuple[Countdown, ...]:
    """Give the clocks that run: objection, decision, and the next answer that is due."""
    found: list[Countdown] = []
    inventory, now_s = case.inventory, case.now_s
    if _may_be_objected_to(inventory) and now_s < inventory.objectable_until_s:
        until_s = inventory.objectable_until_s
        found.append(_of_working_days("objection", until_s, now_s, OBJECTION_DAYS))
    if inventory.state is InventoryState.OBJECTED and inventory.decision_due_s:
        until_s = inventory.decision_due_s
        found.append(_of_working_days("decision", until_s, now_s, DECISION_DAYS))
    due = [each.due_s for each in case.own_threads if each.state is FindingState.OPEN]
    if due:
        found.append(Countdown("finding", min(due), min(due) - now_s))
    return tuple(found)


def _may_be_objected_to(inventory: ChainInventory) -> bool:
    """Say whether a party may object, were it in time; beside the other's objection too."""
    if inventory.state is InventoryState.OBJECTED:
        return inventory.objections != _BOTH
    return inventory.state is InventoryState.CONFIRMED


def _of_working_days(name: str, until_s: int, now_s: int, set_for: int) -> Countdown:
    try:
        left: int | None = working_calendar().left(now_s, until_s)
    except CalendarUnknown:
        left = None
    return Countdown(name, until_s, until_s - now_s, set_for, left)
