"""
What the verification of a case gives: its steps, and in words what holds of the inventory.

Source: DESIGN section 2 (P14); `docs/formats/case-bundle.md`, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestation.canonical import Json
from attestation.enums import Outcome, VerificationOpinion
from attestation.evidence import BlockReference, Step
from attestation.evm.inventory_storage import Standing


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the acts say, whether or not all of it holds; in the words that people signed."""

    inventory_id: bytes
    enterprise: str
    credit_code: str
    unit_code: str
    period_from_s: int
    period_to_s: int
    version: int
    total_t: int
    """Whole tonnes of CO2 equivalent."""
    opinion: VerificationOpinion | None
    """Absent where no verifier's statement is shown."""
    verifier: str | None
    """Code of the verifier, where its assignment and its statement are shown."""
    regulator: str | None
    """Code of the authority that confirmed, where its confirmation is shown."""
    report_number: str | None
    standing: Standing | None
    """Where the case stands in `block`."""
    block: BlockReference | None
    line: Mapping[str, Json] | None
    """The line that is shown."""


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The outcome of a case's verification, step by step."""

    trust_root: str | None
    """Name of the trust root it was checked against."""
    steps: tuple[Step, ...]
    facts: CaseFacts | None = None

    @property
    def outcome(self) -> Outcome:
        """A step that failed decides; else one that could not be checked; else all held."""
        outcomes = {step.outcome for step in self.steps}
        for worst in (Outcome.FAILED, Outcome.COULD_NOT_CHECK):
            if worst in outcomes:
                return worst
        return Outcome.HELD if outcomes else Outcome.COULD_NOT_CHECK

    def step(self, name: str) -> Step:
        """
        Give the step with this name.

        Raises:
            KeyError: If there is none.
        """
        return {step.name: step for step in self.steps}[name]
