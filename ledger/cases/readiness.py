"""
Readiness for sign-off: what must be so before the verifier states an opinion.

Each point says whether it is met and why not. None of them keeps the verifier from signing: an
opinion may be adverse, and that too is signed. They keep it from being signed unawares.

Source: SCREENS section 2.1, item 7; ISO 14064-3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.enums import DrawStep, FindingState, InventoryState, Outcome, label
from ledger.cases.approvals import LEAD, Seat
from ledger.cases.case import Case
from ledger.cases.conversation import Conversation
from ledger.cases.impartiality import Question
from ledger.cases.panel import Panel
from ledger.cases.progress import Progress

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the checklist."""

    name: str
    """Such as `lines.seen`; stable."""
    is_met: bool
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """The checklist of a case."""

    points: tuple[Point, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every point is met."""
        return all(each.is_met for each in self.points)


@dataclass(frozen=True, slots=True)
class Work:
    """What was done on a case besides its records."""

    progress: Progress
    conversations: tuple[Conversation, ...]
    seats: tuple[Seat, Seat]
    panel: Panel | None
    """None where the newest version is not kept here."""
    impartiality: tuple[Question, ...]


def readiness(case: Case, work: Work) -> Readiness:
    """Make the checklist of a case."""
    return Readiness(
        (
            _state(case),
            _kept(case),
            _seen(work.progress),
            _checks(work.panel),
            _sampled(case),
            _closed(case),
            _counted(case),
            _resolved(work.conversations),
            _visited(case),
            _impartial(work.impartiality),
            *(_approved(seat) for seat in work.seats),
        )
    )


def _state(case: Case) -> Point:
    state = case.inventory.state
    return Point(
        "state",
        state is InventoryState.UNDER_VERIFICATION,
        f"the inventory is {label(state)}",
        f"清单状态：{label(state, 'zh')}",
    )


def _kept(case: Case) -> Point:
    is_met = case.content is not None
    english = "is kept here" if is_met else "is not kept here"
    return Point(
        "content",
        is_met,
        f"the document that was signed {english}",
        "已取得提交的清单文件" if is_met else "未取得提交的清单文件",
    )


def _seen(progress: Progress) -> Point:
    seen, of = progress.seen_count, len(progress.lines)
    changed = len(progress.changed)
    return Point(
        "lines.seen",
        progress.all_seen,
        f"{seen} of {of} lines seen, {changed} changed since",
        f"已查看 {seen}/{of} 行，其后变更 {changed} 行",
    )


def _checks(panel: Panel | None) -> Point:
    """Every check that does not hold is shown; whoever has seen the lines has weighed them."""
    if panel is None:
        return Point("checks.made", False, "no check could be made", "未能进行核对")
    failed = [each.name for each in panel.all if each.outcome is Outcome.FAILED]
    unmade = [each.name for each in panel.all if each.outcome is Outcome.COULD_NOT_CHECK]
    in_failed, in_unmade = _named(sorted({*failed})), _named(sorted({*unmade}))
    return Point(
        "checks.made",
        True,
        f"{len(failed)} checks did not hold{in_failed}; {len(unmade)} could not be made{in_unmade}",
        f"{len(failed)} 项核对不成立{in_failed}；{len(unmade)} 项无法核对{in_unmade}",
    )


def _sampled(case: Case) -> Point:
    """A draw that was begun is worked out: nobody concludes while a sample is on its way."""
    steps = [each for each in case.draws if each.version == case.inventory.version]
    newest = max((each.draw for each in steps), default=0)
    is_settled = any(each.draw == newest and each.step is DrawStep.SETTLED for each in steps)
    if not newest:
        english, chinese = "no sample was begun for this version", "该版本未启动抽样"
    elif is_settled:
        english, chinese = f"draw {newest} is settled", f"第 {newest} 次抽样已完成"
    else:
        english = f"draw {newest} was begun and is not settled"
        chinese = f"第 {newest} 次抽样已启动，尚未完成"
    return Point("sample.settled", is_settled or not newest, english, chinese)


def _closed(case: Case) -> Point:
    still = [each.number for each in case.own_threads if each.state is not FindingState.CLOSED]
    return Point(
        "findings.closed",
        not still,
        f"{len(still)} findings are not closed{_named(map(str, still))}",
        f"未关闭的不符合项 {len(still)} 个{_named(map(str, still))}",
    )


def _counted(case: Case) -> Point:
    found = case.uncorrected
    words = f"{found.effect_gco2e} gCO2e"
    return Point(
        "effects.counted",
        found.is_complete,
        f"uncorrected: {words}, without an effect stated{_named(map(str, found.unknown), '0')}",
        f"未整改影响合计 {words}，未量化{_named(map(str, found.unknown), '0')}",
    )


def _resolved(conversations: Iterable[Conversation]) -> Point:
    still = [each.comment.number for each in conversations if not each.is_resolved]
    return Point(
        "conversations.resolved",
        not still,
        f"{len(still)} conversations are not resolved",
        f"未解决的讨论 {len(still)} 个",
    )


def _visited(case: Case) -> Point:
    own = "" if case.verifier is None else case.verifier.code
    found = [each for each in case.visits if each.body.verifier == own]
    return Point(
        "site.visited",
        bool(found),
        f"{len(found)} visits to the site are recorded",
        f"现场核查记录 {len(found)} 次",
    )


def _impartial(questions: Iterable[Question]) -> Point:
    against = [each for each in questions if each.outcome is not Outcome.HELD]
    return Point(
        "impartiality",
        not against,
        "; ".join(each.english for each in against) or "nothing stands in the way",
        "；".join(each.chinese for each in against) or "无利益冲突记录",
    )


def _approved(seat: Seat) -> Point:
    if seat.stands:
        english, chinese = "approved as it stands", "已同意"
    elif seat.has_fallen:
        english, chinese = "approved what has changed since", "同意后内容已变更"
    else:
        english, chinese = "has not approved", "尚未同意"
    name = "approval.lead" if seat.role == LEAD else "approval.reviewer"
    role_zh = "核查组长" if seat.role == LEAD else "技术复核人"
    return Point(name, seat.stands, f"{seat.role}: {english}", f"{role_zh}：{chinese}")


def _named(names: Iterable[str], nothing: str = "") -> str:
    found = list(names)
    if not found:
        return f": {nothing}" if nothing else ""
    more = f" … ({len(found)})" if len(found) > _SHOWN else ""
    return f": {', '.join(found[:_SHOWN])}{more}"
