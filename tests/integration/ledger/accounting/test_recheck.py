"""Rechecking a final version: what was changed afterwards is found, and the number is named."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

import pytest
from sqlalchemy import text

from attestation.canonical import canonical_json
from attestation.enums import DataClass, Outcome
from ledger.errors import AppendOnly, StorageConflict
from ledger.inventory.amounts import Amount
from ledger.inventory.assembling import Wanted
from ledger.inventory.errors import InventoryError, InventoryUnknown
from ledger.inventory.lines import TOTAL
from ledger.inventory.periods import Period
from ledger.inventory.recheck import Recheck
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from tests.integration.ledger.accounting.test_coal_unit import OneFactorDiffers
from tests.support.coal_unit import SCOPE, YEAR, CoalUnit
from tests.support.inventories import Accounting
from tests.support.inventory_copies import edit

WANTED = Wanted(SCOPE)


@pytest.fixture
def final(coal: Accounting) -> InventoryVersion:
    """The coal unit's final version."""
    return coal.final(WANTED)


def failed(found: Recheck) -> list[str]:
    return [step.name for step in found.steps if step.outcome is Outcome.FAILED]


def test_nothing_changed_and_every_step_holds(coal: Accounting, final: InventoryVersion) -> None:
    """As often as one asks."""
    found = coal.recheck(final)

    assert found.outcome is Outcome.HELD, found.steps
    assert coal.recheck(final) == found


def test_later_entries_about_other_times_change_nothing(
    coal: Accounting, final: InventoryVersion
) -> None:
    """A log goes on; an inventory of the year before does not."""
    coal.enterprise.file(coal.enterprise.registration("em-09/energy/total/"))

    assert coal.recheck(final).outcome is Outcome.HELD


def test_corrected_reading_names_its_month(coal: Accounting, final: InventoryVersion) -> None:
    """One day of July's coal is corrected by record: the digest of July no longer follows."""
    july = Period.month(2024, 7)
    coal.enterprise.file(CoalUnit.correction(july))
    found = coal.recheck(final)

    assert failed(found) == ["digests", "lines"]
    assert found.first is not None
    assert "2024-07" in found.first.detail and "total" in found.first.detail
    lines = next(step for step in found.steps if step.name == "lines")
    assert lines.detail.startswith("energy_in:2024-07:coal-1:fuel-consumption")


def test_reading_edited_in_the_database_is_found_in_the_log(
    coal: Accounting, final: InventoryVersion
) -> None:
    """One bit of one signed message: its leaf, its signature and what follows from it."""
    with coal.enterprise.database.reading() as uow:
        entry = next(
            each
            for each in uow.entries.between(coal.enterprise.log.number, 0, final.log_size)
            if each.kind == 0
        )
    changed = entry.content[:-1] + bytes([entry.content[-1] ^ 1])
    assert (
        edit(
            coal,
            "message",
            "UPDATE message SET content = ? WHERE admission_id = ?",
            changed,
            entry.admission_id,
        )
        == 1
    )
    found = coal.recheck(final)

    assert "log" in failed(found)


def test_edited_version_is_not_read(coal: Accounting, final: InventoryVersion) -> None:
    """A tonne less in the stored document: its lines have another root than it states."""
    content = final.content.decode()
    total = final.total
    assert total is not None
    less = canonical_json(
        json.loads(content.replace(total.text, (total - Amount(Decimal(1), "tCO2")).text))
    )
    changed = edit(coal, "inventory_version", "UPDATE inventory_version SET content = ?", less)
    assert changed == 1
    with pytest.raises(InventoryError) as refused:
        coal.load(SCOPE)

    assert refused.value.stable_code == "inventory.version"
    assert failed(coal.recheck(final)) == ["version"]


def test_edited_version_under_its_new_name_does_not_follow_from_the_log(
    coal: Accounting, final: InventoryVersion
) -> None:
    """Whoever edits document, name and root together still has other numbers than the log."""
    lines = tuple(
        replace(line, amount=line.amount - Amount(Decimal(1), "tCO2"))
        if line.item == TOTAL and line.amount is not None
        else line
        for line in final.lines
    )
    forged = replace(final, lines=lines)
    edit(
        coal,
        "inventory_version",
        "UPDATE inventory_version SET content = ?, sha256 = ?, lines_root = ?",
        forged.content,
        bytes.fromhex(forged.sha256),
        forged.root,
    )
    found = coal.recheck(coal.load(SCOPE))

    assert failed(found) == ["lines"]
    assert found.first is not None
    assert found.first.detail.startswith(f"emissions:2024:{TOTAL}:{EMISSIONS}")


