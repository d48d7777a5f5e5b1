"""
A facility whose bought energy is accounted with factors that the enterprise states.

For inventories outside of a guide that prescribes factors (ISO 14064-1, or a report year before the
first guide): the enterprise states the factor with the document it stands in, and its control plan
names the parameter, so that the choice is signed before the result is known.

Source: ISO 14064-1:2018, 6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attestation.enums import DataClass
from attestation.structure_bodies import Stream
from ledger.inventory.calculation import Asked, Inputs
from ledger.inventory.checks.running import check_bought, check_plan
from ledger.inventory.lines import Line
from ledger.inventory.recipes.parts import EMISSIONS, bought_streams, lay_bought, lay_sums, total
from ledger.inventory.workbench import Bench, Worked, given, is_complete

FACTOR_UNIT: Final = "kgCO2e"
"""Of the emissions of one unit of activity, as the rule takes it."""


def work(bench: Bench) -> None:
    """Lay down every line of such a facility."""
    _, streams = bench.evidence.unit(bench.scope.unit, bench.scope.period)
    bought = bought_streams(streams)
    parts = [_of_stream(bench, stream) for stream in bought]
    lay_sums(bench)
    total(bench, parts)
    for stream in bought:
        check_bought(bench, stream)
    check_plan(bench)


def _of_stream(bench: Bench, stream: Stream) -> Line:
    period = bench.scope.period
    bought = lay_bought(bench, stream)
    stated = bench.evidence.stated(bench.scope.unit, f"emission-factor:{stream.code}", period)
    factor = bench.lay(
        DataClass.ENERGY_BOUGHT, period, stream.code, f"emission-factor-per-{_unit(bought)}", stated
    )
    for line in bought:
        worked = _work(bench, [line], factor)
        item = (DataClass.EMISSIONS, line.period, stream.code, EMISSIONS)
        if line.period != period:
            bench.result(*item, worked, [line, factor])
    worked = _work(bench, bought, factor)
    return bench.result(
        DataClass.EMISSIONS, period, stream.code, EMISSIONS, worked, [*bought, factor]
    )


def _work(bench: Bench, bought: list[Line], factor: Line) -> Worked:
    if not is_complete([*bought, factor]):
        return Worked(None)
    rows: list[Mapping[str, Inputs]] = [
        {
            "unit": _unit([line]),
            "activity": given(line, unit_apart=True),
            "factor_kgCO2e": given(factor),
        }
        for line in bought
    ]
    asked = Asked("activity.factors", bench.scope.report_year, {"lines": rows})
    return Worked(bench.calculate(asked), "emissionsTonnes")


def _unit(lines: list[Line]) -> str:
    return next((line.amount.unit for line in lines if line.amount is not None), "MWh")
