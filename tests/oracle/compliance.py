"""
Compliance and market: carry-over, surrender with its cap, penalties, price and quantity gates.

Source: domain reference 2.5 (carry-over), 3.1 (surrender), 3.3 (penalties), 3.4 (trading).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import ONE, ZERO, floored, half_up, over, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]
_LISTED = "LISTED"
_BLOCK_FROM_T = 100_000


def carry_over(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """T = floor(B + max(0, NS)×R), limited by the holding; only firms that were on time."""
    sheet = Sheet()
    lines = inputs["vintages"]
    sold, bought = (_sum(lines, name) for name in ("sold_t", "bought_t"))
    parts = ("tradable_t", "registered_t", "frozen_t")
    holding = total(_sum(lines, part) for part in parts) - _sum(lines, "pending_t")
    net = sheet.step("netSold", max(ZERO, sold - bought))
    sheet.step("holding", holding)
    base, multiplier = Decimal(inputs["base_t"]), Decimal(inputs["multiplier_1"])
    is_on_time = inputs["isOnTime2023"] and inputs["isOnTime2024"]
    cap = floored(base + net * multiplier)
    most = min(cap, holding) if is_on_time else ZERO
    sheet.result("cap", cap, 0)
    sheet.result("maxCarry", most, 0)
    sheet.result("lapses", holding - most, 0)
    sheet.result("stillOpen", most - Decimal(inputs["requested_t"]), 0)
    if is_on_time and holding > cap:
        sheet.step("saleToCarryAll", _sale(holding, sold - bought, base, multiplier))
    return sheet


def _sale(holding: Decimal, net: Decimal, base: Decimal, multiplier: Decimal) -> Decimal:
    """Give x with base + max(0, net + x)·R = holding − x: what is sold is no more held."""
    without_a_net_sale = holding - base
    if net + without_a_net_sale <= ZERO:
        return without_a_net_sale
    return over(holding - base - net * multiplier, 1 + multiplier)


def offset_cap(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Offsets up to floor(5 %) of the obligation, allowances for the rest."""
    sheet = Sheet()
    obligation = Decimal(inputs["obligation_t"])
    cap = floored(obligation * Decimal("0.05"))
    used_before = Decimal(inputs["earlierOffsets_t"])
    counted_before = min(used_before, cap)
    open_t = max(ZERO, obligation - counted_before - Decimal(inputs["earlierAllowances_t"]))
    offered = _sum(inputs["offsets"], "offered_t")
    held = _sum(inputs["allowances"], "offered_t")
    offsets = min(offered, cap - counted_before, open_t)
    needed = open_t - offsets
    allowances = min(held, needed)
    figures = {
        "offsetCap": cap,
        "offsetsUsed": offsets,
        "allowancesNeeded": needed,
        "allowancesUsed": allowances,
        "shortfall": needed - allowances,
        "offsetsLeft": offered - offsets,
        "allowancesLeft": held - allowances,
        "capExcess": used_before - counted_before,
    }
    for name, value in figures.items():
        sheet.result(name, value, 0)
    return sheet


def penalty_range(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """5 to 10 times the mean price of the month before the deadline, for each tonne."""
    sheet = Sheet()
    worth = Decimal(inputs["shortfall_t"]) * Decimal(inputs["meanPrice_CNY_per_t"])
    sheet.result("lowest", 5 * worth, 2)
    sheet.result("highest", 10 * worth, 2)
    return sheet


def price_band(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """±10 % listed, ±30 % in a block, ends rounded to the tick and allowed."""
    sheet = Sheet()
    close, width = Decimal(inputs["previousClose_CNY_per_t"]), Decimal("0.1")
    if inputs["mode"] != _LISTED:
        width = Decimal("0.3")
    low = sheet.result("low", half_up(close * (1 - width), 2), 2)
    high = sheet.result("high", half_up(close * (1 + width), 2), 2)
    price = Decimal(inputs["price_CNY_per_t"])
    sheet.result("isWithin", ONE if low <= price <= high else ZERO, 0)
    return sheet


def quantity_gate(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Listed 1 to 99 999 t, block 100 000 t or more, whole tonnes."""
    sheet = Sheet()
    quantity = Decimal(inputs["quantity_t"])
    is_block = inputs["mode"] != _LISTED
    fits = quantity >= _BLOCK_FROM_T if is_block else 1 <= quantity < _BLOCK_FROM_T
    is_whole = quantity == floored(quantity)
    sheet.result("isAccepted", ONE if fits and is_whole else ZERO, 0)
    return sheet


def _sum(lines: list[Plain], name: str) -> Decimal:
    return total(Decimal(line[name]) for line in lines)
