"""A coal unit whose scale or generator is out of calibration: what counts, and what does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest

from api.rule_side import ChainRules
from attestation.enums import DataClass, Outcome, WayOfGetting
from attestation.plan_bodies import ControlPlan
from attestation.series_bodies import Calibration
from ledger.database import Database
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted
from ledger.inventory.identity import Scope
from ledger.inventory.lines import Line
from ledger.inventory.periods import Period
from ledger.inventory.sources import SourceKind
from ledger.inventory.stating import StatedValue
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from tests.support.coal_unit import (
    BELT,
    BOUGHT,
    COAL,
    GENERATOR,
    GRID,
    UNIT,
    YEAR,
    CoalUnit,
    amount,
    carbon_ppm,
    plan,
)
from tests.support.enterprise import USC, Enterprise
from tests.support.inventories import Accounting
from tests.support.inventory_copies import edit

JANUARY = Period.month(2024, 1)
FEBRUARY = Period.month(2024, 2)
TWO_MONTHS = Period(JANUARY.from_s, FEBRUARY.to_s)
HALF_WAY = Period.day(2024, 1, 17).from_s
SERIES = {BELT: DataClass.ENERGY_IN, GENERATOR: DataClass.ENERGY_OUT}


def accurate() -> ControlPlan:
    """Give the plan with class 0.5 for every meter."""
    rows = plan().parameters
    return replace(
        plan(),
        parameters=tuple(
            replace(row, accuracy_class="0.5", accuracy_ppm=5_000, calibration_days=400)
            for row in rows
        ),
    )


def certificate(series: str, to_s: int = TWO_MONTHS.to_s, found: str = "0.5") -> Calibration:
    instrument = series.split("/")[0]
    return Calibration(
        instrument=instrument,
        certificate_number=f"C-{instrument}",
        laboratory="metrology",
        from_s=YEAR.from_s,
        to_s=to_s,
        accuracy_class=found,
    )


def lived(
    database: Database,
    engine: ChainRules,
    *certificates: Calibration,
    planned: ControlPlan | None = None,
) -> Accounting:
    """Let two months pass; the meter of bought power is always in calibration."""
    enterprise = Enterprise(database)
    unit = CoalUnit.registered(enterprise, planned or accurate())
    for each in (*certificates, certificate(BOUGHT)):
        enterprise.file(each)
    for month in TWO_MONTHS.months():
        unit.say(*month.days())
        unit.test(month)
    accounting = Accounting(enterprise, engine)
    accounting.digest(UNIT, TWO_MONTHS)
    return accounting


def wanted(period: Period = TWO_MONTHS) -> Wanted:
    return Wanted(Scope.of(USC, UNIT, period))


def found(version: InventoryVersion, period: Period, quantity: str, item: str = COAL) -> Line:
    data_class = DataClass.ENERGY_IN if item == COAL else DataClass.ENERGY_OUT
    line = version.find(data_class, item, quantity, period)
    assert line is not None, (period.label, quantity)
    return line


def said(series: str, *days: Period) -> Decimal:
    """Give what a series says of some days, in t or MWh."""
    return sum((Decimal(amount(series, day)) for day in days), Decimal(0)).scaleb(-6)


def emitted(*months: tuple[Decimal, int]) -> Decimal:
    """Work emissions out by the guide's formula from (coal, month)."""
    carbon = sum(coal * Decimal(carbon_ppm(month)).scaleb(-6) for coal, month in months)
    exact = carbon * Decimal("0.99") * 44 / 12
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def kilogram(coal: Decimal) -> Decimal:
    return coal.quantize(Decimal("0.001"), ROUND_HALF_UP)


def departures(version: InventoryVersion, period: Period) -> tuple[Outcome, str]:
    check = next(
        each for each in version.checks if each.name == "plan.departures" and each.period == period
    )
    return check.outcome, check.english


