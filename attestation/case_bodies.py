"""
Records of a verification case: findings, what became of them, and visits to the site.

They lie in the enterprise's log, the verifier's too, so that a case lies in one log. A finding
(不符合项) points to what it is about; what answers or closes it names it by its leaf hash. Effects
are signed amounts of gCO2e: positive where the emissions were stated too low.

Source: FORMATS section 4; DOMAIN section 5 (verification); `docs/formats/case-records.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from attestation.body_fields import (
    AMOUNT,
    HASH,
    SECOND,
    SERIES,
    body_of,
    integer,
    list_of,
    optional,
    require,
    stated,
    text,
    word_of,
)
from attestation.enums import FindingConclusion, FindingKind, FindingSeverity
from attestation.instants import format_instant, from_seconds
from attestation.statements import About, Statement

MAX_FINDINGS: Final = 100_000
"""Highest number of a finding within a case."""
MAX_VERSION: Final = 1_000_000
PARTY_CODE: Final = text(64)
"""Code of a party of the chain's registry."""
_TITLE: Final = text(200)
_TEXT: Final = text(2000)
_REASON: Final = text(1000)
_MAX_ENTRY: Final = 1 << 48
_MAX_LATITUDE: Final = 90_000_000
_MAX_LONGITUDE: Final = 180_000_000
_SHORT: Final = (FindingConclusion.CORRECTED_SHORT, FindingConclusion.NOT_CORRECTED)
"""Conclusions after which what was found is still so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What a finding or a comment is about: one of four kinds of place."""

    line: str | None = optional(text(200))
    """Name of a line of the inventory."""
    document: bytes | None = optional(HASH)
    """SHA-256 of a document."""
    entry: int | None = optional(integer(0, _MAX_ENTRY))
    """Index of an entry of the enterprise's log: a record, or the message of a reading."""
    series: str | None = optional(SERIES)
    """Series of readings; with the time it is about."""
    from_s: int | None = optional(SECOND)
    to_s: int | None = optional(SECOND)
    """Second after the last."""

    def __post_init__(self) -> None:
        named = (self.line, self.document, self.entry, self.series)
        require(sum(each is not None for each in named) == 1, "an anchor names one thing")
        bounds = (self.from_s, self.to_s)
        is_range = self.series is not None
        require(all((each is not None) == is_range for each in bounds), "a series, with its time")
        if self.from_s is not None and self.to_s is not None:
            require(self.from_s < self.to_s, "ends before it begins")

    @property
    def words(self) -> str:
        """Say what it names, as a report lists it: `line NAME`, `entry INDEX`, and so on."""
        if self.line is not None:
            return f"line {self.line}"
        if self.document is not None:
            return f"document {self.document.hex()}"
        if self.entry is not None:
            return f"entry {self.entry}"
        bounds = (
            format_instant(from_seconds(each))
            for each in (self.from_s, self.to_s)
            if each is not None
        )
        return f"series {self.series} from {' to '.join(bounds)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A conservative estimate (保守估计) of what was not put right."""

    formula: str = stated(text(500))
    """How it was worked out, with the numbers put in."""
    amount_gco2e: int = stated(AMOUNT)
    """Emissions that are taken in place of what was reported."""
    difference_gco2e: int = stated(AMOUNT)
    """By how much that is more than what was reported."""

    def __post_init__(self) -> None:
        require(self.amount_gco2e >= 0, "an estimate below nothing")
        require(self.difference_gco2e >= 0, "an estimate below what was reported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Statement):
    """The verifier found something (不符合项)."""

    record_type: ClassVar[str] = "finding"

    inventory: bytes = stated(HASH)
    """Id of the inventory, which is the case."""
    version: int = stated(integer(1, MAX_VERSION))
    """Number of the submitted version it was found in, as on chain."""
    number: int = stated(integer(1, MAX_FINDINGS))
    """From 1 on within the case."""
    verifier: str = stated(PARTY_CODE)
    """Code of the verifier that raises it."""
    kind: FindingKind = stated(word_of(FindingKind))  # noqa: RUF009 - a field
    severity: FindingSeverity = stated(word_of(FindingSeverity))  # noqa: RUF009 - a field
    anchor: Anchor = stated(body_of(Anchor))  # noqa: RUF009 - a field
    title: str = stated(_TITLE)
    text: str = stated(_TEXT)
    effect_gco2e: int | None = optional(AMOUNT)
    """What it means for the total: positive where the emissions were stated too low."""
    raised_s: int = stated(SECOND)
    due_s: int = stated(SECOND)
    """Second before which an answer is asked for."""

    def __post_init__(self) -> None:
        require(self.raised_s < self.due_s, "due before it was raised")

    @property
    def about(self) -> About:
        """It is about one finding of the case, from the second it was raised."""
        return About(finding_key(self.inventory, self.number), self.raised_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingResponse(Statement):
    """The enterprise answers a finding, and says what it corrected."""

    record_type: ClassVar[str] = "finding-response"

    inventory: bytes = stated(HASH)
    number: int = stated(integer(1, MAX_FINDINGS))
    finding: bytes = stated(HASH)
    """Leaf hash of the finding."""
    text: str = stated(_TEXT)
    corrections: tuple[bytes, ...] = optional(list_of(HASH, least=1, most=100), default=())
    """Leaf hashes of the records that put it right."""
    version: int | None = optional(integer(1, MAX_VERSION))
    """Number of the version that puts it right, as on chain."""
    at_s: int = stated(SECOND)

    def __post_init__(self) -> None:
        require(len(set(self.corrections)) == len(self.corrections), "one correction twice")

    @property
    def about(self) -> About:
        """It is about the finding, from the second it was answered."""
        return About(finding_key(self.inventory, self.number), self.at_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClosing(Statement):
    """Who raised a finding says how it ended."""

    record_type: ClassVar[str] = "finding-closing"

    inventory: bytes = stated(HASH)
    number: int = stated(integer(1, MAX_FINDINGS))
    finding: bytes = stated(HASH)
    """Leaf hash of the finding."""
    conclusion: FindingConclusion = stated(word_of(FindingConclusion))  # noqa: RUF009 - a field
    text: str = stated(_TEXT)
    estimate: Estimate | None = optional(body_of(Estimate))  # noqa: RUF009 - a field
    """What is taken in place of what was reported; where it was not put right, and only there."""
    at_s: int = stated(SECOND)

    def __post_init__(self) -> None:
        is_short = self.conclusion in _SHORT
        require(is_short or self.estimate is None, "an estimate of what was put right")

    @property
    def about(self) -> About:
        """It is about the finding, from the second it was closed."""
        return About(finding_key(self.inventory, self.number), self.at_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReopening(Statement):
    """Who closed a finding takes that back."""

    record_type: ClassVar[str] = "finding-reopening"

    inventory: bytes = stated(HASH)
    number: int = stated(integer(1, MAX_FINDINGS))
    finding: bytes = stated(HASH)
    """Leaf hash of the finding."""
    closing: bytes = stated(HASH)
    """Leaf hash of the closing that is taken back."""
    reason: str = stated(_REASON)
    at_s: int = stated(SECOND)
    due_s: int = stated(SECOND)

    def __post_init__(self) -> None:
        require(self.at_s < self.due_s, "due before it was opened again")

    @property
    def about(self) -> About:
        """It is about the finding, from the second it was opened again."""
        return About(finding_key(self.inventory, self.number), self.at_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisit(Statement):
    """The verifier was at the site (现场核查)."""

    record_type: ClassVar[str] = "site-visit"

    inventory: bytes = stated(HASH)
    version: int = stated(integer(1, MAX_VERSION))
    """Number of the newest submitted version, as on chain."""
    verifier: str = stated(PARTY_CODE)
    """Code of the verifier."""
    from_s: int = stated(SECOND)
    to_s: int = stated(SECOND)
    """Second after the last."""
    place: str = stated(text(200))
    latitude_udeg: int = stated(integer(-_MAX_LATITUDE, _MAX_LATITUDE))
    """Millionths of a degree, WGS 84."""
    longitude_udeg: int = stated(integer(-_MAX_LONGITUDE, _MAX_LONGITUDE))
    persons: tuple[bytes, ...] = stated(list_of(HASH, least=1, most=20))
    """Salted commitments to the persons of the verifier who were there."""
    observations: tuple[str, ...] = stated(list_of(text(1000), least=1, most=20))
    files: tuple[bytes, ...] = optional(list_of(HASH, least=1, most=64), default=())
    """SHA-256 of photographs, checklists and minutes."""

    def __post_init__(self) -> None:
        require(self.from_s < self.to_s, "ends before it begins")
        require(len(set(self.persons)) == len(self.persons), "one person twice")
        require(len(set(self.files)) == len(self.files), "one file twice")

    @property
    def about(self) -> About:
        """It is about the case, for the time of the visit."""
        return About(self.inventory.hex(), self.from_s, self.to_s)


def finding_key(inventory: bytes, number: int) -> str:
    """Give what a finding, and everything said about it, is about."""
    return f"{inventory.hex()}:{number}"
