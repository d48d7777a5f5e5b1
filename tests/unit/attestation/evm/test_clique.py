"""Clique: who sealed, whether they might, and whether enough sealed on top."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestation.errors import AnchorError
from attestation.evm.clique import (
    recover_signer,
    verify_clique_finality,
    verify_clique_header,
)
from attestation.evm.header import parse_header
from attestation.evm.seals import ValidatorSet
from tests.support.headers import (
    HeaderParts,
    clique_chain,
    clique_header,
    seal_clique,
    sealers,
)

SIGNERS = sealers(4)
ADDRESSES = tuple(signer.address for signer in SIGNERS)
SETS = [ValidatorSet(0, ADDRESSES)]
STRANGER = sealers(1, "stranger ")[0]
PARTS = HeaderParts(number=100)


def finality(chain: list[bytes], depth: int = 3, sets: Any = None) -> None:
    header, *following = map(parse_header, chain)
    verify_clique_finality(header, following, depth=depth, validators=sets or SETS)


@pytest.mark.parametrize("number", range(100, 104))
def test_signer_in_turn(number: int) -> None:
    """Whose turn it is seals with difficulty 2."""
    signer = SIGNERS[number % 4]
    header = parse_header(clique_header(replace(PARTS, number=number), signer, SIGNERS))

    assert header.difficulty == 2
    assert verify_clique_header(header, ADDRESSES) == signer.address == recover_signer(header)


def test_signer_out_of_turn() -> None:
    """Another signer seals with difficulty 1."""
    header = parse_header(clique_header(PARTS, SIGNERS[1], SIGNERS))

    assert header.difficulty == 1
    assert verify_clique_header(header, ADDRESSES) == SIGNERS[1].address


def test_pre_london_header() -> None:
    """A header without a base fee is sealed the same way."""
    header = parse_header(clique_header(replace(PARTS, later=()), SIGNERS[0], SIGNERS))

    assert verify_clique_header(header, ADDRESSES) == SIGNERS[0].address


def test_epoch_header_lists_the_signers() -> None:
    """At an epoch the signers stand in the extra data, and must be those known."""
    known, wrong = b"".join(ADDRESSES), b"".join(ADDRESSES[:3])
    header = parse_header(clique_header(PARTS, SIGNERS[0], SIGNERS, listed=known))
    verify_clique_header(header, ADDRESSES)

    with pytest.raises(AnchorError, match="other signers") as caught:
        verify_clique_header(
            parse_header(clique_header(PARTS, SIGNERS[0], SIGNERS, listed=wrong)), ADDRESSES
        )
    assert caught.value.stable_code == "verification.validator_list"


def test_stranger_is_refused() -> None:
    """A seal by one who is no validator does not count."""
    header = parse_header(clique_header(PARTS, STRANGER, SIGNERS))

    with pytest.raises(AnchorError, match="no validator") as caught:
        verify_clique_header(header, ADDRESSES)
    assert caught.value.stable_code == "verification.not_a_validator"


def test_mutated_header_is_refused() -> None:
    """One changed field and the seal is nobody's."""
    sealed = parse_header(clique_header(PARTS, SIGNERS[0], SIGNERS))
    mutated = parse_header(PARTS.encode(extra=sealed.extra, difficulty=2, state_root=b"\x99" * 32))

    with pytest.raises(AnchorError, match=r"no validator|no key"):
        verify_clique_header(mutated, ADDRESSES)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 0},
        {"mix_hash": b"\x01" * 32},
        {"ommers_hash": b"\x01" * 32},
        {"nonce": b"\x01" * 8},
        {"difficulty": 1},
        {"difficulty": 3},
        {"later": (7, b"\x55" * 32)},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_fields_that_clique_does_not_allow(changes: dict[str, Any]) -> None:
    """A properly sealed header with another field is still refused."""
    parts = replace(PARTS, difficulty=2, extra=bytes(32))
    header = parse_header(seal_clique(replace(parts, **changes), SIGNERS[0]))

    with pytest.raises(AnchorError, match=r"genesis|mix hash|nonce|difficulty"):
        verify_clique_header(header, ADDRESSES)


