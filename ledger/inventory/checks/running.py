"""
Running the checks of a version: each month and the whole period, from what lies on the bench.

A check that lacks a number says so; it is kept with the version like every other.

Source: DESIGN section 8; DOMAIN section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attestation.enums import CarbonBasis, DataClass, StreamKind
from attestation.structure_bodies import Stream
from ledger.inventory.amounts import Amount, quotient, total
from ledger.inventory.checks import energy, fuel, patterns, plan
from ledger.inventory.checks.patterns import Months
from ledger.inventory.checks.results import Look
from ledger.inventory.evidence import Drawn, FuelQuality
from ledger.inventory.periods import Period
from ledger.inventory.recipes.gases import is_gaseous
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.workbench import Bench

_PLACES: Final = 4


def check_power_unit(bench: Bench, streams: Sequence[Stream]) -> None:
    """Run every check of a power unit."""
    # A gas has no sample of coal: its heat and carbon are the guide's, or stated.
    burnt = [each for each in streams if each.kind is StreamKind.FUEL and not each.leaves]
    gases = [each for each in burnt if is_gaseous(bench, each)]
    fuels = [each for each in burnt if each not in gases]
    for month in bench.months:
        heat = [_check_fuel(bench, each, month) for each in fuels]
        heat += [_heat_of_gas(bench, each, month) for each in gases]
        _check_energy(bench, month, heat, supplies_heat=_supplies_heat(bench))
    for each in fuels:
        _check_year_of_fuel(bench, each)
    _check_patterns(bench)
    check_reports(bench)
    check_plan(bench)


def check_bought(bench: Bench, stream: Stream) -> None:
    """Look at the months of bought electricity for steps and equal figures."""
    months = _by_month(bench, DataClass.ENERGY_BOUGHT, stream.code, "purchased-electricity")
    period = bench.scope.period
    bench.checks.append(patterns.step_change(period, stream.code, months))
    bench.checks.append(patterns.equal_figures(period, stream.code, months))


def check_reports(bench: Bench) -> None:
    """Say what the laboratory reports of the log raise: reused numbers, months on one day."""
    look = Look("samples.alarms", bench.scope.period, {}, {})
    alarms = bench.evidence.alarms()
    for alarm in alarms:
        entries = ", ".join(map(str, alarm.entries))
        bench.checks.append(
            look.judged(
                False,
                f"{alarm.english}: entries {entries}",
                f"{alarm.chinese}：条目 {entries}",
            )
        )
    if not alarms:
        bench.checks.append(
            look.judged(True, "no two reports contradict each other", "检测报告之间无矛盾")
        )


def check_plan(bench: Bench) -> None:
    """Say where the data departs from the control plan."""
    bench.checks.extend(plan.as_planned(bench.evidence.departures()))


def _check_fuel(bench: Bench, stream: Stream, month: Period) -> Amount | None:
    """Check a fuel's month, batch by batch; gives the heat of what was burnt, in GJ."""
    found = [
        _check_batch(
            bench, stream, each, bench.evidence.quality(bench.scope.unit, stream.subject, each)
        )
        for each in _batches(bench, stream, month)
    ]
    known = tuple(each for each in found if each is not None)
    return total(known, "GJ") if len(known) == len(found) else None


def _batches(bench: Bench, stream: Stream, month: Period) -> tuple[Period, ...]:
    parameter = f"fuel-consumption:{stream.code}"
    return bench.evidence.batches(bench.scope.unit, stream.subject, parameter, month)


def _check_batch(
    bench: Bench, stream: Stream, month: Period, quality: FuelQuality
) -> Amount | None:
    if quality.basis is CarbonBasis.FROM_HEAT:
        look = Look("samples.custody", month, {}, {})
        why = "; ".join(quality.reasons)
        bench.checks.append(
            look.judged(
                False,
                f"the default stands in for {stream.code}: {why}",
                f"{stream.code} 采用缺省值：{why}",
            )
        )
        return None
    heat = quality.heat
    bench.checks.append(
        fuel.carbon_against_heat(month, stream.subject, carbon=quality.carbon.amount, heat=heat)
    )
    consumed = _amount(bench, DataClass.ENERGY_IN, month, stream.code, "fuel-consumption")
    return None if heat is None or consumed is None else consumed * heat


def _heat_of_gas(bench: Bench, gas: Stream, month: Period) -> Amount | None:
    found = [
        _amount(bench, DataClass.ENERGY_IN, month, gas.code, quantity)
        for quantity in ("fuel-consumption", "net-calorific-value")
    ]
    return None if found[0] is None or found[1] is None else found[0] * found[1]


def _check_energy(
    bench: Bench, month: Period, heat: Sequence[Amount | None], *, supplies_heat: bool
) -> None:
    known = [each for each in heat if each is not None]
    fuel_heat = total(tuple(known), "GJ") if known and len(known) == len(heat) else None
    generated = _amount(bench, DataClass.ENERGY_OUT, month, "electricity", "generation")
    supplied = _amount(bench, DataClass.ENERGY_OUT, month, "heat", "heat-supply")
    bench.checks.append(
        energy.efficiency(
            month,
            generated=generated,
            heat_supplied=supplied,
            fuel_heat=fuel_heat,
            supplies_heat=supplies_heat,
        )
    )
    # Both sides must be planned, else the unit has nothing to compare.
    if supplies_heat and _plans(bench, "boiler-heat", month):
        made = _amount(bench, DataClass.ENERGY_OUT, month, "boiler", "boiler-heat")
        bench.checks.append(
            energy.heat_below_boiler(month, heat_supplied=supplied, boiler_heat=made)
        )
    bench.checks.append(
        energy.electricity_balance(
            month,
            generated=generated,
            bought=_sum_of(bench, DataClass.ENERGY_BOUGHT, month, "purchased-electricity"),
            supplied=_amount(
                bench, DataClass.ENERGY_OUT, month, "electricity", "electricity-supply"
            ),
            used=_amount(bench, DataClass.ENERGY_OUT, month, "electricity", "own-use"),
        )
    )
    bench.checks.append(
        energy.stack_against_calculation(
            month,
            calculated=_sum_of(bench, DataClass.EMISSIONS, month, "emissions"),
            measured=_amount(bench, DataClass.FLUE_GAS, month, "stack", "carbon-dioxide"),
        )
    )


