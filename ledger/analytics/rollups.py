"""
Roll-ups of enterprises to parks, industries and regions (园区、行业、区域汇总), by permission.

The caller passes the members that it may see and nothing of others: what nobody may see is in no
sum, and no sum is presented as that of all. A member without a figure is named as missing, never
taken for zero, and a group says whether it is whole. Regions are codes of GB/T 2260: a code of two
or four digits contains those that begin with it.

Source: DESIGN section 10; FORMATS section 11 (jurisdictions).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.analytics.errors import AnalyticsError, UnitsApart
from ledger.inventory.amounts import Amount, total

_REGION: Final = re.compile(r"[1-9]\d{5}")


class Grouping(StrEnum):
    """What members are put together by."""

    PARK = "park"
    INDUSTRY = "industry"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


_DIGITS: Final = {Grouping.PROVINCE: 2, Grouping.CITY: 4, Grouping.COUNTY: 6}


@dataclass(frozen=True, slots=True)
class Member:
    """An enterprise that the caller may see."""

    usc: str
    name: str
    region: str
    """GB/T 2260, six digits."""
    industry: str
    """Such as a code of GB/T 4754."""
    park: str | None = None

    def __post_init__(self) -> None:
        if _REGION.fullmatch(self.region) is None:
            raise AnalyticsError(f"{self.region!r} is no code of a region", code="analytics.table")


@dataclass(frozen=True, slots=True)
class Group:
    """What the visible members of a group come to."""

    key: str
    """Name of the park or industry, or the region's code."""
    amount: Amount
    """Sum of those that have a figure."""
    members: int
    missing: tuple[str, ...]
    """Credit codes of members without a figure."""
    ranking: tuple[tuple[str, Amount], ...]
    """Members with a figure, the greatest first; equals by credit code."""

    @property
    def is_whole(self) -> bool:
        """Whether every visible member has a figure."""
        return not self.missing


def roll_up(
    visible: Iterable[Member],
    figures: Mapping[str, Amount],
    grouping: Grouping,
    unit: str,
    *,
    within: str = "",
) -> tuple[Group, ...]:
    """
    Add up the figures of visible members by group.

    Args:
        visible: The members that the caller may see; a figure of another is not used.
        figures: By credit code.
        grouping: By what.
        unit: Of every figure.
        within: Only regions whose code begins so; all where it is empty.

    Returns:
        The groups by key; members without a park are in none when parks are asked for.

    Raises:
        UnitsApart: If a figure has another unit.
    """
    members: dict[str, list[Member]] = {}
    for member in visible:
        key = _key(member, grouping)
        if key is not None and member.region.startswith(within):
            members.setdefault(key, []).append(member)
    return tuple(_group(key, members[key], figures, unit) for key in sorted(members))


def _key(member: Member, grouping: Grouping) -> str | None:
    if grouping is Grouping.PARK:
        return member.park
    if grouping is Grouping.INDUSTRY:
        return member.industry
    return member.region[: _DIGITS[grouping]]


def _group(key: str, members: list[Member], figures: Mapping[str, Amount], unit: str) -> Group:
    codes = sorted({member.usc for member in members})
    known = [(code, figures[code]) for code in codes if code in figures]
    for code, amount in known:
        if amount.unit != unit:
            raise UnitsApart(f"{code} is in {amount.unit}, not {unit}")
    return Group(
        key=key,
        amount=total(tuple(amount for _, amount in known), unit),
        members=len(codes),
        missing=tuple(code for code in codes if code not in figures),
        ranking=tuple(sorted(known, key=lambda each: (-each[1].value, each[0]))),
    )
