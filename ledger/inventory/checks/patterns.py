"""
Checks of patterns: steps from month to month, equal figures, samples of one day, peers.

Source: DOMAIN section 6 (known falsification); DESIGN section 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from ledger.inventory.amounts import Amount, quotient
from ledger.inventory.checks.results import CheckResult, Look
from ledger.inventory.periods import Period

STEP: Final = Amount(Decimal("0.15"), "1")
"""How much a quotient such as emissions per MWh may change from one month to the next; ours."""
PEER: Final = Amount(Decimal("0.20"), "1")
"""How far a unit may lie from the median of its peers, as a part of it; ours."""
PEER_SPREADS: Final = Amount(Decimal("3.5"), "1")
"""And by how many spreads of the peers; ours."""
_SPREAD: Final = Amount(Decimal("1.4826"), "1")
"""What the median distance from the median is of one standard deviation of a normal spread."""
_FEWEST_PEERS: Final = 3
_PLACES: Final = 4

Months = Sequence[tuple[Period, Amount | None]]


def step_change(period: Period, subject: str, months: Months) -> CheckResult:
    """Check that a figure does not jump from one month to the next."""
    inputs = {month.label: amount for month, amount in months}
    look = Look("pattern.step", period, inputs, {"step at most": STEP})
    known = [(month, amount) for month, amount in months if amount is not None]
    known = [(month, amount) for month, amount in known if not amount.is_zero]
    if len(known) < 2:
        return look.unchecked(f"too few months of {subject}", f"{subject} 可比月份不足")
    greatest, where = Amount(Decimal(0), "1"), ""
    for (_, before), (month, after) in pairwise(known):
        change = after - before
        step = quotient(-change if change.value < 0 else change, before, _PLACES)
        if step.value > greatest.value:
            greatest, where = step, month.label
    return look.judged(
        greatest.value <= STEP.value,
        f"{subject} changes most in {where or 'no month'}, by {greatest} of the month before",
        f"{subject} 环比变化最大为 {where or '无'}，变化 {greatest}",
    )


def equal_figures(period: Period, subject: str, months: Months) -> CheckResult:
    """Check that no two months measured the same to the last digit."""
    inputs = {month.label: amount for month, amount in months}
    look = Look("pattern.equal", period, inputs, {})
    by_value: dict[Amount, list[str]] = {}
    for month, amount in months:
        if amount is not None and not amount.is_zero:
            by_value.setdefault(amount, []).append(month.label)
    if sum(len(names) for names in by_value.values()) < 2:
        return look.unchecked(f"too few months of {subject}", f"{subject} 可比月份不足")
    twins = [f"{', '.join(names)}: {amount}" for amount, names in by_value.items() if names[1:]]
    if not twins:
        return look.judged(True, f"no two months of {subject} are equal", f"{subject} 无重复数值")
    return look.judged(
        False,
        f"months with the same {subject}: {'; '.join(twins)}",
        f"{subject} 数值完全相同的月份：{'; '.join(twins)}",
    )


def among_peers(period: Period, own: Amount | None, peers: Mapping[str, Amount]) -> CheckResult:
    """
    Check a unit's intensity against those of units of its class, by median and median distance.

    Neither is moved by one peer that lies far off. A unit is far where it is so by both: by a part
    of the median, and by the spread of the peers themselves.

    Args:
        period: Of all of them.
        own: The unit's.
        peers: Those that whoever runs the check may see, by a name he may see too.
    """
    inputs: dict[str, Amount | None] = {"this unit": own, **peers}
    bounds = {"off at most": PEER, "or spreads at most": PEER_SPREADS}
    look = Look("pattern.peers", period, inputs, bounds)
    lacking = look.lacking()
    if lacking is not None or own is None:
        return lacking or look.unchecked("not there", "缺少数据")
    if len(peers) < _FEWEST_PEERS:
        return look.unchecked(
            f"{len(peers)} peers are at hand, {_FEWEST_PEERS} are wanted",
            f"可比机组 {len(peers)} 个，至少需要 {_FEWEST_PEERS} 个",
        )
    median = _median(sorted(peers.values(), key=_value))
    distances = sorted((_size(each - median) for each in peers.values()), key=_value)
    spread = _median(distances) * _SPREAD
    size = _size(own - median)
    if median.is_zero:
        return look.unchecked("the peers' median is nothing", "同类中位数为零")
    off = quotient(size, median, _PLACES)
    is_far = off.value > PEER.value and size.value > (spread * PEER_SPREADS).value
    return look.judged(
        not is_far,
        f"{own} against a median of {median} of {len(peers)}: {off} of it apart; "
        f"the peers' own spread is {spread}",
        f"本机组 {own}，{len(peers)} 个同类机组中位数 {median}，相差 {off}；同类离散度 {spread}",
    )


def _size(amount: Amount) -> Amount:
    return -amount if amount.value < 0 else amount


def _value(amount: Amount) -> Decimal:
    return amount.value


def _median(values: Sequence[Amount]) -> Amount:
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    both = values[middle - 1] + values[middle]
    return Amount(both.value * Decimal("0.5"), both.unit)
