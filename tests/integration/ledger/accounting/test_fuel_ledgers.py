"""Fuel ledgers of the monthly evidence, read back and held against the belt scale."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from api.rule_side import ChainRules
from attestation.enums import EvidenceKind, Outcome
from attestation.evidence_bodies import EvidenceFile, Manifest
from ledger.database import Database
from ledger.inventory.assembling import Wanted
from ledger.inventory.checks.results import CheckResult
from ledger.inventory.document_keys import DocumentKeys
from ledger.inventory.documents import DocumentStore
from ledger.inventory.errors import SheetRefused
from ledger.inventory.identity import Scope
from ledger.inventory.periods import Period
from ledger.inventory.sheets.forms import FUEL_LEDGER
from ledger.inventory.sheets.importing import import_sheet
from ledger.inventory.sources import Source, SourceKind
from ledger.inventory.versions import InventoryVersion, read_version
from tests.support.coal_unit import BELT, UNIT, CoalUnit, amount
from tests.support.enterprise import USC, Enterprise
from tests.support.inventories import Accounting
from tests.unit.ledger.inventory.test_sheets import Row, fuel, sheet

JANUARY = Period.month(2024, 1)
WANTED = Wanted(Scope.of(USC, UNIT, JANUARY))


@pytest.fixture
def unit(engine: ChainRules, sqlite_url: str, tmp_path: Path) -> Iterator[Accounting]:
    """A coal unit with its January, and a place for documents."""
    with Database(sqlite_url) as database:
        accounting = Accounting(Enterprise(database), engine)
        accounting.documents = DocumentStore(DocumentKeys(tmp_path / "documents"))
        CoalUnit.live(accounting.enterprise, months=1)
        yield accounting


def rows(*, hidden: str = "0", leave_out: int = 0, **cells: str) -> list[Row]:
    """Give January's ledger: what the belt scale says, and so much less of stock on day 9."""
    found, stock = [], Decimal(90_000)
    for number, day in enumerate(JANUARY.days(), start=1):
        consumed = Decimal(amount(BELT, day)).scaleb(-6).quantize(Decimal("0.001"))
        consumed += Decimal(hidden) if number == 9 else 0
        closing = stock - consumed
        row = fuel(
            day=day.label,
            unit=UNIT,
            opening=str(stock),
            received="0",
            consumed=str(consumed),
            closing=str(closing),
        )
        if number != leave_out:
            found.append(row | cells)
        stock = closing
    return found


def hand_in(accounting: Accounting, *ledgers: bytes, number: int = 1) -> list[bytes]:
    """Keep ledgers and name them in January's manifest; give their hashes."""
    enterprise, store = accounting.enterprise, accounting.documents
    assert store is not None
    files: list[EvidenceFile] = []
    with enterprise.database.unit_of_work() as uow:
        for at, content in enumerate(ledgers):
            kept = import_sheet(store, uow, USC, content, FUEL_LEDGER, now=enterprise.now).document
            files.append(
                EvidenceFile(
                    name=f"ledger-{at}.csv",
                    kind=EvidenceKind.FUEL_USE,
                    media_type=kept.media_type,
                    size=kept.size,
                    sha256=kept.sha256,
                )
            )
        uow.commit()
    enterprise.file(Manifest(month="2024-01", number=number, files=tuple(files)))
    return [each.sha256 for each in files]


def stock(version: InventoryVersion) -> CheckResult:
    """Give the one check of stock."""
    (found,) = [each for each in version.checks if each.name == "fuel.stock"]
    return found


def test_without_a_ledger_nothing_is_checked(unit: Accounting) -> None:
    """Neither held nor not: no manifest is there, and that is said."""
    found = stock(unit.draft(WANTED, keep=False).version)

    assert found.outcome is Outcome.COULD_NOT_CHECK
    assert found.english == "2024-01: no manifest is in the log"
    assert found.chinese == "2024-01：无存证清单"


