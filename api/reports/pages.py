"""
What a report's pages say, from its document: headings, fields and tables in words.

Nothing is read but the document, so that it drawn again gives the same pages. Every number in a
table carries the number of its line, and the annex gives that line's id and sources.

Source: SCREENS section 2.1, item 8; DOMAIN section 5 (report); `docs/formats/report.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from api.reports.words import (
    CORRECTED,
    ITEMS_ZH,
    PLACES_ZH,
    QUANTITIES_ZH,
    REGIONS,
    SOURCES_ZH,
    WORDS,
)
from attestation.canonical import Json
from attestation.enums import (
    AssuranceLevel,
    FindingConclusion,
    FindingKind,
    FindingSeverity,
    VerificationOpinion,
    label,
)
from attestation.errors import Error
from ledger.inventory.identity import FIRM
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period, day_of
from ledger.reports.errors import ReportRefused

_GRAMS_PLACES: Final = 6
_LONG: Final = 24
_BREAK: Final = "\u200b"
_HASH = re.compile(r"[0-9a-f]{32,}")
_AMOUNT = re.compile(r"(-?[0-9]{1,40}(?:\.[0-9]{1,40})?) ([^ ]{1,40})")


def pages_of(document: Mapping[str, Json]) -> dict[str, Any]:
    """
    Give what the pages say, by language, in the order of the pages.

    Raises:
        ReportRefused: If the document lacks something.
    """
    try:
        lines = [Line.from_json(each["line"]) for each in _objects(document["lines"])]
        codes = [str(code) for code in _list(document, "languages")]
        languages = [_Pages(document, lines, code).all() for code in codes]
        languages[-1]["parts"].append(_annex(lines, codes))
        first = codes[0]
        year, month, day = str(document["drawn_on"]).split("-")
        return {
            "title": f"{WORDS[first]['title']} {document['number']}",
            "header": WORDS[first]["title"],
            "number": document["number"],
            "author": _object(document, "verifier")["name"],
            "date": [int(year), int(month), int(day)],
            "languages": languages,
        }
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, Error) as error:
        raise ReportRefused(
            "the document of a report lacks something, or has another form"
        ) from error


class _Pages:
    """The pages in one language."""

    def __init__(self, document: Mapping[str, Json], lines: Sequence[Line], language: str) -> None:
        self._document = document
        self._lines = lines
        self._language = language
        self._words = WORDS[language]
        statement = _object(document, "statement")
        self._statement = statement
        self._subject = _object(statement, "subject")

    def all(self) -> dict[str, Any]:
        """Give the pages' parts in their order."""
        words = self._words
        return {
            "code": self._language,
            "region": REGIONS[self._language],
            "title": words["title"],
            "scan": words["scan"],
            "alternative": words["code"],
            "lead": [
                f"{words['number']}  {self._document['number']}",
                f"{words['day']}  {self._document['drawn_on']}",
                str(self._subject["enterprise"]),
            ],
            "parts": [
                self._about(),
                self._stated(),
                self._results(),
                self._versions(),
                self._changes(),
                self._findings(),
                self._estimates(),
                self._visits(),
                self._proof(),
            ],
        }

    def _about(self) -> dict[str, Any]:
        subject, words = self._subject, self._words
        period = Period(int(str(subject["periodFrom"])), int(str(subject["periodTo"])))
        unit = str(subject["unitCode"])
        return self._fields(
            "subject",
            ("enterprise", subject["enterprise"]),
            ("credit_code", subject["creditCode"]),
            ("unit", words["whole"] if unit == FIRM else unit),
            ("period", f"{period.first_day} – {period.last_day} (UTC+8)"),
            ("version", self._statement["version"]),
            ("verifier", self._party("verifier")),
            ("regulator", self._party("regulator")),
        )

    def _stated(self) -> dict[str, Any]:
        statement, document = self._statement, self._document
        opinion = VerificationOpinion(int(str(statement["opinion"])))
        return self._fields(
            "statement",
            ("total", f"{_grouped(str(statement['total_tCO2e']))} tCO2e"),
            ("opinion", label(opinion, self._language)),
            ("assurance", self._label(AssuranceLevel, document["assurance"])),
            ("materiality", document["materiality"] or self._words["none_stated"]),
            ("lead", statement["leadVerifier"]),
            ("reviewer", statement["technicalReviewer"]),
        )

    def _results(self) -> dict[str, Any]:
        subject = self._subject
        whole = Period(int(str(subject["periodFrom"])), int(str(subject["periodTo"])))
        rows = [
            [
                label(line.data_class, self._language),
                _soft(self._item(line.item)),
                _soft(self._quantity(line.quantity)),
                self._number(index, line),
                "" if line.amount is None else _unit(line.amount.unit),
            ]
            for index, line in enumerate(self._lines)
            if line.period == whole
        ]
        head = ("class", "item", "quantity", "value", "unit_of_value")
        return self._table("results", head, (3, 4, 3, 3, 2), rows, right=3)

    def _versions(self) -> dict[str, Any]:
        rows = [
            [
                str(each["number"]),
                f"{_grouped(str(each['total_t']))} tCO2e",
                str(each.get("reason") or ""),
                _soft(str(each["document_sha256"])),
            ]
            for each in _objects(self._document["versions"])
        ]
        head = ("version_number", "value", "reason", "document")
        return self._table("versions", head, (1, 2, 4, 5), rows)

    def _changes(self) -> dict[str, Any]:
        rows = [
            [
                _soft(str(each["line"])),
                *(_amount(str(each[name] or "")) for name in ("before", "after", "difference")),
            ]
            for each in _objects(self._document["changes"])
        ]
        if not rows:
            return self._sentence("changes", "no_changes")
        head = ("line", "before", "after", "difference")
        return self._table("changes", head, (5, 3, 3, 3), rows)

    def _findings(self) -> dict[str, Any]:
        rows = [self._finding(each) for each in _objects(self._document["findings"])]
        if not rows:
            return self._sentence("findings", "no_findings")
        head = ("line_number", "kind", "about", "finding", "effect", "response", "conclusion")
        return self._table("findings", head, (1, 3, 4, 7, 2, 5, 3), rows)

    def _finding(self, finding: Mapping[str, Json]) -> list[str]:
        kind = self._label(FindingKind, finding["kind"])
        severity = self._label(FindingSeverity, finding["severity"])
        conclusion = finding.get("conclusion")
        return [
            str(finding["number"]),
            f"{kind} · {severity}",
            _soft(self._place(str(finding["anchor"]))),
            f"{finding['title']}\n{finding['text']}",
            _tonnes(finding.get("effect_gco2e")),
            str(finding.get("response") or ""),
            self._words["open"]
            if conclusion is None
            else self._label(FindingConclusion, conclusion),
        ]

    def _estimates(self) -> dict[str, Any]:
        rows = []
        for finding in _objects(self._document["findings"]):
            estimate = finding.get("estimate")
            if isinstance(estimate, Mapping):
                rows.append(
                    [
                        str(finding["number"]),
                        str(estimate["formula"]),
                        _tonnes(estimate["amount_gco2e"]),
                        _tonnes(estimate["difference_gco2e"]),
                    ]
                )
        if not rows:
            return self._sentence("estimates", "no_estimates")
        head = ("line_number", "formula", "amount", "more")
        return self._table("estimates", head, (1, 8, 3, 3), rows)

    def _visits(self) -> dict[str, Any]:
        rows = [
            [
                str(each["place"]),
                str(day_of(_second(each["from_s"]))),
                str(day_of(_second(each["to_s"]) - 1)),
            ]
            for each in _objects(self._document["visits"])
        ]
        if not rows:
            return self._sentence("visits", "no_visits")
        return self._table("visits", ("place", "from", "to"), (6, 2, 2), rows)

    def _proof(self) -> dict[str, Any]:
        words, log, chain = (
            self._words,
            _object(self._document, "log"),
            _object(self._document, "chain"),
        )
        part = self._fields(
            "proof",
            ("chain", chain["id"]),
            ("contract", chain["contract"]),
            ("inputs", self._statement["inputsHash"]),
            ("log", f"{log['origin']} · {log['size']} {words['entries']}"),
        )
        verify = f"{words['verify']} {self._document['verify_url']}"
        return part | {"text": [words["signed"], words["embedded"], verify]}

    def _item(self, item: str) -> str:
        return ITEMS_ZH.get(item, item) if self._language == "zh" else item

    def _quantity(self, quantity: str) -> str:
        """Give a quantity in the words of the guides; a corrected one says so."""
        if self._language != "zh":
            return quantity
        measured = quantity.removesuffix(CORRECTED)
        suffix = "（修正后）" if measured != quantity else ""
        return f"{QUANTITIES_ZH[measured]}{suffix}" if measured in QUANTITIES_ZH else quantity

    def _place(self, words: str) -> str:
        """Give what a finding is about."""
        if self._language == "zh":
            for pattern, chinese in PLACES_ZH:
                if match := re.fullmatch(pattern, words):
                    return match.expand(chinese)
        return words

    def _number(self, index: int, line: Line) -> dict[str, str] | str:
        """Give a number with the number of its line beside it."""
        if line.amount is None:
            return "–"
        return {
            "text": _grouped(line.amount.text),
            "note": str(index + 1),
            "anchor": _anchor(index),
        }

    def _party(self, name: str) -> str:
        party = _object(self._document, name)
        return f"{party['name']} ({party['code']})" if party["name"] else str(party["code"])

    def _label(self, members: type[IntEnum], name: Json) -> str:
        return label(members[str(name)], self._language)

    def _fields(self, heading: str, *rows: tuple[str, Json]) -> dict[str, Any]:
        fields = [[self._words[name], str(content)] for name, content in rows]
        return {"heading": self._words[heading], "fields": fields}

    def _sentence(self, heading: str, word: str) -> dict[str, Any]:
        return {"heading": self._words[heading], "text": [self._words[word]]}

    def _table(
        self,
        heading: str,
        head: Sequence[str],
        widths: Sequence[int],
        rows: Sequence[Sequence[object]],
        *,
        right: int | None = None,
    ) -> dict[str, Any]:
        return _table(
            self._words[heading], [self._words[name] for name in head], widths, rows, right
        )