def test_days_out_of_calibration_count_half_a_percent_more(
    engine: ChainRules, sqlite_url: str
) -> None:
    """The certificate ends on 16 January: what was burnt after it is corrected, and no more."""
    with Database(sqlite_url) as database:
        accounting = lived(database, engine, certificate(BELT, HALF_WAY), certificate(GENERATOR))
        unit = accounting.enterprise
        unit.file(replace(certificate(BELT), from_s=FEBRUARY.from_s, certificate_number="C-2"))
        accounting.digest(UNIT, FEBRUARY)
        version = accounting.final(wanted())
        again = accounting.recheck(version)
    days = JANUARY.days()
    measured = said(BELT, *days)
    counts = kilogram(said(BELT, *days[:16]) + said(BELT, *days[16:]) * Decimal("1.005"))
    february = said(BELT, *FEBRUARY.days())
    line = found(version, JANUARY, "fuel-consumption-corrected")

    assert found(version, JANUARY, "fuel-consumption").amount is not None
    assert found(version, JANUARY, "fuel-consumption").amount.value == measured  # type: ignore[union-attr]
    assert line.amount is not None and line.amount.value == counts
    assert [each.kind for each in line.sources] == [SourceKind.CALCULATION]
    assert version.find(DataClass.ENERGY_IN, COAL, "fuel-consumption-corrected", FEBRUARY) is None
    for quantity, expected in (
        ("fuel-consumption", measured + february),
        ("fuel-consumption-corrected", counts + february),
    ):
        year = found(version, TWO_MONTHS, quantity).amount
        assert year is not None and year.value == expected
    combustion = version.find(DataClass.EMISSIONS, "combustion", EMISSIONS, TWO_MONTHS)
    assert combustion is not None and combustion.amount is not None
    assert combustion.amount.value == emitted((counts, 1), (february, 2))
    assert combustion.amount.value > emitted((measured, 1), (february, 2))
    assert again.outcome is Outcome.HELD, again.steps


def test_correction_rests_on_the_digest(engine: ChainRules, sqlite_url: str) -> None:
    """Each part of the rule's inputs names the digest that holds it fast."""
    with Database(sqlite_url) as database:
        accounting = lived(database, engine, certificate(BELT, HALF_WAY), certificate(GENERATOR))
        made = accounting.draft(wanted(JANUARY), keep=False)
    (record,) = [each for each in made.calculations if each.rule.name == "measurement.correction"]
    named = {source.kind for row in record.sourced for source in row.sources}

    assert named == {SourceKind.DIGEST, SourceKind.PLAN}
    assert len(record.inputs["parts"]) == 2  # type: ignore[arg-type]


def test_meters_in_calibration_change_nothing(engine: ChainRules, sqlite_url: str) -> None:
    """The certificate ends with the last second that counts: no line and no calculation."""
    with Database(sqlite_url) as database:
        accounting = lived(database, engine, certificate(BELT), certificate(GENERATOR, found="0.2"))
        made = accounting.draft(wanted(), keep=False)
    version = made.version
    combustion = version.find(DataClass.EMISSIONS, "combustion", EMISSIONS, TWO_MONTHS)
    months = [(said(BELT, *month.days()), at) for at, month in enumerate(TWO_MONTHS.months(), 1)]

    assert not [line for line in version.lines if line.quantity.endswith("-corrected")]
    assert not [each for each in made.calculations if each.rule.name.startswith("measurement")]
    assert combustion is not None and combustion.amount is not None
    assert combustion.amount.value == emitted(*months)
    assert departures(version, JANUARY)[0] is Outcome.HELD


@pytest.mark.parametrize(
    ("series", "item", "quantity", "factor"),
    [
        (BELT, COAL, "fuel-consumption", Decimal("1.003")),
        (GENERATOR, "electricity", "generation", Decimal("0.997")),
    ],
    ids=["emission side up", "production side down"],
)
def test_worse_class_counts_by_the_difference(
    engine: ChainRules,
    sqlite_url: str,
    series: str,
    item: str,
    quantity: str,
    factor: Decimal,
) -> None:
    """Class 0.8 where 0.5 is planned: 0.3 %, against whoever reports."""
    certificates = [certificate(each, found="0.8" if each == series else "0.5") for each in SERIES]
    with Database(sqlite_url) as database:
        version = lived(database, engine, *certificates).draft(wanted(), keep=False).version
    line = found(version, FEBRUARY, f"{quantity}-corrected", item)

    assert line.amount is not None
    assert line.amount.value == kilogram(said(series, *FEBRUARY.days()) * factor)
    assert len({each.quantity for each in version.lines if "corrected" in each.quantity}) == 1


def test_meter_without_any_certificate_is_corrected_altogether(
    engine: ChainRules, sqlite_url: str
) -> None:
    """No record of calibration is no calibration."""
    with Database(sqlite_url) as database:
        accounting = lived(database, engine, certificate(GENERATOR))
        version = accounting.draft(wanted(JANUARY), keep=False).version
    line = found(version, JANUARY, "fuel-consumption-corrected")

    assert line.amount is not None
    assert line.amount.value == kilogram(said(BELT, *JANUARY.days()) * Decimal("1.005"))
    assert departures(version, JANUARY)[0] is Outcome.FAILED


