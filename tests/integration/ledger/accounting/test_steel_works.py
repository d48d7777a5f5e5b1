"""Nine months of a steel works become an inventory whose every number leads to readings."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from attestation.enums import DataClass, MissingDataRule, Outcome, Quality, VersionState
from attestation.messages import parse_message
from attestation.series_bodies import Correction, Replacement
from ledger.inventory.assembling import Wanted, obstacles
from ledger.inventory.errors import InventoryError, NotFinal
from ledger.inventory.lines import TOTAL
from ledger.inventory.periods import Period
from ledger.inventory.tracing import Tracer
from ledger.inventory.versions import EMISSIONS, diff, read_version
from tests.support.inventories import Accounting, codes
from tests.support.steel_inventory import (
    GRID,
    NINE_MONTHS,
    SCOPE,
    SEPTEMBER,
    WORKS,
    factor,
    plan,
)
from tests.support.steel_works import ACTIVE

pytestmark = pytest.mark.shared

WANTED = Wanted(SCOPE, stated=(factor(),))
HOURS_BEFORE = 4
"""Rows of the file that lie in the year before, as the reporting zone cuts it."""


def rows_of(shared: Path) -> list[Decimal]:
    path = shared / "data" / "steel-works-2018" / "readings.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return [Decimal(row["Usage_kWh"]) for row in rows]


def test_months_are_the_file_s(steel: Accounting, shared: Path) -> None:
    """Each month is the sum of its rows, cut at the reporting zone, to the last digit."""
    version = steel.draft(WANTED, keep=False).version
    rows, at = rows_of(shared), HOURS_BEFORE
    for month in NINE_MONTHS.months()[:-1]:
        taken = rows[at : at + 96 * month.days_count]
        at += len(taken)
        line = version.find(DataClass.ENERGY_BOUGHT, GRID, "purchased-electricity", month)

        assert line is not None and line.amount is not None
        assert line.amount.value * 1000 == sum(taken)


def test_last_hour_is_filled_by_the_plan_and_nothing_else(steel: Accounting) -> None:
    """September's last hour in the reporting zone is not in the file: its mean stands in."""
    with_rule = steel.draft(WANTED, keep=False).version
    steel.enterprise.file(plan(2, missing=MissingDataRule.LEAVE_MISSING))
    without = steel.draft(WANTED, keep=False).version

    filled = with_rule.find(DataClass.ENERGY_BOUGHT, GRID, "purchased-electricity", SEPTEMBER)
    missing = without.find(DataClass.ENERGY_BOUGHT, GRID, "purchased-electricity", SEPTEMBER)
    assert filled is not None and filled.amount is not None
    assert missing is not None and missing.amount is None
    assert without.total is None
    assert "inventory.final_datum" in codes(obstacles(without))


def test_draft_without_digests_is_not_final(steel: Accounting) -> None:
    """Everything is there, and nothing holds it fast."""
    with pytest.raises(NotFinal) as refused:
        steel.final(WANTED)

    assert refused.value.stable_code == "inventory.final_digest"


def test_imported_readings_count_only_where_the_plan_says_so(steel: Accounting) -> None:
    """The same file under a plan that wants metered data is no data."""
    steel.enterprise.file(plan(2, imports=False))
    version = steel.draft(WANTED, keep=False).version

    assert version.total is None
    assert "inventory.final_datum" in codes(obstacles(version))


def test_final_version_holds_when_it_is_rechecked(finished: Accounting) -> None:
    """335.08 t from 729.38 MWh; every step of the recheck holds."""
    version = finished.load(SCOPE)

    assert version.state is VersionState.FINAL
    assert str(version.total) == "335.08 tCO2e"
    found = finished.recheck(version)
    assert found.outcome is Outcome.HELD, found.steps


