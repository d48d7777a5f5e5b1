"""
Mapping files: how a CSV file of readings is to be understood, written down once, as TOML.

A mapping says what a reader of the file would have to ask: the zone, whether a time stamp ends or
begins its interval, which day `00:00` belongs to, the unit of each column. Nothing is guessed from
the file, so two people import the same file to the same readings.

Source: `docs/meters.md`; FORMATS section 2 (fine units, intervals).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from attestation.enums import Quality
from attestation.errors import EncodingError
from devices.meters.quantity import Quantity, take_quantity
from devices.meters.time_format import TimeFormat, compile_time_format
from devices.meters.toml_table import TomlTable, parse_toml
from devices.zones import SECONDS_PER_DAY, Zone, parse_zone

_ENCODINGS: Final = ("utf-8", "gb18030", "auto")
_DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_MAX_HEADER_ROW: Final = 100
_QUALITIES: Final = {quality.name.lower().replace("_", "-"): quality for quality in Quality}


class Stamp(Enum):
    """Which point of its interval a time stamp names."""

    END = "end"
    START = "start"
    INSTANT = "instant"


class Midnight(Enum):
    """Which midnight `00:00` of a date is."""

    START_OF_DAY = "start-of-day"
    """The one that begins the date, as clocks have it."""
    END_OF_DAY = "end-of-day"
    """The one that ends the date, as meter data systems write the last interval of a day."""


class Order(Enum):
    """How the times of a file's rows follow each other."""

    ASCENDING = "ascending"
    DESCENDING = "descending"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class TextRules:
    """How bytes become cells, and cells numbers."""

    encoding: str
    """`utf-8` (a byte-order mark is allowed), `gb18030`, or `auto`: whichever it is."""
    delimiter: str
    header_row: int
    """Number of the row with the column names, from 1; rows above it are skipped."""
    point: str
    thousands: str
    absent: frozenset[str]
    """Texts that stand for "no value"; such a cell gives no reading, never zero."""


@dataclass(frozen=True, slots=True)
class TimeRules:
    """How a row's time stamp is understood."""

    columns: tuple[str, ...]
    """One column, or date and time, which are joined by a blank."""
    format: TimeFormat
    zone: Zone
    stamp: Stamp
    midnight: Midnight
    interval_s: int
    """Length of a row's interval in seconds; 0 for instants."""
    order: Order
    """How rows follow each other; a row that does not tells of a misunderstood midnight."""


@dataclass(frozen=True, slots=True)
class SeriesColumn:
    """One column of amounts, and the series it becomes."""

    column: str
    quantity: Quantity
    register: bool
    quality_column: str | None
    qualities: Mapping[str, Quality]
    """What the texts of the quality column mean."""


@dataclass(frozen=True, slots=True)
class CsvMapping:
    """A whole mapping file."""

    text: TextRules
    time: TimeRules
    series: tuple[SeriesColumn, ...]


def parse_csv_mapping(text: str, *, name: str = "mapping") -> CsvMapping:
    """
    Read a mapping file.

    Raises:
        MappingError: If it is not one; the message names the key and what to write there.
    """
    document = parse_toml(text, what=name)
    mapping = CsvMapping(
        text=_text_rules(document.table("file", optional=True)),
        time=_time_rules(document.table("time")),
        series=tuple(_series_column(table) for table in document.tables("series")),
    )
    document.finish()
    _require_distinct(document, [column.quantity.series for column in mapping.series])
    return mapping


def _text_rules(table: TomlTable) -> TextRules:
    point = table.choice("decimal_mark", (".", ","), ".")
    rules = TextRules(
        encoding=table.choice("encoding", _ENCODINGS, "utf-8"),
        delimiter=_DELIMITERS[table.choice("delimiter", tuple(_DELIMITERS), "comma")],
        header_row=table.integer("header_row", low=1, high=_MAX_HEADER_ROW, default=1),
        point=point,
        thousands=table.choice("thousands_mark", ("", ",", ".", " "), ""),
        absent=frozenset(table.texts("absent", ("",))),
    )
    if rules.thousands == point:
        raise table.fail("decimal_mark and thousands_mark are the same")
    table.finish()
    return rules


def _time_rules(table: TomlTable) -> TimeRules:
    stamp = Stamp(table.choice("stamp", [stamp.value for stamp in Stamp]))
    try:
        rules = TimeRules(
            columns=table.texts("columns"),
            format=compile_time_format(table.text("format")),
            zone=parse_zone(table.text("zone")),
            stamp=stamp,
            midnight=Midnight(table.choice("midnight", [choice.value for choice in Midnight])),
            interval_s=0 if stamp is Stamp.INSTANT else _interval_s(table),
            order=Order(table.choice("order", [order.value for order in Order], "ascending")),
        )
    except EncodingError as error:
        raise table.fail(error.message) from error
    if not 1 <= len(rules.columns) <= 2:
        raise table.fail("columns must name one column, or two: date and time")
    table.finish()
    return rules


def _interval_s(table: TomlTable) -> int:
    return table.integer("interval_s", low=1, high=31 * SECONDS_PER_DAY)


def _series_column(table: TomlTable) -> SeriesColumn:
    column = SeriesColumn(
        column=table.text("column"),
        quantity=take_quantity(table),
        register=table.choice("kind", ("amount", "register"), "amount") == "register",
        quality_column=table.optional_text("quality_column"),
        qualities=_qualities(table.table("qualities", optional=True)),
    )
    if (column.quality_column is None) != (not column.qualities):
        raise table.fail("quality_column and qualities belong together")
    table.finish()
    return column


def _qualities(table: TomlTable) -> Mapping[str, Quality]:
    return {key: _QUALITIES[table.choice(key, tuple(_QUALITIES))] for key in table.remaining()}


def _require_distinct(document: TomlTable, series: list[str]) -> None:
    twice = sorted({name for name in series if series.count(name) > 1})
    if twice:
        raise document.fail(f"series {', '.join(twice)} is given by two columns")
