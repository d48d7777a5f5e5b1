"""
A power unit (发电设施): fuel month by month, electricity bought, power and heat given out.

What is burnt comes from the instruments, its carbon from the laboratory; where the chain of custody
of a sample is broken, the default heat value and carbon content stand in for what it stands for,
as the guide says. Several samples in a month are several lines of the rule, which weighs them by
what was burnt of each. Each month is worked out on its own, and the period as a whole from all
months at once, because the guide weighs the carbon content over the year.

Source: CETS-AG-01.01; DOMAIN section 1.1; CONTRACTS section 2 (`rules/*`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attestation.enums import CarbonBasis, DataClass, StreamKind, UnitClass, label
from attestation.structure_bodies import Stream, Unit
from ledger.inventory.calculation import UNUSED, Asked, Given, Inputs, from_factor
from ledger.inventory.checks.running import check_power_unit
from ledger.inventory.evidence import MISSING_PART, Drawn, FuelQuality
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period
from ledger.inventory.recipes.batches import lay_mean
from ledger.inventory.recipes.gases import Burnt, burn_gas, is_gaseous
from ledger.inventory.recipes.parts import (
    EMISSIONS,
    NATIONAL_GRID,
    bought_streams,
    grid_emissions,
    lay_bought,
    lay_sums,
    total,
)
from ledger.inventory.workbench import Bench, Worked, given, is_complete, no_factor
from ledger.ports import FactorValue

GUIDE: Final = "CETS-AG-01.01"
_LAST_YEAR_WITH_ELECTRICITY: Final = 2025
"""From report year 2026 on purchased electricity is no source (DOMAIN section 1.1)."""
_OUTPUTS: Final = (
    (DataClass.ENERGY_OUT, "generation", "electricity", "MWh"),
    (DataClass.ENERGY_OUT, "electricity-supply", "electricity", "MWh"),
    (DataClass.ENERGY_OUT, "own-use", "electricity", "MWh"),
    (DataClass.ENERGY_OUT, "heat-supply", "heat", "GJ"),
    (DataClass.ENERGY_OUT, "boiler-heat", "boiler", "GJ"),
    (DataClass.FLUE_GAS, "carbon-dioxide", "stack", "t"),
)
"""What a unit gives out: data class, name in the control plan, item, unit of measurement."""
_UNMEASURED: Final = {
    False: "coal not measured, conventional unit 未实测燃煤 常规燃煤机组",
    True: "coal not measured, unconventional unit 未实测燃煤 非常规燃煤机组",
}


def work(bench: Bench) -> None:
    """Lay down every line of a power unit."""
    unit, streams = bench.evidence.unit(bench.scope.unit, bench.scope.period)
    fuels = [each for each in streams if each.kind is StreamKind.FUEL and not each.leaves]
    burnt: list[list[Burnt]] = [[] for _ in fuels]
    for month in bench.months:
        for at, fuel in enumerate(fuels):
            new = _burn(bench, unit, fuel, month)
            burnt[at] += new
            _emissions(bench, unit, month, [fuel], [new], fuel.code)
        _outputs(bench, month)
    parts = [_emissions(bench, unit, bench.scope.period, fuels, burnt, "combustion")]
    for stream in bought_streams(streams):
        bought = lay_bought(bench, stream)
        if bench.scope.report_year <= _LAST_YEAR_WITH_ELECTRICITY:
            parts.append(grid_emissions(bench, stream, bought, NATIONAL_GRID))
    lay_sums(bench)
    total(bench, parts)
    check_power_unit(bench, streams)


def _burn(bench: Bench, unit: Unit, fuel: Stream, month: Period) -> list[Burnt]:
    """Lay down a month of a fuel; what one sample each stands for is a batch of its own."""
    if is_gaseous(bench, fuel):
        return [burn_gas(bench, fuel, month)]
    parameter = f"fuel-consumption:{fuel.code}"
    consumed = bench.activity(DataClass.ENERGY_IN, month, fuel.code, parameter, "t")
    batches = bench.evidence.batches(unit.code, fuel.subject, parameter, month)
    if batches == (month,):
        return [_burn_batch(bench, unit, fuel, month, consumed)]
    found: list[Burnt] = []
    for each in batches:
        part = bench.activity(DataClass.ENERGY_IN, each, fuel.code, parameter, "t", held_by=month)
        found.append(_burn_batch(bench, unit, fuel, each, part))
    lay_mean(bench, fuel, month, [each.lines for each in found])
    return found


def _burn_batch(bench: Bench, unit: Unit, fuel: Stream, month: Period, consumed: Line) -> Burnt:
    """Lay down the carbon of what was burnt while one sample stands for it."""
    quality = bench.evidence.quality(unit.code, fuel.subject, month)
    if quality.basis is CarbonBasis.FROM_HEAT:
        lines, inputs, factors = _by_default(bench, unit, fuel, month, quality)
    else:
        lines, inputs, factors = _as_measured(bench, fuel, month, quality), None, ()
        if is_complete(lines):
            inputs = _measured_inputs(quality.basis, lines)
    if inputs is None or consumed.amount is None:
        return Burnt((consumed, *lines), None, ())
    row: dict[str, Inputs] = {"month": month.first_day.month, "consumed_t": given(consumed)}
    return Burnt((consumed, *lines), row | dict(inputs), factors)


def _as_measured(
    bench: Bench, fuel: Stream, month: Period, quality: FuelQuality
) -> tuple[Line, ...]:
    named = {
        "carbon-content": quality.carbon,
        "moisture-as-received": quality.moisture_received,
        "moisture-air-dry": quality.moisture_air_dry,
    }
    return tuple(
        bench.lay(DataClass.ENERGY_IN, month, fuel.code, quantity, drawn)
        for quantity, drawn in named.items()
        if drawn is not None
    )


def _measured_inputs(basis: CarbonBasis, lines: Sequence[Line]) -> Mapping[str, Inputs]:
    by_quantity = {line.quantity: given(line) for line in lines}
    return {
        "basis": label(basis),
        "carbon_tC_per_t": by_quantity["carbon-content"],
        "moistureAsReceived_pct": by_quantity.get("moisture-as-received", UNUSED),
        "moistureAirDry_pct": by_quantity.get("moisture-air-dry", UNUSED),
        "heat_GJ_per_t": UNUSED,
        "carbonPerHeat_tC_per_GJ": UNUSED,
    }


def _by_default(
    bench: Bench, unit: Unit, fuel: Stream, month: Period, quality: FuelQuality
) -> tuple[tuple[Line, ...], Mapping[str, Inputs] | None, tuple[FactorValue, ...]]:
    """Put the guide's values in the place of a carbon content that may not be used."""
    is_unconventional = unit.unit_class is UnitClass.UNCONVENTIONAL_COAL
    wanted = (
        ("default net calorific value", "coal not measured 未实测燃煤"),
        ("default carbon content per heat", _UNMEASURED[is_unconventional]),
    )
    why = "; ".join(quality.reasons)[:400]
    lines: list[Line] = []
    found: list[FactorValue] = []
    for quantity, subject in wanted:
        factor = bench.factor(GUIDE, quantity, subject)
        if factor is None:
            obstacle = no_factor(GUIDE, quantity, subject, bench.scope.report_year)
            drawn = Drawn(None, (), (obstacle,))
        else:
            found.append(factor)
            value = from_factor(factor)
            drawn = Drawn(value.amount, value.sources)
        name = quantity.replace(" ", "-")
        lines.append(bench.lay(DataClass.ENERGY_IN, month, fuel.code, name, drawn))
    if len(found) < len(wanted):
        return tuple(lines), None, ()
    bench.progress(f"{month.label} {fuel.code}: default, {why}")
    heat, carbon = (given(line) for line in lines)
    inputs: Mapping[str, Inputs] = {
        "basis": label(CarbonBasis.FROM_HEAT),
        "carbon_tC_per_t": UNUSED,
        "moistureAsReceived_pct": UNUSED,
        "moistureAirDry_pct": UNUSED,
        "heat_GJ_per_t": heat,
        "carbonPerHeat_tC_per_GJ": carbon,
    }
    return tuple(lines), inputs, tuple(found)


