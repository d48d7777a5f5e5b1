"""Calculation records: complete, sourced, read back, and worked out again by the rule's code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from api.rule_side import ChainRules, seeded_factors
from attestation.canonical import canonical_json
from attestation.enums import Outcome, RoundingProfile
from attestation.errors import EncodingError, Error
from ledger.inventory.amounts import Amount
from ledger.inventory.calculation import (
    UNUSED,
    Asked,
    Calculation,
    Given,
    Inputs,
    calculate,
    from_factor,
)
from ledger.inventory.calculation_reading import read_calculation, rework
from ledger.inventory.errors import CalculationBroken
from ledger.inventory.sources import Source, SourceKind
from ledger.ports import FactorValue

SALT = bytes(range(32))
GRID = ("CETS-AG-01.01", "grid emission factor", "national grid 全国电网")


def grid() -> FactorValue:
    found = seeded_factors().prescribed(*GRID, 2024)
    assert found is not None
    return found


def metered(text: str = "12345.678", unit: str = "MWh") -> Given:
    return Given(Amount.parse(text, unit), (Source.of_entry(SourceKind.DIGEST, 17),))


def asked(**changes: object) -> Asked:
    inputs: Mapping[str, Inputs] = {
        "purchased_MWh": [metered(), metered("1")],
        "factor_tCO2_per_MWh": from_factor(grid()),
    }
    arguments: dict[str, object] = {
        "rule": "power.electricity",
        "report_year": 2024,
        "inputs": inputs,
        "factors": (grid(),),
    }
    return Asked(**(arguments | changes))  # type: ignore[arg-type]


@pytest.fixture
def record(engine: ChainRules) -> Calculation:
    """Electricity of 2024."""
    return calculate(engine, asked(), salt=SALT)


def test_record_holds_everything(record: Calculation) -> None:
    """Rule with code hash, factor, inputs with sources, steps, results, and what parties sign."""
    assert str(record.result("emissions")) == "7041.31 tCO2"
    assert record.rule.on_chain and len(record.rule.code_hash) == 32
    assert [factor.factor_id for factor in record.factors] == [grid().factor_id]
    assert [each.path for each in record.sourced] == [
        "purchased_MWh[0]",
        "purchased_MWh[1]",
        "factor_tCO2_per_MWh",
    ]
    assert record.steps and len(record.inputs_hash) == 32
    assert record.is_final


def test_record_is_read_back_and_holds(record: Calculation, engine: ChainRules) -> None:
    """Its bytes are all that is needed, besides the rule's code and the factor book."""
    again = read_calculation(record.content)

    assert again == record
    assert again.sha256 == record.sha256
    assert rework(again, engine, seeded_factors()) is None


def test_same_inputs_and_salt_give_the_same_record(record: Calculation, engine: ChainRules) -> None:
    """Byte for byte; another salt hides them under another hash."""
    assert calculate(engine, asked(), salt=SALT).content == record.content
    assert calculate(engine, asked(), salt=bytes(32)).inputs_hash != record.inputs_hash


@pytest.mark.parametrize("name", ["results", "steps"])
def test_edited_figure_is_named(record: Calculation, engine: ChainRules, name: str) -> None:
    """A cent of a tonne, or the smallest step on the way."""
    figures = list(getattr(record, name))
    figures[0] = replace(figures[0], value=figures[0].value + Decimal("0.01"))
    found = rework(replace(record, **{name: tuple(figures)}), engine, seeded_factors())

    assert found is not None
    assert found.outcome is Outcome.FAILED
    assert found.place == f"{name}.{figures[0].name}[0]"


def test_edited_input_gives_another_result(record: Calculation, engine: ChainRules) -> None:
    """With its source rewritten to fit, the result no longer follows."""
    fields = json.loads(record.content)
    fields["inputs"]["purchased_MWh"][0] = "12344.678 MWh"
    fields["sources"][0]["value"] = "12344.678"
    found = rework(read_calculation(canonical_json(fields)), engine, seeded_factors())

    assert found is not None and found.place.startswith("steps.")


def test_input_and_source_must_agree(record: Calculation) -> None:
    """An input rewritten alone is not read."""
    fields = json.loads(record.content)
    fields["inputs"]["purchased_MWh"][0] = "12344.678 MWh"
    with pytest.raises(CalculationBroken):
        read_calculation(canonical_json(fields))


def test_source_taken_away_is_not_read(record: Calculation) -> None:
    """No number without one."""
    fields = json.loads(record.content)
    del fields["sources"][0]
    with pytest.raises(CalculationBroken) as refused:
        read_calculation(canonical_json(fields))

    assert refused.value.stable_code == "inventory.calculation_unsourced"


@pytest.mark.parametrize(
    "spoilt", [b"", b"{}", b"[]", b"null", b'{"type":"carbonseal/calculation"}']
)
def test_something_else_is_no_record(spoilt: bytes) -> None:
    """Whatever the bytes, it is one error."""
    with pytest.raises(CalculationBroken):
        read_calculation(spoilt)


