"""
How an alert stands, and how that follows from the checks of a version.

What does not hold in a draft is pending: the enterprise may still mend it. In a final version it
fires. What could not be checked has no data, which is neither good nor bad news, and a version
that cannot be read is an error of this system.

Source: SCREENS section 2.2 (separate states).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from attestation.canonical import Json
from attestation.enums import Outcome, VersionState
from ledger.inventory.checks.results import CheckResult


class AlertState(StrEnum):
    """How a rule stands to a period."""

    NORMAL = "normal"
    PENDING = "pending"
    FIRING = "firing"
    NO_DATA = "no-data"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule says of one period."""

    rule: str
    period: str
    state: AlertState
    english: str
    chinese: str
    evidence: tuple[Json, ...]


_GRAVEST_FIRST: Final = (Outcome.FAILED, Outcome.COULD_NOT_CHECK, Outcome.HELD)
_LONGEST: Final = 2_000


def judge(checks: Iterable[CheckResult], state: VersionState) -> list[Judged]:
    """
    Say how each rule stands to each period: of several results the gravest counts.

    Args:
        checks: Of one version.
        state: Of that version.
    """
    groups: dict[tuple[str, str], list[CheckResult]] = {}
    for check in checks:
        groups.setdefault((check.name, check.period.label), []).append(check)
    return [_judge(rule, period, group, state) for (rule, period), group in groups.items()]


def _judge(rule: str, period: str, group: list[CheckResult], state: VersionState) -> Judged:
    gravest = next(
        outcome for outcome in _GRAVEST_FIRST if any(each.outcome is outcome for each in group)
    )
    shown = [each for each in group if each.outcome is gravest]
    return Judged(
        rule=rule,
        period=period,
        state=_state_of(gravest, state),
        english="; ".join(each.english for each in shown)[:_LONGEST],
        chinese="；".join(each.chinese for each in shown)[:_LONGEST],
        evidence=tuple(_evidence(each) for each in shown),
    )


def _state_of(outcome: Outcome, state: VersionState) -> AlertState:
    if outcome is Outcome.HELD:
        return AlertState.NORMAL
    if outcome is Outcome.COULD_NOT_CHECK:
        return AlertState.NO_DATA
    return AlertState.FIRING if state is VersionState.FINAL else AlertState.PENDING


def _evidence(check: CheckResult) -> Json:
    return {
        "compared": [[name, value] for name, value in check.inputs],
        "judged_by": [[name, value] for name, value in check.thresholds],
        "sources": [source.as_json() for source in check.sources],
    }
