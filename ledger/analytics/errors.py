"""
Errors of analytics.

    attestation.errors.Error
    └─ AnalyticsError              a question that the data cannot answer
       ├─ NoCurve                  a register has standings, not amounts
       ├─ UnitsApart               amounts of different kinds were to be put together
       ├─ TooManyPoints            more points than one answer may have
       ├─ TooLittleData            too few values to say anything about
       └─ TableMalformed           a tariff, tree of meters or rating table is not one

Codes are stable and listed in `docs/errors.md`.
"""

from __future__ import annotations

from attestation.errors import Error


class AnalyticsError(Error):
    """The data cannot answer the question."""

    code = "analytics.error"


class NoCurve(AnalyticsError):
    """The series is of a register's standings: its differences are amounts, it has no curve."""

    code = "analytics.register"


class UnitsApart(AnalyticsError):
    """The amounts measure different things and cannot be put together."""

    code = "analytics.units"


class TooManyPoints(AnalyticsError):
    """The question asks for more points than one answer may have."""

    code = "analytics.too_many"


class TooLittleData(AnalyticsError):
    """There are too few values, or none, to say anything about."""

    code = "analytics.too_little"


class TableMalformed(AnalyticsError):
    """A table of tariffs, meters or ratings does not have its form."""

    code = "analytics.table"
