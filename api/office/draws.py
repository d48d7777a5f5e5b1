"""
A draw of a sample as it stands on the chain: what comes next, and what it gave.

Seed and sample are worked out here from what is readable on the party's own node; what the
contract says of them is compared, not believed.

Source: CONTRACTS section 5; `docs/formats/sampling.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.office.desk import ChainDesk
from api.office.errors import Contradicted, NotInThisState
from attestation.sampling import commit_nonce, draw_seed
from attestation.sampling_plans import SamplingPlan
from chain.bindings.sampling_draw import Draw
from chain.errors import NodeUnavailable
from chain.values import Call


@dataclass(frozen=True, slots=True)
class DrawPlace:
    """Which draw: the n-th of a version of an inventory."""

    inventory_id: bytes
    version: int
    number: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done for a draw now."""

    words: str
    call: Call | None = None
    """None where there is nothing to send at present."""


def find_draw(desk: ChainDesk, place: DrawPlace) -> Draw:
    """
    Read a draw.

    Raises:
        NotInThisState: If no plan of that number was frozen.
    """
    draw = desk.sampling.draw(place.inventory_id, place.version, place.number)
    if draw is None:
        raise NotInThisState(f"no plan {place.number} was frozen for version {place.version}")
    return draw


def next_step(desk: ChainDesk, place: DrawPlace, nonce: bytes | None = None) -> NextStep:
    """
    Say what is to be sent for a draw now; anybody may send it.

    Args:
        desk: The office.
        place: Which draw.
        nonce: One's own, if it shall be revealed when its time has come.

    Raises:
        NotInThisState: If there is no such draw.
        Contradicted: If the nonce is none of those that were fixed for it.
        NodeUnavailable: If the node does not answer.
    """
    draw = find_draw(desk, place)
    if draw.is_settled:
        return NextStep("settled: the sample can be drawn")
    where = (place.inventory_id, place.version, place.number)
    if draw.block_hash is None:
        if desk.client.block_number() <= draw.draw_block:
            return NextStep(f"wait for the block after {draw.draw_block}")
        return NextStep("store the hash of the draw block", desk.sampling.store_block_hash(*where))
    if _now_s(desk) >= draw.reveal_until_s:
        return NextStep("settle without the missing nonces", desk.sampling.settle(*where))
    if nonce is None:
        return NextStep("the parties reveal their nonces")
    return _reveal(desk, place, draw, nonce)


def _reveal(desk: ChainDesk, place: DrawPlace, draw: Draw, nonce: bytes) -> NextStep:
    for party, commitment, shown in zip(draw.parties, draw.commitments, draw.nonces, strict=True):
        sealed = commit_nonce(
            place.inventory_id, place.version, place.number, party=party, nonce=nonce
        )
        if sealed != commitment:
            continue
        if shown is not None:
            return NextStep("this nonce is revealed; the others are awaited")
        if desk.final_block() < draw.draw_block:
            return NextStep(f"wait until block {draw.draw_block} is final")
        where = (place.inventory_id, place.version, place.number)
        call = desk.sampling.reveal(*where, party=party, nonce=nonce)
        return NextStep("reveal the nonce", call)
    raise Contradicted("the nonce is none of those that were fixed for this draw")


def sample_of(place: DrawPlace, draw: Draw, plan: SamplingPlan) -> Mapping[str, tuple[int, ...]]:
    """
    Give the entries of the log that are to be looked at, by stratum.

    Args:
        place: Which draw.
        draw: As the chain has it.
        plan: The document.

    Raises:
        NotInThisState: If the draw is not settled.
        Contradicted: If the plan is not the frozen one, or says that it is of another draw or
            another population; or the seed does not follow from the parts that the chain shows.
    """
    if not draw.is_settled or draw.block_hash is None:
        raise NotInThisState("the draw is not settled")
    if plan.plan_hash != draw.plan_hash or plan.population_root != draw.population_root:
        raise Contradicted("the plan is not the one that was frozen")
    said = (plan.inventory, plan.inventory_version, plan.draw, plan.population_size)
    if said != (place.inventory_id, place.version, place.number, draw.population_size):
        raise Contradicted("the frozen plan says that it is of another draw, or population")
    seed = draw_seed(
        place.inventory_id,
        plan_hash=plan.plan_hash,
        population_root=draw.population_root,
        nonces=draw.nonces,
        block_hash=draw.block_hash,
    )
    is_strict = None in draw.nonces
    if (seed, is_strict) != (draw.seed, draw.is_strict):
        raise Contradicted("the seed does not follow from plan, nonces and block")
    return plan.sample(seed, is_strict=is_strict)


def _now_s(desk: ChainDesk) -> int:
    block = desk.client.block("latest")
    if block is None:
        raise NodeUnavailable("the node has no newest block", code="chain.no_block")
    return block.timestamp_s
