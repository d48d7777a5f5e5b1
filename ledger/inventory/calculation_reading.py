"""
Reading calculation records from their bytes, and working them out again.

Nothing of a record is taken on trust: its numbers stand where its sources say, each number that
names a factor is that factor's, and `rework` runs the rule again and names the first number that
differs. What cannot be checked is said apart from what does not hold.

Source: DESIGN section 8; CONTRACTS section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from attestation.canonical import Json, parse_canonical, require_object
from attestation.enums import Outcome, RoundingProfile, RuleStatus
from attestation.errors import EncodingError, Error, Retry
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import (
    CALCULATION_TYPE,
    Calculation,
    SourcedInput,
    factor_json,
    figure_json,
)
from ledger.inventory.errors import CalculationBroken
from ledger.inventory.sources import Source, SourceKind
from ledger.ports import CalculatedFigure, FactorSource, FactorValue, RuleEngine, RuleVersion

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?( \S+)?")
_STEP: Final = re.compile(r"([^.\[\]]+)|\[([0-9]{1,9})\]")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first number, or word, of a record that is not what it should be."""

    outcome: Outcome
    """FAILED where it differs, COULD_NOT_CHECK where nobody can say."""
    place: str
    """Such as `results.emissions_tCO2[0]` or `factors[1].values`."""
    said: str
    found: str

    def __str__(self) -> str:
        return f"{self.place}: the record says {self.said}, found {self.found}"


def read_calculation(content: bytes) -> Calculation:
    """
    Read a calculation record.

    Args:
        content: From outside.

    Raises:
        CalculationBroken: If it is not a record in its one form.
    """
    try:
        fields: Any = require_object(parse_canonical(content), "a calculation")
        calculation = _read(fields)
    except (KeyError, TypeError, ValueError, AttributeError, EncodingError) as error:
        raise CalculationBroken("not a calculation record") from error
    if calculation.content != content:
        raise CalculationBroken("not the one form of a calculation record")
    for each in calculation.sourced:
        if _number_at(calculation.inputs, each.path) not in (each.amount.text, str(each.amount)):
            raise CalculationBroken(f"{each.path} of the inputs is not {each.amount}")
    known = {each.path for each in calculation.sourced}
    for path in _numbers(calculation.inputs, ""):
        if path not in known:
            raise CalculationBroken(
                f"{path} of the inputs has no source", code="inventory.calculation_unsourced"
            )
    return calculation


def rework(
    calculation: Calculation, engine: RuleEngine, factors: FactorSource
) -> Difference | None:
    """Run a record's rule again on its inputs, and name the first thing that differs."""
    return (
        _rule_difference(calculation.rule, engine)
        or next(_factor_differences(calculation, factors), None)
        or _figure_difference(calculation, engine)
    )


def factor_again(factor: FactorValue, year: int, factors: FactorSource) -> Difference | None:
    """Compare what a record says of a factor with the factor book."""
    found = factors.factor(factor.factor_id, year)
    if found is None:
        said = f"0x{factor.factor_id.hex()}"
        return Difference(Outcome.COULD_NOT_CHECK, "factor_id", said, "no such factor in the book")
    before, now = factor_json(factor), factor_json(found)
    for name, value in before.items():
        if now[name] != value:
            return Difference(Outcome.FAILED, name, str(value), str(now[name]))
    return None


def _rule_difference(rule: RuleVersion, engine: RuleEngine) -> Difference | None:
    try:
        found = engine.version_of(rule.name, rule.version)
    except Error as error:
        said = f"{rule.name} version {rule.version}"
        return Difference(Outcome.COULD_NOT_CHECK, "rule", said, error.message)
    for place in ("rule_id", "code_hash", "status", "on_chain", "source"):
        said, now = getattr(rule, place), getattr(found, place)
        if said != now:
            return Difference(Outcome.FAILED, f"rule.{place}", _shown(said), _shown(now))
    return None


def _factor_differences(calculation: Calculation, factors: FactorSource) -> Iterator[Difference]:
    for at, factor in enumerate(calculation.factors):
        found = factor_again(factor, calculation.report_year, factors)
        if found is not None:
            place = f"factors[{at}].{found.place}"
            yield Difference(found.outcome, place, found.said, found.found)
    values = {
        f"0x{each.factor_id.hex()}": {Amount.parse(text, "1").value for text in each.values}
        for each in calculation.factors
    }
    for each in calculation.sourced:
        for source in each.sources:
            if source.kind is not SourceKind.FACTOR:
                continue
            known = values.get(source.reference, set())
            if each.amount.value not in known:
                found_text = " ".join(f"{value:f}" for value in sorted(known)) or "no such factor"
                yield Difference(Outcome.FAILED, each.path, each.amount.text, found_text)


