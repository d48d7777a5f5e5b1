"""
Standing of an entry of a book: for which report years it stands, and as what.

Source: `contracts/libraries/Standings.sol`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attestation.enums import RuleStatus


@dataclass(frozen=True, slots=True)
class StatusAct:
    """A later status of an entry."""

    status: RuleStatus
    from_year: int
    """First report year it counts for."""
    recorded_at_s: int
    """When the book took it, Unix."""


@dataclass(frozen=True, slots=True)
class Standing:
    """For which report years an entry stands, and its statuses."""

    report_from: int
    report_to: int
    """Last report year; 0 while no end is known."""
    published_as: RuleStatus
    """Status at publication, for all its report years."""
    published_at_s: int
    later: tuple[StatusAct, ...]
    """What was decided since, in the order of recording."""

    def status_for(self, year: int) -> RuleStatus:
        """Give the status for a report year; NONE outside of the entry's years."""
        if not self.report_from <= year <= (self.report_to or year):
            return RuleStatus.NONE
        statuses = [act.status for act in self.later if act.from_year <= year]
        return statuses[-1] if statuses else self.published_as


def read_standing(fields: Mapping[str, Any]) -> Standing:
    """Read a standing as the contract's ABI gives it."""
    later = tuple(
        StatusAct(RuleStatus(act["status"]), act["fromYear"], act["recordedAt"])
        for act in fields["later"]
    )
    return Standing(
        report_from=fields["reportFrom"],
        report_to=fields["reportTo"],
        published_as=RuleStatus(fields["publishedAs"]),
        published_at_s=fields["publishedAt"],
        later=later,
    )
