"""Asking witnesses, on both databases, and publishing what has the quorum."""

from __future__ import annotations

import pytest

from attestation.checkpoints import open_cosigned_checkpoint
from attestation.cosignatures import Cosigner
from attestation.keys import SoftwareKey
from attestation.witness_policy import Group, WitnessPolicy
from ledger.errors import WitnessesMissing
from ledger.log.witness import Known, SmallWitness
from ledger.log.witnessing import Asked, Cosigning, Standing, published
from ledger.ports import WitnessAnswer
from tests.fakes.clock import FixedClock
from tests.fakes.plant import Meter, Plant
from tests.fakes.witnesses import MemoryWitnessStore, RecordingWitness


class Watched:
    """A plant with three witnesses, two of which make the quorum."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.meter = Meter()
        cosigners = [
            Cosigner(f"witness-{number}", SoftwareKey.from_seed(bytes([number]) * 32))
            for number in range(3)
        ]
        logs = {plant.log.origin: plant.signer.verifier}
        self.stores = [MemoryWitnessStore() for _ in cosigners]
        self.witnesses = [
            RecordingWitness(SmallWitness(cosigner, logs, store), FixedClock(plant.now))
            for cosigner, store in zip(cosigners, self.stores, strict=True)
        ]
        self.verifiers = {cosigner.name: cosigner.verifier for cosigner in cosigners}
        self.policy = WitnessPolicy(
            (plant.signer.verifier,),
            self.verifiers,
            {"two": Group(2, tuple(self.verifiers))},
            "two",
        )
        self.restart()

    def restart(self) -> None:
        """Make the client anew."""
        database = self.plant.database
        self.cosigning = Cosigning(
            database.unit_of_work, database.reading, self.witnesses, self.policy
        )

    def grow(self, count: int = 3) -> None:
        """Let the log grow."""
        self.plant.admit(self.meter.sign(count))
        self.plant.integrate_all()

    def ask(self) -> list[Standing]:
        """Ask every witness."""
        return [asked.standing for asked in self.asked()]

    def asked(self) -> list[Asked]:
        """Ask every witness, with details."""
        return self.cosigning.cosign(self.plant.log.number)

    def published(self) -> int:
        """Give the published size, after checking its note as a stranger with the policy."""
        with self.plant.database.reading() as uow:
            _, note = published(uow, self.plant.log, self.policy)
        checkpoint, opened = open_cosigned_checkpoint(
            note, self.plant.signer.verifier, self.verifiers.values()
        )
        self.policy.require_quorum([signature.verifier for signature in opened.verified])
        return checkpoint.size


@pytest.fixture
def watched(plant: Plant) -> Watched:
    """A log with three witnesses."""
    return Watched(plant)


def test_every_witness_cosigns_a_growing_log(watched: Watched) -> None:
    """Witnesses that were asked before are shown a proof from what they know."""
    watched.grow(5)
    watched.ask()
    watched.grow(300)

    assert watched.ask() == [Standing.COSIGNED] * 3
    assert watched.published() == 305


def test_a_new_witness_is_asked_from_what_it_says_it_knows(watched: Watched) -> None:
    """A client that forgot what a witness knows learns it from the conflict."""
    watched.grow(5)
    watched.ask()
    watched.grow(5)
    watched.stores[0].known[watched.plant.log.origin] = Known(
        5, watched.stores[0].known[watched.plant.log.origin].root
    )
    with watched.plant.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("DELETE FROM cosignature")
        uow.commit()

    assert watched.ask() == [Standing.COSIGNED] * 3
    assert [len(witness.bodies) for witness in watched.witnesses] == [3, 3, 3]


def test_a_quorum_is_enough(watched: Watched) -> None:
    """One witness that is down does not keep a checkpoint from being published."""
    watched.grow()
    watched.witnesses[1].is_down = True

    assert watched.ask() == [Standing.COSIGNED, Standing.UNREACHABLE, Standing.COSIGNED]
    assert watched.published() == 3


def test_without_the_quorum_the_last_witnessed_checkpoint_stands(watched: Watched) -> None:
    """Missing witnesses delay what is published, and do not weaken it."""
    watched.grow(3)
    watched.ask()
    watched.grow(3)
    for witness in watched.witnesses[:2]:
        witness.is_down = True
    watched.ask()

    assert watched.published() == 3


def test_without_any_quorum_nothing_is_published(watched: Watched) -> None:
    """A log that was never witnessed has nothing to publish under its policy."""
    watched.grow()

    with pytest.raises(WitnessesMissing, match="quorum 'two'"):
        watched.published()


def test_without_a_policy_the_newest_is_published(watched: Watched) -> None:
    """Where no witness is asked for, the newest checkpoint stands by itself."""
    watched.grow()
    policy = WitnessPolicy((), {}, {}, "none")
    with watched.plant.database.reading() as uow:
        checkpoint, note = published(uow, watched.plant.log, policy)

    assert checkpoint.size == 3
    assert note == checkpoint.note


@pytest.mark.parametrize(
    "answer",
    [
        WitnessAnswer(200, "— witness-0 AAAA\n"),
        WitnessAnswer(200, ""),
        WitnessAnswer(200, "nonsense"),
        WitnessAnswer(409, "many\n"),
        WitnessAnswer(422, ""),
        WitnessAnswer(500, "oops"),
    ],
)
def test_nonsense_is_a_refusal(watched: Watched, answer: WitnessAnswer) -> None:
    """Whatever a witness answers, the others are asked, and nothing false is stored."""
    watched.grow()
    watched.witnesses[0].instead = answer

    assert watched.ask() == [Standing.REFUSED, Standing.COSIGNED, Standing.COSIGNED]


def test_a_signature_over_another_checkpoint_is_refused(watched: Watched) -> None:
    """A line that was made for an earlier checkpoint does not hold for this one."""
    watched.grow()
    watched.ask()
    body = watched.witnesses[0].bodies[-1].replace("old 0", "old 3")
    old = watched.witnesses[0].add_checkpoint(body)
    watched.grow()
    watched.witnesses[0].instead = old

    assert watched.ask()[0] is Standing.REFUSED


def test_a_witness_that_knows_more_is_reported(watched: Watched) -> None:
    """A witness that claims a larger checkpoint of ours may tell of a restored backup."""
    watched.grow()
    watched.witnesses[2].instead = WitnessAnswer(409, "99\n")

    asked = watched.asked()[2]

    assert asked.standing is Standing.AHEAD
    assert "99" in asked.detail


def test_a_witness_outside_the_policy_counts_for_nothing(watched: Watched) -> None:
    """A cosignature by a key that the policy does not know is not kept."""
    watched.grow()
    watched.policy = WitnessPolicy(
        (), {"witness-0": watched.verifiers["witness-0"]}, {}, "witness-0"
    )
    watched.restart()

    assert watched.ask() == [Standing.COSIGNED, Standing.REFUSED, Standing.REFUSED]
