"""Samples and their plans: fair, repeatable, and only of what the plan says."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.canonical import canonical_json
from attestation.enums import SamplingMethod
from attestation.errors import EncodingError
from attestation.sampling import (
    DrawStream,
    commit_nonce,
    draw_by_amount,
    draw_places,
    draw_seed,
)
from attestation.sampling_plans import SamplingPlan, Stratum, parse_plan

SEED = hashlib.sha256(b"a seed").digest()
WORD = b"\x07" * 32
STRETCH = Stratum(
    name="meter-1",
    method=SamplingMethod.RANDOM,
    reason="monthly, low risk",
    start=100,
    end=400,
    size=10,
    strict_size=25,
)
BY_AMOUNT = Stratum(
    name="coal",
    method=SamplingMethod.BY_AMOUNT,
    reason="largest source",
    items=(3, 5, 90),
    amounts=(10, 1000, 5),
    size=2,
    strict_size=3,
)
WHOLE = Stratum(
    name="corrections",
    method=SamplingMethod.ALL,
    reason="each one is looked at",
    items=(7, 8),
    size=2,
    strict_size=2,
)
PLAN = SamplingPlan(
    inventory=WORD,
    inventory_version=1,
    draw=1,
    population_root=WORD,
    population_size=400,
    strata=(STRETCH, BY_AMOUNT, WHOLE),
)


@given(st.integers(0, 2000), st.integers(0, 60), st.binary(min_size=32, max_size=32))
def test_each_item_is_drawn_once(population: int, size: int, seed: bytes) -> None:
    """A sample has as many items as asked for, or all, none twice and none beyond."""
    drawn = draw_places(seed, "x", population=population, size=size)

    assert len(set(drawn)) == len(drawn) == min(size, population)
    assert all(0 <= place < population for place in drawn)


@given(st.integers(1, 500), st.integers(0, 40), st.integers(0, 40))
def test_larger_sample_begins_with_the_smaller(population: int, size: int, more: int) -> None:
    """Who withholds a nonce gains no other items: the strict sample would only add some."""
    small = draw_places(SEED, "x", population=population, size=size)

    assert draw_places(SEED, "x", population=population, size=size + more)[: len(small)] == small


def test_every_item_is_as_likely_as_another() -> None:
    """Over many seeds each of ten items comes up about as often."""
    count = Counter(
        place
        for number in range(2000)
        for place in draw_places(number.to_bytes(32, "big"), "x", population=10, size=3)
    )

    # 600 expected each, with a standard deviation of 20.5.
    assert all(500 < count[place] < 700 for place in range(10))


def test_strata_have_numbers_of_their_own() -> None:
    """The same seed draws other places in another stratum, also where names run together."""
    draws = {
        draw_places(SEED, name, population=10**6, size=5) for name in ("ab", "a", "b", "meter-1")
    }

    assert len(draws) == 4


def test_amount_decides_the_chance() -> None:
    """An item without an amount is never drawn, a large one nearly always."""
    count = Counter(
        place
        for number in range(300)
        for place in draw_by_amount(number.to_bytes(32, "big"), "x", amounts=[1, 0, 99], size=1)
    )

    assert count[1] == 0
    assert count[2] > 280


def test_plan_is_read_back() -> None:
    """A plan's document is the plan, and its hash is of these bytes."""
    assert parse_plan(PLAN.encoded) == PLAN
    assert PLAN.plan_hash == hashlib.sha256(PLAN.encoded).digest()


def test_sample_follows_the_plan() -> None:
    """Entries come from each stratum's own, as many as it says; strict where a nonce is missing."""
    usual, strict = PLAN.sample(SEED, is_strict=False), PLAN.sample(SEED, is_strict=True)

    assert (len(usual["meter-1"]), len(strict["meter-1"])) == (10, 25)
    assert all(100 <= index < 400 for index in strict["meter-1"])
    assert strict["meter-1"][:10] == usual["meter-1"]
    assert set(usual["coal"]) <= {3, 5, 90}
    assert usual["corrections"] == strict["corrections"] == (7, 8)


@pytest.mark.parametrize(
    "changes",
    [
        {"start": 400},
        {"end": None},
        {"items": (1,)},
        {"strict_size": 9},
        {"amounts": (1,)},
        {"method": SamplingMethod.BY_AMOUNT},
        {"start": None, "end": None},
        {"start": None, "end": None, "items": (2, 1)},
        {"start": None, "end": None, "items": (2, 2)},
    ],
)
def test_stratum_that_contradicts_itself(changes: dict[str, Any]) -> None:
    """A stratum has one population, in order, and sizes that fit each other."""
    with pytest.raises(EncodingError):
        replace(STRETCH, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"strata": (STRETCH, STRETCH)},
        {"strata": ()},
        {"population_size": 399},
        {"inventory_version": 0},
        {"draw": 0},
    ],
)
def test_plan_that_contradicts_itself(changes: dict[str, Any]) -> None:
    """Strata have names of their own and lie in the population; numbers count from 1."""
    with pytest.raises(EncodingError):
        parse_plan(replace(PLAN, **changes).encoded)


@pytest.mark.parametrize(
    "change",
    [{"type": "plan"}, {"version": 2}, {"more": 1}, {"draw": "1"}],
)
def test_document_of_another_form(change: dict[str, Any]) -> None:
    """Another type or version, or an unknown name, is no plan."""
    with pytest.raises(EncodingError):
        parse_plan(canonical_json(PLAN.content() | change))


def test_stream_refuses_no_limit() -> None:
    """There is no number below nothing, nor below more than the stream's numbers."""
    for limit in (0, -1, 2**64 + 1):
        with pytest.raises(EncodingError):
            DrawStream(SEED, "x").below(limit)


def test_amounts_must_be_there() -> None:
    """Nothing is drawn from nothing, and no amount is negative."""
    for amounts in ([], [0, 0], [5, -1]):
        with pytest.raises(EncodingError):
            draw_by_amount(SEED, "x", amounts=amounts, size=1)


def test_negative_numbers_are_refused() -> None:
    """A population or a size below zero is a mistake."""
    for population, size in ((-1, 1), (1, -1)):
        with pytest.raises(EncodingError):
            draw_places(SEED, "x", population=population, size=size)


def test_words_have_their_length() -> None:
    """Hashes are 32 bytes, a nonce is not zero, and there are three."""
    with pytest.raises(EncodingError, match="zero"):
        commit_nonce(WORD, 1, 1, party=WORD, nonce=bytes(32))
    with pytest.raises(EncodingError, match="31 bytes"):
        commit_nonce(WORD, 1, 1, party=WORD[1:], nonce=WORD)
    with pytest.raises(EncodingError, match="2 nonces"):
        draw_seed(WORD, plan_hash=WORD, population_root=WORD, nonces=[WORD, None], block_hash=WORD)
