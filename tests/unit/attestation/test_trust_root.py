"""Trust roots: one canonical file, whose hash is its name, and parts that fit each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from attestation.canonical import canonical_json
from attestation.cosignatures import Cosigner
from attestation.errors import EncodingError, Error
from attestation.evm.seals import ValidatorSet
from attestation.keys import SoftwareKey
from attestation.notes import NoteSigner
from attestation.trust_root import (
    Consensus,
    Contract,
    Finality,
    FinalityRule,
    TrustedChain,
    TrustedLog,
    TrustRoot,
    format_trust_root,
    make_trust_root,
    parse_trust_root,
)
from attestation.witness_policy import WitnessPolicy
from tests.support.evidence import (
    CHECKPOINT_REGISTRY,
    ORIGIN,
    OTHER_ORIGIN,
    small_world,
)
from tests.support.tries import keccak256

WORLD = small_world()
ROOT = WORLD.trust_root()
ENCODED = format_trust_root(ROOT)
CHAIN = WORLD.trusted_chain()


@pytest.mark.parametrize("consensus", list(Consensus))
def test_round_trip(consensus: Consensus) -> None:
    """A trust root is read as it was written, for any consensus."""
    root = small_world(consensus=consensus).trust_root()

    assert parse_trust_root(format_trust_root(root)) == root


def test_smallest_trust_root() -> None:
    """A log and a root of certificates are enough; the rest asks for nothing."""
    root = make_trust_root(ROOT.logs, ROOT.platform_roots)

    assert parse_trust_root(format_trust_root(root)) == root
    assert root.chain is None
    assert not root.witness_policy.requires_witnesses


def test_name_is_the_hash_of_the_file() -> None:
    """What is printed and compared is SHA-256 of the canonical bytes."""
    assert ROOT.name == sha256(ENCODED).hexdigest() == parse_trust_root(ENCODED).name


def test_log_is_found_by_its_origin() -> None:
    """A log that is not named is not found."""
    assert ROOT.log(ORIGIN) == ROOT.logs[0]
    assert ROOT.log(OTHER_ORIGIN) is None


def test_registry_in_force_at_a_block() -> None:
    """Before the first block of a registry there is none; later ones take over."""
    first = replace(CHAIN.registries[0], from_block=10)
    second = replace(first, address=b"\x02" * 20, from_block=20)
    chain = replace(CHAIN, registries=(first, second, CHAIN.registries[1]))

    found = [chain.registry_at(Contract.CHECKPOINT_REGISTRY, block) for block in (9, 10, 19, 20)]

    assert found == [None, first, first, second]


def change(path: str, value: Any) -> bytes:
    document = json.loads(ENCODED)
    *parents, last = path.split(".")
    target = document
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target[name]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return canonical_json(document)


WITNESS = {"name": "w1", "vkey": WORLD.witnesses["w1"].verifier.vkey}
DAMAGED: dict[str, tuple[str, Any]] = {
    "another format": ("format", "tlog-policy"),
    "another version": ("version", 2),
    "unknown name": ("note", "x"),
    "no logs": ("logs", []),
    "log twice": ("logs", [json.loads(ENCODED)["logs"][0]] * 2),
    "origin of another form": ("logs.0.origin", "log.example"),
    "key under another name": ("logs.0.vkey", NoteSigner.from_seed("x", b"l" * 32).verifier.vkey),
    "key is no text": ("logs.0.vkey", 5),
    "key of a witness": (
        "logs.0.vkey",
        Cosigner(ORIGIN, SoftwareKey.from_seed(b"l" * 32)).verifier.vkey,
    ),
    "another log id": ("logs.0.log_id", "0x" + "00" * 32),
    "quorum of nobody": ("quorum", "everybody"),
    "witness twice": ("witnesses", [WITNESS, WITNESS]),
    "witness with a log's key": ("witnesses.0.vkey", WORLD.log_key.verifier.vkey),
    "group of strangers": ("groups.0.members", ["w9"]),
    "threshold of none": ("groups.0.threshold", 0),
    "no platform root": ("platform_roots", []),
    "platform root too short": ("platform_roots", ["00"]),
    "chain of another kind": ("chain.id", "bip122:1"),
    "unknown consensus": ("chain.consensus", "raft"),
    "consensus without validators": ("chain.validators", []),
    "validators without consensus": ("chain.consensus", "none"),
    "validators out of order": (
        "chain.validators.0.addresses",
        ["0x" + "02" * 20, "0x" + "01" * 20],
    ),
    "finality of another consensus": ("chain.finality", {"rule": "depth", "depth": 3}),
    "depth without its rule": ("chain.finality", {"rule": "instant", "depth": 3}),
    "rule without a depth": ("chain.finality", {"rule": "depth"}),
    "one registry missing": ("chain.registries.1.contract", "checkpoint-registry"),
    "unknown contract": ("chain.registries.1.contract", "factor-book"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_other_forms_are_refused(name: str) -> None:
    """Names, kinds and what parts say of each other are checked."""
    with pytest.raises(EncodingError, match=r".") as caught:
        parse_trust_root(change(*DAMAGED[name]))

    assert caught.value.stable_code.startswith("encoding.")


@pytest.mark.parametrize(
    "encoded", [b"", b"{}", ENCODED + b"\n", b" " * (5 << 20), b"\xff"], ids=range(5)
)
def test_other_texts_are_refused(encoded: bytes) -> None:
    """Only the canonical text of a trust root is one."""
    with pytest.raises(EncodingError, match="trust root"):
        parse_trust_root(encoded)


def test_unacceptable_key_is_refused() -> None:
    """A key of small order is no log's key."""
    key = "AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    with pytest.raises(Error, match=r"small order|key id"):
        parse_trust_root(change("logs.0.vkey", f"{ORIGIN}+00000000+{key}"))


