"""
Whether a verifier may verify an enterprise: asked before it accepts, by the chain's credentials.

The contract decides when the authority assigns; here the same questions are answered one by one
beforehand, so that nobody is surprised. What the chain does not say cannot be checked here:
interests of single persons are declared on paper.

Source: 碳排放交易管理暂行条例, article 13; `contracts/interfaces/ICredentials.sol`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from attestation.enums import Outcome, PartyKind
from ledger.cases.case import Case
from ledger.inventory.periods import day_of
from ledger.repositories.chain_inventories import ChainInventory
from ledger.repositories.credentials import ConflictOfInterest, Credential
from ledger.unit_of_work import UnitOfWork

_PROVINCE: Final = 10_000
_CITY: Final = 100
NATION: Final = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One question of impartiality, and its answer."""

    name: str
    """Such as `impartiality.rotation`; stable."""
    outcome: Outcome
    """HELD where nothing stands in the way."""
    english: str
    chinese: str


def contains(area: int, code: int) -> bool:
    """Say whether an area of GB/T 2260 is another or contains it; 0 is the nation."""
    if area in (NATION, code):
        return True
    if area % _PROVINCE == 0:
        return province_of(code) == area
    return area % _CITY == 0 and code - code % _CITY == area


def province_of(code: int) -> int:
    """Give the code of the province that a code lies in."""
    return code - code % _PROVINCE


def impartiality(uow: UnitOfWork, case: Case, verifier: bytes) -> tuple[Question, ...]:
    """
    Ask whether a verifier may verify the enterprise of a case now.

    Args:
        uow: A reading unit of work.
        case: The case.
        verifier: Party id of the verifier, 32 bytes.
    """
    inventory, now_s = case.inventory, case.now_s
    credential = uow.credentials.of(verifier)
    conflicts = [
        each for each in uow.credentials.conflicts(verifier) if each.from_s <= now_s < each.to_s
    ]
    years = uow.credentials.verified_years(verifier, inventory.enterprise)
    limit = uow.credentials.rotation_years()
    return (
        _accredited(credential, inventory, now_s),
        _unrelated(
            uow.credentials.group_of(verifier), uow.credentials.group_of(inventory.enterprise)
        ),
        _advised(conflicts, inventory),
        _prepares(conflicts, inventory),
        rotation(years, limit, day_of(now_s).year),
    )


def rotation(years: Iterable[int], limit: int, year: int) -> Question:
    """
    Ask whether a verification this year would be one year in a row too many.

    Args:
        years: Calendar years in which the verifier verified the enterprise.
        limit: The most years in a row; 0 for no limit.
        year: The present one, of the reporting zone.
    """
    known = set(years)
    run = 0
    while year - run - 1 in known:
        run += 1
    of_limit = "without a limit" if limit == 0 else f"of {limit} allowed"
    of_limit_zh = "无上限" if limit == 0 else f"上限 {limit} 年"
    return _question(
        "rotation",
        limit == 0 or run < limit,
        f"verified in {run} years in a row before {year}, {of_limit}",
        f"{year} 年之前已连续核查 {run} 年，{of_limit_zh}",
    )


def _accredited(credential: Credential | None, inventory: ChainInventory, now_s: int) -> Question:
    if credential is None or credential.kind is not PartyKind.VERIFIER:
        return _question(
            "accreditation", False, "the chain knows no accreditation", "链上没有核查资质记录"
        )
    reasons: list[tuple[str, str]] = []
    if not credential.is_valid(now_s):
        reasons.append(("it is not valid now", "目前无效"))
    if inventory.sector not in credential.sectors:
        reasons.append(("the sector is not covered", "不含该行业"))
    if not any(contains(each, inventory.area) for each in credential.areas):
        reasons.append(("the area is not covered", "不含该地区"))
    return _question(
        "accreditation",
        not reasons,
        "; ".join(each for each, _ in reasons) or "covers sector and area, and is valid",
        "；".join(each for _, each in reasons) or "资质有效，覆盖该行业和地区",
    )


def _unrelated(verifier: str | None, enterprise: str | None) -> Question:
    is_related = verifier is not None and verifier == enterprise
    return _question(
        "group",
        not is_related,
        f"both are of the group {verifier}" if is_related else "not of one group",
        f"同属 {verifier}" if is_related else "不属同一集团",
    )


def _advised(conflicts: list[ConflictOfInterest], inventory: ChainInventory) -> Question:
    found = [each for each in conflicts if each.enterprise == inventory.enterprise]
    return _question(
        "advice",
        not found,
        "; ".join(each.reason for each in found) or "no advice to the enterprise is recorded",
        "；".join(each.reason for each in found) or "没有为该企业提供咨询的记录",
    )


def _prepares(conflicts: list[ConflictOfInterest], inventory: ChainInventory) -> Question:
    province = province_of(inventory.area)
    found = [each for each in conflicts if each.province == province]
    return _question(
        "preparation",
        not found,
        "; ".join(each.reason for each in found) or f"prepares no reports in {province}",
        "；".join(each.reason for each in found) or f"未在 {province} 编制排放报告",
    )


def _question(name: str, holds: bool, english: str, chinese: str) -> Question:
    outcome = Outcome.HELD if holds else Outcome.FAILED
    return Question(f"impartiality.{name}", outcome, english, chinese)
