"""Cross-checks: each holds, does not hold, and says when it could not look."""

from __future__ import annotations

import pytest

from attestation.enums import Outcome
from ledger.inventory.amounts import Amount
from ledger.inventory.checks import energy, fuel, patterns
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.periods import Period

YEAR = Period.year(2024)
HELD, FAILED, COULD_NOT = Outcome.HELD, Outcome.FAILED, Outcome.COULD_NOT_CHECK


def amount(text: str | None, unit: str) -> Amount | None:
    return None if text is None else Amount.parse(text, unit)


@pytest.mark.parametrize(
    ("generated", "fuel_heat", "expected"),
    [
        ("100", "783", HELD),  # 360 / 783 = 0.45977
        ("100", "782.6", FAILED),  # 360 / 782.6 = 0.4600
        ("100", "0", COULD_NOT),
        ("100", None, COULD_NOT),
        (None, "900", COULD_NOT),
    ],
)
def test_condensing_unit_gives_less_than_46_percent(
    generated: str | None, fuel_heat: str | None, expected: Outcome
) -> None:
    """3.6 W / fuel heat, the guide's bound."""
    result = energy.efficiency(
        YEAR,
        generated=amount(generated, "MWh"),
        heat_supplied=None,
        fuel_heat=amount(fuel_heat, "GJ"),
        supplies_heat=False,
    )

    assert result.outcome is expected


@pytest.mark.parametrize(("heat", "expected"), [("639", HELD), ("640", FAILED), (None, COULD_NOT)])
def test_unit_that_supplies_heat_gives_less_than_its_fuel(
    heat: str | None, expected: Outcome
) -> None:
    """(3.6 W + Q) / fuel heat is below 1."""
    result = energy.efficiency(
        YEAR,
        generated=amount("100", "MWh"),
        heat_supplied=amount(heat, "GJ"),
        fuel_heat=amount("1000", "GJ"),
        supplies_heat=True,
    )

    assert result.outcome is expected


@pytest.mark.parametrize(("supplied", "expected"), [("99", HELD), ("100", FAILED)])
def test_boiler_makes_more_heat_than_is_supplied(supplied: str, expected: Outcome) -> None:
    """Heat that nobody made was not supplied."""
    result = energy.heat_below_boiler(
        YEAR, heat_supplied=amount(supplied, "GJ"), boiler_heat=amount("100", "GJ")
    )

    assert result.outcome is expected


@pytest.mark.parametrize(
    ("used", "expected"), [("10", HELD), ("8", HELD), ("7.9", FAILED), (None, COULD_NOT)]
)
def test_electricity_comes_out_even(used: str | None, expected: Outcome) -> None:
    """Generated and bought is supplied and used, within two parts in a hundred."""
    result = energy.electricity_balance(
        YEAR,
        generated=amount("95", "MWh"),
        bought=amount("5", "MWh"),
        supplied=amount("90", "MWh"),
        used=amount(used, "MWh"),
    )

    assert result.outcome is expected


@pytest.mark.parametrize(
    ("measured", "expected"), [("110", HELD), ("90", HELD), ("89.9", FAILED), (None, COULD_NOT)]
)
def test_stack_and_calculation_are_near(measured: str | None, expected: Outcome) -> None:
    """Within a tenth of what was calculated."""
    result = energy.stack_against_calculation(
        YEAR, calculated=amount("100", "tCO2"), measured=amount(measured, "t")
    )

    assert result.outcome is expected


@pytest.mark.parametrize(
    ("carbon", "expected"), [("0.5760", HELD), ("0.4700", FAILED), (None, COULD_NOT)]
)
def test_carbon_fits_the_heat(carbon: str | None, expected: Outcome) -> None:
    """Carbon lowered alone leaves the kind of coal's range."""
    result = fuel.carbon_against_heat(
        YEAR,
        "bituminous coal 烟煤",
        carbon=amount(carbon, "tC/t"),
        heat=Amount.parse("22.415", "GJ/t"),
    )

    assert result.outcome is expected


