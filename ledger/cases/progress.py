"""
Which lines a party has seen, and how far it has come.

A tick is of a line as it was: it falls by itself when the line says something else in a later
version, so that nobody has to remember what changed.

Source: SCREENS section 2.1, item 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from attestation.canonical import Json, canonical_json
from attestation.instants import Instant
from ledger.cases.case import Case
from ledger.cases.errors import ContentMissing, PlaceUnknown
from ledger.inventory.lines import Line
from ledger.inventory.sources import SourceKind
from ledger.repositories.cases import Tick


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of the newest version, and whether it was seen as it stands."""

    line: Line
    tick: Tick | None
    """The newest word of the party about it; None where it never spoke."""

    is_seen: bool
    """Whether it was seen as it stands."""
    has_changed: bool
    """Whether it was seen, and says something else now."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a party has come with the lines of a case."""

    lines: tuple[SeenLine, ...]

    @property
    def seen_count(self) -> int:
        """How many lines were seen as they stand."""
        return sum(each.is_seen for each in self.lines)

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the lines that were seen and say something else now."""
        return tuple(each.line.line_id for each in self.lines if each.has_changed)

    @property
    def all_seen(self) -> bool:
        """Whether every line was seen as it stands; not so where there are none."""
        return bool(self.lines) and self.seen_count == len(self.lines)


def substance(line: Line) -> bytes:
    """
    Give the hash of what a line says, 32 bytes.

    Calculation records are salted anew in every version: their names alone are no change.
    """
    content = line.as_json()
    sources: list[Json] = [
        each.as_json() for each in line.sources if each.kind is not SourceKind.CALCULATION
    ]
    return sha256(canonical_json({**content, "sources": sources})).digest()


def progress_of(case: Case, ticks: Iterable[Tick]) -> Progress:
    """
    Say which lines of the newest version a party has seen; none where it is not kept here.

    Args:
        case: The case.
        ticks: What the party said, in order.
    """
    newest = {each.line: each for each in ticks}
    lines = () if case.content is None else case.content.lines
    return Progress(tuple(_seen(each, newest.get(each.line_id)) for each in lines))


def ticks_for(
    case: Case, names: Iterable[str], *, party: str, actor: str, is_seen: bool, now: Instant
) -> list[Tick]:
    """
    Make the ticks by which a party says that it has seen lines, or has not.

    Raises:
        ContentMissing: If the newest version is not kept here.
        PlaceUnknown: If it has no such line.
    """
    by_name = {line.line_id: line for line in case.require_content().lines}
    version = case.version
    if version is None:
        raise ContentMissing("nothing was submitted")
    made: list[Tick] = []
    for name in names:
        if name not in by_name:
            raise PlaceUnknown(f"no line {name} in version {version.number}")
        made.append(
            Tick(
                inventory_id=case.inventory_id,
                party=party,
                actor=actor,
                line=name,
                version=version.number,
                substance=substance(by_name[name]),
                is_seen=is_seen,
                at=now,
            )
        )
    return made


def _seen(line: Line, tick: Tick | None) -> SeenLine:
    if tick is None or not tick.is_seen:
        return SeenLine(line, tick, is_seen=False, has_changed=False)
    is_same = tick.substance == substance(line)
    return SeenLine(line, tick, is_seen=is_same, has_changed=not is_same)
