"""
RuleBook: which contract is which version of a rule, for which report years, with what standing.

Source: `contracts/interfaces/IRuleBook.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.enums import RoundingProfile, RuleStatus
from chain.bindings.standing import Standing, read_standing
from chain.client import ChainClient
from chain.contract import Contract
from chain.rule_outcomes import RuleOutcome, read_outcome
from chain.values import Call


@dataclass(frozen=True, slots=True)
class RulePublication:
    """A version of a rule, to be published."""

    name: str
    """As the contract itself says it."""
    version: int
    address: bytes
    """Where the contract stands, 20 bytes."""
    report_from: int
    report_to: int
    """Last report year; 0 while no end is known."""
    status: RuleStatus
    source_hash: bytes
    """SHA-256 of what the contract's `source()` says."""

    def fields(self) -> dict[str, object]:
        """Give the publication as the contract's struct."""
        return {
            "name": self.name,
            "version": self.version,
            "rule": self.address,
            "reportFrom": self.report_from,
            "reportTo": self.report_to,
            "status": int(self.status),
            "sourceHash": self.source_hash,
        }


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """A version of a rule in the book."""

    address: bytes
    """20 bytes."""
    code_hash: bytes
    """Keccak-256 of its code, 32 bytes."""
    source_hash: bytes
    standing: Standing


@dataclass(frozen=True, slots=True)
class FactorUse:
    """Says that an input of a rule is a value of the FactorBook."""

    factor_id: bytes
    value_index: int
    offset: int
    """Where it stands in the encoded inputs, in bytes; a multiple of 32."""

    def fields(self) -> dict[str, object]:
        """Give the use as the contract's struct."""
        return {
            "factorId": self.factor_id,
            "valueIndex": self.value_index,
            "offset": self.offset,
        }


class RuleBook:
    """The book at an address."""

    NAME: Final = "RuleBook"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def publish(self, publications: Sequence[RulePublication]) -> Call:
        """Publish versions of rules, all or none; the Council."""
        return self.contract.call("publish", [each.fields() for each in publications])

    def set_status(
        self, name: str, version: int, status: RuleStatus, *, from_year: int, reason: str
    ) -> Call:
        """Give a version its next status from a report year on; the Council."""
        return self.contract.call("setStatus", name, version, int(status), from_year, reason)

    def rule_for(self, name: str, report_year: int) -> int:
        """
        Read which version is in force for a report year.

        Raises:
            Reverted: If none is.
        """
        return int(self.contract.read("ruleFor", name, report_year))

    def entry(self, name: str, version: int) -> RuleRecord:
        """
        Read a version of a rule.

        Raises:
            Reverted: If it was never published.
        """
        fields = self.contract.read("entry", name, version)
        return RuleRecord(
            address=fields["rule"],
            code_hash=fields["codeHash"],
            source_hash=fields["sourceHash"],
            standing=read_standing(fields["standing"]),
        )

    def versions_of(self, name: str) -> tuple[int, ...]:
        """Read a rule's versions, in the order of publication."""
        versions: tuple[int, ...] = self.contract.read("versionsOf", name)
        return versions

    def run(
        self,
        name: str,
        version: int,
        inputs: bytes,
        *,
        profile: RoundingProfile,
        uses: Sequence[FactorUse],
        report_year: int,
        is_final: bool,
    ) -> RuleOutcome:
        """
        Work a rule out on the chain, with values of the FactorBook in its inputs.

        Raises:
            Reverted: If the rule refuses the inputs, a value is not the factor's, or something
                that must be in force is not.
        """
        named = [use.fields() for use in uses]
        return read_outcome(
            self.contract.read(
                *("run", name, version, inputs, int(profile)), named, report_year, is_final
            )
        )
