"""
Opening a version: its calculation records as the contract takes them.

What is sent is public for ever, so everything is checked here before anything is sent: that the
version stands on the chain with these inputs, that no record is by a rule off chain, and that each
record's inputs hash is that of what would be sent.

Source: CONTRACTS section 3; `contracts/interfaces/IOpenCalculations.sol`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.office.errors import Contradicted, NotInThisState
from chain.bindings.inventory_registry import InventoryRegistry
from chain.bindings.open_calculations import (
    CalculationInputs,
    OpenCalculation,
    OpenCalculations,
)
from chain.rule_places import NamedFactor, factor_uses
from chain.rules import find_version
from chain.values import Call
from ledger.inventory.agreeing import inputs_hash
from ledger.inventory.calculation import Calculation
from ledger.inventory.sources import SourceKind
from ledger.inventory.versions import InventoryVersion


@dataclass(frozen=True, slots=True)
class Opening:
    """A version's records, ready to be sent."""

    inventory_id: bytes
    number: int
    """Of the version on the chain."""
    recipe: str
    listed: tuple[CalculationInputs, ...]
    """In the order that was signed."""
    calculations: tuple[OpenCalculation, ...]
    """In the same order."""

    def next_calls(self, contract: OpenCalculations) -> Iterator[Call]:
        """
        Give what is still to be sent, one after the other.

        Raises:
            NodeUnavailable: If the node does not answer.
        """
        if contract.is_open(self.inventory_id, self.number):
            return
        for listed, each in dict(zip(self.listed, self.calculations, strict=True)).items():
            if contract.results_hash(self.inventory_id, self.number, listed) is None:
                yield contract.calculate(self.inventory_id, self.number, each)
        yield contract.complete(self.inventory_id, self.number, self.recipe, self.listed)


def opening_of(
    registry: InventoryRegistry, version: InventoryVersion, records: Sequence[Calculation]
) -> Opening:
    """
    Make a version's records ready to be sent.

    Args:
        registry: On the party's own node.
        version: At hand.
        records: Its calculation records, in their order.

    Raises:
        Contradicted: If a record is by a rule off chain, or is not what its inputs hash says.
        NotInThisState: If no version with these inputs was submitted.
        RuleUnknown: If this program does not have a rule.
        RuleInputError: If a record's inputs are not what its rule takes.
    """
    return Opening(
        inventory_id=version.scope.inventory_id,
        number=_number(registry, version.scope.inventory_id, inputs_hash(version, records)),
        recipe=version.recipe,
        listed=tuple(CalculationInputs(each.inputs_hash, each.profile) for each in records),
        calculations=tuple(map(open_calculation, records)),
    )


def open_calculation(record: Calculation) -> OpenCalculation:
    """
    Give a calculation record as the contract takes it.

    Raises:
        Contradicted: If it is by a rule off chain, or is not what its inputs hash says.
        RuleUnknown: If this program does not have the rule.
        RuleInputError: If its inputs are not what the rule takes.
    """
    if not record.rule.on_chain:
        raise Contradicted(
            f"{record.rule.name} is a rule off chain: a version that uses it cannot be opened"
        )
    rule = find_version(record.rule.name, record.rule.version)
    inputs = rule.schema.encode(record.inputs)
    factor_ids = [factor.factor_id for factor in record.factors]
    if rule.inputs_hash(factor_ids, inputs, record.salt) != record.inputs_hash:
        raise Contradicted(f"the inputs hash of calculation {record.sha256} is another")
    return OpenCalculation(
        rule=rule.name,
        rule_version=rule.version,
        report_year=record.report_year,
        inputs=inputs,
        profile=record.profile,
        uses=factor_uses(rule.schema, record.inputs, _named(record)),
        factor_ids=factor_ids,
        salt=record.salt,
    )


def _named(record: Calculation) -> Iterator[NamedFactor]:
    """Say which inputs are which values of the record's factors."""
    factors = {f"0x{factor.factor_id.hex()}": factor for factor in record.factors}
    for each in record.sourced:
        for source in each.sources:
            if source.kind is not SourceKind.FACTOR:
                continue
            factor = factors[source.reference]
            values = [Decimal(value) for value in factor.values]
            yield NamedFactor(each.path, factor.factor_id, values.index(each.amount.value))


def _number(registry: InventoryRegistry, inventory_id: bytes, expected: bytes) -> int:
    """Find the newest version on the chain that was signed with an inputs hash."""
    found = registry.inventory(inventory_id)
    for number in range(0 if found is None else found.version, 0, -1):
        version = registry.version(inventory_id, number)
        if version is not None and version.inputs_hash == expected:
            return number
    raise NotInThisState("no version with these inputs was submitted to the chain")
