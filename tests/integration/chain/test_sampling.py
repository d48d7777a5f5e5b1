"""Draws on a real chain: the seed is the one that everybody works out, and nobody is ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from attestation.enums import SamplingMethod
from attestation.sampling import DRAW_VERSION, commit_nonce, draw_seed
from attestation.sampling_plans import SamplingPlan as PlanDocument
from attestation.sampling_plans import Stratum
from chain.bindings.party_registry import party_id_of
from chain.bindings.sampling_draw import Draw, SamplingDraw
from chain.errors import Reverted
from chain.sampling_acts import NonceCommitment, SamplingPlan
from chain.values import Call
from tests.support.agreements import PROVINCE, VERIFIER, Agreement, word
from tests.support.chain import USC, ChainWorld

pytestmark = pytest.mark.real
DRAWERS = (VERIFIER, USC, PROVINCE)


class Sampling:
    """The draws of the first version of a case."""

    def __init__(self, case: Agreement) -> None:
        self.case = case
        world = case.world
        self.contract = SamplingDraw(world.client, world.address(SamplingDraw.NAME))

    def nonce(self, code: str, number: int = 1) -> bytes:
        return word(f"nonce of {code}", number)

    def sealed(self, code: str, number: int = 1) -> bytes:
        nonce, party = self.nonce(code, number), party_id_of(code)
        return commit_nonce(self.case.inventory_id, 1, number, party=party, nonce=nonce)

    def commitment(self, code: str, number: int = 1) -> NonceCommitment:
        keys = self.case.parties[code]
        return NonceCommitment(
            subject=self.case.subject,
            version=1,
            draw=number,
            actor=code,
            commitment=self.sealed(code, number),
            initiator=keys.initiator.address,
            approver=keys.approver.address,
            nonce=next(self.case.world.nonces),
            deadline=self.case.world.deadline(),
        )

    def document(self, number: int = 1) -> PlanDocument:
        version = self.case.world.inventories.version(self.case.inventory_id, 1)
        assert version is not None
        stratum = Stratum(
            name="all-entries",
            method=SamplingMethod.RANDOM,
            reason="a small log",
            start=0,
            end=version.log_size,
            size=2,
            strict_size=4,
        )
        return PlanDocument(
            inventory=self.case.inventory_id,
            inventory_version=1,
            draw=number,
            population_root=version.log_root,
            population_size=version.log_size,
            strata=(stratum,),
        )

    def plan(self, number: int = 1) -> SamplingPlan:
        document, team = self.document(number), self.case.parties[VERIFIER]
        return SamplingPlan(
            subject=self.case.subject,
            version=1,
            draw=number,
            verifier=VERIFIER,
            plan_hash=document.plan_hash,
            population_root=document.population_root,
            draw_version=DRAW_VERSION,
            commitment=self.sealed(VERIFIER, number),
            reason="" if number == 1 else "一块表被遗漏",
            previous_state=self.case.found().state_hash,
            lead_verifier=team.initiator.address,
            technical_reviewer=team.approver.address,
            nonce=next(self.case.world.nonces),
            deadline=self.case.world.deadline(),
        )

    def draw(self, number: int = 1) -> Draw:
        found = self.contract.draw(self.case.inventory_id, 1, number)
        assert found is not None
        return found

    def open(self) -> None:
        """Commit, freeze, let the blocks pass and store the hash."""
        for code in (USC, PROVINCE):
            self.case.perform(self.commitment(code))
        self.case.perform(self.plan())
        self.case.world.mine(self.contract.draw_blocks() + 1)
        self.send(self.contract.store_block_hash(self.case.inventory_id, 1, 1))

    def reveal(self, code: str, nonce: bytes | None = None) -> Call:
        given = nonce or self.nonce(code)
        party = party_id_of(code)
        return self.contract.reveal(self.case.inventory_id, 1, 1, party=party, nonce=given)

    def send(self, call: Call) -> None:
        self.case.world.sender().execute(call)

    def seed(self) -> bytes:
        """Work the seed out from what is readable on the chain."""
        draw = self.draw()
        assert draw.block_hash is not None
        return draw_seed(
            self.case.inventory_id,
            plan_hash=self.document().plan_hash,
            population_root=draw.population_root,
            nonces=draw.nonces,
            block_hash=draw.block_hash,
        )


@pytest.fixture(scope="module")
def assigned(shared_world: ChainWorld) -> Iterator[Agreement]:
    """A case under verification, made once."""
    with shared_world.undone():
        case = Agreement.begin(shared_world)
        case.perform(case.draft())
        case.perform(case.submission())
        case.perform(case.assignment())
        yield case


@pytest.fixture
def sampling(assigned: Agreement) -> Iterator[Sampling]:
    """Its draws; a test's own changes are undone."""
    with assigned.world.undone():
        yield Sampling(assigned)


