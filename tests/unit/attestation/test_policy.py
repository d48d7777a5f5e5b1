"""Policies: each condition, and how they combine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestation.bundle import Bundle
from attestation.enums import Outcome, Provenance, SignerKind
from attestation.errors import PolicyError
from attestation.evidence import MessageFacts, Step, Unchecked
from attestation.instants import Instant
from attestation.policy import (
    AllOf,
    AnyOf,
    Appraisal,
    Policy,
    RequireAnchoredBy,
    RequireCalibrated,
    RequireDeviceSigned,
    RequireMetered,
    RequireOrigin,
    RequireQuorum,
    RequireUnsuspected,
    UnsafeAcceptAll,
    require_anchored,
    require_final,
)
from attestation.verifier import Verifier
from tests.support.evidence import (
    BLOCK_TIME_S,
    ORIGIN,
    OTHER_ORIGIN,
    START_S,
    Slot,
    World,
    calibration,
    enrolment,
    reading,
    signed_record,
    small_world,
)

WORLD = small_world()


class Met:
    """A condition that is met."""

    def verify(self, appraisal: Appraisal) -> None:
        """Do nothing."""


class NotMet:
    """A condition that is not met."""

    def verify(self, appraisal: Appraisal) -> None:
        """Refuse."""
        raise PolicyError("not met", code="policy.test")


class NotSaid:
    """A condition that can't be judged."""

    def verify(self, appraisal: Appraisal) -> None:
        """Say so."""
        raise Unchecked("not said", code="unchecked.test")


NOTHING = Appraisal((), None)
CASES: list[Any] = [
    (AllOf(Met()), None),
    (AllOf(Met(), Met()), None),
    (AllOf(Met(), NotMet()), PolicyError),
    (AllOf(Met(), NotSaid()), Unchecked),
    (AllOf(NotSaid(), NotMet()), PolicyError),
    (AllOf(NotMet(), NotSaid()), PolicyError),
    (AllOf(NotSaid(), NotSaid()), Unchecked),
    (AnyOf(Met()), None),
    (AnyOf(NotMet(), NotSaid(), Met()), None),
    (AnyOf(NotMet(), NotMet()), PolicyError),
    (AnyOf(NotMet(), NotSaid()), Unchecked),
    (AnyOf(NotSaid(), NotSaid()), Unchecked),
    (AllOf(AnyOf(NotMet(), Met()), Met()), None),
    (AnyOf(AllOf(Met(), NotMet()), NotMet()), PolicyError),
    (UnsafeAcceptAll(), None),
]


@pytest.mark.parametrize(("policy", "refusal"), CASES)
def test_combinations(policy: Policy, refusal: type[Exception] | None) -> None:
    """A failure decides in AllOf, a success in AnyOf, and what is open stays open."""
    if refusal is None:
        policy.verify(NOTHING)
        return
    with pytest.raises(refusal, match=r"not met|not said"):
        policy.verify(NOTHING)


@pytest.mark.parametrize("combine", [AllOf, AnyOf])
def test_nothing_asked_is_refused(combine: Any) -> None:
    """A combination of no conditions is a mistake, not an acceptance."""
    with pytest.raises(PolicyError, match="of no policy") as caught:
        combine()

    assert caught.value.stable_code == "policy.empty"


def judge(policy: Policy, bundle: Bundle) -> tuple[Outcome, str | None]:
    step = Verifier(WORLD.trust_root(), policy).verify(bundle).step("policy")
    return step.outcome, step.code


HELD = (Outcome.HELD, None)


def changed(record: int | None = None, entry: bytes = b"", **message: Any) -> Bundle:
    world = small_world()
    if record is not None:
        world.entries[record] = entry
    if message:
        world.entries[4] = world.message(message.pop("reading", reading()), **message)
    return world.bundle()


def without_chain() -> Bundle:
    return replace(WORLD.bundle(), chain=None)


def forked_anchor() -> Bundle:
    fork = small_world()
    fork.entries[5] = fork.message(sequence=8, previous=b"\x08" * 32)
    return replace(WORLD.bundle(), anchor=fork.anchor(6))


def gateway_signed() -> Bundle:
    key = World().key
    record = signed_record(enrolment(key, signer=SignerKind.GATEWAY))
    return changed(1, record, signer_kind=SignerKind.GATEWAY)


