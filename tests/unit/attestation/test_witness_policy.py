"""Witness policies: their file, and when a quorum is made."""

from __future__ import annotations

import pytest

from attestation.cosignatures import Cosigner
from attestation.errors import CheckpointError, EncodingError
from attestation.keys import SoftwareKey
from attestation.notes import NoteSigner, NoteVerifier
from attestation.witness_policy import (
    Group,
    WitnessPolicy,
    format_witness_policy,
    parse_witness_policy,
)

LOG = NoteSigner.from_seed("log.example/one", b"l" * 32).verifier
NAMES = ("X1", "X2", "X3", "Y1", "Y2")
WITNESSES = {
    name: Cosigner(f"witness.example/{name}", SoftwareKey.from_seed(name.encode() * 16)).verifier
    for name in NAMES
}
TWO_LEVELS = "\n".join(
    [
        "# two organisations",
        f"log {LOG.vkey} https://log.example/one",
        *(f"\twitness {name}  {WITNESSES[name].vkey} " for name in NAMES),
        "group X 2 X1 X2 X3",
        "group Y any Y1 Y2",
        "",
        "group both all X Y",
        "quorum both",
        "",
    ]
)


def witness(name: str, key: str | None = None) -> str:
    return f"witness {name} {WITNESSES[key or name].vkey}\n"


def signed_by(*names: str) -> list[NoteVerifier]:
    return [WITNESSES[name] for name in names]


@pytest.mark.parametrize("names", [("X1", "X2", "Y1"), ("X1", "X3", "Y2"), NAMES])
def test_quorum_is_made(names: tuple[str, ...]) -> None:
    """Two of the first organisation and one of the second suffice."""
    parse_witness_policy(TWO_LEVELS).require_quorum(signed_by(*names))


@pytest.mark.parametrize("names", [(), ("X1", "Y1"), ("X1", "X2", "X3"), ("X1", "Y1", "Y2")])
def test_quorum_is_not_made(names: tuple[str, ...]) -> None:
    """One short in either organisation and there is no quorum."""
    with pytest.raises(CheckpointError, match="quorum 'both'") as caught:
        parse_witness_policy(TWO_LEVELS).require_quorum(signed_by(*names))

    assert caught.value.stable_code == "verification.quorum"


def test_single_witness_may_be_the_quorum() -> None:
    """A quorum may name a witness."""
    policy = parse_witness_policy(f"witness X1 {WITNESSES['X1'].vkey}\nquorum X1\n")
    policy.require_quorum(signed_by("X1"))

    with pytest.raises(CheckpointError, match="quorum 'X1'"):
        policy.require_quorum([])


def test_group_of_all_that_is_defined() -> None:
    """A group may have every witness as a member."""
    policy = parse_witness_policy(witness("X1") + witness("X2") + "group G all X1 X2\nquorum G\n")
    policy.require_quorum(signed_by("X1", "X2"))

    with pytest.raises(CheckpointError, match="quorum 'G'"):
        policy.require_quorum(signed_by("X2"))


def test_no_quorum_asks_for_nothing() -> None:
    """`quorum none` holds without any cosignature."""
    policy = parse_witness_policy("quorum none")
    policy.require_quorum([])

    assert not policy.requires_witnesses


def test_same_key_under_another_name_does_not_count() -> None:
    """A cosignature counts for the verifier it was checked with."""
    policy = parse_witness_policy(f"witness X1 {WITNESSES['X1'].vkey}\nquorum X1\n")

    with pytest.raises(CheckpointError, match="quorum"):
        policy.require_quorum(signed_by("X2"))


def test_round_trip() -> None:
    """A policy is read as it was written."""
    policy = parse_witness_policy(TWO_LEVELS)

    assert parse_witness_policy(format_witness_policy(policy)) == policy


BAD = {
    "no quorum": witness("X1"),
    "two quorums": "quorum none\nquorum none\n",
    "unknown quorum": witness("X1") + "quorum X2\n",
    "quorum before its witness": "quorum X1\n" + witness("X1"),
    "unknown line": "monitor X1\nquorum none\n",
    "quorum of two names": witness("X1") + witness("X2") + "quorum X1 X2\n",
    "log without a key": "log\nquorum none\n",
    "no verification key": "log example\nquorum none\n",
    "witness key as a log": f"log {WITNESSES['X1'].vkey}\nquorum none\n",
    "log key as a witness": f"witness X1 {LOG.vkey}\nquorum none\n",
    "log twice": f"log {LOG.vkey}\nlog {LOG.vkey}\nquorum none\n",
    "witness key twice": witness("X1") + witness("X2", "X1") + "quorum none\n",
    "witness name twice": witness("X1") + witness("X1", "X2") + "quorum none\n",
    "group named as a witness": witness("X1") + "group X1 any X1\nquorum none\n",
    "witness named as a group": witness("X1")
    + "group G any X1\n"
    + witness("G", "X2")
    + "quorum G\n",
    "group twice": witness("X1") + witness("X2") + "group G any X1\ngroup G any X2\nquorum G\n",
    "group without members": witness("X1") + "group G any\nquorum none\n",
    "group of unknown": witness("X1") + "group G any X2\nquorum none\n",
    "group before its member": "group G any X1\n" + witness("X1") + "quorum G\n",
    "member twice": witness("X1") + "group G 1 X1 X1\nquorum G\n",
    "member of two groups": witness("X1") + "group G any X1\ngroup H any X1\nquorum H\n",
    "threshold 0": witness("X1") + "group G 0 X1\nquorum G\n",
    "threshold above": witness("X1") + "group G 2 X1\nquorum G\n",
    "threshold in words": witness("X1") + "group G most X1\nquorum G\n",
    "none as a name": witness("none", "X1") + "quorum none\n",
    "none as a group": witness("X1") + "group none any X1\nquorum none\n",
    "none as a member": witness("X1") + "group G any none\nquorum G\n",
    "carriage return": "quorum none\r\n",
}


@pytest.mark.parametrize("damage", BAD)
def test_other_policies_are_refused(damage: str) -> None:
    """A policy that means nothing, or lets somebody count twice, is refused."""
    with pytest.raises(
        EncodingError, match=r"polic|quorum|group|key|name|defined|threshold"
    ) as caught:
        parse_witness_policy(BAD[damage])

    assert caught.value.stable_code.startswith("encoding.")


@pytest.mark.parametrize(
    ("groups", "quorum"),
    [
        ({"G": Group(1, ("H",)), "H": Group(1, ("X1",))}, "G"),
        ({"X1": Group(1, ("X1",))}, "X1"),
        ({}, "X2"),
    ],
)
def test_policy_from_parts_is_checked_too(groups: dict[str, Group], quorum: str) -> None:
    """A policy from a trust root obeys the same rules as one from a file."""
    with pytest.raises(EncodingError, match="defined"):
        WitnessPolicy((), {"X1": WITNESSES["X1"]}, groups, quorum)
