"""
The trust root: what a verifier believes before it has seen any evidence.

Logs and their keys, witnesses and their quorum, the roots of device certificates, and the chain:
its genesis, registries, validators and rule of finality. It is never part of the evidence; its
SHA-256 is its name, to be compared in print.

Source: FORMATS section 8; `docs/formats/trust-root.md`; RFC 8785.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, TypeVar

from attestation.body_fields import read_body, write_body
from attestation.canonical import canonical_json, parse_canonical
from attestation.errors import EncodingError
from attestation.evm.seals import ValidatorSet
from attestation.trust_fields import (
    FORMAT,
    OPTIONAL_CONTRACTS,
    VERSION,
    ChainEntry,
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    GroupEntry,
    Registry,
    TrustDocument,
    TrustedLog,
    ValidatorsEntry,
    WitnessEntry,
    refusal,
)
from attestation.witness_policy import Group, WitnessPolicy

__all__ = [
    "Consensus",
    "Contract",
    "Finality",
    "FinalityRule",
    "Registry",
    "TrustRoot",
    "TrustedChain",
    "TrustedLog",
    "ValidatorSet",
    "format_trust_root",
    "make_trust_root",
    "parse_trust_root",
]

MAX_LENGTH: Final = 4 << 20
"""Bytes; a hundred enterprises' logs take a hundredth of it."""


@dataclass(frozen=True, slots=True)
class TrustedChain:
    """
    The chain that anchors: what makes a block final, and which contracts speak.

    Raises:
        EncodingError: If consensus, finality and validators do not fit each other, or no
            registry of a kind is named.
    """

    chain_id: str
    """CAIP-2, `eip155:<number>`."""
    genesis_hash: bytes
    """32 bytes; compared with the verifier's own node."""
    consensus: Consensus
    finality: Finality
    registries: tuple[Registry, ...]
    """Ascending by `from_block`."""
    validators: tuple[ValidatorSet, ...] = ()
    """Ascending by `from_block`; none where seals are not checked."""

    def __post_init__(self) -> None:
        _require_ascending([each.from_block for each in self.validators])
        for contract in Contract:
            blocks = [each.from_block for each in self.registries if each.contract is contract]
            if not blocks and contract not in OPTIONAL_CONTRACTS:
                raise refusal(f"no {contract.name.lower()} is named")
            _require_ascending(blocks)
        if (self.consensus is Consensus.NONE) == bool(self.validators):
            raise refusal("validators stand with a consensus that is checked, and with no other")
        expected = {Consensus.CLIQUE: FinalityRule.DEPTH, Consensus.QBFT: FinalityRule.INSTANT}
        if self.finality.rule is not expected.get(self.consensus, self.finality.rule):
            raise refusal("a rule of finality that the consensus has not")

    def registry_at(self, contract: Contract, number: int) -> Registry | None:
        """Give the registry in force at block `number`; None before the first."""
        known = [
            each
            for each in self.registries
            if each.contract is contract and each.from_block <= number
        ]
        return known[-1] if known else None


@dataclass(frozen=True)
class TrustRoot:
    """
    What a verifier believes, in one value.

    Raises:
        EncodingError: If an origin stands twice.
    """

    logs: tuple[TrustedLog, ...]
    witness_policy: WitnessPolicy
    """Its logs are those of `logs`."""
    platform_roots: tuple[bytes, ...]
    """SHA-256 of the DER certificates that device authorities descend from, 32 bytes each."""
    chain: TrustedChain | None = None

    def __post_init__(self) -> None:
        if len({log.origin for log in self.logs}) != len(self.logs):
            raise refusal("an origin stands twice")

    def log(self, origin: str) -> TrustedLog | None:
        """Give the log with this origin; None where the trust root does not name it."""
        return self._by_origin.get(origin)

    @cached_property
    def name(self) -> str:
        """SHA-256 of the canonical bytes, 64 hexadecimal digits: to be compared in print."""
        return sha256(format_trust_root(self)).hexdigest()

    @cached_property
    def _by_origin(self) -> dict[str, TrustedLog]:
        return {log.origin: log for log in self.logs}


