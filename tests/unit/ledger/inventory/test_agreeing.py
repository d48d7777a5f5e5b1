"""What the acts on an inventory carry: one hash of all inputs, and whole tonnes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.enums import DataClass, RoundingProfile, RuleStatus, VersionState
from attestation.ids import keccak256
from ledger.inventory.agreeing import inputs_hash, submission_of
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import Calculation
from ledger.inventory.errors import InventoryError, NotFinal
from ledger.inventory.lines import TOTAL, Line
from ledger.inventory.periods import Period
from ledger.inventory.versions import EMISSIONS, InventoryVersion
from ledger.ports import RuleVersion
from tests.support.emission_lines import DIGEST, version

YEAR = Period.year(2024)
RULE = RuleVersion(
    name="power.combustion",
    version=1,
    rule_id=bytes(32),
    code_hash=bytes(32),
    status=RuleStatus.IN_FORCE,
    on_chain=True,
    source="a guide",
)


def calculation(first: int, profile: RoundingProfile = RoundingProfile.EXACT) -> Calculation:
    """Give a record that differs by its inputs hash alone."""
    return Calculation(
        rule=RULE,
        report_year=2024,
        profile=profile,
        factors=(),
        inputs={},
        sourced=(),
        results=(),
        steps=(),
        salt=bytes(32),
        inputs_hash=bytes([first]) * 32,
    )


def final(total: str, *records: Calculation) -> InventoryVersion:
    """Give a final version with a total."""
    line = Line(DataClass.EMISSIONS, YEAR, TOTAL, EMISSIONS, Amount.parse(total, "tCO2"), (DIGEST,))
    return replace(version(YEAR, line), calculations=tuple(each.sha256 for each in records))


def test_inputs_hash_is_that_of_the_words_in_order() -> None:
    """Built by hand from the texts of the types: one hash of structs, as EIP-712 has it."""
    records = (calculation(1), calculation(2, RoundingProfile.REPORTED))
    made = final("10.00", *records)
    calculation_text = b"CalculationInputs(bytes32 inputsHash,uint8 profile)"
    text = b"InventoryInputs(bytes32 inventoryId,string recipe,CalculationInputs[] calculations)"
    words = [
        keccak256(
            keccak256(calculation_text) + each.inputs_hash + int(each.profile).to_bytes(32, "big")
        )
        for each in records
    ]
    expected = keccak256(
        keccak256(text + calculation_text)
        + made.scope.inventory_id
        + keccak256(made.recipe.encode())
        + keccak256(b"".join(words))
    )

    assert inputs_hash(made, records) == expected


def test_inputs_hash_commits_to_order_profile_and_recipe() -> None:
    """Whatever of it changes."""
    one, two = calculation(1), calculation(2)
    made = final("10.00", one, two)
    rounded = calculation(2, RoundingProfile.REPORTED)
    others = (
        inputs_hash(made, (two, one)),
        inputs_hash(made, (one, rounded)),
        inputs_hash(made, (one,)),
        inputs_hash(replace(made, recipe="steel-works/1"), (one, two)),
    )

    assert inputs_hash(made, (one, two)) not in others
    assert len(set(others)) == len(others)


@pytest.mark.parametrize(
    ("total", "tonnes"), [("10.49", 10), ("10.50", 11), ("11.50", 12), ("0.00", 0)]
)
def test_result_is_whole_tonnes_rounded_once(total: str, tonnes: int) -> None:
    """Half goes up (四舍五入)."""
    assert submission_of(final(total), ()).total_t == tonnes


def test_draft_is_not_submitted() -> None:
    """However complete it is."""
    draft = replace(final("10.00"), state=VersionState.DRAFT)
    with pytest.raises(NotFinal):
        submission_of(draft, ())


def test_records_of_another_version_are_refused() -> None:
    """Also in another order."""
    one, two = calculation(1), calculation(2)
    with pytest.raises(InventoryError):
        submission_of(final("10.00", one, two), (two, one))