def test_everybody_works_out_the_same_sample(sampling: Sampling) -> None:
    """From the chain alone the seed and the entries to look at follow, for every party alike."""
    sampling.open()
    for code in DRAWERS:
        sampling.send(sampling.reveal(code))

    draw = sampling.draw()
    block = sampling.case.world.client.block(draw.draw_block)
    assert block is not None
    assert (draw.block_hash, draw.draw_block) == (block.hash, draw.frozen_at + 12)
    assert (draw.is_settled, draw.is_strict) == (True, False)
    assert draw.parties == tuple(party_id_of(code) for code in DRAWERS)
    assert draw.seed == sampling.seed()
    sample = sampling.document().sample(sampling.seed(), is_strict=draw.is_strict)
    assert len(sample["all-entries"]) == 2


def test_withheld_nonce_is_recorded(sampling: Sampling) -> None:
    """Who does not reveal in time is left out of the seed, and the sample is strict."""
    sampling.open()
    for code in (VERIFIER, PROVINCE):
        sampling.send(sampling.reveal(code))
    settle = sampling.contract.settle(sampling.case.inventory_id, 1, 1)
    with pytest.raises(Reverted, match="SamplingDraw_StillOpen"):
        sampling.case.world.sender().prepare(settle)
    sampling.case.world.pass_time(10 * 86_400)
    with pytest.raises(Reverted, match="SamplingDraw_TooLate"):
        sampling.case.world.sender().prepare(sampling.reveal(USC))
    sampling.send(settle)

    draw = sampling.draw()
    assert draw.is_strict
    assert draw.nonces[1] is None
    assert draw.commitments[1] == sampling.sealed(USC)
    assert draw.seed == sampling.seed()
    assert len(sampling.document().sample(sampling.seed(), is_strict=True)["all-entries"]) == 4


def test_second_plan_leaves_the_first(sampling: Sampling) -> None:
    """Another plan needs a reason and its own nonces; the first stays readable."""
    sampling.open()
    first = sampling.draw()
    sampling.case.perform(sampling.plan(2))

    assert sampling.draw() == first
    assert sampling.contract.draw_count(sampling.case.inventory_id, 1) == 2
    assert sampling.draw(2).commitments == (sampling.sealed(VERIFIER, 2), None, None)
    assert sampling.contract.draw(sampling.case.inventory_id, 1, 3) is None


def before_its_block(sampling: Sampling) -> Call:
    sampling.case.perform(sampling.plan())
    return sampling.contract.store_block_hash(sampling.case.inventory_id, 1, 1)


def before_the_hash(sampling: Sampling) -> Call:
    sampling.case.perform(sampling.commitment(USC))
    sampling.case.perform(sampling.plan())
    return sampling.reveal(USC)


def with_another_nonce(sampling: Sampling) -> Call:
    sampling.open()
    return sampling.reveal(USC, sampling.nonce(PROVINCE))


def a_second_time(sampling: Sampling) -> Call:
    sampling.open()
    sampling.send(sampling.reveal(USC))
    return sampling.reveal(USC)


def after_the_plan(sampling: Sampling) -> Call:
    sampling.case.perform(sampling.plan())
    return sampling.case.call(sampling.commitment(USC))


def twice_committed(sampling: Sampling) -> Call:
    sampling.case.perform(sampling.commitment(USC))
    return sampling.case.call(replace(sampling.commitment(USC), commitment=word("better", 1)))


def of_another_population(sampling: Sampling) -> Call:
    return sampling.case.call(replace(sampling.plan(), population_root=word("root", 1)))


def by_the_enterprise(sampling: Sampling) -> Call:
    keys = sampling.case.parties[USC]
    plan = replace(
        sampling.plan(),
        lead_verifier=keys.initiator.address,
        technical_reviewer=keys.approver.address,
    )
    return sampling.case.call(plan)


def without_a_reason(sampling: Sampling) -> Call:
    sampling.case.perform(sampling.plan())
    return sampling.case.call(replace(sampling.plan(2), reason=""))


def signed_for_another_draw(sampling: Sampling) -> Call:
    act = sampling.commitment(USC)
    return sampling.case.call(replace(act, draw=2), sampling.case.signatures(act))


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (before_its_block, "SamplingDraw_TooEarly"),
        (before_the_hash, "SamplingDraw_NotAtThisStep"),
        (with_another_nonce, "SamplingDraw_NotCommitted"),
        (a_second_time, "SamplingDraw_NotCommitted"),
        (after_the_plan, "SamplingDraw_NotNext"),
        (twice_committed, "SamplingDraw_Committed"),
        (of_another_population, "SamplingDraw_PopulationDiffers"),
        (by_the_enterprise, "SamplingDraw_NotNamed"),
        (without_a_reason, "SamplingDraw_FieldMissing"),
        (signed_for_another_draw, "Acts_NotSignedBy"),
    ],
)
def test_nearly_right_step_is_refused(
    sampling: Sampling, attempt: Callable[[Sampling], Call], refusal: str
) -> None:
    """A step out of order, or with what was not committed to, is refused by name."""
    with pytest.raises(Reverted) as caught:
        sampling.case.world.sender().prepare(attempt(sampling))

    assert caught.value.name == refusal
