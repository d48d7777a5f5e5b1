"""
What if: the newest version of a case worked out with other factors, apart from the record.

Nothing that comes of it is stored or signed. A factor is replaced by what the verifier holds to be
right, by what the guide calls it; a stated value likewise, by its parameter.

Source: SCREENS section 2.1, item 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from attestation.canonical import canonical_json
from ledger.cases.case import Case
from ledger.cases.errors import CaseRefused, ContentMissing
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted, assemble
from ledger.inventory.stating import StatedValue
from ledger.inventory.versions import Change, InventoryVersion, diff
from ledger.inventory.workbench import Progress
from ledger.ports import FactorSource, FactorValue, RuleEngine
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OtherFactor:
    """A factor as somebody else holds it to be."""

    guide: str
    quantity: str
    subject: str
    values: tuple[str, ...]
    """Decimal strings, as many as the factor has."""


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A stated value as somebody else holds it to be."""

    parameter: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would come out."""

    total_before: Amount | None
    total: Amount | None
    changes: tuple[Change, ...]
    """Every line that would say something else."""

    @property
    def difference(self) -> Amount | None:
        """What the total would be more; None where one is missing."""
        before, after = self.total_before, self.total
        if before is None or after is None or before.unit != after.unit:
            return None
        return after - before


class OtherFactors:
    """
    A factor book in which some factors say something else.

    Args:
        book: The book.
        others: What is said otherwise.

    A replaced factor has another id, since an id commits to every number.
    """

    def __init__(self, book: FactorSource, others: Sequence[OtherFactor]) -> None:
        self._book = book
        self._others = {(each.guide, each.quantity, each.subject): each for each in others}
        self._made: dict[bytes, FactorValue] = {}
        self.used: set[tuple[str, str, str]] = set()
        """Which of them were asked for."""

    def prescribed(
        self, guide: str, quantity: str, subject: str, report_year: int
    ) -> FactorValue | None:
        """Give the factor for a report year, replaced where somebody says otherwise."""
        found = self._book.prescribed(guide, quantity, subject, report_year)
        place = (guide, quantity, subject)
        other = self._others.get(place)
        if found is None or other is None:
            return found
        if len(other.values) != len(found.values):
            raise CaseRefused(f"{quantity} of {subject} has {len(found.values)} values")
        self.used.add(place)
        named = canonical_json([found.factor_id.hex(), *other.values])
        made = replace(
            found,
            values=tuple(Amount.parse(each, found.unit).text for each in other.values),
            factor_id=sha256(named).digest(),
        )
        self._made[made.factor_id] = made
        return made

    def factor(self, factor_id: bytes, report_year: int) -> FactorValue | None:
        """Give a factor by its id."""
        made = self._made.get(factor_id)
        return self._book.factor(factor_id, report_year) if made is None else made


def what_if(
    uow: UnitOfWork,
    case: Case,
    others: Sequence[OtherFactor],
    values: Sequence[OtherValue],
    *,
    engine: RuleEngine,
    factors: FactorSource,
    progress: Progress = lambda _: None,
) -> WhatIf:
    """
    Work the newest version of a case out with other factors.

    Args:
        uow: A reading unit of work.
        case: The case.
        others: Factors that say something else.
        values: Stated values that say something else.
        engine: Runs the rules.
        factors: The factor book.
        progress: Is told what is being worked out.

    Raises:
        ContentMissing: If nothing was submitted, or the document is not kept here.
        CaseRefused: If a factor or a value is not one that the version uses.
    """
    content = case.require_content()
    if case.log is None:
        raise ContentMissing("the log that the version stands on is not kept here")
    book = OtherFactors(factors, others)
    wanted = Wanted(content.scope, content.recipe, _stated(content, values))
    again = assemble(
        uow,
        case.log,
        wanted,
        engine=engine,
        factors=book,
        secret=content.secret,
        progress=progress,
    ).version
    for each in others:
        if (each.guide, each.quantity, each.subject) not in book.used:
            raise CaseRefused(
                f"the version uses no {each.quantity} of {each.subject} by {each.guide}"
            )
    return WhatIf(content.total, again.total, tuple(diff(content, again)))


def _stated(content: InventoryVersion, values: Sequence[OtherValue]) -> tuple[StatedValue, ...]:
    by_parameter: Mapping[str, Amount] = {each.parameter: each.amount for each in values}
    known = {each.parameter for each in content.stated}
    for parameter in by_parameter:
        if parameter not in known:
            raise CaseRefused(f"the version states no {parameter}")
    return tuple(
        replace(each, amount=by_parameter.get(each.parameter, each.amount))
        for each in content.stated
    )