def test_record_in_another_form_is_not_read(record: Calculation) -> None:
    """A space more is another text."""
    with pytest.raises(CalculationBroken):
        read_calculation(record.content.replace(b'":', b'": ', 1))


def test_factor_s_number_is_the_factor_s(engine: ChainRules) -> None:
    """A number beside the factor it names is refused."""
    near = Given(Amount.parse("0.5702", "tCO2/MWh"), from_factor(grid()).sources)
    inputs = {"purchased_MWh": [metered()], "factor_tCO2_per_MWh": near}
    with pytest.raises(CalculationBroken) as refused:
        calculate(engine, asked(inputs=inputs), salt=SALT)

    assert refused.value.stable_code == "inventory.calculation_factor"


def test_factors_are_those_that_are_named(engine: ChainRules) -> None:
    """Neither one more nor one less."""
    other = seeded_factors().prescribed("CETS-AG-01.01", "oxidation rate", "coal 燃煤", 2024)
    assert other is not None
    for factors in ((), (grid(), other)):
        with pytest.raises(CalculationBroken):
            calculate(engine, asked(factors=factors), salt=SALT)


def test_number_without_a_source_is_none() -> None:
    """It cannot even be given."""
    with pytest.raises(CalculationBroken) as refused:
        Given(Amount.parse("1", "t"), ())

    assert refused.value.stable_code == "inventory.calculation_unsourced"


def test_unit_of_an_input_is_checked(engine: ChainRules) -> None:
    """Gigajoules are no megawatt-hours, and the place is named."""
    inputs = {"purchased_MWh": [metered(unit="GJ")], "factor_tCO2_per_MWh": from_factor(grid())}
    with pytest.raises(Error) as refused:
        calculate(engine, asked(inputs=inputs), salt=SALT)

    assert "purchased_MWh[0]" in refused.value.message


def test_year_without_a_rule_is_an_error(engine: ChainRules) -> None:
    """Purchased electricity is no source from 2026 on."""
    with pytest.raises(Error) as refused:
        calculate(engine, asked(report_year=2026), salt=SALT)

    assert refused.value.stable_code == "rule.no_year"


def test_field_that_is_not_read_is_given_as_such(engine: ChainRules) -> None:
    """Its zero has no source, and is read back as one."""
    coal: dict[str, Inputs] = {
        "month": 1,
        "consumed_t": metered("100.00", "t"),
        "basis": "as received",
        "carbon_tC_per_t": metered("0.5522", "tC/t"),
        "moistureAsReceived_pct": UNUSED,
        "moistureAirDry_pct": UNUSED,
        "heat_GJ_per_t": UNUSED,
        "carbonPerHeat_tC_per_GJ": UNUSED,
    }
    oxidation = seeded_factors().prescribed("CETS-AG-01.01", "oxidation rate", "coal 燃煤", 2024)
    assert oxidation is not None
    inputs: dict[str, Inputs] = {
        "weighed": [{"oxidation_1": from_factor(oxidation), "lines": [coal]}],
        "gases": [],
    }
    made = calculate(
        engine, asked(rule="power.combustion", inputs=inputs, factors=(oxidation,)), salt=SALT
    )

    assert read_calculation(made.content) == made
    assert str(made.result("emissions")) == "200.45 tCO2"


def test_profile_is_kept(engine: ChainRules) -> None:
    """A rule that does not know the profile refuses it; the record says which it was."""
    assert calculate(engine, asked(), salt=SALT).profile is RoundingProfile.EXACT
    with pytest.raises(Error):
        calculate(engine, asked(profile=RoundingProfile.CARBON_TWO_DECIMALS), salt=SALT)


def test_old_version_of_a_rule_still_runs(engine: ChainRules) -> None:
    """By its number, whatever the year's is."""
    newest = engine.rule_for("allocation.power", 2024)
    oldest = engine.version_of("allocation.power", 1)

    assert newest.version == 3 and oldest.version == 1
    assert newest.code_hash != oldest.code_hash
    with pytest.raises(Error):
        engine.version_of("allocation.power", 99)


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("digest", "-1"),
        ("digest", "01"),
        ("record", "0x11"),
        ("factor", "ab" * 32),
        ("document", "0x" + "ab" * 32),
        ("calculation", "AB" * 32),
        ("hearsay", "1"),
    ],
)
def test_source_of_another_form_is_refused(kind: str, reference: str) -> None:
    """A reference has the one form of its kind."""
    with pytest.raises(EncodingError):
        Source.from_json({"kind": kind, "reference": reference, "note": ""})


def test_salt_is_of_32_bytes(engine: ChainRules) -> None:
    """As the contracts hash it."""
    with pytest.raises(CalculationBroken):
        calculate(engine, asked(), salt=bytes(31))