def make_trust_root(
    logs: Sequence[TrustedLog],
    platform_roots: Sequence[bytes],
    *,
    chain: TrustedChain | None = None,
    witnesses: WitnessPolicy | None = None,
) -> TrustRoot:
    """
    Make a trust root of its parts.

    Args:
        logs: At least one.
        platform_roots: SHA-256 of root certificates, 32 bytes each.
        chain: None where nothing is anchored.
        witnesses: Witnesses and quorum; its logs are replaced by `logs`. None asks for none.

    Raises:
        EncodingError: If the parts do not fit each other.

    Source: `docs/formats/trust-root.md`.
    """
    asked = witnesses or WitnessPolicy((), {}, {}, "none")
    policy = WitnessPolicy(
        tuple(log.vkey for log in logs), asked.witnesses, asked.groups, asked.quorum
    )
    return TrustRoot(tuple(logs), policy, tuple(platform_roots), chain)


def parse_trust_root(encoded: bytes) -> TrustRoot:
    """
    Read a trust root from its canonical JSON.

    Args:
        encoded: From the user; its name should be compared with one from elsewhere.

    Raises:
        EncodingError: If it is not canonical, has another form, or its parts do not fit.
        SignatureError: If a key is not acceptable.

    Source: `docs/formats/trust-root.md`.
    """
    if len(encoded) > MAX_LENGTH:
        raise refusal(f"a trust root of {len(encoded)} bytes")
    document = _renamed(lambda: read_body(TrustDocument, parse_canonical(encoded)))
    if document.format != FORMAT:
        raise refusal(f"the format is {document.format!r}, {FORMAT!r} expected")
    policy = WitnessPolicy(
        tuple(log.vkey for log in document.logs),
        _by_name(document.witnesses, lambda each: each.vkey),
        _by_name(document.groups, lambda each: Group(each.threshold, each.members)),
        document.quorum,
    )
    chain = None if document.chain is None else _read_chain(document.chain)
    return TrustRoot(document.logs, policy, document.platform_roots, chain)


def format_trust_root(root: TrustRoot) -> bytes:
    """
    Write a trust root as canonical JSON.

    Raises:
        EncodingError: If a value would not be read back.

    Source: `docs/formats/trust-root.md`; RFC 8785.
    """
    policy = root.witness_policy
    document = TrustDocument(
        FORMAT,
        VERSION,
        root.logs,
        tuple(WitnessEntry(name, vkey) for name, vkey in policy.witnesses.items()),
        tuple(
            GroupEntry(name, each.threshold, each.members) for name, each in policy.groups.items()
        ),
        policy.quorum,
        root.platform_roots,
        None if root.chain is None else _write_chain(root.chain),
    )
    return _renamed(lambda: canonical_json(write_body(document)))


def _read_chain(chain: ChainEntry) -> TrustedChain:
    return TrustedChain(
        chain.id,
        chain.genesis,
        chain.consensus,
        chain.finality,
        chain.registries,
        tuple(ValidatorSet(each.from_block, each.addresses) for each in chain.validators),
    )


def _write_chain(chain: TrustedChain) -> ChainEntry:
    return ChainEntry(
        chain.chain_id,
        chain.genesis_hash,
        chain.consensus,
        chain.finality,
        chain.registries,
        tuple(ValidatorsEntry(each.from_block, each.addresses) for each in chain.validators),
    )


_Result = TypeVar("_Result")


def _renamed(make: Callable[[], _Result]) -> _Result:
    """Name what is wrong with the form of a field as a trust root's defect."""
    try:
        return make()
    except EncodingError as error:
        raise refusal(f"trust root: {error.message}") from error


def _by_name(parts: Sequence[Any], value: Callable[[Any], _Result]) -> dict[str, _Result]:
    named = {each.name: value(each) for each in parts}
    if len(named) != len(parts):
        raise refusal("a name stands twice")
    return named


def _require_ascending(blocks: Sequence[int]) -> None:
    if list(blocks) != sorted(set(blocks)):
        raise refusal("blocks from which something holds must ascend")
