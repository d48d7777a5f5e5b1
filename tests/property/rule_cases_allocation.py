"""What the rules of allocation, compliance and trading take, drawn at random; valid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.support.rule_draws import (
    PERCENTS,
    SHARES,
    Inputs,
    Plain,
    above,
    amounts,
    record,
    several,
    whole,
)

_COAL = ("COAL_ABOVE_300_MW", "COAL_UP_TO_300_MW", "UNCONVENTIONAL_COAL")
_BENCHMARKS = above(0, 1)
_LOADS = amounts(0, 100, places=(0, 2, 4))
_MODES = st.sampled_from(["LISTED", "BLOCK"])
_DAYS_FROM_2024 = (20240122, 20240301, 20261130)


def load() -> Inputs:
    """Any load."""
    return record(load_pct=_LOADS)


@st.composite
def _units(draw: st.DrawFn, **more: st.SearchStrategy[Any]) -> list[Plain]:
    """Units that may be merged: gas alone, or coal of any classes."""
    classes = draw(
        st.one_of(st.just(["GAS"]), st.lists(st.sampled_from(_COAL), min_size=1, max_size=3))
    )
    unit = record(
        powerBenchmark_tCO2_per_MWh=_BENCHMARKS, heatBenchmark_tCO2_per_GJ=_BENCHMARKS, **more
    )
    return [draw(unit) | {"unitClass": unit_class} for unit_class in classes]


def power_by_generation() -> Inputs:
    """Units of a plan from 2023 on."""
    return record(units=_units(), generated_MWh=amounts(), heat_GJ=amounts(), load_pct=_LOADS)


@st.composite
def power_by_supply(draw: st.DrawFn) -> Plain:
    """Units of a plan until 2022; a condensing unit gives no heat."""
    is_heating = draw(st.booleans())
    return {
        "units": draw(_units(isAirCooled=st.booleans())),
        "isHeating": is_heating,
        "supplied_MWh": draw(amounts()),
        "heat_GJ": draw(amounts()) if is_heating else "0",
        "heatRatio_1": draw(SHARES) if is_heating else "0",
        "load_pct": draw(_LOADS),
    }


def pre_allocation_2023() -> Inputs:
    """Any emission."""
    return record(verified_tCO2=amounts())


def pre_allocation_2025() -> Inputs:
    """Any emission and a share up to a half."""
    return record(verified_tCO2=amounts(), share_pct=amounts(0, 50))


def gas_exemption() -> Inputs:
    """A unit of any class."""
    return record(
        unitClass=st.sampled_from([*_COAL, "GAS"]), initial_t=whole(), verified_tCO2=amounts()
    )


def gap_cap() -> Inputs:
    """Units of a firm that emitted something."""
    return record(units=several(record(approved_t=whole(), verified_tCO2=above())))


def sector_2024() -> Inputs:
    """Any emission."""
    return record(verified_tCO2e=amounts())


@st.composite
def sector_deviation(draw: st.DrawFn) -> Plain:
    """Firms inside and outside of the special cases, on both sides of the balance."""
    verified = draw(amounts(0, 10**6))
    process = draw(st.sampled_from(["ORDINARY", "ORDINARY", "WHITE_CLINKER"]))
    slag = draw(st.sampled_from(["0", "30", "30.01", "100"]))
    is_special = process != "ORDINARY" or Decimal(slag) > 30 or Decimal(verified) < 26_000
    balance = draw(above(0, 3))
    near = Decimal(draw(st.sampled_from(["0.8", "0.9", "0.95", "1", "1.1", "1.2", "2"])))
    return {
        "process": process,
        "carbideSlag_pct": slag,
        "firmVerified_tCO2e": verified,
        "verified_tCO2e": verified,
        "balance_tCO2e_per_t": "0" if is_special else balance,
        "intensity_tCO2e_per_t": "0" if is_special else _cut(Decimal(balance) * near),
    }


def _cut(number: Decimal) -> str:
    return f"{number.quantize(Decimal(1).scaleb(-18), 'ROUND_DOWN'):f}"


def tonnes(*names: str) -> Inputs:
    """Whole numbers under these names."""
    return record(**{name: whole() for name in names})


@st.composite
def carry_over(draw: st.DrawFn) -> Plain:
    """Holdings of some vintages; what is pending is among them."""
    vintages = sorted(draw(st.sets(st.integers(2020, 2024), min_size=1, max_size=3)))
    lines = []
    for vintage in vintages:
        parts = draw(tonnes("tradable_t", "registered_t", "frozen_t", "sold_t", "bought_t"))
        pending = draw(st.sampled_from(["tradable_t", "frozen_t"]))
        is_pending = draw(st.booleans())
        lines.append(
            parts | {"vintage": vintage, "pending_t": parts[pending] if is_pending else "0"}
        )
    return {
        "isOnTime2023": draw(st.booleans()),
        "isOnTime2024": draw(st.booleans()),
        "base_t": draw(st.sampled_from(["10000", "0", "0.5"])),
        "multiplier_1": draw(st.sampled_from(["1.5", "0", "0.333"])),
        "requested_t": "0",
        "vintages": lines,
    }


def _surrender(year: int, vintages: tuple[int, ...], days: tuple[int, ...]) -> Inputs:
    held = st.sets(st.sampled_from(vintages), max_size=3).flatmap(
        lambda found: st.tuples(
            *(record(vintage=st.just(each), offered_t=whole()) for each in sorted(found))
        )
    )
    offset = record(
        isUnderAllocation=st.just(False),
        registeredOn=st.sampled_from(days),
        offered_t=whole(10**5),
    )
    return record(
        complianceYear=st.just(year),
        surrenderedOn=st.just((year + 1) * 10_000 + 1231),
        obligation_t=whole(),
        earlierAllowances_t=whole(10**5),
        earlierOffsets_t=whole(10**5),
        allowances=held.map(list),
        offsets=several(offset, least=0, most=3),
    )


def offset_cap_2023() -> Inputs:
    """Surrenders for 2023 and 2024, with what serves them."""
    return st.one_of(
        _surrender(2023, (2020, 2021, 2022, 2023), (20160501, *_DAYS_FROM_2024[:2])),
        _surrender(2024, (2020, 2022, 2023, 2024), _DAYS_FROM_2024[:2]),
    )


def offset_cap_2025() -> Inputs:
    """Surrenders for 2025 and 2026, with what serves them."""
    return st.one_of(
        _surrender(2025, (2025,), _DAYS_FROM_2024), _surrender(2026, (2025, 2026), _DAYS_FROM_2024)
    )


def penalty_range() -> Inputs:
    """Any shortfall and price."""
    return record(shortfall_t=whole(), meanPrice_CNY_per_t=above(0, 1000))


def price_band() -> Inputs:
    """Prices around a close, of whole ticks."""
    ticks = amounts(1, 200, places=(2,))
    return record(mode=_MODES, previousClose_CNY_per_t=ticks, price_CNY_per_t=ticks)


def quantity_gate() -> Inputs:
    """Quantities around the bounds, also ones that are not whole."""
    bounds = st.sampled_from(["0", "0.5", "1", "99999", "99999.5", "100000", "100000.5"])
    return record(mode=_MODES, quantity_t=st.one_of(bounds, whole(), PERCENTS))
