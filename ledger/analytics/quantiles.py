"""
Quantiles of Student's t distribution, two-sided, as a table: no float is computed with.

Beyond 30 degrees of freedom the value of 30 stands, which makes an interval a little wider.

Source: NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ledger.analytics.errors import TooLittleData

_TABLE: Final = MappingProxyType(
    {
        80: "3.078 1.886 1.638 1.533 1.476 1.440 1.415 1.397 1.383 1.372 1.363 1.356 1.350 1.345 "
        "1.341 1.337 1.333 1.330 1.328 1.325 1.323 1.321 1.319 1.318 1.316 1.315 1.314 1.313 "
        "1.311 1.310",
        95: "12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 "
        "2.131 2.120 2.110 2.101 2.093 2.086 2.080 2.074 2.069 2.064 2.060 2.056 2.052 2.048 "
        "2.045 2.042",
    }
)
CONFIDENCES: Final = tuple(_TABLE)
"""Percent of the cases that an interval is to hold."""


def student_t(confidence: int, degrees: int) -> Decimal:
    """
    Give how many standard errors an interval reaches to each side.

    Raises:
        TooLittleData: If there is no degree of freedom.
        ValueError: If the confidence is none of the table's.
    """
    if confidence not in _TABLE:
        raise ValueError(f"no table for {confidence} %")
    if degrees < 1:
        raise TooLittleData("no degree of freedom is left to judge the spread by")
    values = _TABLE[confidence].split()
    return Decimal(values[min(degrees, len(values)) - 1])