def test_every_number_leads_to_readings_of_the_file(finished: Accounting) -> None:
    """From the total down to entries, and in them every reading of the nine months' series."""
    version = finished.load(SCOPE)
    with finished.enterprise.database.reading() as uow:
        tracer = Tracer(uow, finished.enterprise.log, version)
        total = version.find(DataClass.EMISSIONS, TOTAL, EMISSIONS, NINE_MONTHS)
        assert total is not None
        entries = tracer.line(total).readings
        emitted = [
            line
            for line in version.lines
            if line.data_class is DataClass.EMISSIONS or line.quantity == "purchased-electricity"
        ]
        assert all(tracer.line(line).readings for line in emitted)
        seen = [
            each.end_s
            for index in entries
            for each in parse_message(
                uow.entries.get(finished.enterprise.log.number, index).content,
                origin=finished.enterprise.origin,
            ).readings
            if each.series == ACTIVE
        ]
    covered = {end_s for end_s in seen if NINE_MONTHS.from_s < end_s <= NINE_MONTHS.to_s}
    assert len(covered) == 26_208 - HOURS_BEFORE


def test_corrected_reading_changes_the_result_and_breaks_the_final_one(
    finished: Accounting,
) -> None:
    """One quarter hour of March is corrected: the recheck names March, and no final is made."""
    before = finished.load(SCOPE)
    march = Period.month(2018, 3)
    finished.enterprise.file(
        Correction(
            series=ACTIVE,
            from_s=march.from_s,
            to_s=march.from_s + 900,
            reason="meter was being changed",
            replacement=Replacement(value=5_000_000, unit="Wh", quality=Quality.SUBSTITUTED),
        )
    )

    found = finished.recheck(before)
    assert found.outcome is Outcome.FAILED
    assert found.first is not None
    assert "2018-03" in found.first.detail
    with pytest.raises(NotFinal) as refused:
        finished.final(WANTED, reason="late correction")
    assert refused.value.stable_code == "inventory.final_digest_differs"


def test_restatement_keeps_both_results_and_the_difference(finished: Accounting) -> None:
    """After the correction is digested, the new version says what it restates, and why."""
    before = finished.load(SCOPE)
    march = Period.month(2018, 3)
    finished.enterprise.file(
        Correction(
            series=ACTIVE,
            from_s=march.from_s,
            to_s=march.from_s + 900,
            reason="meter was being changed",
            replacement=Replacement(value=5_000_000, unit="Wh", quality=Quality.SUBSTITUTED),
        )
    )
    finished.digest(WORKS, NINE_MONTHS)
    with pytest.raises(InventoryError) as unexplained:
        finished.final(WANTED)
    after = finished.final(WANTED, reason="late correction of March")

    assert unexplained.value.stable_code == "inventory.restatement"
    assert after.restates is not None
    assert (after.restates.number, after.restates.sha256) == (1, before.sha256)
    assert before.total is not None and after.total is not None
    assert after.restates.difference == str(after.total - before.total)
    changed = {change.line_id for change in diff(before, after)}
    assert "energy_bought:2018-03:grid:purchased-electricity" in changed
    assert "energy_bought:2018-04:grid:purchased-electricity" not in changed
    with finished.enterprise.database.reading() as uow:
        kept = uow.inventories.listed(finished.enterprise.log.number)
    assert [read_version(each.content).total for each in kept] == [before.total, after.total]


def test_other_factor_is_another_result(steel: Accounting) -> None:
    """A stated factor that changes shows in the diff, line by line."""
    before = steel.draft(WANTED, keep=False).version
    after = steel.draft(Wanted(SCOPE, stated=(factor("460.0"),)), keep=False).version

    changes = {change.line_id: change for change in diff(before, after)}
    factor_line = f"energy_bought:{NINE_MONTHS.label}:{GRID}:emission-factor-per-MWh"
    assert changes[factor_line].difference == "0.6 kgCO2e"
    assert f"emissions:{NINE_MONTHS.label}:{TOTAL}:{EMISSIONS}" in changes


def test_measured_parameter_cannot_be_stated(steel: Accounting) -> None:
    """A month that was not metered does not come in by a sheet of paper."""
    none_stated = steel.draft(Wanted(SCOPE), keep=False).version

    assert none_stated.total is None
    assert "inventory.final_datum" in codes(obstacles(none_stated))
