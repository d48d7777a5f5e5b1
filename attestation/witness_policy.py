"""
Which logs one knows, which witnesses, and how many of them must have cosigned.

A group counts as having cosigned when `k` of its members have; members are witnesses or groups
named before it, each a member at most once, so that nobody counts twice.

Source: C2SP tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from attestation.errors import CheckpointError, EncodingError
from attestation.notes import NoteAlgorithm, NoteVerifier, parse_vkey

NO_QUORUM: Final = "none"
"""Predefined: no cosignature is asked for."""

_FORBIDDEN = re.compile(r"[^\t\n\x20-\x7e\x80-\U0010ffff]")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_SPACE = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Group:
    """`threshold` of `members`, which are names of witnesses or of groups defined before."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """
    Known logs and witnesses, and the quorum.

    Raises:
        EncodingError: If a name is used twice or refers to nothing before it, a key stands twice,
            a key is of the wrong type, or a threshold can't be met.

    Source: C2SP tlog-policy.
    """

    logs: tuple[NoteVerifier, ...]
    witnesses: Mapping[str, NoteVerifier]
    """By name."""
    groups: Mapping[str, Group]
    """By name, in the order of definition."""
    quorum: str
    """Name of a witness or group, or `none`."""

    def __post_init__(self) -> None:
        _require_keys(self.logs, NoteAlgorithm.ED25519, "log")
        _require_keys(self.witnesses.values(), NoteAlgorithm.COSIGNATURE_V1, "witness")
        defined = set(self.witnesses)
        used: set[str] = set()
        if NO_QUORUM in defined or NO_QUORUM in self.groups:
            raise EncodingError("the name 'none' is taken", code="encoding.witness_policy")
        for name, group in self.groups.items():
            _require_group(name, group, defined, used)
            used.update(group.members)
            defined.add(name)
        if self.quorum != NO_QUORUM and self.quorum not in defined:
            raise EncodingError(
                f"the quorum {self.quorum!r} is not defined", code="encoding.witness_policy"
            )

    @property
    def requires_witnesses(self) -> bool:
        """False where the quorum is `none`."""
        return self.quorum != NO_QUORUM

    def require_quorum(self, cosigned: Collection[NoteVerifier]) -> None:
        """
        Require that the witnesses whose cosignatures were verified make the quorum.

        Args:
            cosigned: Keys whose signature on the one checkpoint was checked.

        Raises:
            CheckpointError: If they don't.

        Source: C2SP tlog-policy, defining the quorum.
        """
        if self.requires_witnesses and not self._holds(self.quorum, cosigned):
            raise CheckpointError(
                f"the cosignatures present do not make the quorum {self.quorum!r}",
                code="verification.quorum",
            )

    def _holds(self, name: str, cosigned: Collection[NoteVerifier]) -> bool:
        witness = self.witnesses.get(name)
        if witness is not None:
            return witness in cosigned
        group = self.groups[name]
        return sum(self._holds(member, cosigned) for member in group.members) >= group.threshold


def parse_witness_policy(text: str) -> WitnessPolicy:
    """
    Read a policy file: `log`, `witness`, `group` and `quorum` lines.

    Raises:
        EncodingError: If a line has another form, or the whole makes no policy.

    Source: C2SP tlog-policy, policy file syntax and structure.
    """
    if _FORBIDDEN.search(text):
        raise EncodingError("a policy file with control characters", code="encoding.witness_policy")
    logs: list[NoteVerifier] = []
    witnesses: dict[str, NoteVerifier] = {}
    groups: dict[str, Group] = {}
    quorum: str | None = None
    for line in text.split("\n"):
        words = _SPACE.split(line.strip(" \t"))
        match words:
            case [""]:
                continue
            case [first, *_] if first.startswith("#"):
                continue
            case ["log", vkey] | ["log", vkey, _]:
                logs.append(parse_vkey(vkey))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                _define(name, witnesses, groups)
                witnesses[name] = parse_vkey(vkey)
            case ["group", name, threshold, *members] if members:
                _define(name, witnesses, groups)
                _require_defined(members, witnesses, groups)
                groups[name] = Group(_threshold(threshold, members), tuple(members))
            case ["quorum", name] if quorum is None:
                _require_defined([name] if name != NO_QUORUM else [], witnesses, groups)
                quorum = name
            case _:
                raise EncodingError(
                    f"not a policy line: {line[:80]!r}", code="encoding.witness_policy"
                )
    if quorum is None:
        raise EncodingError("a policy without a quorum", code="encoding.witness_policy")
    return WitnessPolicy(tuple(logs), witnesses, groups, quorum)


def format_witness_policy(policy: WitnessPolicy) -> str:
    """
    Write a policy as a file that `parse_witness_policy` and other tools read.

    Source: C2SP tlog-policy, policy file syntax and structure.
    """
    lines = [f"log {log.vkey}" for log in policy.logs]
    lines += [f"witness {name} {witness.vkey}" for name, witness in policy.witnesses.items()]
    lines += [
        f"group {name} {group.threshold} {' '.join(group.members)}"
        for name, group in policy.groups.items()
    ]
    return "\n".join([*lines, f"quorum {policy.quorum}", ""])


def _define(name: str, *tables: Mapping[str, object]) -> None:
    if any(name in table for table in tables):
        raise EncodingError(f"the name {name!r} is defined twice", code="encoding.witness_policy")


def _require_defined(names: Iterable[str], *tables: Mapping[str, object]) -> None:
    for name in names:
        if not any(name in table for table in tables):
            raise EncodingError(
                f"{name!r} is not defined before it is used", code="encoding.witness_policy"
            )


def _threshold(word: str, members: Sequence[str]) -> int:
    if word == "any":
        return 1
    if word == "all":
        return len(members)
    if not _NUMBER.fullmatch(word):
        raise EncodingError(f"not a threshold: {word!r}", code="encoding.witness_policy")
    return int(word)


def _require_group(name: str, group: Group, defined: set[str], used: set[str]) -> None:
    members = set(group.members)
    if name in defined:
        raise EncodingError(f"the name {name!r} is defined twice", code="encoding.witness_policy")
    if not members <= defined:
        raise EncodingError(
            f"group {name!r} has members that are not defined", code="encoding.witness_policy"
        )
    if len(members) != len(group.members) or members & used:
        raise EncodingError(
            f"group {name!r} has a member that is counted twice", code="encoding.witness_policy"
        )
    if not 1 <= group.threshold <= len(members):
        raise EncodingError(
            f"group {name!r} asks for {group.threshold} members", code="encoding.witness_policy"
        )


def _require_keys(verifiers: Collection[NoteVerifier], algorithm: NoteAlgorithm, what: str) -> None:
    if any(verifier.algorithm is not algorithm for verifier in verifiers):
        raise EncodingError(f"a {what} with a key of another type", code="encoding.witness_policy")
    if len({verifier.public_key.raw for verifier in verifiers}) != len(verifiers):
        raise EncodingError(f"a {what} key that stands twice", code="encoding.witness_policy")