def test_edited_calculation_is_not_what_its_name_says(
    coal: Accounting, final: InventoryVersion
) -> None:
    """Its SHA-256 is its name."""
    name = final.calculations[0]
    with coal.enterprise.database.reading() as uow:
        content = uow.inventories.calculation(coal.enterprise.log.number, bytes.fromhex(name))
    assert content is not None
    changed = content.replace(b'"profile":"EXACT"', b'"profile":"REPORTED"')
    edit(
        coal,
        "calculation",
        "UPDATE calculation SET content = ? WHERE sha256 = ?",
        changed,
        bytes.fromhex(name),
    )
    found = coal.recheck(final)

    assert failed(found) == ["calculations"]


def test_lost_calculation_could_not_be_checked(coal: Accounting, final: InventoryVersion) -> None:
    """What is not there has neither held nor failed."""
    edit(
        coal,
        "calculation",
        "DELETE FROM calculation WHERE sha256 = ?",
        bytes.fromhex(final.calculations[-1]),
    )
    found = coal.recheck(final)

    assert failed(found) == []
    assert found.outcome is Outcome.COULD_NOT_CHECK


def test_factor_book_that_says_otherwise_is_named(
    coal: Accounting, final: InventoryVersion
) -> None:
    """The verifier's own book has another number under the same id."""
    coal.factors = OneFactorDiffers("oxidation rate", {"values": ("0.98",)})
    found = coal.recheck(final)

    assert {"calculations", "lines"} <= set(failed(found))
    calculations = next(step for step in found.steps if step.name == "calculations")
    assert "factors[0].values" in calculations.detail
    assert "0.98" in calculations.detail


class OtherCode:
    """Rules of which one runs another code under the same name and version."""

    def __init__(self, engine: object) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def version_of(self, name: str, version: int) -> object:
        found = self._engine.version_of(name, version)  # type: ignore[attr-defined]
        is_it = name == "power.combustion"
        return replace(found, code_hash=sha256(b"other").digest()) if is_it else found


def test_other_code_under_the_rule_s_name_is_named(
    coal: Accounting, final: InventoryVersion
) -> None:
    """The code hash of the record is not the verifier's."""
    coal.engine = OtherCode(coal.engine)  # type: ignore[assignment]
    found = coal.recheck(final)

    assert "calculations" in failed(found)
    calculations = next(step for step in found.steps if step.name == "calculations")
    assert "rule.code_hash" in calculations.detail


def test_draft_holds_as_a_draft(coal: Accounting) -> None:
    """Nothing in the way of a draft is a fault of it."""
    version = coal.draft(WANTED).version

    assert coal.recheck(version).outcome is Outcome.HELD


def test_version_of_another_enterprise_is_refused(
    coal: Accounting, final: InventoryVersion
) -> None:
    """The scope names whose it is."""
    other = replace(final, scope=replace(final.scope, usc="91440300MA5EXAMP72"))

    assert "version" in failed(coal.recheck(other))


def test_unknown_version_is_an_error(coal: Accounting) -> None:
    """Neither an empty inventory nor number 7 of one."""
    with pytest.raises(InventoryUnknown):
        coal.load(SCOPE)
    coal.draft(WANTED)
    with pytest.raises(InventoryUnknown):
        coal.load(SCOPE, 7)


def test_stored_versions_cannot_be_changed_by_mistake(coal: Accounting) -> None:
    """The database refuses; a later version stands beside the earlier one."""
    coal.draft(WANTED)
    for statement in ("UPDATE inventory_version SET state = 1", "DELETE FROM calculation"):
        with pytest.raises(AppendOnly), coal.enterprise.database.unit_of_work() as uow:
            uow.connection.execute(text(statement))


def test_number_that_is_taken_is_refused(coal: Accounting) -> None:
    """Two at once: the second starts anew."""
    first = coal.draft(WANTED, keep=False)
    second = coal.draft(WANTED, keep=False)
    coal.keep(first)
    with pytest.raises(StorageConflict):
        coal.keep(second)


def test_restatement_has_a_reason(coal: Accounting, final: InventoryVersion) -> None:
    """And an inventory that was never final has nothing to restate."""
    assert final.find(DataClass.EMISSIONS, TOTAL, EMISSIONS, YEAR) is not None
    with pytest.raises(InventoryError) as refused:
        coal.final(WANTED, reason="  ")

    assert refused.value.stable_code == "inventory.restatement"
