"""Rules off chain leave the same records as those on chain, and are rechecked the same way."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from api.rule_side import seeded_factors
from attestation.canonical import canonical_json
from attestation.enums import Outcome
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import Asked, Calculation, Given, calculate
from ledger.inventory.calculation_reading import read_calculation, rework
from ledger.inventory.errors import CalculationBroken
from ledger.inventory.offchain.catalogue import OffchainRules
from ledger.inventory.sources import Source, SourceKind

ENGINE = OffchainRules()
SALT = bytes(range(32))
DIGEST = Source.of_entry(SourceKind.DIGEST, 41, "electricity of 2025")
DOCUMENT = Source(SourceKind.DOCUMENT, "ab" * 32, "grid mean of 2023")


def given(value: str, unit: str, source: Source = DIGEST) -> Given:
    """Give a sourced number."""
    return Given(Amount.parse(value, unit), (source,))


@pytest.fixture
def record() -> Calculation:
    """Scope 2 by location, with every number sourced."""
    line = {
        "place": "works",
        "used_MWh": given("12345.678", "MWh"),
        "factor_tCO2_per_MWh": given("0.5306", "tCO2/MWh", DOCUMENT),
    }
    asked = Asked("scope2.location", 2025, {"electricity": [line], "heat": []})
    return calculate(ENGINE, asked, salt=SALT)


def test_record_says_that_it_is_not_on_chain(record: Calculation) -> None:
    """With rule, version, code hash, sources, steps and result, as any other."""
    content = json.loads(record.content)
    assert content["rule"]["on_chain"] is False
    assert content["rule"]["name"] == "scope2.location"
    assert [each["path"] for each in content["sources"]] == [
        "electricity[0].used_MWh",
        "electricity[0].factor_tCO2_per_MWh",
    ]
    assert record.result("emission") == Amount(Decimal("6550.62"), "tCO2")
    assert record.is_final


def test_record_is_read_and_worked_out_again(record: Calculation) -> None:
    """From its bytes alone, with no chain: nothing differs."""
    again = read_calculation(record.content)
    assert again == record
    assert rework(again, ENGINE, seeded_factors()) is None


def test_changed_result_is_named(record: Calculation) -> None:
    """A hundredth of a tonne less."""
    results = list(record.results)
    results[-1] = replace(results[-1], value=results[-1].value - Decimal("0.01"))
    found = rework(replace(record, results=tuple(results)), ENGINE, seeded_factors())
    assert found is not None
    assert (found.outcome, found.place) == (Outcome.FAILED, "results.emission[0]")


def test_record_that_claims_the_chain_is_named(record: Calculation) -> None:
    """What is not on chain cannot be passed off as settled."""
    rule = replace(record.rule, on_chain=True)
    found = rework(replace(record, rule=rule), ENGINE, seeded_factors())
    assert found is not None
    assert found.place == "rule.on_chain"


def test_another_text_of_the_rule_is_named(record: Calculation) -> None:
    """The code hash is that of the text that ran."""
    rule = replace(record.rule, code_hash=bytes(32))
    found = rework(replace(record, rule=rule), ENGINE, seeded_factors())
    assert found is not None
    assert found.place == "rule.code_hash"


def test_number_without_a_source_is_no_record(record: Calculation) -> None:
    """The grid factor's source is taken out."""
    content = json.loads(record.content)
    del content["sources"][1]
    with pytest.raises(CalculationBroken, match="factor_tCO2_per_MWh of the inputs has no source"):
        read_calculation(canonical_json(content))
