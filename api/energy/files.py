"""Files of people that questions of energy are asked with: tariffs, months, observations."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from typing import Final

from api.errors import BadRequest
from ledger.analytics.savings import Observation
from ledger.analytics.tariffs import Tariff, parse_tariff
from ledger.inventory.amounts import Amount
from ledger.inventory.errors import AmountError

MOST_BYTES: Final = 1_000_000
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def read_tariff(content: bytes, name: str) -> Tariff:
    """
    Read a tariff from TOML, or from JSON where the name ends so.

    Raises:
        BadRequest: If it is neither.
        TableMalformed: If it is no tariff.
    """
    try:
        text = content.decode("utf-8-sig")
        table = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{name} is neither TOML nor JSON: {error}") from error
    return parse_tariff(table)


def read_months(content: bytes, name: str) -> dict[tuple[int, int], Decimal]:
    """
    Read months of emissions from CSV with the columns `month` and `emission_tCO2`.

    A month that is not there is not known; an empty amount is refused, for nobody can say whether
    it is meant as zero.

    Raises:
        BadRequest: If a row is not one, naming it; or a month stands twice.
    """
    rows = _rows(content, name)
    if not rows or set(rows[0]) != {"month", "emission_tCO2"}:
        raise BadRequest(f"{name}: the columns are month and emission_tCO2")
    months: dict[tuple[int, int], Decimal] = {}
    for number, row in enumerate(rows, 2):
        match = _MONTH.fullmatch(row["month"])
        if match is None:
            raise BadRequest(f"{name}, line {number}: {row['month']!r} is no month, as 2024-03 is")
        key = int(match[1]), int(match[2])
        if key in months:
            raise BadRequest(f"{name}, line {number}: {row['month']} stands twice")
        amount = _decimal(row["emission_tCO2"], f"{name}, line {number}")
        if amount < 0:
            raise BadRequest(f"{name}, line {number}: a month's emission is not negative")
        months[key] = amount
    return months


def read_observations(
    content: bytes, name: str
) -> tuple[tuple[str, ...], list[Observation], list[Observation]]:
    """
    Read observations from CSV: `part` (before or after), `energy`, then a column for each driver.

    Returns:
        The names of the drivers, the observations before a measure, and those after it.

    Raises:
        BadRequest: If a row is not one, naming it.
    """
    rows = _rows(content, name)
    columns = list(rows[0]) if rows else []
    if columns[:2] != ["part", "energy"]:
        raise BadRequest(f"{name}: the columns are part, energy, and one for each driver")
    drivers = tuple(columns[2:])
    parts: dict[str, list[Observation]] = {"before": [], "after": []}
    for number, row in enumerate(rows, 2):
        place = f"{name}, line {number}"
        if row["part"] not in parts:
            raise BadRequest(f"{place}: {row['part']!r} is neither before nor after")
        values = [Fraction(_decimal(row[column], place)) for column in ("energy", *drivers)]
        parts[row["part"]].append(Observation(values[0], tuple(values[1:])))
    return drivers, parts["before"], parts["after"]


def _rows(content: bytes, name: str) -> list[dict[str, str]]:
    """Read CSV with a head; every row has as many cells."""
    try:
        reader = csv.DictReader(StringIO(content.decode("utf-8-sig")), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"{name} is no CSV in UTF-8: {error}") from error
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise BadRequest(f"{name}, line {number}: not as many cells as columns")
    return rows


def _decimal(text: str, place: str) -> Decimal:
    try:
        return Amount.parse(text, "1").value
    except AmountError as error:
        raise BadRequest(f"{place}: {error.message}") from error
