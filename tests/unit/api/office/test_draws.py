"""What a settled draw gives: the sample of its own plan, and of no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.office.draws import DrawPlace, sample_of
from api.office.errors import Contradicted, NotInThisState
from attestation.enums import SamplingMethod
from attestation.sampling import draw_seed
from attestation.sampling_plans import SamplingPlan, Stratum
from chain.bindings.sampling_draw import Draw

INVENTORY = b"\7" * 32
ROOT = b"\x08" * 32
BLOCK = b"\x09" * 32
NONCES = (b"\1" * 32, b"\2" * 32, b"\3" * 32)
PLACE = DrawPlace(INVENTORY, 2, 1)
PLAN = SamplingPlan(
    inventory=INVENTORY,
    inventory_version=2,
    draw=1,
    population_root=ROOT,
    population_size=400,
    strata=(
        Stratum(
            name="meter-1",
            method=SamplingMethod.RANDOM,
            reason="monthly",
            start=100,
            end=400,
            size=5,
            strict_size=9,
        ),
    ),
)


def settled(plan: SamplingPlan) -> Draw:
    """Give a draw whose frozen plan is this document, whatever the document says."""
    seed = draw_seed(
        INVENTORY,
        plan_hash=plan.plan_hash,
        population_root=ROOT,
        nonces=NONCES,
        block_hash=BLOCK,
    )
    return Draw(
        plan_hash=plan.plan_hash,
        population_root=ROOT,
        population_size=400,
        frozen_at=10,
        draw_block=22,
        reveal_until_s=1,
        draw_version=1,
        is_strict=False,
        is_settled=True,
        block_hash=BLOCK,
        seed=seed,
        parties=(b"v" * 32, b"e" * 32, b"p" * 32),
        commitments=NONCES,
        nonces=NONCES,
    )


def test_sample_follows_from_plan_and_seed() -> None:
    """Five entries of the stretch, each once."""
    drawn = sample_of(PLACE, settled(PLAN), PLAN)["meter-1"]

    assert len(set(drawn)) == 5
    assert all(100 <= each < 400 for each in drawn)


@pytest.mark.parametrize(
    "changes",
    [
        {"inventory": b"\x06" * 32},
        {"inventory_version": 1},
        {"draw": 2},
        {"population_size": 401},
    ],
)
def test_frozen_plan_of_another_draw_gives_no_sample(changes: dict[str, object]) -> None:
    """The hash on chain is that of the document; the document speaks of something else."""
    other = replace(PLAN, **changes)  # type: ignore[arg-type]
    with pytest.raises(Contradicted, match="another draw"):
        sample_of(PLACE, settled(other), other)


def test_draw_under_way_gives_no_sample() -> None:
    """Nobody sees it before the last nonce is there."""
    with pytest.raises(NotInThisState):
        sample_of(PLACE, replace(settled(PLAN), is_settled=False), PLAN)