def test_ledger_of_the_manifest_is_compared(unit: Accounting) -> None:
    """Its figures stand in the check, with the document and its rows as source."""
    (name,) = hand_in(unit, sheet(FUEL_LEDGER, *rows()))
    version = unit.draft(WANTED, keep=False).version
    found = stock(version)

    assert found.outcome is Outcome.HELD, found.english
    assert found.sources == (Source(SourceKind.DOCUMENT, name.hex(), "rows 2 to 32"),)
    assert dict(found.inputs)["stock at the begin"] == "90000 t"
    assert read_version(version.content) == version


def test_coal_that_was_burnt_and_not_weighed_shows(unit: Accounting) -> None:
    """Stock fell by four percent more than the belt scale counted."""
    hand_in(unit, sheet(FUEL_LEDGER, *rows(hidden="1600")))
    found = stock(unit.draft(WANTED, keep=False).version)

    assert found.outcome is Outcome.FAILED
    assert "0.041" in found.english


def test_coal_that_was_sold_is_counted(unit: Accounting) -> None:
    """What left otherwise, and what stocktaking found, is no fuel that was burnt."""
    ledger = rows()
    last = ledger[-1]
    left = {"other_out": "5000", "adjustment": "-2000"}
    closing = Decimal(last["closing"]) - 7000
    ledger[-1] = last | left | {"closing": str(closing)}
    hand_in(unit, sheet(FUEL_LEDGER, *ledger))
    found = stock(unit.draft(WANTED, keep=False).version)

    assert found.outcome is Outcome.HELD, found.english
    assert dict(found.inputs)["other out"] == "5000 t"


@pytest.mark.parametrize(
    ("ledgers", "why"),
    [
        ([rows(leave_out=31)], "days without a row: 2024-01-31"),
        ([rows(unit="unit-2")], "no row is of bituminous coal 烟煤 in unit-1"),
        ([rows(fuel="无烟煤")], "no row is of"),
        ([rows(), rows(fuel="coal-1")], "2 ledgers speak of it"),
    ],
)
def test_ledger_that_does_not_tell_is_no_ledger(
    unit: Accounting, ledgers: list[list[Row]], why: str
) -> None:
    """A day short, another unit's, another coal's, two of one month: could not check, and why."""
    hand_in(unit, *(sheet(FUEL_LEDGER, *each) for each in ledgers))
    found = stock(unit.draft(WANTED, keep=False).version)

    assert found.outcome is Outcome.COULD_NOT_CHECK
    assert why in found.english


def test_stock_below_nothing_is_refused_by_its_row(unit: Accounting) -> None:
    """More went out on day 9 than was there: the row is named, and nothing is kept."""
    ledger = rows(hidden="90000")
    with pytest.raises(SheetRefused, match=r"row 10, closing .* is below 0"):
        hand_in(unit, sheet(FUEL_LEDGER, *ledger))
    with unit.enterprise.database.reading() as uow:
        kept = uow.documents.listed(USC)

    assert kept == []


def test_ledger_whose_key_was_erased_is_not_rechecked(unit: Accounting, tmp_path: Path) -> None:
    """The recheck holds as long as the document can be read; then it says that it could not."""
    hand_in(unit, sheet(FUEL_LEDGER, *rows()))
    version = unit.draft(WANTED).version
    held = unit.recheck(version)
    DocumentKeys(tmp_path / "documents").erase(USC)
    erased = unit.recheck(version)

    assert held.outcome is Outcome.HELD, held.steps
    assert erased.outcome is Outcome.COULD_NOT_CHECK
    assert erased.first is None


def test_place_without_keys_says_so(unit: Accounting) -> None:
    """A verifier that holds the database and no key."""
    hand_in(unit, sheet(FUEL_LEDGER, *rows()))
    unit.documents = None
    found = stock(unit.draft(WANTED, keep=False).version)

    assert found.outcome is Outcome.COULD_NOT_CHECK
    assert "cannot be read here" in found.english
