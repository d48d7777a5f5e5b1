"""
A steel works (钢铁) as a whole: carbon in with fuels and materials, carbon out with products.

Each stream's months come from the instruments; heat values, carbon contents and emission factors
are the guide's. The balance is worked out once, over the whole period. Electricity is laid down
beside it: it is no source of the works' direct emissions.

Source: CETS-AG-03.01-V01-2024, formula (1), forms C.3 and C.5; DOMAIN section 1.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from attestation.enums import DataClass, StreamKind
from attestation.structure_bodies import Stream
from ledger.inventory.calculation import Asked, Inputs, from_factor
from ledger.inventory.checks.running import check_bought
from ledger.inventory.evidence import Drawn
from ledger.inventory.lines import Line, Obstacle
from ledger.inventory.recipes.parts import (
    EMISSIONS,
    bought_streams,
    lay_bought,
    lay_sum,
    lay_sums,
    total,
)
from ledger.inventory.workbench import Bench, Worked, given, is_complete, no_factor
from ledger.ports import FactorValue

GUIDE: Final = "CETS-AG-03.01"
CRUDE_STEEL: Final = "crude steel 粗钢"
_CARBONATES: Final = frozenset({"limestone 石灰石", "dolomite 白云石"})
_ELECTRODES: Final = frozenset({"electrode 电极"})
_HEAT, _CARBON = "net calorific value", "carbon content per heat"
_FACTOR: Final = "emission factor"
_PARAMETERS: Final = {
    (StreamKind.FUEL, False): (DataClass.ENERGY_IN, "fuel-consumption"),
    (StreamKind.FUEL, True): (DataClass.ENERGY_OUT, "fuel-leaving"),
    (StreamKind.PROCESS, False): (DataClass.ENERGY_IN, "material-use"),
    (StreamKind.PROCESS, True): (DataClass.NON_ENERGY_OUTPUT, "product-output"),
    (StreamKind.PRODUCT, True): (DataClass.NON_ENERGY_OUTPUT, "product-output"),
}
"""Data class and name in the control plan, by kind of stream and whether it leaves."""


@dataclass(slots=True)
class _Balance:
    """What the rule is given, and what it rests on."""

    weighed: dict[bool, list[Inputs]] = field(default_factory=lambda: {False: [], True: []})
    """Solid and liquid fuels, by whether they leave."""
    gases: dict[bool, list[Inputs]] = field(default_factory=lambda: {False: [], True: []})
    materials: dict[str, list[Inputs]] = field(
        default_factory=lambda: {"carbonates": [], "electrodes": [], "materials": []}
    )
    products: list[Inputs] = field(default_factory=list)
    factors: dict[bytes, FactorValue] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)

    def inputs(self) -> dict[str, Inputs]:
        """Give them as the rule takes them."""
        return {
            "entering": {"weighed": self.weighed[False], "gases": self.gases[False]},
            "leaving": {"weighed": self.weighed[True], "gases": self.gases[True]},
            **self.materials,
            "products": self.products,
        }


def work(bench: Bench) -> None:
    """Lay down every line of a steel works."""
    _, streams = bench.evidence.unit(bench.scope.unit, bench.scope.period)
    balance = _Balance()
    for stream in streams:
        if (stream.kind, stream.leaves) in _PARAMETERS:
            _weigh(bench, stream, balance)
    bought = bought_streams(streams)
    for stream in bought:
        lay_bought(bench, stream)
    lay_sums(bench)
    part = bench.result(
        DataClass.EMISSIONS,
        bench.scope.period,
        "carbon-balance",
        EMISSIONS,
        _balance(bench, balance),
        balance.lines,
    )
    total(bench, [part])
    for stream in bought:
        check_bought(bench, stream)


def _balance(bench: Bench, balance: _Balance) -> Worked:
    if balance.obstacles or not is_complete(balance.lines):
        return Worked(None, "", tuple(balance.obstacles))
    asked = Asked(
        "steel.company",
        bench.scope.report_year,
        balance.inputs(),
        tuple(balance.factors.values()),
    )
    return Worked(bench.calculate(asked), "emissions")


def _weigh(bench: Bench, stream: Stream, balance: _Balance) -> None:
    """Lay down a stream's months and factors, and put its year into the balance."""
    is_fuel = stream.kind is StreamKind.FUEL
    names = (_HEAT, _CARBON) if is_fuel else (_FACTOR,)
    factors = [bench.factor(GUIDE, name, stream.subject) for name in names]
    for name, factor in zip(names, factors, strict=True):
        if factor is None:
            year = bench.scope.report_year
            balance.obstacles.append(no_factor(GUIDE, name, stream.subject, year))
        else:
            balance.factors[factor.factor_id] = factor
    known = [factor for factor in factors if factor is not None]
    is_gas = bool(known) and known[0].unit.endswith("/e4Nm3")
    amount = _year_of(bench, stream, "e4Nm3" if is_gas else "t")
    balance.lines.append(amount)
    if len(known) < len(names) or amount.amount is None:
        return
    laid = [_lay_factor(bench, stream, factor) for factor in known]
    if is_fuel:
        _add_fuel(stream, amount, laid, balance, is_gas=is_gas)
    else:
        _add_material(stream, amount, laid[0], balance)


def _add_fuel(
    stream: Stream, amount: Line, factors: Sequence[Line], balance: _Balance, *, is_gas: bool
) -> None:
    heat, carbon = (given(line) for line in factors)
    if is_gas:
        row: dict[str, Inputs] = {"amount_e4Nm3": given(amount), "heat_GJ_per_e4Nm3": heat}
        balance.gases[stream.leaves].append(row | {"carbonPerHeat_tC_per_GJ": carbon})
        return
    row = {"amount_t": given(amount), "heat_GJ_per_t": heat, "carbonPerHeat_tC_per_GJ": carbon}
    balance.weighed[stream.leaves].append(row)


def _add_material(stream: Stream, amount: Line, factor: Line, balance: _Balance) -> None:
    if stream.leaves:
        balance.products.append(
            {
                "isCrudeSteel": stream.subject == CRUDE_STEEL,
                "output_t": given(amount),
                "embedded_tCO2_per_t": given(factor),
            }
        )
        return
    kind = "carbonates" if stream.subject in _CARBONATES else "materials"
    if stream.subject in _ELECTRODES:
        kind = "electrodes"
    balance.materials[kind].append(
        {"consumed_t": given(amount), "factor_tCO2_per_t": given(factor)}
    )


def _year_of(bench: Bench, stream: Stream, into: str) -> Line:
    data_class, name = _PARAMETERS[stream.kind, stream.leaves]
    months = [
        bench.activity(data_class, month, stream.code, f"{name}:{stream.code}", into)
        for month in bench.months
    ]
    if len(months) == 1:
        return months[0]
    measured = [
        line
        for line in bench.lines
        if (line.data_class, line.item, line.quantity) == (data_class, stream.code, name)
    ]
    return lay_sum(bench, measured)


def _lay_factor(bench: Bench, stream: Stream, factor: FactorValue) -> Line:
    data_class, _ = _PARAMETERS[stream.kind, stream.leaves]
    value = from_factor(factor)
    name = factor.quantity.replace(" ", "-")
    drawn = Drawn(value.amount, value.sources)
    return bench.lay(data_class, bench.scope.period, stream.code, name, drawn)