@pytest.mark.parametrize("length", [0, 31, 96])
def test_extra_data_without_a_seal(length: int) -> None:
    """Vanity and seal are 97 bytes."""
    with pytest.raises(AnchorError, match="without a seal"):
        verify_clique_header(parse_header(PARTS.encode(extra=bytes(length))), ADDRESSES)


def test_vote_is_allowed() -> None:
    """A header may carry a vote on somebody."""
    parts = replace(PARTS, nonce=b"\xff" * 8, beneficiary=STRANGER.address)

    verify_clique_header(parse_header(clique_header(parts, SIGNERS[0], SIGNERS)), ADDRESSES)


def test_enough_blocks_make_it_final() -> None:
    """Three blocks by three of four signers on top."""
    finality(clique_chain(PARTS, SIGNERS, 4))


def test_one_block_short_is_not_final() -> None:
    """Two blocks on top are not three."""
    with pytest.raises(AnchorError, match="2 blocks by 2 signers follow, 3 by 3") as caught:
        finality(clique_chain(PARTS, SIGNERS, 3))

    assert caught.value.stable_code == "verification.not_final"


def test_depth_without_a_majority_is_not_final() -> None:
    """A depth of 2 does not make two of four signers a majority."""
    with pytest.raises(AnchorError, match="2 signers"):
        finality(clique_chain(PARTS, SIGNERS, 3), depth=2)


def test_few_signers_by_turns_are_refused() -> None:
    """Two signers can't carry a chain of four between them."""
    with pytest.raises(AnchorError, match="too recently") as caught:
        finality(clique_chain(PARTS, SIGNERS, 4, order=[0, 1, 0, 1]))

    assert caught.value.stable_code == "verification.sealed_recently"


def test_signer_may_seal_again_after_half_of_the_others() -> None:
    """With four signers the third block may be by the first again."""
    finality(clique_chain(PARTS, SIGNERS, 5, order=[0, 1, 2, 0, 1]), depth=4)


def test_single_signer_chain() -> None:
    """A chain of one signer is final by depth alone."""
    alone = SIGNERS[:1]
    finality(clique_chain(PARTS, alone, 4), sets=[ValidatorSet(0, ADDRESSES[:1])])


@pytest.mark.parametrize("damage", ["gap", "order", "fork", "time"])
def test_headers_that_do_not_follow_are_refused(damage: str) -> None:
    """Each header names the one before, and its number and time go on from it."""
    chain = clique_chain(PARTS, SIGNERS, 5)
    forked = clique_chain(replace(PARTS, state_root=b"\x99" * 32), SIGNERS, 5)
    late = clique_chain(replace(PARTS, timestamp_s=PARTS.timestamp_s + 1000), SIGNERS, 1)
    early = replace(PARTS, number=101, parent_hash=parse_header(late[0]).keccak_hash)
    damaged = {
        "gap": [chain[0], *chain[2:]],
        "order": [chain[0], chain[2], chain[1], *chain[3:]],
        "fork": [chain[0], *forked[1:]],
        "time": [*late, *clique_chain(early, SIGNERS, 4)],
    }[damage]

    with pytest.raises(AnchorError, match="does not follow") as caught:
        finality(damaged)
    assert caught.value.stable_code == "verification.header_chain"


def test_set_may_change_on_the_way() -> None:
    """Headers after a change are judged by the new set."""
    sets = [ValidatorSet(0, ADDRESSES), ValidatorSet(101, ADDRESSES[1:])]
    fewer = SIGNERS[1:]
    first = clique_chain(PARTS, SIGNERS, 1)
    rest = replace(PARTS, number=101, parent_hash=parse_header(first[0]).keccak_hash)
    finality([*first, *clique_chain(rest, fewer, 3)], sets=sets)

    with pytest.raises(AnchorError, match="no validator"):
        finality([*first, clique_header(rest, SIGNERS[0], fewer)], sets=sets)
