"""Seals and validator sets."""

from __future__ import annotations

import pytest

from attestation.errors import AnchorError, EncodingError
from attestation.evm.seals import ValidatorSet, recover_sealer, validators_at
from tests.support.headers import sealers

SEALER, OTHER = sealers(2)
DIGEST = b"\x01" * 32
SEAL = SEALER.seal(DIGEST)


def test_sealer_is_recovered() -> None:
    """The address is the one whose key sealed."""
    assert recover_sealer(DIGEST, SEAL) == SEALER.address


def test_other_digest_gives_another_address() -> None:
    """A seal over something else belongs to nobody known."""
    assert recover_sealer(b"\x02" * 32, SEAL) not in (SEALER.address, OTHER.address)


@pytest.mark.parametrize(
    "seal",
    [
        b"",
        SEAL[:-1],
        SEAL + b"\x00",
        SEAL[:-1] + bytes((SEAL[-1] + 27,)),
        bytes(65),
        b"\xff" * 64 + b"\x00",
        bytes(32) + SEAL[32:],
    ],
)
def test_other_seals_are_refused(seal: bytes) -> None:
    """65 bytes, a recovery id of 0 or 1, and numbers that some key made."""
    with pytest.raises(AnchorError, match="seal"):
        recover_sealer(DIGEST, seal)


def test_set_in_force_is_chosen() -> None:
    """The newest set at or before the block counts."""
    first = ValidatorSet(10, (SEALER.address,))
    second = ValidatorSet(20, (SEALER.address, OTHER.address))

    assert validators_at([first, second], 19) == first.addresses
    assert validators_at([first, second], 20) == second.addresses


def test_block_before_the_first_set_is_refused() -> None:
    """Nothing is known of older blocks."""
    with pytest.raises(AnchorError, match="no validator set") as caught:
        validators_at([ValidatorSet(10, (SEALER.address,))], 9)

    assert caught.value.stable_code == "verification.validators_unknown"


@pytest.mark.parametrize(
    ("from_block", "addresses"),
    [
        (0, ()),
        (0, (b"\x01" * 19,)),
        (0, (b"\x02" * 20, b"\x01" * 20)),
        (0, (b"\x01" * 20, b"\x01" * 20)),
        (-1, (b"\x01" * 20,)),
    ],
)
def test_other_sets_are_refused(from_block: int, addresses: tuple[bytes, ...]) -> None:
    """A set is not empty, ascending, and names nobody twice."""
    with pytest.raises(EncodingError, match="validator set"):
        ValidatorSet(from_block, addresses)