def _check_year_of_fuel(bench: Bench, stream: Stream) -> None:
    period = bench.scope.period
    points: list[tuple[Period, Amount, Amount]] = []
    for batch in (each for month in bench.months for each in _batches(bench, stream, month)):
        quality = bench.evidence.quality(bench.scope.unit, stream.subject, batch)
        if quality.heat is not None and quality.carbon.amount is not None:
            points.append((batch, quality.heat, quality.carbon.amount))
    bench.checks.append(fuel.carbon_regression(period, points))
    burnt = _by_month(bench, DataClass.ENERGY_IN, stream.code, "fuel-consumption")
    _check_stock(bench, stream, burnt)
    carbon = _by_month(bench, DataClass.ENERGY_IN, stream.code, "carbon-content")
    bench.checks.append(patterns.step_change(period, f"carbon of {stream.code}", carbon))
    bench.checks.append(patterns.equal_figures(period, f"carbon of {stream.code}", carbon))
    bench.checks.append(patterns.equal_figures(period, f"use of {stream.code}", burnt))


def _check_stock(bench: Bench, stream: Stream, burnt: Months) -> None:
    """Check each month that has a ledger, and the period by its ledgers or by what is stated."""
    period, unit = bench.scope.period, bench.scope.unit
    by_ledger = [bench.evidence.fuel_ledger(stream, month) for month in bench.months]
    known = [each.found for each in by_ledger if each.found is not None]
    if len(bench.months) > 1:
        for (month, amount), each in zip(burnt, by_ledger, strict=True):
            if each.found is not None:
                bench.checks.append(fuel.burnt_against_ledger(month, amount, [each.found]))
    amounts = [amount for _, amount in burnt if amount is not None]
    whole = total(tuple(amounts), "t") if len(amounts) == len(burnt) else None
    if len(known) == len(by_ledger):
        bench.checks.append(fuel.burnt_against_ledger(period, whole, known))
        if len(known) > 1:
            bench.checks.append(fuel.stock_carried(period, known))
        return
    names = ("fuel-received", "fuel-stock-opening", "fuel-stock-closing")
    drawn = [bench.evidence.stated(unit, f"{name}:{stream.code}", period) for name in names]
    received, opening, closing = (each.amount for each in drawn)
    if received is None and opening is None and closing is None:
        lacking = [each for each in by_ledger if each.found is None]
        english = "; ".join(each.english for each in lacking)
        chinese = "；".join(each.chinese for each in lacking)
        bench.checks.append(fuel.without_ledger(period, english, chinese))
        return
    bench.checks.append(
        fuel.burnt_against_stock(
            period,
            burnt=whole,
            received=received,
            opening=opening,
            closing=closing,
            sources=_documents(drawn),
        )
    )


def _documents(drawn: Sequence[Drawn]) -> tuple[Source, ...]:
    found = (source for each in drawn for source in each.sources)
    return tuple(dict.fromkeys(each for each in found if each.kind is SourceKind.DOCUMENT))


def _check_patterns(bench: Bench) -> None:
    period = bench.scope.period
    intensity: list[tuple[Period, Amount | None]] = []
    for month in bench.months:
        emitted = _sum_of(bench, DataClass.EMISSIONS, month, "emissions")
        made = _amount(bench, DataClass.ENERGY_OUT, month, "electricity", "generation")
        known = emitted is not None and made is not None and not made.is_zero
        found = quotient(emitted, made, _PLACES) if known and emitted and made else None
        intensity.append((month, found))
    bench.checks.append(patterns.step_change(period, "emissions per MWh", intensity))


def _plans(bench: Bench, parameter: str, month: Period) -> bool:
    return bench.evidence.planned(bench.scope.unit, parameter, month) is not None


def _supplies_heat(bench: Bench) -> bool:
    return any(line.quantity == "heat-supply" for line in bench.lines)


def _amount(
    bench: Bench, data_class: DataClass, period: Period, item: str, quantity: str
) -> Amount | None:
    for line in bench.lines:
        found = (line.data_class, line.period, line.item, line.quantity)
        if found == (data_class, period, item, quantity):
            return line.amount
    return None


def _sum_of(bench: Bench, data_class: DataClass, period: Period, quantity: str) -> Amount | None:
    """Add the lines of a class and period up; None where there is none or one is missing."""
    amounts: list[Amount] = []
    for line in bench.lines:
        if (line.data_class, line.period, line.quantity) == (data_class, period, quantity):
            if line.amount is None:
                return None
            amounts.append(line.amount)
    return total(tuple(amounts), amounts[0].unit) if amounts else None


def _by_month(
    bench: Bench, data_class: DataClass, item: str, quantity: str
) -> list[tuple[Period, Amount | None]]:
    return [(month, _amount(bench, data_class, month, item, quantity)) for month in bench.months]
