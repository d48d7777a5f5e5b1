"""
Where a number comes from: the pointer that stands beside every input of a calculation.

Whoever doubts a number follows its sources down to readings, samples and documents; there is no
number without one.

Source: DESIGN section 8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from attestation.canonical import Json, require_object
from attestation.errors import EncodingError

_INDEX: Final = r"0|[1-9][0-9]{0,18}"
_SHA256: Final = r"[0-9a-f]{64}"
_MAX_NOTE: Final = 500


class SourceKind(StrEnum):
    """What a source is."""

    DIGEST = "digest"
    """An activity digest of the enterprise's log, by its entry index."""
    RECORD = "record"
    """A record of the enterprise's log, by its entry index."""
    FACTOR = "factor"
    """A factor of the FactorBook, by its id."""
    DOCUMENT = "document"
    """A document, by its SHA-256."""
    PLAN = "plan"
    """The control plan (数据质量控制方案) that names the number, by its entry index."""
    CALCULATION = "calculation"
    """Another calculation record, by its SHA-256."""


_FORMS: Final = {
    SourceKind.DIGEST: re.compile(_INDEX),
    SourceKind.RECORD: re.compile(_INDEX),
    SourceKind.PLAN: re.compile(_INDEX),
    SourceKind.FACTOR: re.compile(rf"0x{_SHA256}"),
    SourceKind.DOCUMENT: re.compile(_SHA256),
    SourceKind.CALCULATION: re.compile(_SHA256),
}


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One pointer to where a number comes from."""

    kind: SourceKind
    reference: str
    """Entry index as a decimal, `0x` and the factor id, or a SHA-256 in hex, by the kind."""
    note: str = ""
    """What of it is meant, for people; at most 500 characters."""

    def __post_init__(self) -> None:
        if _FORMS[self.kind].fullmatch(self.reference) is None:
            raise EncodingError(
                f"{self.reference[:80]!r} does not name a {self.kind.value}",
                code="encoding.source",
            )
        if len(self.note) > _MAX_NOTE:
            raise EncodingError("the note is too long", code="encoding.source")

    @classmethod
    def of_entry(cls, kind: SourceKind, index: int, note: str = "") -> Self:
        """Point to an entry of the enterprise's log."""
        return cls(kind, str(index), note)

    @property
    def index(self) -> int:
        """The entry index; of the kinds that name an entry."""
        return int(self.reference)

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in documents."""
        return {"kind": self.kind.value, "reference": self.reference, "note": self.note}

    @classmethod
    def from_json(cls, content: Json) -> Self:
        """
        Read one from a document.

        Raises:
            EncodingError: If it is not one.
        """
        fields: Mapping[str, Json] = require_object(content, "a source")
        kind, reference, note = (fields.get(name) for name in ("kind", "reference", "note"))
        known = isinstance(kind, str) and kind in set(SourceKind)
        if len(fields) != 3 or not known or not isinstance(reference, str):
            raise EncodingError("not a source", code="encoding.source")
        if not isinstance(note, str):
            raise EncodingError("not a source", code="encoding.source")
        return cls(SourceKind(str(kind)), reference, note)
