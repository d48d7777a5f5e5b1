"""
The rules we have: which contract is which version, for which report years, with what standing.

The catalogue is what a deployment publishes to a chain's RuleBook. A rule's code hash is all that
two parties need to agree on: whoever has the code can work the rule out anywhere, and the live
chain says through the party's own node which code it holds under the rule's name.

Source: CONTRACTS section 3; `contracts/interfaces/IRuleBook.sol`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from attestation.enums import RuleStatus
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, keccak256
from chain.abi import encode_arguments
from chain.artifacts import load_artifact
from chain.errors import ArtifactError, RuleUnknown
from chain.rule_inputs import RuleSchema
from chain.rule_runner import RuleRunner, rule_code

_SEED: Final = ("seed", "rules.json")
_RULE_TYPEHASH: Final = keccak256(
    b"Rule(bytes32 ruleId,uint32 version,bytes32 codeHash,bytes32[] factorIds,bytes inputs,"
    b"bytes32 salt)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule."""

    name: str
    """Such as `power.combustion`; the same in every version."""
    contract: str
    """Its artefact."""
    version: int
    report_from: int
    """First report year it stands for."""
    report_to: int
    """Last report year it stands for; 0 while no end is known."""
    status: RuleStatus
    source: str
    """The document it follows, as the code itself says it."""

    @property
    def years(self) -> str:
        """The report years, for people."""
        return f"{self.report_from}–{self.report_to or ''}"

    @property
    def schema(self) -> RuleSchema:
        """What it takes."""
        return RuleSchema(load_artifact(self.contract).abi)

    @property
    def code_hash(self) -> bytes:
        """Keccak-256 of its runtime code, 32 bytes."""
        return keccak256(rule_code(self.contract))

    @property
    def rule_id(self) -> bytes:
        """Its name for contracts, 32 bytes; the same in every version."""
        return keccak256(encode_arguments(_types("string", "string"), ("rule", self.name)))

    def covers(self, year: int) -> bool:
        """Say whether it stands for a report year."""
        return self.report_from <= year <= (self.report_to or year)

    def inputs_hash(self, factor_ids: Sequence[bytes], inputs: bytes, salt: bytes) -> bytes:
        """
        Give what the parties of a case sign beside the result, 32 bytes.

        Args:
            factor_ids: Ids of the factors used, in the order of the inputs, 32 bytes each.
            inputs: Canonical encoding, from `RuleSchema.encode`.
            salt: The enterprise's, 32 bytes, shared with the parties of the case.

        Raises:
            EncodingError: If an id or the salt has another length.

        Source: CONTRACTS section 3; `IRuleBook.inputsHash`.
        """
        for word in (*factor_ids, salt):
            if len(word) != HASH_LENGTH:
                raise EncodingError(f"{len(word)} bytes, {HASH_LENGTH} wanted")
        kinds = ("bytes32", "bytes32", "uint32", "bytes32", "bytes32[]", "bytes", "bytes32")
        values = (
            *(_RULE_TYPEHASH, self.rule_id, self.version, self.code_hash),
            *(list(factor_ids), inputs, salt),
        )
        return keccak256(encode_arguments(_types(*kinds), values))


@cache
def rules() -> tuple[Rule, ...]:
    """
    Give every version of every rule, in the order of the catalogue.

    Raises:
        ArtifactError: If the catalogue has another form.
    """
    text = resources.files("chain").joinpath(*_SEED).read_text(encoding="utf-8")
    try:
        return tuple(_rule(fields) for fields in json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"the catalogue of rules is malformed: {error}") from error


def find_rule(name: str, *, year: int | None = None) -> Rule:
    """
    Find the version of a rule for a report year: the one in force, else the newest draft.

    Args:
        name: Such as `power.combustion`.
        year: The report year; the newest version, in force if there is one, where it is None.

    Raises:
        RuleUnknown: If there is no such rule, or none for that year.
    """
    named = [rule for rule in rules() if rule.name == name]
    if not named:
        raise RuleUnknown(f"no rule {name}", code="rule.unknown")
    standing = [rule for rule in named if year is None or rule.covers(year)]
    in_force = [rule for rule in standing if rule.status is RuleStatus.IN_FORCE]
    drafts = [rule for rule in standing if rule.status is RuleStatus.DRAFT]
    found = max(in_force or drafts, key=lambda rule: rule.version, default=None)
    if found is None:
        listed = ", ".join(f"version {rule.version} {rule.years}" for rule in named)
        raise RuleUnknown(f"no {name} for report year {year}: {listed}", code="rule.no_year")
    return found


def find_version(name: str, version: int) -> Rule:
    """
    Find a version of a rule by its number, of whatever standing.

    Raises:
        RuleUnknown: If there is none.
    """
    for rule in rules():
        if (rule.name, rule.version) == (name, version):
            return rule
    raise RuleUnknown(f"no rule {name}, version {version}", code="rule.unknown")


def check_rule(runner: RuleRunner, rule: Rule) -> None:
    """
    Check that a rule's code says of itself what the catalogue says of it.

    Raises:
        ArtifactError: If its name, version or source is another.
    """
    said = runner.identify(rule.contract)
    if said != (rule.name, rule.version, rule.source):
        raise ArtifactError(f"{rule.contract} says it is {said[0]}, version {said[1]}: {said[2]}")


def _rule(fields: Mapping[str, Any]) -> Rule:
    return Rule(
        name=fields["name"],
        contract=fields["contract"],
        version=fields["version"],
        report_from=fields["reportFrom"],
        report_to=fields["reportTo"],
        status=RuleStatus[fields["status"]],
        source=fields["source"],
    )


def _types(*kinds: str) -> list[dict[str, str]]:
    return [{"name": "", "type": kind} for kind in kinds]