def imported() -> Bundle:
    row = reading(source_file=b"\x0f" * 32, source_row=1)
    return changed(reading=row, provenance=Provenance.IMPORT)


def suspected() -> Bundle:
    world = small_world(slots={World().key.public_key.kid: Slot(compromised=0)})
    return world.bundle()


BLOCK_TIME = Instant(BLOCK_TIME_S * 1000)
JUDGED: list[Any] = [
    ("anchored", require_anchored(), WORLD.bundle, HELD),
    (
        "not anchored",
        require_anchored(),
        without_chain,
        (Outcome.COULD_NOT_CHECK, "unchecked.policy"),
    ),
    ("anchored fork", require_anchored(), forked_anchor, (Outcome.FAILED, "policy.not_anchored")),
    ("final", require_final(), WORLD.bundle, HELD),
    ("not final", require_final(), without_chain, (Outcome.COULD_NOT_CHECK, "unchecked.policy")),
    ("quorum", RequireQuorum(2), WORLD.bundle, HELD),
    ("quorum short", RequireQuorum(3), WORLD.bundle, (Outcome.FAILED, "policy.quorum")),
    ("metered", RequireMetered(), WORLD.bundle, HELD),
    ("imported", RequireMetered(), imported, (Outcome.FAILED, "policy.imported")),
    ("device", RequireDeviceSigned(), WORLD.bundle, HELD),
    ("gateway", RequireDeviceSigned(), gateway_signed, (Outcome.FAILED, "policy.gateway_signed")),
    ("calibrated", RequireCalibrated(), WORLD.bundle, HELD),
    (
        "uncalibrated",
        RequireCalibrated(),
        lambda: changed(3, signed_record(calibration(to_s=START_S))),
        (Outcome.FAILED, "policy.calibration"),
    ),
    ("unsuspected", RequireUnsuspected(), WORLD.bundle, HELD),
    ("suspected", RequireUnsuspected(), suspected, (Outcome.FAILED, "policy.suspected")),
    (
        "suspicion unknown",
        RequireUnsuspected(),
        without_chain,
        (Outcome.COULD_NOT_CHECK, "unchecked.policy"),
    ),
    ("origin", RequireOrigin(ORIGIN), WORLD.bundle, HELD),
    ("other origin", RequireOrigin(OTHER_ORIGIN), WORLD.bundle, (Outcome.FAILED, "policy.origin")),
    ("in time", RequireAnchoredBy(BLOCK_TIME), WORLD.bundle, HELD),
    (
        "late",
        RequireAnchoredBy(Instant(BLOCK_TIME - 1)),
        WORLD.bundle,
        (Outcome.FAILED, "policy.late"),
    ),
    (
        "no block",
        RequireAnchoredBy(BLOCK_TIME),
        without_chain,
        (Outcome.COULD_NOT_CHECK, "unchecked.policy"),
    ),
]


@pytest.mark.parametrize(
    ("policy", "make", "expected"), [case[1:] for case in JUDGED], ids=[case[0] for case in JUDGED]
)
def test_condition(policy: Policy, make: Any, expected: tuple[Outcome, str | None]) -> None:
    """Each condition is met, is not met, or can't be said."""
    assert judge(policy, make()) == expected


def test_unread_message_is_not_judged() -> None:
    """Where the message can't be read, what is asked of it can't be said."""
    outcome = judge(RequireMetered(), WORLD.bundle(index=2))

    assert outcome == (Outcome.COULD_NOT_CHECK, "unchecked.message")


def test_witnesses_unknown() -> None:
    """A quorum of an unverified checkpoint can't be said."""
    with pytest.raises(Unchecked, match="cosignatures"):
        RequireQuorum(1).verify(NOTHING)


def test_step_that_is_not_there_was_not_checked() -> None:
    """An appraisal without a step does not hold it."""
    step = Step(1, "log", Outcome.HELD, None, "x")

    assert Appraisal((step,), None).outcome_of("log") is Outcome.HELD
    assert Appraisal((step,), None).outcome_of("anchor") is Outcome.COULD_NOT_CHECK
    assert MessageFacts.__slots__
