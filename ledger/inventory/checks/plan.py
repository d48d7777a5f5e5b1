"""
Checks against the data quality control plan: was each figure got as the plan in force says?

Source: DOMAIN section 5 (数据质量控制方案); `docs/formats/inventory-records.md`, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.inventory.checks.results import CheckResult, Look
from ledger.inventory.departures import DatumDepartures
from ledger.inventory.periods import Period

NAME = "plan.departures"


def as_planned(data: Sequence[DatumDepartures]) -> Iterator[CheckResult]:
    """Give one result a period: that every datum was got as planned, or what departs from it."""
    by_period: dict[Period, list[DatumDepartures]] = {}
    for each in data:
        by_period.setdefault(each.period, []).append(each)
    for period, row in sorted(by_period.items()):
        look = Look(NAME, period, {}, {})
        found = [(each, departure) for each in row for departure in each.departures]
        if found:
            english = "; ".join(f"{each.parameter}: {one.text}" for each, one in found)
            chinese = "；".join(f"{each.parameter}：{one.text_zh}" for each, one in found)
            yield look.judged(False, english, chinese)
        else:
            yield look.judged(
                True, f"{len(row)} data were got as planned", f"{len(row)} 项数据获取方式符合方案"
            )
