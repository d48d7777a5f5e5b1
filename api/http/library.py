"""
The library of rules and factors (核算规则与排放因子): what stands in the package, for anybody.

What is shown is what is shipped and published at deployment; which code and which factors a chain
holds, a party asks its own node, with the command line. A rule's code is public, so that anybody
can work it out elsewhere and compare the hash.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import Field

from api.errors import BadRequest
from api.http.models import Model
from api.library import (
    LAST_YEAR,
    factor_document,
    input_documents,
    parse_day,
    rule_document,
)
from chain.factors import find_factors, seed_factors
from chain.rule_runner import rule_code
from chain.rules import find_rule, rules

router = APIRouter(prefix="/v1", tags=["library"])

_MOST: Final = 200

ReportYear = Annotated[int | None, Query(ge=1, le=LAST_YEAR, description="Report year.")]


class RuleModel(Model):
    """One version of a rule."""

    name: str
    version: int
    report_from: int
    report_to: int | None = Field(description="Last report year; null while no end is known.")
    status: str
    source: str
    code_hash: str = Field(description="Keccak-256 of the runtime code, hexadecimal.")


class RuleList(Model):
    """Every version of every rule."""

    rules: list[RuleModel]


class RuleField(Model):
    """One field of a rule's inputs."""

    field: str
    takes: str


class RuleDetail(RuleModel):
    """A rule with what it takes and the code that runs."""

    inputs: list[RuleField]
    code: str = Field(description="Runtime code, hexadecimal with 0x.")


class FactorModel(Model):
    """A factor, benchmark, table row or curve as its document states it."""

    factor_id: str
    guide: str
    edition: str
    quantity: str
    subject: str
    values: list[str] = Field(description="Decimal strings: one number, or several of a curve.")
    unit: str
    report_from: int
    report_to: int | None
    valid_from: str | None = Field(description="Null where the document's date is not known.")
    valid_to: str | None
    table_row: str
    status: str
    prescribed: bool = Field(description="Whether it may stand in a final report of the year.")
    confidence: str
    citation: str | None
    source_hash: str


class FactorPage(Model):
    """Factors that were found, those in force first."""

    factors: list[FactorModel]
    next: str | None = Field(description="What to give as `after` for the next page.")


@router.get("/rules", operation_id="listRules")
def list_rules() -> RuleList:
    """List every rule with its versions, report years and standing."""
    return RuleList(rules=[RuleModel(**rule_document(rule)) for rule in rules()])


@router.get("/rules/{rule}", operation_id="getRule")
def get_rule(rule: str, year: ReportYear = None) -> RuleDetail:
    """Show a rule for a report year, else its newest version: its fields, units and code."""
    found = find_rule(rule, year=year)
    return RuleDetail(
        **rule_document(found),
        inputs=[RuleField(**each) for each in input_documents(found)],
        code="0x" + rule_code(found.contract).hex(),
    )


@router.get("/factors", operation_id="findFactors")
def find(
    text: Annotated[str, Query(max_length=200, description="Words that must all occur.")] = "",
    year: ReportYear = None,
    as_of: Annotated[
        str | None, Query(description="As known and in force on a day, YYYY-MM-DD.")
    ] = None,
    after: Annotated[
        str | None, Query(max_length=64, description="Where the page before ended.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> FactorPage:
    """Find factors by words, *as prescribed for a report year* or *as of a day*."""
    day = None if as_of is None else parse_day(as_of)
    found = find_factors(seed_factors(), text, year=year, as_of=day)
    ids = [each.factor.entry.factor_id.hex() for each in found]
    if after is not None and after not in ids:
        raise BadRequest("`after` is not from a page of this search; begin it again")
    start = 0 if after is None else ids.index(after) + 1
    page = found[start : start + limit]
    more = start + limit < len(found)
    return FactorPage(
        factors=[FactorModel(**factor_document(each)) for each in page],
        next=ids[start + len(page) - 1] if more else None,
    )
