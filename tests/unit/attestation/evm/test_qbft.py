"""QBFT: seals in the header, and every way of having one too few."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import rlp

from attestation.errors import AnchorError, EncodingError
from attestation.evm.header import parse_header
from attestation.evm.qbft import (
    committed_seal_hash,
    parse_qbft_extra,
    qbft_block_hash,
    quorum_of,
    verify_qbft_finality,
)
from attestation.evm.seals import ValidatorSet
from tests.support.headers import HeaderParts, QbftParts, qbft_header, sealers
from tests.support.tries import keccak256

MEMBERS = sealers(4)
ADDRESSES = tuple(member.address for member in MEMBERS)
SETS = [ValidatorSet(0, ADDRESSES)]
STRANGER = sealers(1, "stranger ")[0]
PARTS = HeaderParts()
EXTRA = QbftParts(MEMBERS)


def finality(encoded: bytes) -> None:
    verify_qbft_finality(parse_header(encoded), validators=SETS)


@pytest.mark.parametrize(
    ("count", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7)]
)
def test_quorum_is_two_thirds_rounded_up(count: int, quorum: int) -> None:
    """The figures of Besu."""
    assert quorum_of(count) == quorum


@pytest.mark.parametrize("committers", [MEMBERS, MEMBERS[:3], MEMBERS[1:], MEMBERS[::-1]])
def test_quorum_makes_it_final(committers: Any) -> None:
    """Three or four of four, in any order."""
    finality(qbft_header(PARTS, EXTRA, committers))


@pytest.mark.parametrize("vote", [(), (STRANGER.address, b""), (STRANGER.address, b"\xff")])
@pytest.mark.parametrize("round_number", [0, 1, 300])
def test_votes_and_rounds(vote: tuple[bytes, ...], round_number: int) -> None:
    """A block may carry a vote and come of a later round."""
    finality(qbft_header(PARTS, replace(EXTRA, vote=vote, round=round_number), MEMBERS[:3]))


def test_validators_may_be_named_by_a_contract() -> None:
    """Then the header lists none, and the trust root's count."""
    extra = QbftParts(())
    finality(qbft_header(PARTS, extra, MEMBERS[:3], beneficiary=ADDRESSES[2]))


@pytest.mark.parametrize("later", [(), (7, b"\x55" * 32), (7, b"\x55" * 32, 0, 0, b"\x55" * 32)])
def test_other_forks(later: tuple[Any, ...]) -> None:
    """Later fields are sealed as well."""
    finality(qbft_header(replace(PARTS, later=later), EXTRA, MEMBERS[:3]))


def test_block_hash_does_not_depend_on_round_and_seals() -> None:
    """Whoever sealed, and in whichever round: the block has one hash."""
    one = parse_header(qbft_header(PARTS, replace(EXTRA, round=2), MEMBERS[:3]))
    other = parse_header(qbft_header(PARTS, EXTRA, MEMBERS))
    plain = replace(PARTS, mix_hash=one.mix_hash, beneficiary=ADDRESSES[0])

    assert qbft_block_hash(one) == qbft_block_hash(other)
    assert qbft_block_hash(one) == keccak256(plain.encode(extra=EXTRA.encode()))
    assert committed_seal_hash(one) != committed_seal_hash(other)


def test_genesis_has_a_plain_hash() -> None:
    """Block 0 is hashed as it stands."""
    encoded = replace(PARTS, number=0, extra=EXTRA.encode(round=5)).encode()

    assert qbft_block_hash(parse_header(encoded)) == keccak256(encoded)


def test_one_seal_short_is_refused() -> None:
    """Two of four are not two thirds."""
    with pytest.raises(AnchorError, match="2 seals, 3 needed") as caught:
        finality(qbft_header(PARTS, EXTRA, MEMBERS[:2]))

    assert caught.value.stable_code == "verification.not_final"


def test_doubled_seal_is_refused() -> None:
    """One validator does not count twice."""
    with pytest.raises(AnchorError, match="stands twice") as caught:
        finality(qbft_header(PARTS, EXTRA, [*MEMBERS[:2], MEMBERS[1]]))

    assert caught.value.stable_code == "verification.seal_twice"


def test_stranger_is_refused() -> None:
    """A seal by a non-validator spoils the header, quorum or not."""
    with pytest.raises(AnchorError, match="is no validator") as caught:
        finality(qbft_header(PARTS, EXTRA, [*MEMBERS[:3], STRANGER]))

    assert caught.value.stable_code == "verification.not_a_validator"


def test_seals_of_another_round_are_refused() -> None:
    """The round is part of what is sealed."""
    sealed = parse_qbft_extra(parse_header(qbft_header(PARTS, EXTRA, MEMBERS[:3])).extra)
    moved = qbft_header(PARTS, replace(EXTRA, round=1), [])
    extra = replace(EXTRA, round=1, seals=sealed.seals).encode()

    with pytest.raises(AnchorError, match=r"no validator|no key"):
        finality(_with_extra(moved, extra))


def test_mutated_header_is_refused() -> None:
    """One changed field and the seals are nobody's."""
    good = parse_header(qbft_header(PARTS, EXTRA, MEMBERS[:3]))
    fields: list[Any] = list(good.fields)
    fields[3] = b"\x99" * 32

    with pytest.raises(AnchorError, match=r"no validator|no key"):
        finality(rlp.encode(fields))


def test_other_validators_in_the_header_are_refused() -> None:
    """A header that lists another set is of another chain, or of another time."""
    with pytest.raises(AnchorError, match="lists other validators") as caught:
        finality(qbft_header(PARTS, QbftParts(MEMBERS[:3]), MEMBERS[:3]))

    assert caught.value.stable_code == "verification.validator_list"


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 0},
        {"mix_hash": bytes(32)},
        {"ommers_hash": bytes(32)},
        {"difficulty": 2},
        {"beneficiary": STRANGER.address},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_fields_that_qbft_does_not_allow(changes: dict[str, Any]) -> None:
    """A properly sealed header with another field is still refused."""
    with pytest.raises(AnchorError, match=r"genesis|difficulty"):
        finality(qbft_header(PARTS, EXTRA, MEMBERS[:3], **changes))


GOOD: list[Any] = [bytes(32), list(ADDRESSES), [], b"", []]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, bytes(31)),
        (1, b""),
        (1, [b"\x01" * 19]),
        (2, b""),
        (2, [ADDRESSES[0]]),
        (2, [ADDRESSES[0], b"\x01"]),
        (2, [b"\x01" * 19, b"\xff"]),
        (2, [ADDRESSES[0], b"\xff", b""]),
        (3, []),
        (3, b"\x00"),
        (3, b"\x01" * 5),
        (4, b""),
        (4, [bytes(64)]),
    ],
)
def test_other_extra_data_is_refused(at: int, value: Any) -> None:
    """Each part has its form."""
    with pytest.raises(EncodingError, match=r"RLP|vote"):
        parse_qbft_extra(rlp.encode([*GOOD[:at], value, *GOOD[at + 1 :]]))


@pytest.mark.parametrize("parts", [GOOD[:4], [*GOOD, b""]])
def test_other_numbers_of_parts_are_refused(parts: list[Any]) -> None:
    """Five parts."""
    with pytest.raises(EncodingError, match="parts"):
        parse_qbft_extra(rlp.encode(parts))


def _with_extra(encoded: bytes, extra: bytes) -> bytes:
    fields: list[Any] = list(parse_header(encoded).fields)
    fields[12] = extra
    return rlp.encode(fields)
