"""A steel works' carbon balance: fuels, materials and products, by the guide's factors."""

from __future__ import annotations

from decimal import Decimal

from api.rule_side import ChainRules
from attestation.enums import DataClass, Outcome
from ledger.database import Database
from ledger.inventory.assembling import Wanted, obstacles
from ledger.inventory.versions import EMISSIONS
from tests.support.enterprise import Enterprise
from tests.support.inventories import Accounting, codes
from tests.support.steel_balance import JANUARY, SCOPE, WORKS, live


def test_balance_is_the_guide_s(engine: ChainRules, sqlite_url: str) -> None:
    """31 000 t of coke in, gas out, carbonates, electrodes and scrap in, steel out."""
    carbon = Decimal(44) / 12
    expected = (
        31_000 * Decimal("28.435") * Decimal("0.02942") * carbon
        - Decimal(124) * Decimal("173.854") * Decimal("0.01210") * carbon
        + 3_100 * Decimal("0.440")
        + 31 * Decimal("3.663")
        + 6_200 * Decimal("0.037")
        - 31_000 * Decimal("0.037")
    )
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        live(accounting.enterprise)
        accounting.digest(WORKS, JANUARY)
        version = accounting.final(Wanted(SCOPE))
        found = accounting.recheck(version)

    assert version.recipe == "steel-works/1"
    assert version.total is not None
    assert version.total.value == expected.quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert found.outcome is Outcome.HELD, found.steps


def test_uncalibrated_scale_enters_the_balance_corrected(
    engine: ChainRules, sqlite_url: str
) -> None:
    """Half a percent more coke, and nothing else: the plan names an accuracy of that scale only."""
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        live(accounting.enterprise, accurate="coke")
        accounting.digest(WORKS, JANUARY)
        version = accounting.final(Wanted(SCOPE))
    coke = Decimal(31_000) * Decimal("1.005")
    expected = (
        (coke * Decimal("28.435") * Decimal("0.02942")) * 44 / 12
        - Decimal(124) * Decimal("173.854") * Decimal("0.01210") * 44 / 12
        + 3_100 * Decimal("0.440")
        + 31 * Decimal("3.663")
        + 6_200 * Decimal("0.037")
        - 31_000 * Decimal("0.037")
    )
    line = version.find(DataClass.ENERGY_IN, "coke", "fuel-consumption-corrected", JANUARY)

    assert line is not None and line.amount is not None and line.amount.value == coke
    assert [each.item for each in version.lines if "corrected" in each.quantity] == ["coke"]
    assert version.total is not None
    assert version.total.value == expected.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def test_missing_day_of_one_stream_leaves_no_balance(engine: ChainRules, sqlite_url: str) -> None:
    """What is left out of a balance would be carbon that was never there."""
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        live(accounting.enterprise, without="stone")
        version = accounting.draft(Wanted(SCOPE)).version
    line = version.find(DataClass.EMISSIONS, "carbon-balance", EMISSIONS, JANUARY)

    assert line is not None and line.amount is None
    assert version.total is None
    assert "inventory.final_datum" in codes(obstacles(version))
