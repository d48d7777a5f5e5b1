"""The vectors of draws: fresh, and obeyed by ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attestation.encodings import parse_hex
from attestation.ids import ZERO_HASH
from attestation.sampling import (
    DrawStream,
    commit_nonce,
    draw_by_amount,
    draw_places,
    draw_seed,
)
from tests.vectors import generate_sampling

Case = dict[str, Any]
DOCUMENT: Case = json.loads(generate_sampling.TARGET.read_text(encoding="utf-8"))
SEED = parse_hex(DOCUMENT["seed"])


def test_file_is_what_the_generator_writes() -> None:
    """The committed vectors are those of the definitions."""
    assert generate_sampling.TARGET.read_text(encoding="utf-8") == generate_sampling.render()


@pytest.mark.parametrize("case", DOCUMENT["commitments"])
def test_commitment(case: Case) -> None:
    """What a party signs is what eth_abi encodes."""
    commitment = commit_nonce(
        parse_hex(case["inventory"]),
        case["version"],
        case["draw"],
        party=parse_hex(case["party"]),
        nonce=parse_hex(case["nonce"]),
    )

    assert commitment == parse_hex(case["commitment"])


@pytest.mark.parametrize("case", DOCUMENT["seeds"], ids=lambda case: case["name"])
def test_seed(case: Case) -> None:
    """A seed commits to every part, each in its place."""
    nonces = [parse_hex(each) for each in case["nonces"]]
    seed = draw_seed(
        parse_hex(case["inventory"]),
        plan_hash=parse_hex(case["plan_hash"]),
        population_root=parse_hex(case["population_root"]),
        nonces=[None if each == ZERO_HASH else each for each in nonces],
        block_hash=parse_hex(case["block_hash"]),
    )

    assert seed == parse_hex(case["seed"])


def test_seeds_differ() -> None:
    """No two of the cases have one seed."""
    seeds = [case["seed"] for case in DOCUMENT["seeds"]]

    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("case", DOCUMENT["streams"], ids=lambda case: case["limit"])
def test_numbers(case: Case) -> None:
    """Numbers below a limit are those of the definition, those drawn again included."""
    stream = DrawStream(SEED, case["stratum"])

    assert [str(stream.below(int(case["limit"]))) for _ in case["numbers"]] == case["numbers"]


@pytest.mark.parametrize("case", DOCUMENT["places"], ids=lambda case: str(case["population"]))
def test_places(case: Case) -> None:
    """A sample of a population is the one of the definition."""
    drawn = draw_places(SEED, case["stratum"], population=case["population"], size=case["size"])

    assert list(drawn) == case["places"]


@pytest.mark.parametrize("case", DOCUMENT["amounts"], ids=lambda case: str(case["size"]))
def test_places_by_amount(case: Case) -> None:
    """A sample by amount is the one of the definition."""
    values = [int(each) for each in case["amounts"]]

    assert (
        list(draw_by_amount(SEED, case["stratum"], amounts=values, size=case["size"]))
        == (case["places"])
    )
