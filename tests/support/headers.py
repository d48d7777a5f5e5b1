"""
Block headers sealed under test keys, as Clique and QBFT seal them.

Written from EIP-225 and Besu's codec with another RLP library; shares no code with the verifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import coincurve
import rlp

from tests.support.tries import keccak256

QBFT_MIX = b"ctical byzantine fault tolerance"
NO_OMMERS = keccak256(rlp.encode([]))


@dataclass(frozen=True)
class Sealer:
    """A validator's key."""

    key: coincurve.PrivateKey

    @property
    def address(self) -> bytes:
        return keccak256(self.key.public_key.format(compressed=False)[1:])[-20:]

    def seal(self, digest: bytes) -> bytes:
        return self.key.sign_recoverable(digest, hasher=None)


def sealers(count: int, salt: str = "") -> list[Sealer]:
    """Give validators in ascending order of their addresses."""
    made = [
        Sealer(coincurve.PrivateKey(keccak256(f"validator {salt}{number}".encode())))
        for number in range(count)
    ]
    return sorted(made, key=lambda sealer: sealer.address)


@dataclass(frozen=True)
class HeaderParts:
    """Fields of a London header; `later` holds those of later forks."""

    number: int = 100
    parent_hash: bytes = b"\x11" * 32
    ommers_hash: bytes = NO_OMMERS
    beneficiary: bytes = bytes(20)
    state_root: bytes = b"\x22" * 32
    difficulty: int = 1
    timestamp_s: int = 1_700_000_000
    extra: bytes = b""
    mix_hash: bytes = bytes(32)
    nonce: bytes = bytes(8)
    later: tuple[Any, ...] = (7,)

    def encode(self, **changes: Any) -> bytes:
        parts = replace(self, **changes)
        return rlp.encode(
            [
                *(parts.parent_hash, parts.ommers_hash, parts.beneficiary, parts.state_root),
                *(b"\x33" * 32, b"\x44" * 32, bytes(256)),
                *(parts.difficulty, parts.number, 30_000_000, 21_000, parts.timestamp_s),
                *(parts.extra, parts.mix_hash, parts.nonce, *parts.later),
            ]
        )


def clique_header(
    parts: HeaderParts, signer: Sealer, signers: Sequence[Sealer], *, listed: bytes = b""
) -> bytes:
    """Seal a header in the signer's turn or out of it."""
    in_turn = signers[parts.number % len(signers)] == signer
    ready = replace(parts, difficulty=2 if in_turn else 1, extra=bytes(32) + listed)
    return seal_clique(ready, signer)


def seal_clique(parts: HeaderParts, signer: Sealer) -> bytes:
    """Seal a header as it is; its extra data must be vanity and signer list."""
    seal = signer.seal(keccak256(parts.encode()))
    return parts.encode(extra=parts.extra + seal)


def clique_chain(
    first: HeaderParts, signers: Sequence[Sealer], length: int, order: Sequence[int] = ()
) -> list[bytes]:
    """Seal `length` headers in a row, each by the one whose turn it is or by `order`."""
    chain: list[bytes] = []
    for step in range(length):
        number = first.number + step
        turn = order[step] if order else number % len(signers)
        parts = replace(
            first,
            number=number,
            timestamp_s=first.timestamp_s + 5 * step,
            parent_hash=keccak256(chain[-1]) if chain else first.parent_hash,
        )
        chain.append(clique_header(parts, signers[turn], signers))
    return chain


@dataclass(frozen=True)
class QbftParts:
    """The extra data of a QBFT header."""

    validators: Sequence[Sealer]
    vote: Sequence[bytes] = ()
    round: int = 0
    vanity: bytes = bytes(32)
    seals: Sequence[bytes] = field(default_factory=tuple)

    def encode(self, **changes: Any) -> bytes:
        parts = replace(self, **changes)
        validators = [sealer.address for sealer in parts.validators]
        return rlp.encode(
            [parts.vanity, validators, list(parts.vote), parts.round, list(parts.seals)]
        )


def qbft_header(
    parts: HeaderParts, extra: QbftParts, committers: Sequence[Sealer], **changes: Any
) -> bytes:
    """Seal a header by some validators; `changes` are made to it before that."""
    ready = replace(
        parts,
        mix_hash=QBFT_MIX,
        difficulty=1,
        beneficiary=extra.validators[0].address if extra.validators else parts.beneficiary,
        extra=extra.encode(seals=()),
    )
    ready = replace(ready, **changes)
    digest = keccak256(ready.encode())
    seals = [committer.seal(digest) for committer in committers]
    return ready.encode(extra=extra.encode(seals=seals))