def _annex(lines: Sequence[Line], codes: Sequence[str]) -> dict[str, Any]:
    """Give every line with its id and sources, once, with headings in all languages."""
    kinds: Mapping[str, str] = SOURCES_ZH if list(codes) == ["zh"] else {}
    rows = [
        [
            {"text": str(index + 1), "anchor": _anchor(index)},
            _soft(line.line_id),
            "" if line.amount is None else line.amount.text,
            "" if line.amount is None else _unit(line.amount.unit),
            _soft(
                ", ".join(
                    f"{kinds.get(each.kind, each.kind.value)} {_short(each.reference)}"
                    for each in line.sources
                )
            ),
        ]
        for index, line in enumerate(lines)
    ]

    def word(name: str) -> str:
        return " / ".join(WORDS[code][name] for code in codes)

    head = ("line_number", "line_id", "value", "unit_of_value", "sources")
    table = _table(word("lines"), [word(name) for name in head], (1, 7, 3, 2, 6), rows, 2)
    return table | {"kind": "lines"}


def _table(
    heading: str,
    head: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[object]],
    right: int | None,
) -> dict[str, Any]:
    return {
        "heading": heading,
        "kind": "table",
        "head": list(head),
        "widths": list(widths),
        "align": ["right" if place == right else "left" for place in range(len(head))],
        "rows": rows,
    }