def _figure_difference(calculation: Calculation, engine: RuleEngine) -> Difference | None:
    rule = calculation.rule
    try:
        run = engine.run(rule.name, rule.version, calculation.inputs, calculation.profile)
    except Error as error:
        if error.retry is not Retry.NEVER:
            return Difference(Outcome.COULD_NOT_CHECK, "inputs", "taken by the rule", error.message)
        return Difference(Outcome.FAILED, "inputs", "taken by the rule", error.message)
    for part, said, found in (
        ("steps", calculation.steps, run.steps),
        ("results", calculation.results, run.results),
    ):
        for before, now in zip(said, found, strict=False):
            if before != now:
                place = f"{part}.{before.name}[{before.item}]"
                return Difference(Outcome.FAILED, place, _figure(before), _figure(now))
        if len(said) != len(found):
            return Difference(Outcome.FAILED, part, f"{len(said)} figures", str(len(found)))
    ids = [factor.factor_id for factor in calculation.factors]
    inputs_hash = engine.inputs_hash(rule, ids, run.encoded_inputs, calculation.salt)
    if inputs_hash != calculation.inputs_hash:
        said_hash = calculation.inputs_hash.hex()
        return Difference(Outcome.FAILED, "inputs_hash", said_hash, inputs_hash.hex())
    return None


def _read(fields: Mapping[str, Any]) -> Calculation:
    if fields["type"] != CALCULATION_TYPE or fields["version"] != 1:
        raise CalculationBroken("not a calculation record of version 1")
    rule = fields["rule"]
    return Calculation(
        rule=RuleVersion(
            name=rule["name"],
            version=rule["version"],
            rule_id=read_hex(rule["rule_id"]),
            code_hash=read_hex(rule["code_hash"]),
            status=RuleStatus[rule["status"]],
            on_chain=rule["on_chain"],
            source=rule["source"],
        ),
        report_year=fields["report_year"],
        profile=RoundingProfile[fields["profile"]],
        factors=tuple(_factor(each) for each in fields["factors"]),
        inputs=fields["inputs"],
        sourced=tuple(_sourced(each) for each in fields["sources"]),
        results=tuple(_read_figure(each) for each in fields["results"]),
        steps=tuple(_read_figure(each) for each in fields["steps"]),
        salt=bytes.fromhex(fields["salt"]),
        inputs_hash=read_hex(fields["inputs_hash"]),
    )


def _factor(fields: Mapping[str, Any]) -> FactorValue:
    return FactorValue(
        factor_id=read_hex(fields["factor_id"]),
        guide=fields["guide"],
        edition=fields["edition"],
        quantity=fields["quantity"],
        subject=fields["subject"],
        unit=fields["unit"],
        values=tuple(fields["values"]),
        report_from=fields["report_from"],
        report_to=fields["report_to"],
        status=RuleStatus[fields["status"]],
    )


def _sourced(fields: Mapping[str, Any]) -> SourcedInput:
    amount = Amount.parse(fields["value"], fields["unit"])
    return SourcedInput(
        fields["path"], amount, tuple(Source.from_json(each) for each in fields["sources"])
    )


def _read_figure(fields: Mapping[str, Any]) -> CalculatedFigure:
    amount = Amount.parse(fields["value"], fields["unit"])
    return CalculatedFigure(
        fields["name"], fields["item"], amount.unit, fields["decimals"], amount.value
    )


def read_hex(text: str) -> bytes:
    """
    Read 32 bytes written as `0x` and lower-case hex.

    Raises:
        CalculationBroken: If the text is something else.
    """
    if re.fullmatch(r"0x[0-9a-f]{64}", text) is None:
        raise CalculationBroken(f"{text[:80]!r} is no hash")
    return bytes.fromhex(text[2:])


def _numbers(inputs: Json, path: str) -> Iterator[str]:
    """Give the place of every number that is not the zero of a field that is not read."""
    if isinstance(inputs, str):
        if inputs != "0" and _NUMBER.fullmatch(inputs):
            yield path
    elif isinstance(inputs, Mapping):
        for name, each in inputs.items():
            yield from _numbers(each, f"{path}.{name}" if path else name)
    elif isinstance(inputs, Sequence):
        for at, each in enumerate(inputs):
            yield from _numbers(each, f"{path}[{at}]")


def _number_at(inputs: Json, path: str) -> object:
    """Give what stands at a place of plain inputs."""
    found: Any = inputs
    for name, at in _STEP.findall(path):
        try:
            found = found[name] if name else found[int(at)]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _figure(figure: CalculatedFigure) -> str:
    shown = figure_json(figure)
    rounded = "unrounded" if figure.decimals is None else f"{figure.decimals} decimals"
    return f"{shown['name']} {shown['value']} {figure.unit} ({rounded})"


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return value.name if isinstance(value, RuleStatus) else str(value)


def differing_inputs(
    before: Sequence[SourcedInput], after: Sequence[SourcedInput]
) -> Iterator[tuple[str, str, str]]:
    """Give (place, before, after) of each input that two records do not share."""
    old = {each.path: str(each.amount) for each in before}
    new = {each.path: str(each.amount) for each in after}
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            yield path, old.get(path, "absent"), new.get(path, "absent")
