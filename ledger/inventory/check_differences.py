"""
What differs between the cross-checks of a version and those that are made again.

A check that rests on documents can be made again only where these can be read: where the key was
erased, or is elsewhere, it was not checked, and nobody is told that it did not hold.

Source: DESIGN section 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from attestation.enums import Outcome
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.periods import Period

BY_DOCUMENT: Final = ("fuel.stock", "fuel.stock-carried")
"""Checks that compare what documents say."""
_Place = tuple[str, Period, int]


@dataclass(frozen=True, slots=True)
class CheckDifference:
    """One check that does not come out the same."""

    message: str
    outcome: Outcome
    """That it differs, or that it could not be made again."""


def check_differences(
    before: Sequence[CheckResult], now: Sequence[CheckResult]
) -> Iterator[CheckDifference]:
    """Say of each check of a version what differs, and which checks it lacks."""
    old, new = _placed(before), _placed(now)
    for place in [*old, *(each for each in new if each not in old)]:
        found = _difference(old.get(place), new.get(place))
        if found is not None:
            words = f"check {place[0]} in {place[1].label}"
            yield CheckDifference(f"{words} {found.message}", found.outcome)


def _difference(before: CheckResult | None, now: CheckResult | None) -> CheckDifference | None:
    if before == now:
        return None
    either = before or now
    if either is not None and either.name in BY_DOCUMENT:
        if not _is_judged(before):
            return None
        if not _is_judged(now):
            why = "" if now is None else f": {now.english}"
            return CheckDifference(f"cannot be made again{why}", Outcome.COULD_NOT_CHECK)
    return CheckDifference("differs", Outcome.FAILED)


def _is_judged(check: CheckResult | None) -> bool:
    return check is not None and check.outcome is not Outcome.COULD_NOT_CHECK


def _placed(checks: Sequence[CheckResult]) -> dict[_Place, CheckResult]:
    """Give checks by name and period, those of one name and period in their order."""
    found: dict[_Place, CheckResult] = {}
    for check in checks:
        number = 0
        while (check.name, check.period, number) in found:
            number += 1
        found[check.name, check.period, number] = check
    return found
