"""
The report of a full check: what was looked at, what was found, for machines and for people.

"Could not check" is never mixed with "failed", nor with "held". A resource is reported once, with
what is wrong with it; the number of findings is exact also where their list is cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from attestation.enums import Outcome

MAX_FINDINGS: Final = 1000
"""Findings listed; a log that is damaged from end to end would make a report of its own size."""


class State(Enum):
    """What is wrong with a resource."""

    CHANGED = "changed"
    """It is there, and is not what the rest of the log says it must be."""
    MISSING = "missing"
    EXTRA = "extra"
    """It is there and has no place in the log."""
    UNSIGNED = "unsigned"
    """It is not signed by the key that must have signed it."""
    CONFLICTING = "conflicting"
    """Two of it claim one place."""
    UNCHECKED = "unchecked"
    """What it must be compared with could not be reached."""


class Check(Enum):
    """The parts of a full check, in the order they are done."""

    HEAD = "head"
    ENTRIES = "entries"
    TILES = "tiles"
    CHECKPOINTS = "checkpoints"
    MESSAGES = "messages"
    SIGNATURES = "signatures"
    CHAIN = "chain"
    COLD_STORAGE = "cold-storage"


@dataclass(frozen=True, slots=True)
class Finding:
    """One resource that is not as it must be."""

    check: Check
    resource: str
    """Such as `entry 17`, `tile 0/3`, `checkpoint 4096`."""
    state: State
    detail: str


@dataclass(slots=True)
class Report:
    """What a full check of one log found; filled while it runs."""

    origin: str
    size: int
    """Number of entries in the tree that was checked."""
    root: bytes
    """Its root hash as computed from the entries, 32 bytes."""
    findings: list[Finding] = field(default_factory=list)
    """The first thousand."""
    looked_at: Counter[Check] = field(default_factory=Counter)
    """Resources by check; a check that was not done has none."""
    found: Counter[Check] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    """What is no damage but worth a number: gaps, disputed places, messages of closed keys."""
    _failed: set[Check] = field(default_factory=set)

    def add(self, check: Check, resource: str, state: State, detail: str) -> None:
        """Note a finding."""
        self.found[check] += 1
        if state is not State.UNCHECKED:
            self._failed.add(check)
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(check, resource, state, detail))

    def outcome(self, check: Check | None = None) -> Outcome:
        """Give the outcome of one check, or of the whole."""
        checks = Check if check is None else (check,)
        if any(each in self._failed for each in checks):
            return Outcome.FAILED
        was_left_out = check is not None and not self.looked_at[check]
        if was_left_out or any(self.found[each] for each in checks):
            return Outcome.COULD_NOT_CHECK
        return Outcome.HELD

    def to_json(self) -> Mapping[str, object]:
        """Give the report for machines; integers and text only."""
        return {
            "format": "carbonseal-fsck",
            "version": 1,
            "origin": self.origin,
            "size": self.size,
            "root": self.root.hex(),
            "outcome": self.outcome().name.lower(),
            "checks": [
                {
                    "name": check.value,
                    "outcome": self.outcome(check).name.lower(),
                    "resources": self.looked_at[check],
                    "findings": self.found[check],
                }
                for check in Check
                if self.looked_at[check] or self.found[check]
            ],
            "findings": [
                {
                    "check": finding.check.value,
                    "resource": finding.resource,
                    "state": finding.state.value,
                    "detail": finding.detail,
                }
                for finding in self.findings
            ],
            "notes": dict(sorted(self.notes.items())),
        }