def two_logs() -> TrustRoot:
    """Name one origin twice, with two keys."""
    other = replace(ROOT.logs[0], vkey=NoteSigner.from_seed(ORIGIN, b"k" * 32).verifier)
    return make_trust_root([*ROOT.logs, other], ROOT.platform_roots)


IMPOSSIBLE: dict[str, Callable[[], object]] = {
    "log twice": two_logs,
    "log id": lambda: TrustedLog(ORIGIN, WORLD.log_key.verifier, b"\x00" * 32),
    "log key": lambda: TrustedLog(
        OTHER_ORIGIN, WORLD.log_key.verifier, keccak256(OTHER_ORIGIN.encode())
    ),
    "depth": lambda: Finality(FinalityRule.INSTANT, 1),
    "registries": lambda: replace(CHAIN, registries=CHAIN.registries[:1]),
    "registries' order": lambda: replace(
        CHAIN, registries=(CHAIN.registries[0], *CHAIN.registries)
    ),
    "validators": lambda: replace(CHAIN, validators=()),
    "validators' order": lambda: replace(CHAIN, validators=CHAIN.validators * 2),
    "rule": lambda: replace(CHAIN, finality=Finality(FinalityRule.FINALIZED)),
    "clique without a depth": lambda: TrustedChain(
        CHAIN.chain_id,
        CHAIN.genesis_hash,
        Consensus.CLIQUE,
        Finality(FinalityRule.INSTANT),
        CHAIN.registries,
        (ValidatorSet(0, (CHECKPOINT_REGISTRY,)),),
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_parts_that_do_not_fit_are_refused(name: str) -> None:
    """A trust root made in code obeys the same rules as one from a file."""
    with pytest.raises(EncodingError, match=r".") as caught:
        IMPOSSIBLE[name]()

    assert caught.value.stable_code == "encoding.trust_root"


def test_policy_takes_its_logs_from_the_trust_root() -> None:
    """Logs of a witness policy are replaced by the trust root's own."""
    stranger = NoteSigner.from_seed("log.example/stranger", b"q" * 32).verifier
    policy = WitnessPolicy((stranger,), {}, {}, "none")

    assert make_trust_root(
        ROOT.logs, ROOT.platform_roots, witnesses=policy
    ).witness_policy.logs == (ROOT.logs[0].vkey,)
