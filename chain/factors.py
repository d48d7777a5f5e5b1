"""
Finding factors, benchmarks and curves: by words, by report year, as of a day.

They come from the seed that is shipped with the package, or from a chain's FactorBook through the
party's own node. *Prescribed for a report year* is not *newest*: a later document may have a better
number for that year, and a draft is never prescribed. *As of a day* is what had been known and in
force by the end of that day: where the document's own dates are known they must hold it, and of a
chain only what its book had recorded by then counts.

Source: `contracts/interfaces/IFactorBook.sol`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from attestation.enums import RuleStatus
from chain.bindings.factor_book import FactorBook, FactorEntry
from chain.bindings.standing import StatusAct
from chain.client import ChainClient
from chain.deployments import Deployment
from chain.rule_fields import format_fixed
from chain.seed import load_factors

REPORTING_ZONE: Final = timezone(timedelta(hours=8))
"""Days of documents are days in China."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_IN_ORDER: Final = (
    RuleStatus.IN_FORCE,
    RuleStatus.DRAFT,
    RuleStatus.SUPERSEDED,
    RuleStatus.REPEALED,
)


@dataclass(frozen=True, slots=True)
class Factor:
    """An entry with its standing, and what was read where that is known."""

    entry: FactorEntry
    published_at_s: int = 0
    """When the book took it, Unix; 0 for the seed."""
    later: tuple[StatusAct, ...] = ()
    """Statuses the book recorded since, in that order."""
    citation: str | None = None
    """What was read; a chain keeps only its hash."""

    @property
    def values(self) -> tuple[str, ...]:
        """The numbers as decimal strings: one, or several of a curve or a table row."""
        return tuple(format_fixed(value) for value in self.entry.values)

    def status_for(self, year: int, moment_s: int | None = None) -> RuleStatus:
        """
        Give the status for a report year.

        Args:
            year: The report year.
            moment_s: By what was recorded up to this second; all where it is None.

        Returns:
            NONE where the entry does not stand for the year, or was not yet recorded.
        """
        if not self.entry.report_from <= year <= (self.entry.report_to or year):
            return RuleStatus.NONE
        if moment_s is not None and self.published_at_s > moment_s:
            return RuleStatus.NONE
        acts = [act for act in self.later if act.from_year <= year]
        known = [act for act in acts if moment_s is None or act.recorded_at_s <= moment_s]
        return known[-1].status if known else self.entry.status

    def is_valid_at(self, moment_s: int) -> bool:
        """Say whether the document has force at a moment, or its dates are not known."""
        return self.entry.valid_from_s <= moment_s < (self.entry.valid_to_s or moment_s + 1)


@dataclass(frozen=True, slots=True)
class Found:
    """A factor that was looked for."""

    factor: Factor
    status: RuleStatus
    """For the report year that was asked for, else for its newest."""

    @property
    def is_prescribed(self) -> bool:
        """Whether it may stand in a final report of the year asked for."""
        return self.status is RuleStatus.IN_FORCE


def seed_factors() -> tuple[Factor, ...]:
    """
    Give the factors that come with the package.

    Raises:
        ArtifactError: If the seed is malformed.
    """
    seed = load_factors()
    return tuple(
        Factor(entry, citation=seed.citations[entry.source_hash]) for entry in seed.entries
    )


def fetch_factors(client: ChainClient, deployment: Deployment) -> Iterator[Factor]:
    """
    Read the factors of a chain's FactorBook, in the order of publication.

    Raises:
        ArtifactError: If the deployment has no FactorBook.
        EvidenceUnsound: If the node gives an entry that its id does not commit to.
        NodeUnavailable: If the node does not answer.
    """
    book = FactorBook(client, deployment.address(FactorBook.NAME))
    newest = client.block_number()
    for entry in book.entries(from_block=deployment.first_block, to_block=newest):
        standing = book.factor(entry.factor_id).standing
        yield Factor(entry, standing.published_at_s, standing.later)


def find_factors(
    factors: Sequence[Factor], text: str, *, year: int | None = None, as_of: date | None = None
) -> tuple[Found, ...]:
    """
    Find factors by words in guide, quantity and subject.

    Args:
        factors: Where to look.
        text: Words that must all occur, in any order and case; an empty text finds everything.
        year: Only what stands for this report year.
        as_of: Only what was known and in force by the end of this day, in the reporting zone.

    Returns:
        What is in force before drafts, drafts before what has ended, else in the given order.
    """
    words = text.casefold().split()
    moment_s = None if as_of is None else end_of_day_s(as_of)
    found = []
    for factor in factors:
        if not all(word in _words_of(factor.entry) for word in words):
            continue
        if moment_s is not None and not factor.is_valid_at(moment_s):
            continue
        asked = year if year is not None else factor.entry.report_to or _last_year(factor)
        status = factor.status_for(asked, moment_s)
        if status is not RuleStatus.NONE:
            found.append(Found(factor, status))
    return tuple(sorted(found, key=lambda each: _IN_ORDER.index(each.status)))


def end_of_day_s(day: date) -> int:
    """Give the last second of a day in the reporting zone, Unix."""
    end = datetime.combine(day, time(23, 59, 59), REPORTING_ZONE)
    return (end - _EPOCH) // timedelta(seconds=1)


def _last_year(factor: Factor) -> int:
    """Give the last year that a status of an open entry speaks of."""
    return max([factor.entry.report_from, *(act.from_year for act in factor.later)])


def _words_of(entry: FactorEntry) -> str:
    return f"{entry.guide} {entry.quantity} {entry.subject}".casefold()
