"""
What can be wrong with a report, or with a disclosure.

    attestation.errors.Error
    ├─ ReportRefused            a report can't be made of what is there
    │  └─ WishMalformed         what is asked for has not its form: day, language, abbreviation
    └─ DisclosureError          a link shows nothing
       ├─ DisclosureUnknown     there is none
       └─ DisclosureOver        it was taken back, has expired, or was opened too often

Codes are stable and listed in `docs/errors.md`.
"""

from __future__ import annotations

from attestation.errors import EncodingError, Error


class ReportRefused(Error):
    """A report can't be made of what is there."""

    code = "report.refused"


class WishMalformed(ReportRefused, EncodingError):
    """What is asked for has not its form; another case would not change that."""

    code = "report.refused"


class DisclosureError(Error):
    """A link shows nothing."""

    code = "disclosure.error"


class DisclosureUnknown(DisclosureError):
    """No disclosure has this name or link."""

    code = "disclosure.unknown"


class DisclosureOver(DisclosureError):
    """The disclosure was taken back, has expired, or was opened as often as it may be."""

    code = "disclosure.over"
