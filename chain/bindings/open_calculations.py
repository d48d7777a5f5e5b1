"""
OpenCalculations: calculations of versions, worked out on the chain from inputs that everybody sees.

Source: `contracts/interfaces/IOpenCalculations.sol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attestation.enums import RoundingProfile
from attestation.ids import ZERO_HASH
from chain.bindings.rule_book import FactorUse
from chain.client import BlockName, ChainClient
from chain.contract import Contract
from chain.values import Call


@dataclass(frozen=True, slots=True)
class OpenCalculation:
    """A calculation with all that it is worked out from."""

    rule: str
    rule_version: int
    report_year: int
    """Whose rules and factors it was worked out by."""
    inputs: bytes
    """Canonical encoding, from `RuleSchema.encode`."""
    profile: RoundingProfile
    uses: Sequence[FactorUse]
    """Where the factors stand in the inputs."""
    factor_ids: Sequence[bytes]
    """In the order of the record, 32 bytes each."""
    salt: bytes
    """Of the record, 32 bytes; public once it was sent."""

    def fields(self) -> dict[str, object]:
        """Give the calculation as the contract's struct."""
        return {
            "rule": self.rule,
            "ruleVersion": self.rule_version,
            "reportYear": self.report_year,
            "inputs": self.inputs,
            "profile": int(self.profile),
            "uses": [use.fields() for use in self.uses],
            "factorIds": list(self.factor_ids),
            "salt": self.salt,
        }


@dataclass(frozen=True, slots=True)
class CalculationInputs:
    """A calculation as the signed inputs hash of a version has it."""

    inputs_hash: bytes
    """32 bytes."""
    profile: RoundingProfile

    def fields(self) -> dict[str, object]:
        """Give it as the contract's struct."""
        return {"inputsHash": self.inputs_hash, "profile": int(self.profile)}


class OpenCalculations:
    """The contract at an address."""

    NAME: Final = "OpenCalculations"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def inventory_registry(self) -> bytes:
        """Read whose versions it opens, 20 bytes."""
        registry: bytes = self.contract.read("inventoryRegistry")
        return registry

    def calculate(self, inventory_id: bytes, version: int, calculation: OpenCalculation) -> Call:
        """Work a calculation of a submitted version out; anybody may, with its record."""
        return self.contract.call("calculate", inventory_id, version, calculation.fields())

    def complete(
        self,
        inventory_id: bytes,
        version: int,
        recipe: str,
        calculations: Sequence[CalculationInputs],
    ) -> Call:
        """Show that what was worked out is what was signed for the version; anybody may."""
        listed = [each.fields() for each in calculations]
        return self.contract.call("complete", inventory_id, version, recipe, listed)

    def results_hash(
        self,
        inventory_id: bytes,
        version: int,
        calculation: CalculationInputs,
        *,
        at: BlockName = "latest",
    ) -> bytes | None:
        """Read the hash of a calculation's results; None if it was not worked out there."""
        found: bytes = self.contract.read(
            *("resultsHash", inventory_id, version),
            *(calculation.inputs_hash, int(calculation.profile)),
            at=at,
        )
        return None if found == ZERO_HASH else found

    def is_open(self, inventory_id: bytes, version: int, *, at: BlockName = "latest") -> bool:
        """Read whether all calculations of a version were worked out and are those signed."""
        return bool(self.contract.read("isOpen", inventory_id, version, at=at))

    def inventory_inputs_hash(
        self, inventory_id: bytes, recipe: str, calculations: Sequence[CalculationInputs]
    ) -> bytes:
        """Read what the parties sign for these calculations, 32 bytes."""
        listed = [each.fields() for each in calculations]
        found: bytes = self.contract.read("inventoryInputsHash", inventory_id, recipe, listed)
        return found