def regression(*carbons: str) -> CheckResult:
    points = [
        (
            Period.month(2024, at + 1),
            Amount.parse(f"{22 + at}", "GJ/t"),
            Amount.parse(carbon, "tC/t"),
        )
        for at, carbon in enumerate(carbons)
    ]
    return fuel.carbon_regression(YEAR, points)


def test_one_month_s_carbon_that_leaves_the_line_is_named() -> None:
    """March was lowered by a twentieth; its heat was not."""
    result = regression("0.550", "0.575", "0.570", "0.625", "0.650")

    assert result.outcome is FAILED
    assert "2024-03" in result.english


def test_months_on_a_line_hold() -> None:
    """Carbon that follows the heat is as it should be."""
    assert regression("0.550", "0.576", "0.600", "0.624", "0.650").outcome is HELD


def test_three_months_make_no_line() -> None:
    """What cannot be looked at is said so."""
    assert regression("0.550", "0.400", "0.600").outcome is COULD_NOT


@pytest.mark.parametrize(
    ("burnt", "expected"), [("1000", HELD), ("960", FAILED), (None, COULD_NOT)]
)
def test_burnt_coal_was_there(burnt: str | None, expected: Outcome) -> None:
    """Stock at the begin and purchases, less stock at the end."""
    result = fuel.burnt_against_stock(
        YEAR,
        burnt=amount(burnt, "t"),
        received=amount("1100", "t"),
        opening=amount("200", "t"),
        closing=amount("300", "t"),
    )

    assert result.outcome is expected


def months(*values: str | None) -> list[tuple[Period, Amount | None]]:
    return [(Period.month(2024, at + 1), amount(each, "t")) for at, each in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("100", "115", "98"), HELD),
        (("100", "116", "110"), FAILED),
        (("100", None, "130"), FAILED),
        (("100", None), COULD_NOT),
    ],
)
def test_jump_from_month_to_month_is_named(
    values: tuple[str | None, ...], expected: Outcome
) -> None:
    """Missing months do not hide one."""
    assert patterns.step_change(YEAR, "coal", months(*values)).outcome is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("10.01", "10.02"), HELD),
        (("10.01", "10.02", "10.010"), FAILED),
        ((None, "10.01"), COULD_NOT),
    ],
)
def test_equal_months_are_named(values: tuple[str | None, ...], expected: Outcome) -> None:
    """Equal to the last digit is copied, until somebody explains it."""
    result = patterns.equal_figures(YEAR, "coal", months(*values))

    assert result.outcome is expected


@pytest.mark.parametrize(
    ("own", "peers", "expected"),
    [
        ("0.85", ("0.80", "0.84", "0.90"), HELD),
        ("0.60", ("0.80", "0.84", "0.90"), FAILED),
        ("0.85", ("0.80", "0.90"), COULD_NOT),
        (None, ("0.80", "0.84", "0.90"), COULD_NOT),
        ("1.10", ("0.80", "0.84", "0.90", "9.00"), HELD),
        ("1.30", ("0.80", "0.84", "0.86", "9.00"), FAILED),
        ("1.10", ("0.40", "0.80", "1.20"), HELD),
        ("0.85", ("0.84", "0.84", "0.84"), HELD),
        ("0.85", ("0.00", "0.00", "0.84"), COULD_NOT),
    ],
)
def test_unit_is_seen_among_its_peers(
    own: str | None, peers: tuple[str, ...], expected: Outcome
) -> None:
    """Two are no median; one far off moves nothing; far is far by median and by spread."""
    given = {f"peer {at}": Amount.parse(each, "tCO2/MWh") for at, each in enumerate(peers)}

    assert patterns.among_peers(YEAR, amount(own, "tCO2/MWh"), given).outcome is expected


def test_result_is_read_back_as_it_was() -> None:
    """With what it looked at and by what it judged."""
    result = regression("0.550", "0.575", "0.570", "0.625", "0.650")

    assert CheckResult.from_json(result.as_json()) == result
