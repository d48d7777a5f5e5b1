"""
What a relying party asks of evidence beyond that it holds, as small conditions that combine.

A condition raises where it isn't met, and says "could not check" where the step it looks at could
not be checked. Nothing is accepted by leaving something out: an empty `AllOf` can't be made, and
the policy that asks for nothing is called unsafe.

Source: STYLE section 14, item 2; FORMATS sections 1, 3 and 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from attestation.enums import Outcome, Provenance, SignerKind
from attestation.errors import PolicyError
from attestation.evidence import CalibrationState, MessageFacts, Step, Unchecked
from attestation.instants import MILLISECONDS_PER_SECOND, Instant


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What a policy judges: the steps so far, and what is known of the message."""

    steps: Sequence[Step]
    facts: MessageFacts | None
    """None where the message could not even be read."""
    witnesses: int = 0
    """How many known witnesses cosigned the checkpoint."""

    def outcome_of(self, name: str) -> Outcome:
        """Give the outcome of a step by name; could not check where there is none."""
        return next(
            (step.outcome for step in self.steps if step.name == name), Outcome.COULD_NOT_CHECK
        )

    def require_facts(self) -> MessageFacts:
        """
        Give what is known of the message.

        Raises:
            Unchecked: If it could not be read.
        """
        if self.facts is None:
            raise Unchecked("there is no message to judge", code="unchecked.message")
        return self.facts


class Policy(Protocol):
    """One condition."""

    def verify(self, appraisal: Appraisal) -> None:
        """
        Require the condition.

        Raises:
            PolicyError: If it isn't met.
            Unchecked: If it can't be said.
        """


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of several conditions; a failed one decides before one that can't be checked."""

    policies: tuple[Policy, ...]

    def __init__(self, *policies: Policy) -> None:
        """
        Combine conditions.

        Raises:
            PolicyError: If there are none: nothing asked is not everything met.
        """
        if not policies:
            raise PolicyError("AllOf of no policy accepts everything", code="policy.empty")
        object.__setattr__(self, "policies", policies)

    def verify(self, appraisal: Appraisal) -> None:
        """Require each condition."""
        unchecked = None
        for policy in self.policies:
            try:
                policy.verify(appraisal)
            except Unchecked as error:
                unchecked = unchecked or error
        if unchecked is not None:
            raise unchecked


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions."""

    policies: tuple[Policy, ...]

    def __init__(self, *policies: Policy) -> None:
        """
        Combine conditions.

        Raises:
            PolicyError: If there are none.
        """
        if not policies:
            raise PolicyError("AnyOf of no policy accepts nothing", code="policy.empty")
        object.__setattr__(self, "policies", policies)

    def verify(self, appraisal: Appraisal) -> None:
        """Require one condition."""
        unchecked: Unchecked | None = None
        failures: list[str] = []
        for policy in self.policies:
            try:
                policy.verify(appraisal)
            except PolicyError as error:
                failures.append(error.message)
            except Unchecked as error:
                unchecked = unchecked or error
            else:
                return
        if unchecked is not None:
            raise unchecked
        raise PolicyError(f"none is met: {'; '.join(failures)}", code="policy.none_met")


@dataclass(frozen=True, slots=True)
class RequireSteps:
    """Certain steps held; what they are is named where the policy is."""

    names: tuple[str, ...]
    code: str
    asked: str

    def verify(self, appraisal: Appraisal) -> None:
        """Require that each step held."""
        outcomes = {appraisal.outcome_of(name) for name in self.names}
        if Outcome.FAILED in outcomes:
            raise PolicyError(f"{self.asked} did not hold", code=self.code)
        if Outcome.COULD_NOT_CHECK in outcomes:
            raise Unchecked(f"{self.asked} could not be checked", code="unchecked.policy")


def require_anchored() -> Policy:
    """Ask that the chain holds the log's checkpoint (已锚定)."""
    return RequireSteps(("anchor", "registry"), code="policy.not_anchored", asked="the anchor")


def require_final() -> Policy:
    """Ask that the block which holds the checkpoint is final (已终局)."""
    steps = ("anchor", "finality", "registry")
    return RequireSteps(steps, code="policy.not_final", asked="finality")


@dataclass(frozen=True, slots=True)
class RequireQuorum:
    """At least so many known witnesses cosigned, whatever the trust root asks for."""

    count: int

    def verify(self, appraisal: Appraisal) -> None:
        """Require the witnesses."""
        if appraisal.outcome_of("witnesses") is Outcome.COULD_NOT_CHECK:
            raise Unchecked("cosignatures could not be checked", code="unchecked.policy")
        if appraisal.witnesses < self.count:
            raise PolicyError(
                f"{appraisal.witnesses} witnesses cosigned, {self.count} asked",
                code="policy.quorum",
            )


@dataclass(frozen=True, slots=True)
class RequireMetered:
    """Metered data (计量数据): refuses what was imported from a file."""

    def verify(self, appraisal: Appraisal) -> None:
        """Require another provenance than import."""
        if appraisal.require_facts().provenance is Provenance.IMPORT:
            raise PolicyError("imported from a file, not metered", code="policy.imported")


@dataclass(frozen=True, slots=True)
class RequireDeviceSigned:
    """Signed by the measuring device itself, not by a gateway for it."""

    def verify(self, appraisal: Appraisal) -> None:
        """Require the device's own signature."""
        if appraisal.require_facts().signer is not SignerKind.DEVICE:
            raise PolicyError("signed by a gateway for the device", code="policy.gateway_signed")


@dataclass(frozen=True, slots=True)
class RequireCalibrated:
    """Every reading lies inside a calibration window that the evidence shows."""

    def verify(self, appraisal: Appraisal) -> None:
        """Require the windows."""
        if set(appraisal.require_facts().calibration) != {CalibrationState.INSIDE}:
            raise PolicyError(
                "a reading is not shown to be in calibration", code="policy.calibration"
            )


@dataclass(frozen=True, slots=True)
class RequireUnsuspected:
    """The key is not marked as compromised at the message's index."""

    def verify(self, appraisal: Appraisal) -> None:
        """Require a key without a mark."""
        if appraisal.outcome_of("key") is not Outcome.HELD:
            raise Unchecked("the key's marks could not be checked", code="unchecked.policy")
        if appraisal.require_facts().suspected:
            raise PolicyError("the key is under suspicion", code="policy.suspected")


@dataclass(frozen=True, slots=True)
class RequireOrigin:
    """The message is of one log."""

    origin: str

    def verify(self, appraisal: Appraisal) -> None:
        """Require the log."""
        found = appraisal.require_facts().origin
        if found != self.origin:
            raise PolicyError(f"of {found}, not of {self.origin}", code="policy.origin")


@dataclass(frozen=True, slots=True)
class RequireAnchoredBy:
    """The block that anchors it is not later than a time, by the chain's word."""

    latest: Instant

    def verify(self, appraisal: Appraisal) -> None:
        """Require the block's time."""
        block = appraisal.require_facts().block
        if block is None:
            raise Unchecked("no block was checked", code="unchecked.policy")
        if block.timestamp_s * MILLISECONDS_PER_SECOND > self.latest:
            raise PolicyError(
                f"anchored at {block.timestamp_s} s, later than asked", code="policy.late"
            )


@dataclass(frozen=True, slots=True)
class UnsafeAcceptAll:
    """Asks for nothing beyond that every step held; for tests and for looking at evidence."""

    def verify(self, appraisal: Appraisal) -> None:
        """Require nothing."""
