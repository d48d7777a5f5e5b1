"""
Numbers of verification reports: province, body, enterprise, year and version.

Source: DOMAIN section 5 (report); GB/T 2260 (provinces).
"""

from __future__ import annotations

import re
from typing import Final

from ledger.reports.errors import ReportRefused, WishMalformed

_PROVINCES: Final = {
    11: "京",
    12: "津",
    13: "冀",
    14: "晋",
    15: "蒙",
    21: "辽",
    22: "吉",
    23: "黑",
    31: "沪",
    32: "苏",
    33: "浙",
    34: "皖",
    35: "闽",
    36: "赣",
    37: "鲁",
    41: "豫",
    42: "鄂",
    43: "湘",
    44: "粤",
    45: "桂",
    46: "琼",
    50: "渝",
    51: "川",
    52: "贵",
    53: "云",
    54: "藏",
    61: "陕",
    62: "甘",
    63: "青",
    64: "宁",
    65: "新",
    71: "台",
    81: "港",
    82: "澳",
}
_BODY = re.compile(r"[A-Z0-9\u4e00-\u9fff]{1,12}")
_LAST: Final = 6


def report_number(*, area: int, body: str, credit_code: str, year: int, version: int) -> str:
    """
    Give the number of a report: `闽-ABC-123456-2025-1`.

    Args:
        area: GB/T 2260 code of where the enterprise reports, six digits.
        body: The verifier's abbreviation: 1 to 12 capital letters, digits or Chinese characters.
        credit_code: Of the enterprise; its last six characters stand in the number.
        year: Report year.
        version: Version that the report is of, as the registry counts.

    Raises:
        ReportRefused: If the area is of no province, or the abbreviation has another form.
    """
    province = _PROVINCES.get(area // 10_000)
    if province is None:
        raise ReportRefused(f"{area} lies in no province", code="report.area")
    if _BODY.fullmatch(body) is None:
        raise WishMalformed(
            f"{body[:20]!r} is no abbreviation of 1 to 12 capital letters, digits or Chinese"
            " characters",
            code="report.body_name",
        )
    return f"{province}-{body}-{credit_code[-_LAST:]}-{year}-{version}"
