"""
What a verification gives: numbered steps, their outcome, and readings that are verified.

A step held, did not hold, or could not be checked; the three are never mixed up. Only a report
whose every step held carries verified readings, and nothing else makes them.

Source: DESIGN section 2 (P14) and section 3; FORMATS section 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from attestation.enums import Outcome, Provenance, SignerKind
from attestation.errors import Error
from attestation.instants import Instant
from attestation.messages import SignedMessage
from attestation.readings import Reading


class Unchecked(Error):
    """
    What is needed to check something is not at hand.

    It is no error of the evidence: whoever has more at hand may come to another end.
    """

    code: ClassVar[str] = "unchecked.evidence"


class CalibrationState(IntEnum):
    """What the evidence shows of the instrument's calibration over a reading's interval."""

    INSIDE = 0
    """A calibration record covers the interval."""
    OUTSIDE = 1
    """There are records of this instrument, and none covers the interval."""
    NOT_SHOWN = 2
    """There is no calibration record of this instrument in the evidence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a verification."""

    number: int
    """From 1, in the order of the argument."""
    name: str
    """One word, stable."""
    outcome: Outcome
    code: str | None
    """Why it did not hold or could not be checked; absent where it held."""
    detail: str
    """One sentence, lower case, without a full stop."""


@dataclass(frozen=True, slots=True)
class BlockReference:
    """A block whose place in the chain was checked."""

    chain_id: str
    """CAIP-2."""
    number: int
    block_hash: bytes
    """32 bytes."""
    timestamp_s: int
    """Seconds since 1970 UTC, as its proposer said it."""


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """
    What was found out about one message, whether or not all of it holds.

    Trust it only where it hangs on a `VerifiedMessage`.
    """

    origin: str
    index: int
    message: SignedMessage
    calibration: tuple[CalibrationState, ...]
    """One for each reading, in the order of the pack."""
    suspected: bool
    """Whether the enterprise marked the key as compromised from this index or an earlier one."""
    block: BlockReference | None
    """The block that anchors it; absent where there is none or it could not be checked."""

    @property
    def provenance(self) -> Provenance:
        """How the message came to be sent, as its signer said."""
        return self.message.header.provenance

    @property
    def signer(self) -> SignerKind:
        """Whether the device itself or a gateway signed."""
        return self.message.header.signer

    @property
    def signed_at(self) -> Instant:
        """When it was signed, by the signer's clock."""
        return self.message.header.signed_at


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification, step by step."""

    trust_root: str | None
    """Name of the trust root it was checked against; None where there was none."""
    steps: tuple[Step, ...]
    facts: MessageFacts | None = None

    @property
    def outcome(self) -> Outcome:
        """A step that failed decides; else one that could not be checked; else all held."""
        outcomes = {step.outcome for step in self.steps}
        for worst in (Outcome.FAILED, Outcome.COULD_NOT_CHECK):
            if worst in outcomes:
                return worst
        return Outcome.HELD if outcomes else Outcome.COULD_NOT_CHECK

    @property
    def verified(self) -> VerifiedMessage | None:
        """The verified message; None where not everything held."""
        if self.outcome is not Outcome.HELD or self.facts is None:
            return None
        return VerifiedMessage(self)

    def step(self, name: str) -> Step:
        """
        Give the step with this name.

        Raises:
            KeyError: If there is none.
        """
        return {step.name: step for step in self.steps}[name]


@dataclass(frozen=True, slots=True)
class VerifiedMessage:
    """
    A message whose every step held.

    Raises:
        Unchecked: If it is made of a report in which something did not hold or was not checked.
    """

    report: Report
    facts: MessageFacts = field(init=False)
    """What is known of the message."""

    def __post_init__(self) -> None:
        if self.report.outcome is not Outcome.HELD or self.report.facts is None:
            raise Unchecked("a verified message comes of a report that held")
        object.__setattr__(self, "facts", self.report.facts)

    def __iter__(self) -> Iterator[VerifiedReading]:
        """Give its readings, in the order of the pack."""
        facts = self.facts
        each = zip(facts.message.readings, facts.calibration, strict=True)
        for number, (reading, calibration) in enumerate(each):
            yield VerifiedReading(self, number, reading, calibration)


@dataclass(frozen=True, slots=True)
class VerifiedReading:
    """One reading of a verified message; made by going through the message."""

    source: VerifiedMessage
    number: int
    """Place in the pack, from 0."""
    reading: Reading
    calibration: CalibrationState
    """Whether the instrument was in calibration; what that is worth is the rule's decision."""