def test_plan_without_an_accuracy_lets_the_amount_stand_and_says_so(
    engine: ChainRules, sqlite_url: str
) -> None:
    """Nobody can say by how much: no corrected line, and the check names what is not corrected."""
    with Database(sqlite_url) as database:
        accounting = lived(
            database, engine, certificate(BELT, HALF_WAY), certificate(GENERATOR), planned=plan()
        )
        version = accounting.final(wanted())
    outcome, words = departures(version, JANUARY)

    assert not [line for line in version.lines if line.quantity.endswith("-corrected")]
    assert outcome is Outcome.FAILED
    assert "out of calibration; not corrected, the plan names no accuracy" in words


def test_corrected_amount_put_back_is_found(engine: ChainRules, sqlite_url: str) -> None:
    """Whoever writes the measured amount where the corrected one stood is found by a recheck."""
    with Database(sqlite_url) as database:
        accounting = lived(database, engine, certificate(BELT, HALF_WAY), certificate(GENERATOR))
        version = accounting.final(wanted())
        raw = found(version, JANUARY, "fuel-consumption").amount
        name = found(version, JANUARY, "fuel-consumption-corrected").line_id
        forged = replace(
            version,
            lines=tuple(
                replace(line, amount=raw) if line.line_id == name else line
                for line in version.lines
            ),
        )
        edit(
            accounting,
            "inventory_version",
            "UPDATE inventory_version SET content = ?, sha256 = ?, lines_root = ?",
            forged.content,
            bytes.fromhex(forged.sha256),
            forged.root,
        )
        again = accounting.recheck(forged)
    lines = next(step for step in again.steps if step.name == "lines")

    assert lines.outcome is Outcome.FAILED
    assert lines.detail.startswith(name)


def test_stated_factor_is_multiplied_with_what_counts(engine: ChainRules, sqlite_url: str) -> None:
    """The recipe `stated-factors/1`: corrected months, and their corrected sum beside the other."""
    planned = accurate()
    of_factor = replace(
        planned.parameters[-1],
        parameter=f"emission-factor:{GRID}",
        measured_in="kgCO2e",
        way=WayOfGetting.DEFAULT,
        series=(),
        accuracy_class=None,
        accuracy_ppm=None,
        calibration_days=None,
    )
    planned = replace(planned, parameters=(*planned.parameters, of_factor))
    value = StatedValue(f"emission-factor:{GRID}", Amount.parse("500", "kgCO2e"), "ab" * 32, "p. 1")
    with Database(sqlite_url) as database:
        accounting = lived(
            database, engine, certificate(BELT), certificate(GENERATOR), planned=planned
        )
        accounting.enterprise.file(replace(certificate(BOUGHT), accuracy_class="1.0"))
        accounting.digest(UNIT, TWO_MONTHS)
        stated = Wanted(wanted().scope, recipe="stated-factors/1", stated=(value,))
        version = accounting.final(stated)
    months = [said(BOUGHT, *month.days()) for month in TWO_MONTHS.months()]
    counts = sum((kilogram(each * Decimal("1.005")) for each in months), Decimal(0))
    lines = [
        version.find(DataClass.ENERGY_BOUGHT, GRID, name, TWO_MONTHS)
        for name in ("purchased-electricity", "purchased-electricity-corrected")
    ]

    assert [
        line.amount.value for line in lines if line is not None and line.amount is not None
    ] == [
        sum(months),
        counts,
    ]
    assert version.total is not None
    assert abs(version.total.value - counts * Decimal("0.5")) <= Decimal("0.01")


def test_bought_power_is_corrected_for_the_grid_factor(engine: ChainRules, sqlite_url: str) -> None:
    """Its corrected months are what the grid factor is multiplied with."""
    with Database(sqlite_url) as database:
        accounting = lived(database, engine, certificate(BELT), certificate(GENERATOR))
        accounting.enterprise.file(replace(certificate(BOUGHT), accuracy_class="1.0"))
        version = accounting.draft(wanted(JANUARY), keep=False).version
    line = version.find(DataClass.EMISSIONS, GRID, EMISSIONS, JANUARY)
    power = kilogram(said(BOUGHT, *JANUARY.days()) * Decimal("1.005"))

    assert line is not None and line.amount is not None
    assert line.amount.value == (power * Decimal("0.5703")).quantize(Decimal("0.01"), ROUND_HALF_UP)
