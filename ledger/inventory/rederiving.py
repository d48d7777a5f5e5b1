"""
Rederiving: the document of a digest made again from what the log says now.

It tells word by word what differs from what the digest states, and which entries came after it
and speak of its period. Where something differs and nothing came later, the digest never followed
from the log.

Source: `docs/formats/activity-digest.md`, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.canonical import Json, canonical_json
from ledger.inventory.activity import ActivityDatum
from ledger.inventory.calibrations import Calibrations
from ledger.inventory.digests import StoredDigest, datum_of, differing, load_digest
from ledger.log.counting import find_series
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Difference:
    """A word of a document that the log now gives another value."""

    name: str
    stated: Json
    found: Json

    def __str__(self) -> str:
        stated, found = (_brief(each) for each in (self.stated, self.found))
        return f"{self.name}: the digest states {stated}, the log now gives {found}"


@dataclass(frozen=True, slots=True)
class Rederivation:
    """A digest's document made again from the log."""

    stored: StoredDigest
    datum: ActivityDatum
    """As the log gives it now."""
    differences: tuple[Difference, ...]
    later: tuple[int, ...]
    """Entries after the digest's last that speak of its series in its period, ascending."""

    @property
    def agrees(self) -> bool:
        """Whether the log still gives what the digest states."""
        return not self.differences

    def explain(self) -> tuple[str, ...]:
        """Say in sentences what was found."""
        subject = f"digest at entry {self.stored.index}"
        if self.agrees:
            return (f"{subject} states what the log gives",)
        if not self.later:
            reason = "no later entry speaks of its period: it does not follow from the log"
        else:
            names = ", ".join(map(str, self.later))
            reason = f"entries that came later speak of its period: {names}"
        return (*map(str, self.differences), f"{subject}: {reason}")


def rederive(uow: UnitOfWork, log: Log, index: int) -> Rederivation:
    """
    Make the document of a digest again from the log, and compare it word by word.

    Args:
        uow: A reading unit of work.
        log: The log.
        index: Of the digest's entry.

    Raises: as `load_digest`.
    """
    stored = load_digest(uow, log, index)
    datum = datum_of(uow, log, stored.subject)
    found = datum.document()
    differences = tuple(
        Difference(name, stored.document.get(name), found.get(name))
        for name in differing(stored.document, found)
    )
    later = _later(uow, log, stored, datum) if differences else ()
    return Rederivation(stored, datum, differences, later)


def _later(
    uow: UnitOfWork, log: Log, stored: StoredDigest, datum: ActivityDatum
) -> tuple[int, ...]:
    """Find the entries beyond the digest's last that say something of its series and period."""
    series, period = find_series(uow, log, datum.series), datum.period
    size = stored.digest.last_index + 1
    bounds = {"series_index": series.index, "start_s": period.from_s, "end_s": period.to_s}
    progress = uow.surveys.series(log.number, [series.index]).get(series.index)
    found = set(datum.entries)
    found.update(
        span.index
        for span in uow.spans.between(
            log.number,
            series.index,
            period.from_s - 1,
            period.to_s,
            longest_s=0 if progress is None else progress.longest_span_s,
        )
    )
    found.update(each.index for each in uow.spans.corrections(log.number, **bounds))
    found.update(
        each.index
        for each in uow.gaps.declarations(log.number, series.index, period.from_s)
        if each.start < period.to_s
    )
    found.update(Calibrations(uow, log, series.instrument).indexes(period.from_s, period.to_s))
    if datum.plan is not None:
        found.add(datum.plan.index)
    return tuple(sorted(index for index in found if index >= size))


def _brief(value: Json) -> str:
    text = canonical_json(value).decode()
    return text if len(text) <= 200 else f"{text[:197]}..."
