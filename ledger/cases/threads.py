"""
Findings with everything that was said about them, and what they add up to.

A finding is open, answered or closed, by what stands in the log in its order. What counts towards
the uncorrected effect is said in one place, so that page, readiness and report agree.

Source: `docs/formats/case-records.md`, section 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from attestation.case_bodies import (
    Finding,
    FindingClosing,
    FindingReopening,
    FindingResponse,
    SiteVisit,
)
from attestation.enums import FindingConclusion, FindingKind, FindingState
from ledger.repositories.logs import Log
from ledger.repositories.stated import StatedRecord
from ledger.unit_of_work import UnitOfWork

Step: TypeAlias = (
    StatedRecord[FindingResponse] | StatedRecord[FindingClosing] | StatedRecord[FindingReopening]
)

_COUNTING: Final = (FindingKind.NON_CONFORMITY, FindingKind.MISSTATEMENT)
_SETTLED: Final = (FindingConclusion.CORRECTED, FindingConclusion.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Thread:
    """A finding, and what was said about it, in index order."""

    finding: StatedRecord[Finding]
    steps: tuple[Step, ...] = ()

    @property
    def number(self) -> int:
        """Its number within the case."""
        return self.finding.body.number

    @property
    def closing(self) -> StatedRecord[FindingClosing] | None:
        """The closing that stands; None where it is open or was opened again."""
        found: StatedRecord[FindingClosing] | None = None
        for step in self.steps:
            match step.body:
                case FindingClosing():
                    found = StatedRecord(step.place, step.record, step.body)
                case FindingReopening():
                    found = None
                case FindingResponse():
                    pass
        return found

    @property
    def state(self) -> FindingState:
        """How far it has come."""
        state = FindingState.OPEN
        for step in self.steps:
            match step.body:
                case FindingResponse():
                    # What is closed stays so, whatever is said afterwards.
                    is_open = state is not FindingState.CLOSED
                    state = FindingState.ANSWERED if is_open else state
                case FindingClosing():
                    state = FindingState.CLOSED
                case FindingReopening():
                    state = FindingState.OPEN
        return state

    @property
    def due_s(self) -> int:
        """Second before which an answer is asked for."""
        due_s = self.finding.body.due_s
        for step in self.steps:
            if isinstance(step.body, FindingReopening):
                due_s = step.body.due_s
        return due_s

    @property
    def counts(self) -> bool:
        """Whether what was found is still so, and means something for the total."""
        closing = self.closing
        is_settled = closing is not None and closing.body.conclusion in _SETTLED
        return self.finding.body.kind in _COUNTING and not is_settled

    @property
    def uncorrected_gco2e(self) -> int | None:
        """What it means for the total as that stands; None where it counts and nobody says."""
        if not self.counts:
            return 0
        closing = self.closing
        if closing is not None and closing.body.estimate is not None:
            return closing.body.estimate.difference_gco2e
        return self.finding.body.effect_gco2e


@dataclass(frozen=True, slots=True)
class Uncorrected:
    """What the findings of a case add up to."""

    effect_gco2e: int
    """Sum over the findings that count and state an effect."""
    unknown: tuple[int, ...]
    """Numbers of findings that count and state none: never taken as zero."""

    @property
    def is_complete(self) -> bool:
        """Whether every finding that counts states its effect."""
        return not self.unknown


def uncorrected(threads: Iterable[Thread]) -> Uncorrected:
    """
    Add up what is not put right.

    Args:
        threads: Of one case, and of the verifier that is assigned: what others found does not
            count.
    """
    effect, unknown = 0, []
    for thread in threads:
        found = thread.uncorrected_gco2e
        if found is None:
            unknown.append(thread.number)
        else:
            effect += found
    return Uncorrected(effect, tuple(unknown))


def read_threads(
    uow: UnitOfWork, log: Log, inventory_id: bytes, *, size: int | None = None
) -> tuple[Thread, ...]:
    """
    Load the findings of a case that stand, by number.

    Args:
        uow: A unit of work.
        log: A log of the enterprise; what stands in its other logs, before or after it, counts too.
        inventory_id: The case.
        size: Only the first entries of that log are looked at, and of none after it.
    """
    logs = _logs(uow, log, size)
    # A case has tens of findings, a log hundreds of steps: they are found by their type.
    said: dict[bytes, list[Step]] = defaultdict(list)
    for each, limit in logs:
        for step in _steps(uow, each, limit):
            said[step.body.finding].append(step)
    findings = [
        finding
        for each, limit in logs
        for finding in uow.stated.listed(each.number, Finding, size=limit)
        if finding.body.inventory == inventory_id
    ]
    # Only a finding of the same number and verifier takes another's place, whatever it names.
    gone = {
        (leaf_hash, each.body.number, each.body.verifier)
        for each in findings
        for leaf_hash in each.record.supersedes
    }
    found = [
        Thread(each, tuple(said[each.place.leaf_hash]))
        for each in findings
        if (each.place.leaf_hash, each.body.number, each.body.verifier) not in gone
    ]
    # The order of the logs is kept among findings of one number.
    return tuple(sorted(found, key=lambda each: each.number))


def read_thread(uow: UnitOfWork, log: Log, leaf_hash: bytes) -> Thread | None:
    """
    Load a finding by its leaf hash; None where there is none, or it was superseded.

    Not by its number: two that were handed in at one moment may have the same.
    """
    for each, _ in _logs(uow, log, None):
        finding = uow.stated.named(each.number, Finding, leaf_hash)
        if finding is not None:
            threads = read_threads(uow, log, finding.body.inventory)
            return next((it for it in threads if it.finding.place.leaf_hash == leaf_hash), None)
    return None


def read_visits(
    uow: UnitOfWork, log: Log, inventory_id: bytes
) -> tuple[StatedRecord[SiteVisit], ...]:
    """Load the visits to the site that were recorded for a case, in the order of the log."""
    return tuple(
        visit
        for each, _ in _logs(uow, log, None)
        for visit in uow.stated.listed(each.number, SiteVisit, inventory_id.hex())
        if not visit.place.is_superseded()
    )


def _logs(uow: UnitOfWork, log: Log, size: int | None) -> list[tuple[Log, int | None]]:
    """Give every log of an enterprise in the order they were opened, with what to look at."""
    own = [each for each in uow.logs.all() if each.usc == log.usc]
    if size is None:
        return [(each, None) for each in own]
    return [
        (each, size if each.number == log.number else None)
        for each in own
        if each.number <= log.number
    ]


def _steps(uow: UnitOfWork, log: Log, size: int | None) -> list[Step]:
    """Load what was said about findings in one log, in its order."""
    steps: list[Step] = [
        *uow.stated.listed(log.number, FindingResponse, size=size),
        *uow.stated.listed(log.number, FindingClosing, size=size),
        *uow.stated.listed(log.number, FindingReopening, size=size),
    ]
    return sorted(steps, key=lambda each: each.index)
