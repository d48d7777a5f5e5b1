"""
The rules that do not settle: which there are, for which report years, and how one is run.

A rule here is the same kind of thing as one on chain: a name, a version, dates, a source, a code
hash, inputs in one encoding, steps and results. It is marked as not on chain because no RuleBook
holds it. Its code hash is over the source text of the modules it is made of; a changed text is a
new hash, and tests hold each version to its hash.

Source: CONTRACTS section 2 (rules that do not settle) and section 3 (what parties sign).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import resources
from typing import Final

from attestation.canonical import Json, canonical_json
from attestation.enums import RoundingProfile, RuleStatus
from attestation.ids import keccak256
from ledger.inventory.offchain import (
    border,
    footprint,
    heat_and_power,
    intensity,
    purchased_energy,
    uncertainty,
)
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.inputs import Fields, Given, written
from ledger.inventory.offchain.worksheet import Worksheet
from ledger.ports import RuleRun, RuleVersion

_TYPEHASH: Final = keccak256(
    b"Rule(bytes32 ruleId,uint32 version,bytes32 codeHash,bytes32[] factorIds,bytes inputs,"
    b"bytes32 salt)"
)
_WORD: Final = 32


@dataclass(frozen=True)
class OffchainRule:
    """One version of a rule that nothing settles on."""

    name: str
    version: int
    report_from: int
    """First report year it stands for."""
    report_to: int
    """Last report year; 0 while no end is known."""
    source: str
    module: str
    """Module of its formula, in this package."""
    inputs: Fields
    work: Callable[[Given, Worksheet], None]
    status: RuleStatus = RuleStatus.IN_FORCE

    def covers(self, year: int) -> bool:
        """Say whether it stands for a report year."""
        return self.report_from <= year <= (self.report_to or year)

    @cached_property
    def code_hash(self) -> bytes:
        """SHA-256 over the names and source texts it is made of, 32 bytes."""
        digest = sha256()
        for package, module in (
            ("ledger", "decimals"),
            (__package__, "inputs"),
            (__package__, "worksheet"),
            (__package__, self.module),
        ):
            text = resources.files(package).joinpath(f"{module}.py").read_bytes()
            digest.update(f"{package}.{module}\n{len(text)}\n".encode())
            digest.update(text)
        return digest.digest()

    def described(self) -> RuleVersion:
        """Describe it as every rule is described."""
        return RuleVersion(
            name=self.name,
            version=self.version,
            rule_id=keccak256(f"carbonseal/offchain-rule/v1\n{self.name}".encode()),
            code_hash=self.code_hash,
            status=self.status,
            on_chain=False,
            source=self.source,
        )


OFFCHAIN_RULES: Final = (
    OffchainRule(
        name="cbam.certificates",
        version=1,
        report_from=2026,
        report_to=2034,
        source="(EU) 2025/2083, 2025/2620, 2025/2621, as a public briefing states them",
        module="border",
        inputs=border.INPUTS,
        work=border.certificates,
    ),
    OffchainRule(
        name="footprint.allocation",
        version=1,
        report_from=2018,
        report_to=0,
        source="ISO 14067:2018, 6.4.6",
        module="footprint",
        inputs=footprint.INPUTS,
        work=footprint.allocation,
    ),
    OffchainRule(
        name="heat-power.split",
        version=1,
        report_from=2018,
        report_to=0,
        source="energy, efficiency and alternative-generation methods; public example",
        module="heat_and_power",
        inputs=heat_and_power.INPUTS,
        work=heat_and_power.split,
    ),
    OffchainRule(
        name="intensity.rating",
        version=1,
        report_from=2018,
        report_to=0,
        source="regional ratings of carbon efficiency (碳效评价); bounds are inputs",
        module="intensity",
        inputs=intensity.INPUTS,
        work=intensity.rating,
    ),
    OffchainRule(
        name="scope2.location",
        version=1,
        report_from=2018,
        report_to=0,
        source="GHG Protocol Scope 2 Guidance, section 4; ISO 14064-1:2018, annex E",
        module="purchased_energy",
        inputs=purchased_energy.LOCATION,
        work=purchased_energy.by_location,
    ),
    OffchainRule(
        name="scope2.market",
        version=1,
        report_from=2018,
        report_to=0,
        source="GHG Protocol Scope 2 Guidance, sections 4 and 7; ISO 14064-1:2018, annex E",
        module="purchased_energy",
        inputs=purchased_energy.MARKET,
        work=purchased_energy.by_market,
    ),
    OffchainRule(
        name="uncertainty.product",
        version=1,
        report_from=2018,
        report_to=0,
        source="IPCC 2006 guidelines, volume 1, equation 3.1",
        module="uncertainty",
        inputs=uncertainty.PRODUCT,
        work=uncertainty.of_product,
    ),
    OffchainRule(
        name="uncertainty.sum",
        version=1,
        report_from=2018,
        report_to=0,
        source="IPCC 2006 guidelines, volume 1, equation 3.2",
        module="uncertainty",
        inputs=uncertainty.SUM,
        work=uncertainty.of_sum,
    ),
)
"""Every version of every rule, by name."""


class OffchainRules:
    """
    Runs the rules that do not settle; a `RuleEngine` for them.

    Args:
        rules: The catalogue.
    """

    def __init__(self, rules: Sequence[OffchainRule] = OFFCHAIN_RULES) -> None:
        self._rules = tuple(rules)

    def knows(self, name: str) -> bool:
        """Say whether there is a rule of this name here."""
        return any(rule.name == name for rule in self._rules)

    def rule_for(self, name: str, report_year: int) -> RuleVersion:
        """
        Give the version for a report year: the newest in force, else the newest draft.

        Raises:
            RuleRefused: If there is no such rule, or none for that year.
        """
        named = self._named(name)
        standing = [rule for rule in named if rule.covers(report_year)]
        in_force = [rule for rule in standing if rule.status is RuleStatus.IN_FORCE]
        drafts = [rule for rule in standing if rule.status is RuleStatus.DRAFT]
        found = max(in_force or drafts, key=lambda rule: rule.version, default=None)
        if found is None:
            raise RuleRefused(f"no {name} for report year {report_year}", code="rule.no_year")
        return found.described()

    def version_of(self, name: str, version: int) -> RuleVersion:
        """
        Give a version by its number.

        Raises:
            RuleRefused: If there is none.
        """
        return self.find(name, version).described()

    def run(
        self, name: str, version: int, inputs: Mapping[str, Json], profile: RoundingProfile
    ) -> RuleRun:
        """
        Work a version of a rule out.

        Raises:
            RuleRefused: If there is none, or it refuses the inputs or the profile.
        """
        rule = self.find(name, version)
        read = rule.inputs.read(inputs)
        sheet = Worksheet(profile)
        rule.work(Given(read), sheet)
        return RuleRun(
            rule=rule.described(),
            encoded_inputs=canonical_json(written(read)),
            results=tuple(sheet.results),
            steps=tuple(sheet.steps),
        )

    def inputs_hash(
        self, rule: RuleVersion, factor_ids: Sequence[bytes], encoded_inputs: bytes, salt: bytes
    ) -> bytes:
        """
        Give what the parties of a case sign beside the result, 32 bytes, as for rules on chain.

        Raises:
            RuleRefused: If an id or the salt is not 32 bytes long.
        """
        if any(len(word) != _WORD for word in (*factor_ids, salt)):
            raise RuleRefused("factor ids and salt have 32 bytes", code="rule.input_size")
        # abi.encode: the two fields without a fixed length stand behind the seven words.
        ids_at = 7 * _WORD
        inputs_at = ids_at + (1 + len(factor_ids)) * _WORD
        head = (
            *(_TYPEHASH, rule.rule_id, _word(rule.version), rule.code_hash),
            *(_word(ids_at), _word(inputs_at), salt),
        )
        padding = bytes(-len(encoded_inputs) % _WORD)
        tail = (_word(len(factor_ids)), *factor_ids, _word(len(encoded_inputs)))
        return keccak256(b"".join((*head, *tail, encoded_inputs, padding)))

    def find(self, name: str, version: int) -> OffchainRule:
        """
        Find a version of a rule.

        Raises:
            RuleRefused: If there is none.
        """
        for rule in self._named(name):
            if rule.version == version:
                return rule
        raise RuleRefused(f"no version {version} of {name}", code="rule.unknown")

    def _named(self, name: str) -> list[OffchainRule]:
        named = [rule for rule in self._rules if rule.name == name]
        if not named:
            raise RuleRefused(f"no rule {name} off chain", code="rule.unknown")
        return named


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")
