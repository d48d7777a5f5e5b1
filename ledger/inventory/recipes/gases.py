"""
Gas burnt in a power unit: its volume by the month, its heat and carbon by the guide or as stated.

A gas is known by its control plan: its consumption is planned in 10⁴ Nm³. Where the guide
prescribes no value for it, the enterprise states one with its document, if its plan says so.

Source: CETS-AG-01.01, formulas (1) and (2); DOMAIN section 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attestation.enums import DataClass
from attestation.structure_bodies import Stream
from ledger.inventory.calculation import Inputs, from_factor
from ledger.inventory.evidence import Drawn
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period
from ledger.inventory.workbench import Bench, given, is_complete
from ledger.ports import FactorValue

UNIT: Final = "e4Nm3"
GUIDE: Final = "CETS-AG-01.01"
_VALUES: Final = ("net calorific value", "carbon content per heat")


@dataclass(frozen=True, slots=True)
class Burnt:
    """A fuel burnt in a month: its lines, and what the rule is given of it."""

    lines: tuple[Line, ...]
    inputs: Mapping[str, Inputs] | None
    """None where something is missing."""
    factors: tuple[FactorValue, ...]


def is_gaseous(bench: Bench, fuel: Stream) -> bool:
    """Say whether a fuel is a gas, by the unit its consumption is planned in."""
    name = f"fuel-consumption:{fuel.code}"
    planned = bench.evidence.planned(bench.scope.unit, name, bench.scope.period)
    return planned is not None and planned.measured_in == UNIT


def burn_gas(bench: Bench, fuel: Stream, month: Period) -> Burnt:
    """Lay down a month of gas."""
    consumed = bench.activity(
        DataClass.ENERGY_IN, month, fuel.code, f"fuel-consumption:{fuel.code}", UNIT
    )
    factors: list[FactorValue] = []
    lines = [consumed]
    for quantity in _VALUES:
        drawn, own = _value(bench, fuel, quantity, month)
        factors += own
        name = quantity.replace(" ", "-")
        lines.append(bench.lay(DataClass.ENERGY_IN, month, fuel.code, name, drawn))
    if not is_complete(lines):
        return Burnt(tuple(lines), None, ())
    heat, carbon = (given(line) for line in lines[1:])
    inputs: Mapping[str, Inputs] = {
        "month": month.first_day.month,
        "consumed_e4Nm3": given(consumed),
        "carbon_tC_per_e4Nm3": [],
        "heat_GJ_per_e4Nm3": [heat],
        "carbonPerHeat_tC_per_GJ": carbon,
    }
    return Burnt(tuple(lines), inputs, tuple(factors))


def _value(
    bench: Bench, fuel: Stream, quantity: str, month: Period
) -> tuple[Drawn, tuple[FactorValue, ...]]:
    factor = bench.factor(GUIDE, quantity, fuel.subject)
    if factor is not None:
        value = from_factor(factor)
        return Drawn(value.amount, value.sources), (factor,)
    name = f"{quantity.replace(' ', '-')}:{fuel.code}"
    return bench.evidence.stated(bench.scope.unit, name, month), ()
