"""
What a deployment publishes first: the factors, benchmarks and curves that the rules rest on.

They stand in `chain/seed/factors/`, one file a subject, as tables whose rows say only what differs.
Numbers are decimal strings and become integers times 10^18 without rounding. A row says where it
was read, what it stands for and how sure it is; nothing is filled in, and a field that is not known
here is refused. What the book would refuse is refused before: an entry given twice, and two that
would be in force for one report year.

Dates are days of the reporting zone, UTC+8. The catalogue of rules is in `chain.rules`.

Source: `contracts/interfaces/IFactorBook.sol`; each table names its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from typing import Any, Final

from attestation.enums import RuleStatus
from chain.bindings.factor_book import FactorEntry
from chain.errors import ArtifactError

DECIMALS: Final = 18
_FOLDER: Final = ("seed", "factors")
_ZONE: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_END: Final = 2**16 - 1
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_FILE_FIELDS: Final = frozenset({"about", "sources", "tables"})
_ENTRY_FIELDS: Final = frozenset(
    {
        *("guide", "edition", "quantity", "subject", "unit", "values", "tableRow"),
        *("reportFrom", "reportTo", "validFrom", "validTo", "status", "source", "confidence"),
    }
)


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors of the seed."""

    entries: tuple[FactorEntry, ...]
    citations: Mapping[bytes, str]
    """By `source_hash`, what was read."""


@cache
def load_factors() -> Factors:
    """
    Read the factors that come with the package, in the order of the files' names.

    Raises:
        ArtifactError: If a file has another form, an entry is given twice, or two entries would be
            in force for one report year.
    """
    folder = resources.files("chain").joinpath(*_FOLDER)
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return parse_factors(file.read_text(encoding="utf-8") for file in files)


def parse_factors(texts: Iterable[str]) -> Factors:
    """
    Read the factors of several files.

    Raises:
        ArtifactError: As `load_factors`.
    """
    entries: list[FactorEntry] = []
    citations: dict[bytes, str] = {}
    for text in texts:
        try:
            content = _only(json.loads(text, object_pairs_hook=_unique), _FILE_FIELDS)
            sources: Mapping[str, str] = content["sources"]
            entries += [_entry(row, sources) for row in _rows(content["tables"])]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtifactError(f"a file of factors is malformed: {error}") from error
        citations |= {citation_hash(citation): citation for citation in sources.values()}
    _require_consistent(entries)
    return Factors(tuple(entries), citations)


def parse_decimal(text: str) -> int:
    """
    Give a decimal string as an integer times 10^18, exactly.

    Raises:
        ValueError: If it is no plain decimal, or has more than 18 decimals.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a decimal number")
    sign, whole, fraction = match.groups()
    fraction = fraction or ""
    if len(fraction) > DECIMALS:
        raise ValueError(f"{text!r} has more than {DECIMALS} decimals")
    return int(f"{sign}{whole}{fraction.ljust(DECIMALS, '0')}")


def citation_hash(citation: str) -> bytes:
    """Give the SHA-256 of what was read, 32 bytes."""
    return hashlib.sha256(citation.encode()).digest()


def _rows(tables: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give each row with what its table says for all of them."""
    for table in tables:
        shared = {name: value for name, value in table.items() if name != "rows"}
        for row in table["rows"]:
            yield _only(shared | row, _ENTRY_FIELDS)


def _entry(row: Mapping[str, Any], sources: Mapping[str, str]) -> FactorEntry:
    if not isinstance(row["values"], list):
        raise TypeError(f"the values of {row['subject']} are no list")
    report_from, report_to = _years(row["reportFrom"], row["reportTo"])
    return FactorEntry(
        guide=_text(row["guide"]),
        edition=_text(row["edition"]),
        quantity=_text(row["quantity"]),
        subject=_text(row["subject"]),
        unit=_text(row["unit"]),
        values=tuple(parse_decimal(_text(value)) for value in row["values"]),
        report_from=report_from,
        report_to=report_to,
        valid_from_s=_start_of(row["validFrom"]),
        valid_to_s=_start_of(row["validTo"]),
        table_row=_text(row["tableRow"]),
        source_hash=citation_hash(_text(sources[row["source"]])),
        confidence=_text(row["confidence"]),
        status=RuleStatus[row["status"]],
    )


def _require_consistent(entries: Sequence[FactorEntry]) -> None:
    in_force: dict[tuple[str, str, str], list[FactorEntry]] = {}
    seen: set[FactorEntry] = set()
    for entry in entries:
        name = (entry.guide, entry.quantity, entry.subject)
        if entry in seen:
            raise ArtifactError(f"given twice: {' / '.join(name)}")
        seen.add(entry)
        others = in_force.setdefault(name, [])
        if entry.status is not RuleStatus.IN_FORCE:
            continue
        if any(_share_a_year(entry, other) for other in others):
            raise ArtifactError(f"two in force for one year: {' / '.join(name)}")
        others.append(entry)


def _share_a_year(one: FactorEntry, other: FactorEntry) -> bool:
    return one.report_from <= (other.report_to or _NO_END) and other.report_from <= (
        one.report_to or _NO_END
    )


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dictionary, if no name is given twice."""
    names = [name for name, _ in pairs]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"given twice: {', '.join(sorted(twice))}")
    return dict(pairs)


def _only(fields: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    """Give the fields back, if they are these and no others."""
    wrong = sorted(fields.keys() ^ names)
    if wrong:
        raise ValueError(f"missing or unknown: {', '.join(wrong)}")
    return fields


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no text")
    return value


def _years(first: object, last: object) -> tuple[int, int]:
    """Give the first and the last report year; 0 for a last that is not known."""
    report_from, report_to = _year(first), 0 if last == 0 else _year(last)
    if report_to and report_to < report_from:
        raise ValueError(f"no year from {report_from} to {report_to}")
    return report_from, report_to


def _year(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _NO_END:
        raise TypeError(f"{value!r} is no year")
    return value


def _start_of(day: object) -> int:
    """Give the first second of a day in the reporting zone; 0 where there is none."""
    if day is None:
        return 0
    start = datetime.strptime(_text(day), "%Y-%m-%d").replace(tzinfo=_ZONE)
    return (start - _EPOCH) // timedelta(seconds=1)
