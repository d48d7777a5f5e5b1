"""
Records about the monthly evidence (月度信息化存证): what was handed in, and what was asked.

A manifest names files by their hash; the files themselves are kept elsewhere. A correction is a
new version that supersedes the manifest before it.

Source: DESIGN section 8; DOMAIN section 5 (monthly evidence); `docs/formats/sample-records.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from attestation.body_fields import (
    HASH,
    Kind,
    body_of,
    integer,
    list_of,
    optional,
    require,
    stated,
    text,
    word_of,
)
from attestation.canonical import Json
from attestation.enums import EvidenceKind
from attestation.errors import EncodingError
from attestation.statements import About, Statement
from attestation.structure_bodies import CODE

MAX_FILES: Final = 64
"""Files of one manifest, so that its body stays below 32 KiB; more are packed into one file."""
_MAX_FILE_BYTES: Final = 1 << 40
_ZONE_OFFSET_S: Final = 8 * 3600
"""The reporting zone is UTC+8 the year round (FORMATS section 11)."""
_DAY_S: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
_MONTHS_PER_YEAR: Final = 12
_MONTH = re.compile(r"(?:19[7-9][0-9]|[2-8][0-9]{3})-(?:0[1-9]|1[0-2])")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}")


def _parse_month(content: Json) -> str:
    if not isinstance(content, str) or not _MONTH.fullmatch(content):
        raise EncodingError(f"{content!r} is no month", code="encoding.record_body")
    return content


def parse_media_type(content: Json) -> str:
    """
    Check a media type: type and subtype in lower case, without parameters.

    Raises:
        EncodingError: If it has another form.
    """
    if not isinstance(content, str) or not _MEDIA_TYPE.fullmatch(content):
        raise EncodingError(f"{content!r} is no media type", code="encoding.record_body")
    return content


MONTH: Final = Kind(_parse_month, str)
"""A calendar month of the reporting zone, such as `2024-03`."""
MEDIA_TYPE: Final = Kind(parse_media_type, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """One file of a month's evidence."""

    name: str = stated(text(200))
    kind: EvidenceKind = stated(word_of(EvidenceKind))  # noqa: RUF009 - a field
    media_type: str = stated(MEDIA_TYPE)
    size: int = stated(integer(0, _MAX_FILE_BYTES))
    """Bytes."""
    sha256: bytes = stated(HASH)
    unit: str | None = optional(CODE)
    """Code of the emission unit it is about; left out where it is about the whole enterprise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Statement):
    """The evidence of one month, handed in."""

    record_type: ClassVar[str] = "manifest"

    month: str = stated(MONTH)
    number: int = stated(integer(1, 1000))
    """1 for the first of the month, one more for each that takes its place."""
    files: tuple[EvidenceFile, ...] = stated(
        list_of(body_of(EvidenceFile), least=1, most=MAX_FILES)
    )
    reason: str | None = optional(text(500))
    """Why it takes the place of the one before it; from number 2 on, and only there."""

    def __post_init__(self) -> None:
        require((self.number > 1) == (self.reason is not None), "from number 2 on with a reason")
        names = [each.name for each in self.files]
        require(len(set(names)) == len(names), "two files with one name")
        hashes = [each.sha256 for each in self.files]
        require(len(set(hashes)) == len(hashes), "one file twice")

    @property
    def about(self) -> About:
        """It is about the month."""
        return About(self.month, *bounds_of_month(self.month))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceQuestion(Statement):
    """A verifier or regulator asks about a month's evidence; a new manifest answers it."""

    record_type: ClassVar[str] = "evidence-question"

    month: str = stated(MONTH)
    manifest: bytes = stated(HASH)
    """Leaf hash of the manifest that is asked about."""
    question: str = stated(text(1000))

    @property
    def about(self) -> About:
        """It is about the month."""
        return About(self.month, *bounds_of_month(self.month))


def bounds_of_month(month: str) -> tuple[int, int]:
    """Give the first second of a month in the reporting zone, and the first after it."""
    year, number = int(month[:4]), int(month[5:])
    following = (year + 1, 1) if number == _MONTHS_PER_YEAR else (year, number + 1)
    return _begin_of_month(year, number), _begin_of_month(*following)


def _begin_of_month(year: int, month: int) -> int:
    days = (date(year, month, 1) - _EPOCH).days
    return days * _DAY_S - _ZONE_OFFSET_S
