"""
Errors of cases.

    attestation.errors.Error
    └─ CaseError                   the work on a case cannot go on with what it has
       ├─ CaseUnknown              no such inventory on chain, as far as it was read
       ├─ ContentMissing           the submitted version's document is not kept here
       ├─ PlaceUnknown             a line, comment or finding that the case does not have
       └─ CaseRefused              it contradicts what stands

Codes are stable and listed in `docs/errors.md`.
"""

from __future__ import annotations

from attestation.errors import Error, Retry


class CaseError(Error):
    """The work on a case cannot go on with what it has."""

    code = "case.error"


class CaseUnknown(CaseError):
    """No such inventory stands on chain, as far as its final blocks were read."""

    code = "case.unknown"


class ContentMissing(CaseError):
    """The document of the submitted version is not kept here."""

    code = "case.content_missing"
    retry = Retry.LATER


class PlaceUnknown(CaseError):
    """The case has no such line, comment or finding."""

    code = "case.place_unknown"


class CaseRefused(CaseError):
    """What was asked contradicts what stands in the case."""

    code = "case.refused"