def _anchor(index: int) -> str:
    return f"line-{index}"


def _object(content: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = content[name]
    if not isinstance(found, Mapping):
        raise ReportRefused(f"{name} is no object")
    return found


def _list(content: Mapping[str, Json], name: str) -> Sequence[Json]:
    found = content[name]
    if not isinstance(found, list):
        raise ReportRefused(f"{name} is no list")
    return found


def _objects(content: Json) -> list[Mapping[str, Json]]:
    if not isinstance(content, list) or not all(isinstance(each, Mapping) for each in content):
        raise ReportRefused("not a list of objects")
    return [each for each in content if isinstance(each, Mapping)]


def _second(content: Json) -> int:
    return int(str(content))


def _grouped(number: str) -> str:
    """Write a decimal with its thousands apart."""
    whole, dot, places = number.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{dot}{places}"


def _amount(text: str) -> str:
    """Write an amount and its unit as the tables do; what is none stays as it is."""
    match = _AMOUNT.fullmatch(text)
    return text if match is None else f"{_grouped(match[1])} {_unit(match[2])}"


def _unit(unit: str) -> str:
    return unit.replace("e4Nm3", "10⁴Nm³")


def _tonnes(grams: Json) -> str:
    """Write grams as tonnes, without rounding; nothing where there is no amount."""
    if grams is None:
        return "–"
    text = str(grams)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    padded = digits.zfill(_GRAMS_PLACES + 1)
    places = padded[-_GRAMS_PLACES:].rstrip("0")
    return _grouped(f"{sign}{padded[:-_GRAMS_PLACES]}" + (f".{places}" if places else ""))


def _short(reference: str) -> str:
    return reference if len(reference) <= _LONG else f"{reference[:10]}…{reference[-6:]}"


def _soft(text: str) -> str:
    """Let a long name break where its parts meet, and a hash anywhere."""
    text = _HASH.sub(lambda match: _BREAK.join(match[0]), text)
    return "".join(each + _BREAK if each in ":/-,_" else each for each in text)
