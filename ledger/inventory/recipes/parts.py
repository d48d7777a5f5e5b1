"""
What recipes share: electricity that is bought, and the sum at the end.

Source: CETS-AG-01.01; ISO 14064-1:2018, 6.2; DOMAIN sections 1.1 and 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attestation.enums import DataClass, StreamKind
from attestation.structure_bodies import Stream
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import Asked, Inputs, from_factor
from ledger.inventory.evidence import MISSING_PART, Drawn
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.versions import EMISSIONS
from ledger.inventory.workbench import CORRECTED, Bench, Worked, given, is_complete, no_factor

__all__ = [
    "EMISSIONS",
    "NATIONAL_GRID",
    "OTHER_SECTORS_GRID",
    "bought_streams",
    "grid_emissions",
    "lay_bought",
    "lay_sum",
    "lay_sums",
    "sum_lines",
    "total",
]

_ADDED_UP: Final = frozenset(
    {
        *(
            "fuel-consumption",
            "generation",
            "electricity-supply",
            "own-use",
            "heat-supply",
            "boiler-heat",
        ),
        *("carbon-dioxide", "purchased-electricity"),
    }
)
"""Quantities whose months add up to the period's; means and contents do not."""
NATIONAL_GRID: Final = ("CETS-AG-01.01", "grid emission factor", "national grid 全国电网")
OTHER_SECTORS_GRID: Final = (
    "Notices on emission reports 企业温室气体排放报告管理通知",
    "grid emission factor",
    "national grid, sectors but power 全国电网 其他行业",
)
"""Guide, quantity and subject of what a report year prescribes."""


def bought_streams(streams: Sequence[Stream]) -> tuple[Stream, ...]:
    """Give the source streams of electricity that come in."""
    return tuple(
        each for each in streams if each.kind is StreamKind.ELECTRICITY and not each.leaves
    )


def lay_bought(bench: Bench, stream: Stream) -> list[Line]:
    """Lay down the electricity bought, month by month."""
    parameter = f"purchased-electricity:{stream.code}"
    return [
        bench.activity(DataClass.ENERGY_BOUGHT, month, stream.code, parameter, "MWh")
        for month in bench.months
    ]


def grid_emissions(
    bench: Bench, stream: Stream, bought: Sequence[Line], named: tuple[str, str, str]
) -> Line:
    """Work out the emissions of electricity by the grid factor prescribed for the year."""
    factor = bench.factor(*named)
    if factor is None:
        worked = Worked(None, "", (no_factor(*named, bench.scope.report_year),))
    elif not is_complete(bought):
        worked = Worked(None)
    else:
        inputs: Mapping[str, Inputs] = {
            "purchased_MWh": [given(line) for line in bought],
            "factor_tCO2_per_MWh": from_factor(factor),
        }
        asked = Asked("power.electricity", bench.scope.report_year, inputs, (factor,))
        worked = Worked(bench.calculate(asked), "emissions")
    period = bench.scope.period
    return bench.result(DataClass.EMISSIONS, period, stream.code, EMISSIONS, worked, bought)


def sum_lines(lines: Sequence[Line]) -> Drawn:
    """Add lines of one unit up; missing where one is."""
    obstacles = tuple(
        MISSING_PART.of(f"{line.line_id} is not final") for line in lines if line.obstacles
    )
    sources = tuple(sorted({source for line in lines for source in line.sources}))
    amount: Amount | None = None
    for line in lines:
        if line.amount is None:
            return Drawn(None, sources, obstacles)
        amount = line.amount if amount is None else amount + line.amount
    if amount is None:
        return Drawn.missing(MISSING_PART, "nothing to add up")
    return Drawn(amount, sources, obstacles)


def lay_sums(bench: Bench) -> None:
    """Lay down the whole period's amount of everything that was laid down by the month."""
    if len(bench.months) < 2:
        return
    rows: dict[tuple[DataClass, str, str], list[Line]] = {}
    for line in bench.lines:
        is_month = line.period in bench.months and line.data_class is not DataClass.EMISSIONS
        if is_month and line.quantity in _ADDED_UP:
            rows.setdefault((line.data_class, line.item, line.quantity), []).append(line)
    laid = {(line.data_class, line.item, line.quantity, line.period) for line in bench.lines}
    for (data_class, item, quantity), lines in rows.items():
        if (data_class, item, quantity, bench.scope.period) not in laid:
            lay_sum(bench, lines)


def lay_sum(bench: Bench, measured: Sequence[Line]) -> Line:
    """
    Lay the sum of one quantity's months down, and give what counts.

    Where months are corrected there are two sums: of what was measured, and of what counts.
    """
    first, period = measured[0], bench.scope.period
    named = (first.data_class, period, first.item)
    line = bench.lay(*named, first.quantity, sum_lines(measured))
    name = f"{first.quantity}{CORRECTED}"
    corrected = {
        each.period: each
        for each in bench.lines
        if (each.data_class, each.item, each.quantity) == (first.data_class, first.item, name)
    }
    if not corrected:
        return line
    counting = [corrected.get(each.period, each) for each in measured]
    return bench.lay(*named, name, sum_lines(counting))


def total(bench: Bench, parts: Sequence[Line]) -> Line:
    """Lay down the emissions of the whole period."""
    drawn = sum_lines(parts)
    return bench.lay(DataClass.EMISSIONS, bench.scope.period, TOTAL, EMISSIONS, drawn)
