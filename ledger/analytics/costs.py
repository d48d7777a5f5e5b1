"""
What energy cost by a time-of-use tariff: band by band, and what could not be priced.

An amount belongs to the band that its whole interval lies in. One that lies in two bands is not
divided, because nobody measured how it divides: it is counted as unpriced, with its energy. The
cost of a band is its energy times its price, rounded to hundredths once; the total is the sum of
what is stated.

Source: `ledger.analytics.tariffs`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ledger.analytics.errors import UnitsApart
from ledger.analytics.measures import Measure
from ledger.analytics.slices import Slice, slices_of
from ledger.analytics.tariffs import Tariff
from ledger.decimals import ratio, rounded
from ledger.log.counting import find_series
from ledger.repositories.logs import Log
from ledger.unit_of_work import UnitOfWork

CENTS: int = 2


@dataclass(frozen=True, slots=True)
class BandCost:
    """Energy and cost of one band."""

    band: str
    price: Decimal
    energy: Fraction
    """In the tariff's unit."""
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stretch of time cost."""

    from_s: int
    to_s: int
    bands: tuple[BandCost, ...]
    """Every band of the tariff, in its order."""
    unpriced: Fraction
    """Energy of readings that lie in two bands, or on days without a price."""
    unpriced_count: int
    missing_s: int
    """Seconds that no reading with a value covers."""

    @property
    def energy(self) -> Fraction:
        """All of it, priced or not."""
        return sum((each.energy for each in self.bands), self.unpriced)

    @property
    def cost(self) -> Decimal:
        """Sum of the stated costs; it says nothing of what is unpriced or missing."""
        return rounded(sum((Fraction(each.cost) for each in self.bands), Fraction(0)), CENTS)

    @property
    def is_complete(self) -> bool:
        """Whether every second is covered and priced."""
        return not self.unpriced_count and not self.missing_s

    @property
    def mean_price(self) -> Fraction | None:
        """Cost by priced energy; None where none is priced."""
        priced = self.energy - self.unpriced
        return ratio(self.cost, priced) if priced else None


def energy_cost(
    uow: UnitOfWork, log: Log, name: str, tariff: Tariff, from_s: int, to_s: int
) -> Cost:
    """
    Price what counts of a series.

    Raises:
        NotRegistered: If the log has no such series.
        UnitsApart: If the tariff does not price what the series measures.
    """
    measure = Measure.of(find_series(uow, log, name).unit)
    if measure.amount_unit != tariff.unit or not measure.is_amount:
        raise UnitsApart(f"{name} is shown in {measure.amount_unit}, priced is {tariff.unit}")
    slices, _ = slices_of(uow, log, name, from_s, to_s)
    return cost_of(slices, measure, tariff, from_s, to_s)


def cost_of(
    slices: Iterable[Slice], measure: Measure, tariff: Tariff, from_s: int, to_s: int
) -> Cost:
    """Price the amounts of one series inside `[from_s, to_s)`."""
    energies = dict.fromkeys(tariff.bands, Fraction(0))
    unpriced = Fraction(0)
    unpriced_count = covered_s = 0
    for each in slices:
        band = tariff.band_of(each.start_s, each.end_s)
        if band is None:
            unpriced += each.value
            unpriced_count += 1
        else:
            energies[band.name] += each.value
        covered_s += each.covered_s
    rows = []
    for band in tariff.bands.values():
        energy = measure.shown(energies[band.name])
        cost = rounded(energy * Fraction(band.price), CENTS)
        rows.append(BandCost(band.name, band.price, energy, cost))
    return Cost(
        from_s=from_s,
        to_s=to_s,
        bands=tuple(rows),
        unpriced=measure.shown(unpriced),
        unpriced_count=unpriced_count,
        missing_s=to_s - from_s - covered_s,
    )