def _emissions(
    bench: Bench,
    unit: Unit,
    period: Period,
    fuels: Sequence[Stream],
    burnt: Sequence[Sequence[Burnt]],
    item: str,
) -> Line:
    """Work out what some fuels emitted in some months."""
    rests_on = [line for months in burnt for each in months for line in each.lines]
    worked = _combustion(bench, fuels, burnt)
    return bench.result(DataClass.EMISSIONS, period, item, EMISSIONS, worked, rests_on)


def _combustion(bench: Bench, fuels: Sequence[Stream], burnt: Sequence[Sequence[Burnt]]) -> Worked:
    if not fuels:
        message = f"{bench.scope.unit} has no fuel among its source streams"
        return Worked(None, "", (MISSING_PART.of(message),))
    factors: dict[bytes, FactorValue] = {}
    rows: dict[bool, list[Inputs]] = {False: [], True: []}
    for fuel, months in zip(fuels, burnt, strict=True):
        is_gas = is_gaseous(bench, fuel)
        oxidation = _oxidation(bench, fuel, is_gas=is_gas)
        if isinstance(oxidation, Worked):
            return oxidation
        value, own = oxidation
        factors |= {factor.factor_id: factor for factor in own}
        lines: list[Inputs] = []
        for each in months:
            if each.inputs is None:
                return Worked(None)
            lines.append(each.inputs)
            factors |= {factor.factor_id: factor for factor in each.factors}
        rows[is_gas].append({"oxidation_1": value, ("months" if is_gas else "lines"): lines})
    asked = Asked(
        "power.combustion",
        bench.scope.report_year,
        {"weighed": rows[False], "gases": rows[True]},
        tuple(factors.values()),
    )
    return Worked(bench.calculate(asked), "emissions")


def _oxidation(
    bench: Bench, fuel: Stream, *, is_gas: bool
) -> Worked | tuple[Given, tuple[FactorValue, ...]]:
    """Give the oxidation rate: the guide's, else what is stated with its document."""
    subject = fuel.subject if is_gas else "coal 燃煤"
    factor = bench.factor(GUIDE, "oxidation rate", subject)
    if factor is not None:
        return from_factor(factor), (factor,)
    name = f"oxidation-rate:{fuel.code}"
    stated = bench.evidence.stated(bench.scope.unit, name, bench.scope.period)
    if stated.amount is None:
        missing = no_factor(GUIDE, "oxidation rate", subject, bench.scope.report_year)
        return Worked(None, "", (missing, *stated.obstacles))
    return Given(stated.amount, stated.sources), ()


def _outputs(bench: Bench, month: Period) -> None:
    """Lay down what the unit gives out, as far as the plan names it."""
    for data_class, parameter, item, into in _OUTPUTS:
        if bench.evidence.planned(bench.scope.unit, parameter, month) is not None:
            bench.activity(data_class, month, item, parameter, into)
