"""
Calculation records: a number with everything that it was worked out from.

A record holds the rule with its code hash, the factors, every input as a decimal string with its
sources, the rounding profile, each step and each result. Whoever holds it can run it again, years
later and without the ledger; its SHA-256 is its name. No input number stands without a source: a
field that the chosen way of the rule does not read is given as `UNUSED`.

Source: DESIGN section 8; CONTRACTS section 3; DOMAIN section 8, item 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from attestation.canonical import Json, canonical_json
from attestation.enums import RoundingProfile, RuleStatus
from ledger.inventory.amounts import Amount
from ledger.inventory.errors import CalculationBroken
from ledger.inventory.sources import Source, SourceKind
from ledger.ports import CalculatedFigure, FactorValue, RuleEngine, RuleVersion

CALCULATION_TYPE: Final = "carbonseal/calculation"
SALT_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Given:
    """An input of a rule: a number and where it comes from."""

    amount: Amount
    sources: tuple[Source, ...]
    unit_apart: bool = False
    """Whether another field of the rule names the unit, so that the number stands alone."""

    def __post_init__(self) -> None:
        if not self.sources:
            raise CalculationBroken(
                f"{self.amount} has no source", code="inventory.calculation_unsourced"
            )


class Unused:
    """The type of `UNUSED`."""


UNUSED: Final = Unused()
"""An input that the rule must be given and, for the way chosen by another field, does not read."""

Inputs: TypeAlias = "Mapping[str, Inputs] | Sequence[Inputs] | Given | Unused | str | int | bool"
"""Inputs of a rule; plain text, whole numbers and booleans are choices and counts."""


@dataclass(frozen=True, slots=True)
class SourcedInput:
    """One number among a record's inputs."""

    path: str
    """Its place, such as `weighed[0].lines[2].consumed_t`."""
    amount: Amount
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Calculation:
    """One calculation record."""

    rule: RuleVersion
    report_year: int
    profile: RoundingProfile
    factors: tuple[FactorValue, ...]
    """In the order in which the inputs name them first."""
    inputs: Mapping[str, Json]
    """Plain data, as the rule takes it."""
    sourced: tuple[SourcedInput, ...]
    """Every number among the inputs that the rule reads."""
    results: tuple[CalculatedFigure, ...]
    steps: tuple[CalculatedFigure, ...]
    salt: bytes
    """The enterprise's, 32 bytes, shared with the parties of the case."""
    inputs_hash: bytes
    """What the parties sign beside the result, 32 bytes."""

    @property
    def content(self) -> bytes:
        """The record as canonical JSON."""
        return canonical_json(self.as_json())

    @property
    def sha256(self) -> str:
        """Its name: SHA-256 of its content, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def is_final(self) -> bool:
        """Whether nothing but rules and factors in force went into it."""
        statuses = (self.rule.status, *(factor.status for factor in self.factors))
        return all(status is RuleStatus.IN_FORCE for status in statuses)

    def result(self, name: str, item: int = 0) -> Amount:
        """
        Give a result as an amount.

        Raises:
            CalculationBroken: If the rule gives no such result.
        """
        for figure in self.results:
            if (figure.name, figure.item) == (name, item):
                return Amount(figure.value, figure.unit)
        raise CalculationBroken(f"{self.rule.name} gives no {name} of item {item}")

    def as_source(self, note: str = "") -> Source:
        """Give the pointer to this record."""
        return Source(SourceKind.CALCULATION, self.sha256, note)

    def as_json(self) -> dict[str, Json]:
        """Give the record as it is stored and handed to the parties."""
        return {
            "type": CALCULATION_TYPE,
            "version": 1,
            "rule": {
                "name": self.rule.name,
                "version": self.rule.version,
                "rule_id": f"0x{self.rule.rule_id.hex()}",
                "code_hash": f"0x{self.rule.code_hash.hex()}",
                "status": self.rule.status.name,
                "on_chain": self.rule.on_chain,
                "source": self.rule.source,
            },
            "report_year": self.report_year,
            "profile": self.profile.name,
            "factors": [factor_json(each) for each in self.factors],
            "inputs": self.inputs,
            "sources": [
                {
                    "path": each.path,
                    "value": each.amount.text,
                    "unit": each.amount.unit,
                    "sources": [source.as_json() for source in each.sources],
                }
                for each in self.sourced
            ],
            "results": [figure_json(each) for each in self.results],
            "steps": [figure_json(each) for each in self.steps],
            "salt": self.salt.hex(),
            "inputs_hash": f"0x{self.inputs_hash.hex()}",
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be worked out."""

    rule: str
    report_year: int
    inputs: Mapping[str, Inputs]
    factors: tuple[FactorValue, ...] = ()
    """Those that sources among the inputs name, and no others."""
    profile: RoundingProfile = RoundingProfile.EXACT
    version: int | None = None
    """Of the rule; None for the one that stands for the report year."""


