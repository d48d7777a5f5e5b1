"""
What a cross-check says: held, did not hold, or could not check, with what it looked at.

A check proves nothing; it says where to look. So a result holds the numbers it compared and the
thresholds it used, and explains itself in English and Chinese.

Source: DESIGN section 8; DOMAIN sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from attestation.canonical import Json
from attestation.enums import Outcome
from ledger.inventory.amounts import Amount
from ledger.inventory.periods import Period
from ledger.inventory.sources import Source


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check of one period."""

    name: str
    """Such as `energy.efficiency`; stable."""
    period: Period
    outcome: Outcome
    inputs: tuple[tuple[str, str], ...]
    """What was compared: a label and a number with its unit."""
    thresholds: tuple[tuple[str, str], ...]
    """By what it was judged, likewise."""
    english: str
    chinese: str
    sources: tuple[Source, ...] = ()
    """Documents that it compared and no line of the inventory names."""

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in the inventory."""
        return {
            "name": self.name,
            "from_s": self.period.from_s,
            "to_s": self.period.to_s,
            "outcome": self.outcome.name,
            "inputs": [list(each) for each in self.inputs],
            "thresholds": [list(each) for each in self.thresholds],
            "en": self.english,
            "zh": self.chinese,
            "sources": [each.as_json() for each in self.sources],
        }

    @classmethod
    def from_json(cls, fields: Any) -> Self:
        """Read one; a fault of form is a `KeyError`, `TypeError`, `ValueError` or `Error`."""
        return cls(
            name=fields["name"],
            period=Period(fields["from_s"], fields["to_s"]),
            outcome=Outcome[fields["outcome"]],
            inputs=tuple((label, value) for label, value in fields["inputs"]),
            thresholds=tuple((label, value) for label, value in fields["thresholds"]),
            english=fields["en"],
            chinese=fields["zh"],
            sources=tuple(Source.from_json(each) for each in fields["sources"]),
        )


@dataclass(frozen=True, slots=True)
class Look:
    """A check on its way to a result: its name, its period and what it looks at."""

    name: str
    period: Period
    inputs: Mapping[str, Amount | None]
    """By label; None where the number is missing."""
    thresholds: Mapping[str, Amount]
    sources: tuple[Source, ...] = ()
    """Documents it looks at besides the lines."""

    def judged(self, holds: bool, english: str, chinese: str) -> CheckResult:
        """Give the result of a check that could be made."""
        return self._result(Outcome.HELD if holds else Outcome.FAILED, english, chinese)

    def unchecked(self, english: str, chinese: str) -> CheckResult:
        """Give the result of a check that could not be made."""
        return self._result(Outcome.COULD_NOT_CHECK, english, chinese)

    def lacking(self) -> CheckResult | None:
        """Give the result where a number is missing; None where all are there."""
        missing = [label for label, amount in self.inputs.items() if amount is None]
        if not missing:
            return None
        names = ", ".join(missing)
        return self.unchecked(f"not there: {names}", f"缺少数据：{names}")

    def _result(self, outcome: Outcome, english: str, chinese: str) -> CheckResult:
        inputs = tuple(
            (label, "missing" if amount is None else str(amount))
            for label, amount in self.inputs.items()
        )
        thresholds = tuple((label, str(amount)) for label, amount in self.thresholds.items())
        return CheckResult(
            self.name, self.period, outcome, inputs, thresholds, english, chinese, self.sources
        )
