"""
The form of a trust root's file: which names stand where, and what each may be.

Source: `docs/formats/trust-root.md`; CAIP-2; C2SP signed-note (vkey), tlog-policy (groups).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from attestation.body_fields import (
    HASH,
    ORIGIN,
    Kind,
    body_of,
    integer,
    list_of,
    optional,
    stated,
    text,
    word_of,
)
from attestation.canonical import Json
from attestation.encodings import format_hex, parse_hex
from attestation.errors import EncodingError
from attestation.evm.header import ADDRESS_LENGTH
from attestation.ids import HASH_LENGTH, keccak256
from attestation.notes import NoteAlgorithm, NoteVerifier, parse_vkey

FORMAT: Final = "carbonseal-trust-root"
VERSION: Final = 1

_CAIP2 = re.compile(r"eip155:[1-9][0-9]{0,19}")


class Consensus(IntEnum):
    """How blocks of the chain show who sealed them."""

    NONE = 0
    """They don't, or not in a way that is checked here: a node must be asked."""
    CLIQUE = 1
    QBFT = 2


class FinalityRule(IntEnum):
    """When a block counts as final."""

    INSTANT = 0
    """As soon as it is sealed (QBFT, IBFT)."""
    DEPTH = 1
    """When `depth` blocks follow it (Clique)."""
    FINALIZED = 2
    """When the node's `finalized` block is at or after it."""


class Contract(IntEnum):
    """Contracts whose storage is evidence."""

    CHECKPOINT_REGISTRY = 0
    DEVICE_REGISTRY = 1
    INVENTORY_REGISTRY = 2
    """Needed for reports and lines of inventories; a trust root may be without it."""
    PARTY_REGISTRY = 3
    """Needed to sign acts about parties; a trust root may be without it."""
    CREDENTIALS = 4
    """Needed to sign acts about credentials; a trust root may be without it."""
    SAMPLING_DRAW = 5
    """Needed to take part in the draw of a sample; a trust root may be without it."""


OPTIONAL_CONTRACTS: Final = frozenset(
    (
        Contract.INVENTORY_REGISTRY,
        Contract.PARTY_REGISTRY,
        Contract.CREDENTIALS,
        Contract.SAMPLING_DRAW,
    )
)
"""What a trust root may be without."""


def hexadecimal(length: int | None = None) -> Kind:
    """Give the kind of byte strings written as `0x` and hexadecimal, as chains write them."""

    def parse(content: Json) -> bytes:
        if not isinstance(content, str):
            raise EncodingError("not a text", code="encoding.trust_root")
        return parse_hex(content, length=length)

    return Kind(parse, format_hex)


def _parse_key(content: Json) -> NoteVerifier:
    if not isinstance(content, str):
        raise EncodingError("not a verification key", code="encoding.trust_root")
    return parse_vkey(content)


def _parse_chain_id(content: Json) -> str:
    if not isinstance(content, str) or not _CAIP2.fullmatch(content):
        raise EncodingError("not an eip155 chain of CAIP-2", code="encoding.trust_root")
    return content


ADDRESS: Final = hexadecimal(ADDRESS_LENGTH)
HASH_0X: Final = hexadecimal(HASH_LENGTH)
CHAIN_ID: Final = Kind(_parse_chain_id, str)
_VKEY: Final = Kind(_parse_key, lambda verifier: verifier.vkey)
_WORD: Final = text(64)


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """One enterprise's log and its key."""

    origin: str = stated(ORIGIN)
    vkey: NoteVerifier = stated(_VKEY)  # noqa: RUF009 - a field
    log_id: bytes = stated(HASH_0X)
    """Keccak-256 of the origin, 32 bytes: its name on chain."""

    def __post_init__(self) -> None:
        if self.vkey.name != self.origin or self.vkey.algorithm is not NoteAlgorithm.ED25519:
            raise refusal(f"the key of {self.origin} is not under its name")
        if self.log_id != keccak256(self.origin.encode()):
            raise refusal(f"the log id of {self.origin} is not its origin's hash")


@dataclass(frozen=True, slots=True)
class WitnessEntry:
    """A witness's key under the name that groups use."""

    name: str = stated(_WORD)
    vkey: NoteVerifier = stated(_VKEY)  # noqa: RUF009 - a field


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """So many of these witnesses or groups (C2SP tlog-policy)."""

    name: str = stated(_WORD)
    threshold: int = stated(integer(1, 1000))
    members: tuple[str, ...] = stated(list_of(_WORD, least=1))


@dataclass(frozen=True, slots=True)
class Registry:
    """A contract in force from a block on, until the next of its kind."""

    contract: Contract = stated(word_of(Contract))  # noqa: RUF009 - a field
    address: bytes = stated(ADDRESS)
    code_hash: bytes = stated(HASH_0X)
    """Keccak-256 of the code at that address, 32 bytes."""
    from_block: int = stated(integer())


@dataclass(frozen=True, slots=True)
class Finality:
    """The chain's rule of finality."""

    rule: FinalityRule = stated(word_of(FinalityRule))  # noqa: RUF009 - a field
    depth: int = optional(integer(1, 1_000_000), 0)
    """Blocks that must follow, with rule `depth` only."""

    def __post_init__(self) -> None:
        if (self.depth > 0) != (self.rule is FinalityRule.DEPTH):
            raise refusal("a depth stands with the rule 'depth' and with no other")


@dataclass(frozen=True, slots=True)
class ValidatorsEntry:
    """Who may seal from a block on."""

    from_block: int = stated(integer())
    addresses: tuple[bytes, ...] = stated(list_of(ADDRESS, least=1))


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """The chain, as it stands in the file."""

    id: str = stated(CHAIN_ID)
    genesis: bytes = stated(HASH_0X)
    consensus: Consensus = stated(word_of(Consensus))  # noqa: RUF009 - a field
    finality: Finality = stated(body_of(Finality))  # noqa: RUF009 - a field
    registries: tuple[Registry, ...] = stated(list_of(body_of(Registry), least=2))
    validators: tuple[ValidatorsEntry, ...] = stated(list_of(body_of(ValidatorsEntry)))


@dataclass(frozen=True, slots=True)
class TrustDocument:
    """The whole file."""

    format: str = stated(_WORD)
    version: int = stated(integer(VERSION, VERSION))
    logs: tuple[TrustedLog, ...] = stated(list_of(body_of(TrustedLog), least=1, most=10_000))
    witnesses: tuple[WitnessEntry, ...] = stated(list_of(body_of(WitnessEntry)))
    groups: tuple[GroupEntry, ...] = stated(list_of(body_of(GroupEntry)))
    quorum: str = stated(_WORD)
    platform_roots: tuple[bytes, ...] = stated(list_of(HASH, least=1))
    chain: ChainEntry | None = optional(body_of(ChainEntry))  # noqa: RUF009 - a field


def refusal(message: str) -> EncodingError:
    """Give the error that says what is wrong with a trust root."""
    return EncodingError(message, code="encoding.trust_root")
