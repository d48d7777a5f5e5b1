"""
Rules on chain and off chain behind one door, each run by its own code.

A name belongs to one of the two: what settles is on chain, and is never taken from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attestation.canonical import Json
from attestation.enums import RoundingProfile
from ledger.inventory.offchain.catalogue import OffchainRules
from ledger.ports import RuleEngine, RuleRun, RuleVersion


class JoinedRules:
    """
    A rule engine for every rule.

    Args:
        on_chain: Runs what settles.
        off_chain: Runs what does not.
    """

    def __init__(self, on_chain: RuleEngine, off_chain: OffchainRules | None = None) -> None:
        self._on_chain = on_chain
        self._off_chain = off_chain or OffchainRules()

    def rule_for(self, name: str, report_year: int) -> RuleVersion:
        """Give the version for a report year."""
        return self._engine(name).rule_for(name, report_year)

    def version_of(self, name: str, version: int) -> RuleVersion:
        """Give a version by its number."""
        return self._engine(name).version_of(name, version)

    def run(
        self, name: str, version: int, inputs: Mapping[str, Json], profile: RoundingProfile
    ) -> RuleRun:
        """Work a version of a rule out."""
        return self._engine(name).run(name, version, inputs, profile)

    def inputs_hash(
        self, rule: RuleVersion, factor_ids: Sequence[bytes], encoded_inputs: bytes, salt: bytes
    ) -> bytes:
        """Give what the parties of a case sign beside the result, 32 bytes."""
        return self._engine(rule.name).inputs_hash(rule, factor_ids, encoded_inputs, salt)

    def _engine(self, name: str) -> RuleEngine:
        return self._off_chain if self._off_chain.knows(name) else self._on_chain
