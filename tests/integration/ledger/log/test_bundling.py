"""Bundles made from a database are accepted by the stranger's verifier, and only whole ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from attestation.body_fields import write_body
from attestation.bundle import Bundle, format_bundle, parse_bundle
from attestation.enums import Outcome
from attestation.evidence import Report
from attestation.policy import UnsafeAcceptAll
from attestation.ranges import RangeVerifier
from attestation.verifier import Verifier
from ledger.database import Database
from ledger.errors import NotIntegrated, WitnessesMissing
from ledger.log.bundling import Bundler
from ledger.log.witness import SmallWitness
from ledger.log.witnessing import Cosigning
from tests.fakes.anchorer import RecordingAnchorer
from tests.fakes.clock import FixedClock
from tests.fakes.plant import Plant
from tests.fakes.witnesses import MemoryWitnessStore, RecordingWitness
from tests.support.evidence import World, platform_root, small_world

MESSAGE = 4


class EvidencedChain(RecordingAnchorer):
    """A chain whose storage proofs are those of a world."""

    def __init__(self, world: World) -> None:
        super().__init__(finality_depth=0)
        self.world = world

    def capture(
        self, log_id: bytes, kids: Sequence[bytes], *, block_number: int
    ) -> dict[str, object]:
        """Give the world's evidence, for the keys that are asked for."""
        super().capture(log_id, kids, block_number=block_number)
        return dict(write_body(self.world.chain()))


class Bundled:
    """A world whose log is kept in a database, cosigned and anchored."""

    def __init__(self, database: Database) -> None:
        self.world = small_world()
        self.chain = EvidencedChain(self.world)
        self.policy = self.world.trust_root().witness_policy
        self.plant = Plant(
            database,
            anchorer=self.chain,
            origin=self.world.origin,
            signer=self.world.log_key,
            policy=self.policy,
        )
        self.plant.admit(self.world.entries)
        self.plant.integrate_all()
        self.bundler = Bundler(
            database.reading, self.policy, platform_root=platform_root().certificate
        )

    def cosign(self) -> None:
        """Let the witnesses cosign the newest checkpoint."""
        logs = {self.world.origin: self.world.log_key.verifier}
        witnesses = [
            RecordingWitness(
                SmallWitness(cosigner, logs, MemoryWitnessStore()), FixedClock(self.plant.now)
            )
            for cosigner in self.world.witnesses.values()
        ]
        database = self.plant.database
        Cosigning(database.unit_of_work, database.reading, witnesses, self.policy).cosign(
            self.plant.log.number
        )

    def anchor(self) -> None:
        """Anchor until final."""
        self.plant.pass_time(60_000)
        self.plant.anchoring.step(self.plant.now)
        self.chain.mine()
        self.plant.anchoring.step(self.plant.now)

    def verify(self, bundle: Bundle) -> Report:
        """Verify a bundle as a stranger with the world's trust root, from its file."""
        verifier = Verifier(self.world.trust_root(), UnsafeAcceptAll())
        return verifier.verify(parse_bundle(format_bundle(bundle)))


@pytest.fixture
def bundled(database: Database) -> Bundled:
    """A log with evidence, cosigned and not yet anchored."""
    found = Bundled(database)
    found.cosign()
    return found


def test_a_final_message_is_verified(bundled: Bundled) -> None:
    """A bundle of an anchored message holds in every step."""
    bundled.anchor()
    report = bundled.verify(bundled.bundler.entry(bundled.plant.log, MESSAGE))

    assert [step.name for step in report.steps if step.outcome is not Outcome.HELD] == []


def test_a_message_is_bundled_by_its_numbers(bundled: Bundled) -> None:
    """Key, epoch and sequence lead to the same bundle."""
    bundled.anchor()
    kid = bundled.world.key.public_key.kid

    by_numbers = bundled.bundler.message(bundled.plant.log, kid, 0, 7)

    assert by_numbers == bundled.bundler.entry(bundled.plant.log, MESSAGE)


def test_an_unanchored_message_says_what_is_missing(bundled: Bundled) -> None:
    """Without an anchor the chain's steps could not be checked, and nothing failed."""
    report = bundled.verify(bundled.bundler.entry(bundled.plant.log, MESSAGE))

    assert report.outcome is Outcome.COULD_NOT_CHECK
    unchecked = [step.name for step in report.steps if step.outcome is Outcome.COULD_NOT_CHECK]
    assert unchecked == ["anchor", "finality", "registry", "key"]


def test_any_changed_byte_of_the_entry_is_refused(bundled: Bundled) -> None:
    """One byte changed anywhere in the message, and the bundle does not hold."""
    bundled.anchor()
    bundle = bundled.bundler.entry(bundled.plant.log, MESSAGE)
    assert bundle.message is not None
    entry = bundle.message.entry
    for at in range(0, len(entry), 7):
        changed = entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]
        damaged = replace(bundle, message=replace(bundle.message, entry=changed))

        assert bundled.verify(damaged).outcome is Outcome.FAILED


def test_a_range_is_verified(bundled: Bundled) -> None:
    """A bundle of a range holds for the entries that travel with it."""
    bundled.anchor()
    bundle, entries = bundled.bundler.range(bundled.plant.log, 1, 7)
    report = RangeVerifier(bundled.world.trust_root()).verify(
        parse_bundle(format_bundle(bundle)), entries
    )

    assert entries == bundled.world.entries[1:7]
    assert report.outcome is Outcome.HELD


def test_a_checkpoint_without_its_quorum_is_not_anchored(database: Database) -> None:
    """What the policy does not call witnessed is neither anchored nor bundled."""
    unwitnessed = Bundled(database)
    unwitnessed.anchor()

    assert unwitnessed.chain.anchored_sizes(unwitnessed.plant.log.log_id) == []
    with pytest.raises(WitnessesMissing, match="quorum 'two'"):
        unwitnessed.bundler.entry(unwitnessed.plant.log, MESSAGE)


def test_a_late_quorum_is_anchored_in_its_turn(database: Database) -> None:
    """The wish to be anchored outlives the wait for witnesses."""
    late = Bundled(database)
    late.anchor()
    late.cosign()
    late.anchor()

    assert late.chain.anchored_sizes(late.plant.log.log_id) == [7]


def test_a_record_is_no_message(bundled: Bundled) -> None:
    """Only messages have bundles of their own."""
    with pytest.raises(NotIntegrated, match="not a message"):
        bundled.bundler.entry(bundled.plant.log, 0)


def test_records_after_the_first_bundle_are_found(bundled: Bundled) -> None:
    """A bundler that has looked once finds what is integrated later."""
    bundled.anchor()
    bundled.bundler.entry(bundled.plant.log, MESSAGE)
    bundled.world.append(bundled.world.message(sequence=10))
    bundled.plant.admit(bundled.world.entries[7:])
    bundled.plant.integrate_all()
    bundled.cosign()
    bundled.anchor()

    report = bundled.verify(bundled.bundler.entry(bundled.plant.log, 7))

    assert report.outcome is Outcome.HELD
