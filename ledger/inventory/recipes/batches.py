"""
Several samples in one month: the mean of their carbon, weighted by what was burnt of each.

The emissions do not rest on it: each batch is a line of the rule of combustion by itself, with its
own amount and its own carbon or default, so that nothing is rounded in between. The mean is shown
for the month and looked at by the checks. It is never the arithmetic one.

Source: CETS-AG-01.01, 6.2 (weighted means); DOMAIN section 1.1, formula (4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attestation.enums import DataClass
from attestation.structure_bodies import Stream
from ledger.inventory.calculation import Asked, Inputs
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period
from ledger.inventory.workbench import Bench, Worked, amount_of, given, is_complete

CARBON: Final = "carbon-content"
_UNIT: Final = "tC/t"
_DECIMALS: Final = 4
"""Of a carbon content in a report."""


def lay_mean(bench: Bench, fuel: Stream, month: Period, batches: Sequence[Sequence[Line]]) -> None:
    """
    Lay the mean carbon content of a month down, where all of it was measured in one state.

    Args:
        bench: Where it is laid.
        fuel: The fuel.
        month: The month.
        batches: Of each batch the line of what was burnt, then those of its quality.
    """
    states = {tuple(line.quantity for line in lines[1:]) for lines in batches}
    if len(states) != 1 or CARBON not in states.pop():
        return
    rests_on = [line for lines in batches for line in (lines[0], _carbon(lines))]
    if not is_complete(rests_on) or all(amount_of(lines[0]).is_zero for lines in batches):
        return
    rows: list[Inputs] = [
        {
            "weight": given(lines[0], unit_apart=True),
            "value": given(_carbon(lines), unit_apart=True),
        }
        for lines in batches
    ]
    inputs: dict[str, Inputs] = {"unit": _UNIT, "decimals": _DECIMALS, "lines": rows}
    asked = Asked("mean.weighted", bench.scope.report_year, inputs)
    worked = Worked(bench.calculate(asked), "mean")
    bench.result(DataClass.ENERGY_IN, month, fuel.code, CARBON, worked, rests_on)


def _carbon(lines: Sequence[Line]) -> Line:
    return next(line for line in lines if line.quantity == CARBON)