def calculate(engine: RuleEngine, asked: Asked, *, salt: bytes) -> Calculation:
    """
    Run a rule and make the record.

    Args:
        engine: Runs the rule's own code.
        asked: Rule, report year and inputs with their sources.
        salt: The enterprise's for this record, 32 bytes.

    Raises:
        CalculationBroken: If a factor is named and not given, given and not named, or has another
            number than the input that names it.
        Error: If the rule refuses the inputs, or there is none for the year.
    """
    if len(salt) != SALT_LENGTH:
        raise CalculationBroken(f"salt of {len(salt)} bytes, {SALT_LENGTH} expected")
    sourced = tuple(_numbers(asked.inputs, ""))
    factors = _in_order(sourced, asked.factors)
    if asked.version is None:
        rule = engine.rule_for(asked.rule, asked.report_year)
    else:
        rule = engine.version_of(asked.rule, asked.version)
    inputs = {name: _plain(each) for name, each in asked.inputs.items()}
    run = engine.run(rule.name, rule.version, inputs, asked.profile)
    ids = [factor.factor_id for factor in factors]
    return Calculation(
        rule=rule,
        report_year=asked.report_year,
        profile=asked.profile,
        factors=factors,
        inputs=inputs,
        sourced=sourced,
        results=run.results,
        steps=run.steps,
        salt=salt,
        inputs_hash=engine.inputs_hash(rule, ids, run.encoded_inputs, salt),
    )


def from_factor(factor: FactorValue, unit: str | None = None) -> Given:
    """
    Give a factor's one number as an input.

    Args:
        factor: From the factor book.
        unit: Unit of the input where it is written otherwise than in the book.

    Raises:
        CalculationBroken: If the factor is a curve.
    """
    if len(factor.values) != 1:
        raise CalculationBroken(f"{factor.subject} has {len(factor.values)} numbers, not one")
    amount = Amount.parse(factor.values[0], unit or factor.unit)
    note = f"{factor.guide} {factor.edition}: {factor.quantity}, {factor.subject}"
    return Given(amount, (Source(SourceKind.FACTOR, f"0x{factor.factor_id.hex()}", note),))


def factor_json(factor: FactorValue) -> dict[str, Json]:
    """Give a factor as it stands in documents."""
    return {
        "factor_id": f"0x{factor.factor_id.hex()}",
        "guide": factor.guide,
        "edition": factor.edition,
        "quantity": factor.quantity,
        "subject": factor.subject,
        "unit": factor.unit,
        "values": list(factor.values),
        "report_from": factor.report_from,
        "report_to": factor.report_to,
        "status": factor.status.name,
    }


def figure_json(figure: CalculatedFigure) -> dict[str, Json]:
    """Give a figure as it stands in documents."""
    return {
        "name": figure.name,
        "item": figure.item,
        "unit": figure.unit,
        "decimals": figure.decimals,
        "value": f"{figure.value:f}",
    }


def _in_order(
    sourced: Sequence[SourcedInput], given: Sequence[FactorValue]
) -> tuple[FactorValue, ...]:
    """Bring the factors into the order in which the inputs name them, each once."""
    by_id = {f"0x{factor.factor_id.hex()}": factor for factor in given}
    named: dict[str, FactorValue] = {}
    for each in sourced:
        for source in each.sources:
            if source.kind is not SourceKind.FACTOR:
                continue
            factor = by_id.get(source.reference)
            if factor is None:
                raise CalculationBroken(f"{each.path} names a factor that is not given")
            if each.amount.value not in {Decimal(value) for value in factor.values}:
                raise CalculationBroken(
                    f"{each.path} is {each.amount}, its factor {' '.join(factor.values)}",
                    code="inventory.calculation_factor",
                )
            named[source.reference] = factor
    if len(named) != len(by_id):
        raise CalculationBroken("a factor is given that no input names")
    return tuple(named.values())


def _numbers(inputs: Inputs, path: str) -> Iterator[SourcedInput]:
    """Give every number among inputs, in their order, each with its place."""
    if isinstance(inputs, Given):
        yield SourcedInput(path, inputs.amount, inputs.sources)
    elif isinstance(inputs, Mapping):
        for name, each in inputs.items():
            yield from _numbers(each, f"{path}.{name}" if path else name)
    elif isinstance(inputs, Sequence) and not isinstance(inputs, str):
        for at, each in enumerate(inputs):
            yield from _numbers(each, f"{path}[{at}]")


def _plain(inputs: Inputs) -> Json:
    if isinstance(inputs, Given):
        return inputs.amount.text if inputs.unit_apart else str(inputs.amount)
    if isinstance(inputs, Unused):
        return "0"
    if isinstance(inputs, Mapping):
        return {name: _plain(each) for name, each in inputs.items()}
    if isinstance(inputs, str | int):
        return inputs
    return [_plain(each) for each in inputs]
