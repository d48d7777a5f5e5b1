"""
Pieces: amounts of one series, each over a stretch of seconds, with all that is to be known of it.

A datum is made of pieces that do not overlap. What could not be made a piece is a remark: it is
in no sum, its seconds are missing, and it is named.

Source: DESIGN sections 2 (P7, P14) and 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from attestation.canonical import Json, canonical_json
from ledger.log.marks import Mark
from ledger.log.ranges import EMPTY, Ranges


class Origin(StrEnum):
    """Where an amount comes from."""

    METERED = "metered"
    """Signed by a device or gateway as measured."""
    STATED = "stated"
    """Estimated or substituted, as a device or a signed correction says."""
    IMPORTED = "imported"
    """From a named file."""
    SUBSTITUTED = "substituted"
    """By the control plan's rule, in the place of missing data."""


class RemarkKind(StrEnum):
    """Why something is in no sum."""

    ACROSS = "across-bound"
    """A reading that lies across a bound of the period; nobody can say how it divides."""
    WITHOUT_VALUE = "without-value"
    """A reading that counts and says why it has no value."""
    MULTIPLIER = "multiplier"
    """Its multiplier is not the one in force all the time."""
    RESTART = "restart"
    """A register that fell, and neither an exchange nor its range explains it."""
    EXCHANGE = "exchange"
    """A meter was exchanged, and the record does not say where this register stood."""
    IMPORT_REFUSED = "import-refused"
    """Imported, and the plan does not allow that for this parameter."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An amount over `[start_s, end_s)`, in the unit of its series, times its multiplier."""

    start_s: int
    end_s: int
    amount: Fraction
    origin: Origin
    calibration: str | None
    """Accuracy class of the calibration that covers it; None where none does."""
    entries: tuple[int, ...]
    """Entries it comes from, ascending."""
    marks: frozenset[Mark] = frozenset()
    count: int = 1
    """Readings that it is the sum of: rows of one message are kept together."""

    @property
    def length_s(self) -> int:
        """Its seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """Something over `[start_s, end_s)` that is in no sum, and why."""

    start_s: int
    end_s: int
    kind: RemarkKind
    entries: tuple[int, ...]
    text: str
    count: int = 1
    """How many of a kind follow each other without a second between; `text` is of the first."""

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in a digest's document."""
        return {
            "from": self.start_s,
            "to": self.end_s,
            "kind": self.kind.value,
            "entries": list(self.entries),
            "text": self.text,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What a datum adds up to from one origin, under one standing of calibration."""

    origin: Origin
    calibration: str | None
    """Accuracy class of the calibration; None where none covered it."""
    total: Fraction
    """In the unit of the series."""
    count: int
    """Readings, steps of the register, or substituted stretches."""
    covered_s: int

    def as_json(self) -> dict[str, Json]:
        """Give it as it stands in a digest's document."""
        return {
            "origin": self.origin.value,
            "calibration": self.calibration,
            "total": str(self.total),
            "count": self.count,
            "covered_s": self.covered_s,
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """What a series says of a stretch of time."""

    pieces: tuple[Piece, ...]
    """By start; none overlaps another."""
    remarks: tuple[Remark, ...]
    events: tuple[str, ...] = ()
    """Roll-overs and exchanges that were reckoned with, in words."""

    @property
    def covered(self) -> Ranges:
        """The seconds of its pieces."""
        return covered_by(self.pieces)


def covered_by(pieces: Iterable[Piece]) -> Ranges:
    """Give the seconds of some pieces."""
    return EMPTY.union((piece.start_s, piece.end_s) for piece in pieces)


def condensed(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Put remarks of one kind that follow each other together, so that a lost month is one."""
    open_ones: dict[RemarkKind, Remark] = {}
    found: list[Remark] = []
    for remark in sorted(remarks):
        before = open_ones.get(remark.kind)
        if before is not None and before.end_s == remark.start_s:
            open_ones[remark.kind] = replace(
                before,
                end_s=remark.end_s,
                entries=tuple(sorted({*before.entries, *remark.entries})),
                count=before.count + remark.count,
            )
            continue
        if before is not None:
            found.append(before)
        open_ones[remark.kind] = remark
    return tuple(sorted((*found, *open_ones.values())))


def parts_of(pieces: Iterable[Piece]) -> tuple[Part, ...]:
    """Add pieces up by origin and calibration."""
    found: dict[tuple[Origin, str | None], list[Piece]] = {}
    for piece in pieces:
        found.setdefault((piece.origin, piece.calibration), []).append(piece)
    return tuple(
        Part(
            origin,
            calibration,
            sum((piece.amount for piece in row), Fraction(0)),
            sum(piece.count for piece in row),
            sum(piece.length_s for piece in row),
        )
        for (origin, calibration), row in sorted(
            found.items(), key=lambda each: (each[0][0], each[0][1] or "")
        )
    )


def hash_of(pieces: Iterable[Piece]) -> bytes:
    """Give SHA-256 of some pieces in their order: another reading gives another hash."""
    digest = sha256()
    for piece in pieces:
        content: Json = [
            piece.start_s,
            piece.end_s,
            str(piece.amount),
            piece.origin.value,
            piece.calibration,
            list(piece.entries),
        ]
        digest.update(canonical_json(content) + b"\n")
    return digest.digest()
