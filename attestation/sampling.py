"""
The drawing of a sample that nobody could choose: nonces, seed, and the numbers that follow from it.

Parties commit to nonces, a plan is frozen, and a later block's hash and the revealed nonces make
the seed. From the seed alone everybody draws the same items, on any machine.

Source: CONTRACTS section 5; RFC 2104 (HMAC); `docs/formats/sampling.md`;
`contracts/interfaces/ISamplingDraw.sol`.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, ZERO_HASH, keccak256

DRAW_VERSION: Final = 1
PARTIES: Final = 3
"""Verifier, enterprise, provincial authority; in this order everywhere."""
MAX_NUMBER: Final = 1 << 64
_SEED_PREFIX: Final = b"carbonseal/draw/v1"
_STREAM_PREFIX: Final = b"carbonseal/sample/v1"
_NONCE_TYPEHASH: Final = keccak256(
    b"DrawNonce(bytes32 inventoryId,uint32 version,uint32 draw,bytes32 party,bytes32 nonce)"
)
_NUMBER_LENGTH: Final = 8


def commit_nonce(
    inventory_id: bytes, version: int, draw: int, *, party: bytes, nonce: bytes
) -> bytes:
    """
    Give what a party signs before the draw, 32 bytes.

    Args:
        inventory_id: 32 bytes.
        version: Version of the inventory whose sample is drawn.
        draw: Number of the draw for that version, from 1 on.
        party: Party id, 32 bytes.
        nonce: 32 random bytes, kept secret until the block of the draw is final.

    Raises:
        EncodingError: If one has another length, or the nonce is zero.
    """
    if nonce == ZERO_HASH:
        raise _refusal("a nonce of zero is none")
    numbers = (version.to_bytes(HASH_LENGTH, "big"), draw.to_bytes(HASH_LENGTH, "big"))
    words = (_word(inventory_id), *numbers, _word(party), _word(nonce))
    return keccak256(_NONCE_TYPEHASH + b"".join(words))


def draw_seed(
    inventory_id: bytes,
    *,
    plan_hash: bytes,
    population_root: bytes,
    nonces: Sequence[bytes | None],
    block_hash: bytes,
) -> bytes:
    """
    Give the seed of a draw, 32 bytes.

    Args:
        inventory_id: 32 bytes.
        plan_hash: SHA-256 of the plan's document.
        population_root: Root of the checkpoint that was pinned for the version.
        nonces: Those of verifier, enterprise and authority; None for one that was not revealed.
        block_hash: Of the block of the draw.

    Raises:
        EncodingError: If one has another length, or there are not three nonces.
    """
    if len(nonces) != PARTIES:
        raise _refusal(f"{len(nonces)} nonces, {PARTIES} expected")
    words = (inventory_id, plan_hash, population_root, *(each or ZERO_HASH for each in nonces))
    content = b"".join(_word(each) for each in (*words, block_hash))
    return hashlib.sha256(_SEED_PREFIX + content).digest()


class DrawStream:
    """
    Numbers that follow from a seed, for one stratum of a plan.

    Args:
        seed: 32 bytes.
        stratum: Name of the stratum; each has numbers of its own.

    Source: RFC 2104 (HMAC-SHA-256), in counter mode.
    """

    def __init__(self, seed: bytes, stratum: str) -> None:
        name = stratum.encode()
        self._key = _word(seed)
        self._prefix = _STREAM_PREFIX + len(name).to_bytes(_NUMBER_LENGTH, "big") + name
        self._counter = 0

    def below(self, limit: int) -> int:
        """
        Give the next number, each from 0 to below a limit being equally likely.

        Raises:
            EncodingError: If the limit is not from 1 to 2**64.
        """
        if not 1 <= limit <= MAX_NUMBER:
            raise _refusal(f"no number is drawn below {limit}")
        # What lies above the greatest multiple would come up more often: it is drawn again.
        fair = MAX_NUMBER - MAX_NUMBER % limit
        while (number := self._next()) >= fair:
            pass
        return number % limit

    def _next(self) -> int:
        message = self._prefix + self._counter.to_bytes(_NUMBER_LENGTH, "big")
        self._counter += 1
        block = hmac.digest(self._key, message, "sha256")
        return int.from_bytes(block[:_NUMBER_LENGTH], "big")


def draw_places(seed: bytes, stratum: str, *, population: int, size: int) -> tuple[int, ...]:
    """
    Draw places of a population, each once, in the order in which they come up.

    A larger sample begins with the smaller one.

    Args:
        seed: 32 bytes.
        stratum: Name of the stratum.
        population: How many items there are; places count from 0.
        size: How many to draw; all of them if there are no more.

    Raises:
        EncodingError: If a number is negative, or the population exceeds 2**64.

    Source: D. E. Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm P.
    """
    if population < 0 or size < 0:
        raise _refusal("a negative number of items")
    stream = DrawStream(seed, stratum)
    moved: dict[int, int] = {}
    drawn: list[int] = []
    for place in range(min(size, population)):
        other = place + stream.below(population - place)
        drawn.append(moved.get(other, other))
        moved[other] = moved.get(place, place)
    return tuple(drawn)


def draw_by_amount(
    seed: bytes, stratum: str, *, amounts: Sequence[int], size: int
) -> tuple[int, ...]:
    """
    Draw places so that an item's chance is in proportion to its amount.

    Single units of the whole amount are drawn; an item that has several of them is named once.

    Args:
        seed: 32 bytes.
        stratum: Name of the stratum.
        amounts: One for each place, none negative.
        size: How many units to draw.

    Raises:
        EncodingError: If an amount is negative, or their sum is 0 or exceeds 2**64.

    Source: ISO 14064-3, monetary unit sampling.
    """
    if any(amount < 0 for amount in amounts):
        raise _refusal("a negative amount")
    ends = list(accumulate(amounts))
    whole = ends[-1] if ends else 0
    stream = DrawStream(seed, stratum)
    units = (stream.below(whole) for _ in range(size))
    return tuple(dict.fromkeys(bisect_right(ends, unit) for unit in units))


def _word(content: bytes) -> bytes:
    if len(content) != HASH_LENGTH:
        raise _refusal(f"{len(content)} bytes, {HASH_LENGTH} expected")
    return content


def _refusal(message: str) -> EncodingError:
    return EncodingError(message, code="encoding.sampling")
