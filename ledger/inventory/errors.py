"""
Errors of accounting.

    attestation.errors.Error
    └─ InventoryError              accounting cannot go on with what it has
       ├─ PeriodMalformed          not a stretch between days of the reporting zone
       ├─ NotStated                the log has no such record in force at that time
       ├─ DatumIncomplete          a figure was asked for of a datum that is not complete
       ├─ DigestUnknown            no document is kept for this digest entry
       ├─ DigestBroken             the document kept is not what the digest entry commits to
       ├─ AmountError              a number or unit that an amount cannot have
       ├─ FactorUnknown            no factor is prescribed for the report year
       ├─ CalculationBroken        a calculation record is not what its hash or its rule says
       ├─ NotFinal                 what may stand in a draft only was to become final
       ├─ InventoryUnknown         no such inventory or version
       ├─ CalendarUnknown          the calendar of due dates does not have the year or month
       ├─ DocumentRefused          a file that is not kept: too large, or of no known form
       ├─ DocumentUnknown          the enterprise has no document with this hash
       ├─ DocumentErased           the key it was encrypted under is gone
       ├─ DocumentBroken           what is kept does not decrypt to what its hash names
       ├─ EvidenceIncomplete       a manifest cannot be made of the month's draft
       └─ SheetRefused             a sheet with errors; nothing of it is taken

Codes are stable and listed in `docs/errors.md`.
"""

from __future__ import annotations

from attestation.errors import EncodingError, Error


class InventoryError(Error):
    """Accounting cannot go on with what it has."""

    code = "inventory.error"


class PeriodMalformed(InventoryError, EncodingError):
    """The text or the seconds are not a period between days of the reporting zone."""

    code = "inventory.period"


class NotStated(InventoryError):
    """The log has no such record in force at that time."""

    code = "inventory.not_stated"


class DatumIncomplete(InventoryError):
    """A figure was asked for of a datum that is not complete or must not be used."""

    code = "inventory.incomplete"


class DigestUnknown(InventoryError):
    """No document is kept for this digest entry, or there is no such entry."""

    code = "inventory.digest_unknown"


class DigestBroken(InventoryError):
    """The document kept is not what the digest entry commits to."""

    code = "inventory.digest_broken"


class AmountError(InventoryError):
    """A number or a unit is not one that an amount can have, or two units do not go together."""

    code = "inventory.amount"


class FactorUnknown(InventoryError):
    """No factor with that id, or none is prescribed for the report year."""

    code = "inventory.factor"


class CalculationBroken(InventoryError):
    """A calculation record is not in its one form, or its numbers do not follow from it."""

    code = "inventory.calculation"


class NotFinal(InventoryError):
    """Something that may stand in a draft version only was to become final."""

    code = "inventory.not_final"


class InventoryUnknown(InventoryError):
    """There is no such inventory, or it has no such version."""

    code = "inventory.unknown"


class CalendarUnknown(InventoryError):
    """The calendar of due dates does not have the year or month."""

    code = "inventory.calendar"


class DocumentRefused(InventoryError):
    """The file is not kept: it is too large, empty, or its media type has no form."""

    code = "inventory.document"


class DocumentUnknown(InventoryError):
    """The enterprise has no document with this hash."""

    code = "inventory.document_unknown"


class DocumentErased(InventoryError):
    """The key that the document was encrypted under is gone, and the document with it."""

    code = "inventory.document_erased"


class DocumentBroken(InventoryError):
    """What is kept of the document does not decrypt to what its hash names."""

    code = "inventory.document_broken"


class EvidenceIncomplete(InventoryError):
    """A manifest cannot be made: the month's draft is empty, or a file of it is missing."""

    code = "inventory.evidence"


class SheetRefused(InventoryError):
    """The sheet cannot be read, or rows of it are wrong; nothing of it is taken."""

    code = "inventory.sheet"
