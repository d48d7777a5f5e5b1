"""
What a roll-up adds up: the enterprises of a grant, where they are, and what they emitted in a year.

Where an enterprise is comes from its own structure record, or from a table of whoever asks, which
also says its industry and park. A figure is the sum of the final versions of all its units; an
enterprise of which one is missing has none.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

from api.errors import BadRequest
from attestation.errors import EncodingError
from attestation.ids import parse_usc
from ledger.analytics.rollups import Group, Grouping, Member
from ledger.inventory.amounts import Amount
from ledger.inventory.errors import NotStated
from ledger.inventory.firm import firm_of
from ledger.inventory.periods import Period
from ledger.inventory.structure import structures_in
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

_COLUMNS: Final = ("usc", "name", "region", "industry", "park")


@dataclass(frozen=True, slots=True)
class Visible:
    """What a grant lets be added up."""

    members: tuple[Member, ...]
    figures: dict[str, Amount]
    """Whole tonnes by credit code, of those of which no unit is missing."""
    unplaced: tuple[str, ...]
    """Credit codes of enterprises of which nobody says where they are, or that are in several."""


def visible_in(
    uow: UnitOfWork, codes: Collection[str], year: int, table: dict[str, Member] | None = None
) -> Visible:
    """
    Find the enterprises of a grant and their figures.

    Args:
        uow: A reading unit of work.
        codes: Credit codes that the grant names.
        year: Calendar year.
        table: Members by credit code; what it does not name is where its structure says.
    """
    members: list[Member] = []
    figures: dict[str, Amount] = {}
    unplaced: list[str] = []
    logs = {log.usc: log for log in uow.logs.all() if log.usc in codes}
    for code in sorted(codes):
        log = logs.get(code)
        member = (table or {}).get(code) or (None if log is None else _placed(uow, log, year))
        if member is None:
            unplaced.append(code)
            continue
        members.append(member)
        figure = None if log is None else _figure(uow, log, year)
        if figure is not None:
            figures[code] = figure
    return Visible(tuple(members), figures, tuple(unplaced))


def read_members(content: bytes, name: str) -> dict[str, Member]:
    """
    Read members from CSV with the columns usc, name, region, industry, park; no park is empty.

    Raises:
        BadRequest: If a row is not one, naming it; or an enterprise stands twice.
        AnalyticsError: If a region is no code of six digits.
    """
    try:
        rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"{name} is no CSV in UTF-8") from error
    found: dict[str, Member] = {}
    for number, row in enumerate(rows, 2):
        if tuple(row) != _COLUMNS or None in row.values():
            raise BadRequest(f"{name}, line {number}: the columns are {', '.join(_COLUMNS)}")
        try:
            code = parse_usc(row["usc"])
        except EncodingError as error:
            raise BadRequest(f"{name}, line {number}: {error.message}") from error
        if code in found:
            raise BadRequest(f"{name}, line {number}: {code} stands twice")
        found[code] = Member(code, row["name"], row["region"], row["industry"], row["park"] or None)
    return found


def rollup_document(
    groups: Collection[Group], visible: Visible, grouping: Grouping, year: int
) -> dict[str, Any]:
    """Give the groups, their members' ranking, and who is in none."""
    return {
        "year": year,
        "by": grouping.value,
        "groups": [
            {
                "key": each.key,
                "amount": str(each.amount),
                "whole": each.is_whole,
                "members": each.members,
                "missing": list(each.missing),
                "ranking": [{"usc": code, "amount": str(amount)} for code, amount in each.ranking],
            }
            for each in groups
        ],
        "unplaced": list(visible.unplaced),
    }


def _placed(uow: UnitOfWork, log: Log, year: int) -> Member | None:
    """Say where an enterprise is by its structure; None where it has none, or several regions."""
    found = structures_in(uow, log, Period.year(year))
    regions = {site.region for each in found for site in each.structure.sites}
    if len(regions) != 1:
        return None
    return Member(log.usc, log.usc, regions.pop(), "")


def _figure(uow: UnitOfWork, log: Log, year: int) -> Amount | None:
    try:
        return firm_of(uow, log, year).total
    except NotStated:
        return None
