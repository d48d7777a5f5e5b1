"""Rules that do not settle: published figures come out, and what is nearly right is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.canonical import Json, parse_canonical
from attestation.enums import RoundingProfile, RuleStatus
from chain.rules import find_rule
from ledger.inventory.offchain.catalogue import OFFCHAIN_RULES, OffchainRules
from ledger.inventory.offchain.errors import RuleRefused
from ledger.inventory.offchain.intensity import Colour
from ledger.ports import RuleRun

RULES = OffchainRules()
EXACT, REPORTED = RoundingProfile.EXACT, RoundingProfile.REPORTED


def run(name: str, inputs: Mapping[str, Json], profile: RoundingProfile = EXACT) -> RuleRun:
    """Run version 1 of a rule."""
    return RULES.run(name, 1, inputs, profile)


def results(run_: RuleRun) -> dict[str, list[str]]:
    """Give the results as text by name, in the order of their items."""
    found: dict[str, list[str]] = {}
    for figure in run_.results:
        found.setdefault(figure.name, []).append(f"{figure.value:f}")
    return found


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    """The domain's vectors by id."""
    content = json.loads((shared / "vectors" / "domain" / "vectors.json").read_text("utf-8"))
    return {each["id"]: each for each in content}


def used(place: str, energy: str, factor: str, kind: str = "MWh") -> dict[str, Json]:
    """Give one line of purchased energy."""
    return {"place": place, f"used_{kind}": energy, f"factor_tCO2_per_{kind}": factor}


def market(**changes: Json) -> dict[str, Json]:
    """Give inputs of scope 2 by market."""
    certificate = {
        "kind": "certificate",
        "name": "GEC-1",
        "covered_MWh": "40",
        "factor_tCO2_per_MWh": "0",
    }
    inputs: dict[str, Json] = {
        "used_MWh": "100",
        "instruments": [certificate],
        "residual_tCO2_per_MWh": "0.6096",
        "heat": [],
    }
    return inputs | changes


PLANT: dict[str, Json] = {
    "method": "energy",
    "emission_tCO2": "200",
    "electric_efficiency_1": "0.3",
    "thermal_efficiency_1": "0.5",
    "electric_reference_1": "0.525",
    "thermal_reference_1": "0.82",
}


@pytest.mark.shared
@pytest.mark.parametrize("number", ["01", "02", "04"])
def test_purchased_electricity_by_location(vectors: dict[str, Any], number: str) -> None:
    """Derived figures of three national factors."""
    vector = vectors[f"ELEC-{number}"]
    line = used("works", vector["inputs"]["AD_MWh"], vector["inputs"]["EF_tCO2_per_MWh"])
    found = results(run("scope2.location", {"electricity": [line], "heat": []}))

    assert found["emission"] == [vector["expected"]["E_2dp"]]


@pytest.mark.shared
def test_published_electricity_figures(vectors: dict[str, Any]) -> None:
    """A thousand kilowatt-hours, and those behind a tonne of aluminium."""
    small, aluminium = vectors["ELEC-PUB-01"], vectors["ELEC-PUB-02"]
    lines = [
        used("office", "1.000", small["inputs"]["EF_kg_per_kWh"]),
        used("smelter", "13.202", aluminium["inputs"]["EF"]),
    ]
    run_ = run("scope2.location", {"electricity": list(lines), "heat": []})
    office, smelter = (step.value for step in run_.steps)

    assert office * 1000 == Decimal(small["expected"]["E"])
    assert round(smelter, 1) == Decimal(aluminium["expected"]["approx_t"])


@pytest.mark.shared
@pytest.mark.parametrize(("method", "expected"), [("energy", "iea"), ("efficiency", "efficiency")])
def test_heat_and_power_as_published(vectors: dict[str, Any], method: str, expected: str) -> None:
    """Two published splits come out to the last digit."""
    figures = vectors["CHP-SPLIT-PUB"]["expected"][expected]
    found = results(run("heat-power.split", PLANT | {"method": method}))

    assert found["electricity_emission"] == [f"{figures[0]:.2f}"]
    assert found["heat_emission"] == [f"{figures[1]:.2f}"]


@pytest.mark.shared
def test_alternative_generation_as_published(vectors: dict[str, Any]) -> None:
    """The Finnish method, to twelve digits of the published binary figure."""
    electricity, heat = vectors["CHP-SPLIT-PUB"]["expected"]["finnish"]
    run_ = run("heat-power.split", PLANT | {"method": "alternative"})

    assert float(run_.steps[0].value) * 200 == pytest.approx(electricity, rel=1e-12)
    assert results(run_)["heat_emission"] == [f"{heat:.2f}"]


@pytest.mark.shared
@pytest.mark.parametrize("year", ["2026", "2027", "2030", "2034"])
def test_border_certificates_as_published(vectors: dict[str, Any], year: str) -> None:
    """Four years of hot-rolled steel."""
    vector = vectors[f"CBAM-HRC-{year}"]
    given_, expected = vector["inputs"], vector["expected"]
    inputs: dict[str, Json] = {
        "goods": "7208",
        "route": "default value",
        "embedded_tCO2e_per_t": given_["D"],
        "mark_up_1": given_["m"],
        "factor_1": given_["factor"],
        "cross_sectoral_factor_1": given_["CSCF"],
        "benchmark_tCO2e_per_t": given_["BM"],
        "imported_t": "1",
        "price_EUR_per_t": given_["P"],
    }
    found = results(run("cbam.certificates", inputs))
    for name, text in expected.items():
        figure = found["certificates_per_t" if name.startswith("n_") else "cost_per_t"][0]
        assert round(Decimal(figure), int(name[-3])) == Decimal(text), name


@pytest.mark.shared
def test_uncertainty_of_a_sum(vectors: dict[str, Any]) -> None:
    """The vector's 5.34 %."""
    vector = vectors["UNC-01"]
    items = [
        {"name": f"source {at}", "value_tCO2e": each["x"], "uncertainty_pct": each["u_pct"]}
        for at, each in enumerate(vector["inputs"]["items"])
    ]
    found = results(run("uncertainty.sum", {"items": items}))

    assert found["uncertainty"] == [vector["expected"]["U_pct_2dp"]]


def test_uncertainty_of_a_product_is_pythagoras() -> None:
    """Three and four percent make five."""
    factors = [{"name": name, "uncertainty_pct": u} for name, u in (("a", "3"), ("b", "4"))]
    assert results(run("uncertainty.product", {"factors": factors})) == {"uncertainty": ["5.00"]}


def test_removals_that_cancel_have_no_uncertainty_in_percent() -> None:
    """Nothing is said in percent of nothing."""
    items = [
        {"name": name, "value_tCO2e": value, "uncertainty_pct": "5"}
        for name, value in (("stack", "10"), ("forest", "-10"))
    ]
    with pytest.raises(RuleRefused, match="add up to nothing") as refused:
        run("uncertainty.sum", {"items": items})
    assert refused.value.stable_code == "rule.division_by_zero"


def test_market_leaves_the_residual_factor_to_what_is_not_covered() -> None:
    """Forty of a hundred megawatt-hours are proved to be free of carbon."""
    found = results(run("scope2.market", market()))
    assert found["emission"] == ["36.58"]  # 60 x 0.6096 = 36.576
    assert found["covered_share"] == ["40.00"]


def test_both_bases_stand_beside_each_other() -> None:
    """The same use has another figure by location; neither replaces the other."""
    line = used("works", "100", "0.5306")
    location = results(run("scope2.location", {"electricity": [line], "heat": []}))
    assert location["emission"] == ["53.06"]
    assert results(run("scope2.market", market()))["emission"] == ["36.58"]


def test_certificates_beyond_the_use_are_refused() -> None:
    """A thousandth of a megawatt-hour too much."""
    with pytest.raises(RuleRefused, match=r"100\.001 MWh covered, 100 MWh used"):
        more = {**market()["instruments"][0], "covered_MWh": "100.001"}  # type: ignore[index, dict-item]
        run("scope2.market", market(instruments=[more]))


def test_heat_counts_in_both() -> None:
    """Purchased heat is scope 2 as electricity is."""
    heat = [used("works", "1000", "0.11", "GJ")]
    assert results(run("scope2.market", market(heat=heat)))["heat_emission"] == ["110.00"]


def test_verified_value_has_no_mark_up_and_never_pays_out() -> None:
    """A plant better than its free allocation owes nothing, and is owed nothing."""
    inputs: dict[str, Json] = {
        "goods": "7208",
        "route": "verified value",
        "embedded_tCO2e_per_t": "1.3",
        "mark_up_1": "0.10",
        "factor_1": "0.975",
        "cross_sectoral_factor_1": "1",
        "benchmark_tCO2e_per_t": "1.370",
        "imported_t": "500",
        "price_EUR_per_t": "75.36",
    }
    found = results(run("cbam.certificates", inputs))
    assert found["certificates_per_t"] == ["0.000"]
    assert found["cost"] == ["0.00"]


def rated(emission: str) -> Colour:
    """Rate an emission of 100 t of output."""
    measure = {
        "measure": "output",
        "unit": "t",
        "quantity": "100",
        "green_up_to": "1.5",
        "red_above": "2",
    }
    found = results(run("intensity.rating", {"emission_tCO2": emission, "measures": [measure]}))
    return Colour(int(found["rating"][0]))


@pytest.mark.parametrize(
    ("emission", "colour"),
    [
        ("150", Colour.GREEN),
        ("150.004", Colour.GREEN),  # 1.50004 is stated as 1.5000
        ("150.006", Colour.YELLOW),  # 1.5001
        ("200", Colour.YELLOW),
        ("200.005", Colour.RED),  # a half goes up
    ],
)
def test_three_colours_by_the_stated_figure(emission: str, colour: Colour) -> None:
    """Bounds belong to the better colour; digits nobody sees rate nobody."""
    assert rated(emission) is colour


def test_bounds_the_wrong_way_round_are_refused() -> None:
    """Red cannot begin below where green ends."""
    measure = {
        "measure": "land area",
        "unit": "mu",
        "quantity": "1",
        "green_up_to": "2",
        "red_above": "1.999",
    }
    with pytest.raises(RuleRefused, match=r"measures\[0\]: red begins at"):
        run("intensity.rating", {"emission_tCO2": "1", "measures": [measure]})


def products(*weights: tuple[str, str]) -> list[Json]:
    """Give products by quantity and weight of a unit."""
    return [
        {"name": f"product {at}", "unit": "t", "quantity": quantity, "weight_per_unit": weight}
        for at, (quantity, weight) in enumerate(weights)
    ]


def shared_out(emission: str, *weights: tuple[str, str], **changes: Json) -> dict[str, list[str]]:
    """Allocate an emission."""
    inputs: dict[str, Json] = {
        "emission_tCO2e": emission,
        "replaced": [],
        "basis": "mass",
        "products": products(*weights),
    }
    return results(run("footprint.allocation", inputs | changes))


def test_shares_of_a_third_add_up() -> None:
    """A hundred tonnes among three alike: one gets the hundredth that is left."""
    found = shared_out("100", *[("1", "1")] * 3)
    assert found["emission"] == ["33.34", "33.33", "33.33"]
    assert found["footprint"] == ["33.333333"] * 3


@given(
    st.decimals(0, 10**9, places=3),
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**4)), min_size=1, max_size=9),
)
def test_stated_shares_are_the_stated_whole(
    emission: Decimal, weights: list[tuple[int, int]]
) -> None:
    """Whatever the weights, nothing is lost, doubled or more than a hundredth off."""
    if not any(weight for _, weight in weights):
        weights.append((1, 1))
    found = shared_out(f"{emission:f}", *((str(a), str(b)) for a, b in weights))
    whole = sum(a * b for a, b in weights)

    assert sum(map(Decimal, found["emission"])) == Decimal(found["allocated"][0])
    for (a, b), text in zip(weights, found["emission"], strict=True):
        assert abs(Decimal(text) * whole - emission * a * b) <= whole * Decimal("0.02")


def test_what_is_replaced_is_deducted_first() -> None:
    """Slag that replaces clinker lowers what is shared."""
    replaced = [{"name": "slag", "quantity": "10", "factor_tCO2e_per_unit": "0.8"}]
    found = shared_out("100", ("1", "1"), replaced=replaced)
    assert found["allocated"] == ["92.00"]


def test_more_replaced_than_emitted_is_refused() -> None:
    """A footprint below nothing is no footprint."""
    replaced = [{"name": "slag", "quantity": "125.001", "factor_tCO2e_per_unit": "0.8"}]
    with pytest.raises(RuleRefused, match="more than was emitted"):
        shared_out("100", ("1", "1"), replaced=replaced)


def test_a_plant_that_gives_more_than_it_takes_is_refused() -> None:
    """Efficiencies of 0.5 and 0.501."""
    with pytest.raises(RuleRefused, match="above 1"):
        run("heat-power.split", PLANT | {"electric_efficiency_1": "0.501"})


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"used_MWh": 100}, "rule.input_kind", "used_MWh"),
        ({"used_MWh": "1e2"}, "rule.input_kind", "used_MWh"),
        ({"used_MWh": "NaN"}, "rule.input_kind", "used_MWh"),
        ({"used_MWh": "+100"}, "rule.input_kind", "used_MWh"),
        ({"used_MWh": "0100"}, "rule.input_kind", "used_MWh"),
        ({"used_MWh": "100 kWh"}, "rule.input_unit", "used_MWh"),
        ({"used_MWh": "100." + "0" * 19}, "rule.input_precision", "used_MWh"),
        ({"used_MWh": "-100"}, "rule.out_of_range", "used_MWh"),
        ({"used_MWH": "100"}, "rule.input_unknown", "used_MWH"),
        ({"heat": {}}, "rule.input_kind", "heat"),
        ({"heat": [{"place": "a"}]}, "rule.input_missing", r"heat\[0\].used_GJ"),
        ({"instruments": [{"kind": "promise"}]}, "rule.input_missing", r"instruments\[0\].name"),
    ],
)
def test_fault_is_named_with_its_place(changes: dict[str, Json], code: str, place: str) -> None:
    """Nothing is missing silently, nothing is given in vain, and nothing is guessed."""
    with pytest.raises(RuleRefused, match=f"^{place}: ") as refused:
        run("scope2.market", market(**changes))
    assert refused.value.stable_code == code


def test_unit_may_stand_beside_its_number() -> None:
    """With or without its unit the inputs have one encoding."""
    plain = run("scope2.market", market())
    with_unit = run("scope2.market", market(used_MWh="100.000 MWh"))
    assert with_unit.encoded_inputs == plain.encoded_inputs


def test_inputs_are_encoded_as_canonical_json_that_runs_again() -> None:
    """What was encoded is inputs again, and gives the same."""
    first = run("scope2.market", market())
    again = parse_canonical(first.encoded_inputs)
    assert isinstance(again, Mapping)
    assert run("scope2.market", again) == first


def test_reported_profile_rounds_what_the_report_prints() -> None:
    """Two lines of 0.005 t are 0.02 t where each is printed as 0.01, and 0.01 t unrounded."""
    lines: list[Json] = [used(place, "1", "0.005") for place in ("a", "b")]
    inputs: dict[str, Json] = {"electricity": lines, "heat": []}
    assert results(run("scope2.location", inputs))["emission"] == ["0.01"]
    assert results(run("scope2.location", inputs, REPORTED))["emission"] == ["0.02"]


def test_profile_of_another_guide_is_refused() -> None:
    """Carbon content has no place here."""
    with pytest.raises(RuleRefused, match="does not know the profile") as refused:
        run("scope2.market", market(), RoundingProfile.CARBON_TWO_DECIMALS)
    assert refused.value.stable_code == "rule.profile_unknown"


def test_every_rule_says_that_it_is_not_on_chain() -> None:
    """And no rule of the chain has its name."""
    for rule in OFFCHAIN_RULES:
        described = rule.described()
        assert not described.on_chain
        assert described.status is RuleStatus.IN_FORCE
        with pytest.raises(Exception, match="no rule"):
            find_rule(rule.name)


@pytest.mark.parametrize(
    ("name", "year", "code"),
    [("cbam.certificates", 2025, "rule.no_year"), ("scope2", 2025, "rule.unknown")],
)
def test_no_rule_is_found_for_what_there_is_none(name: str, year: int, code: str) -> None:
    """Neither for a year before it began nor by half a name."""
    with pytest.raises(RuleRefused) as refused:
        RULES.rule_for(name, year)
    assert refused.value.stable_code == code


def test_versions_are_found_by_number() -> None:
    """Version 1 is there, version 2 is not."""
    assert RULES.version_of("scope2.market", 1) == RULES.rule_for("scope2.market", 2026)
    with pytest.raises(RuleRefused, match="no version 2"):
        RULES.version_of("scope2.market", 2)


def test_code_hashes_differ_by_module() -> None:
    """Rules of one module share its text; those of others do not."""
    hashes = {rule.module: rule.code_hash for rule in OFFCHAIN_RULES}
    assert len(set(hashes.values())) == len(hashes) == 6


@given(st.binary(max_size=100), st.lists(st.binary(min_size=32, max_size=32), max_size=3))
def test_inputs_hash_is_that_of_the_rules_on_chain(inputs: bytes, factors: list[bytes]) -> None:
    """The same fields under the same encoding as RuleBook's."""
    on_chain = find_rule("power.combustion")
    described = RULES.version_of("scope2.market", 1)
    twin = type(described)(
        name=on_chain.name,
        version=on_chain.version,
        rule_id=on_chain.rule_id,
        code_hash=on_chain.code_hash,
        status=on_chain.status,
        on_chain=True,
        source=on_chain.source,
    )
    salt = bytes(range(32))

    assert RULES.inputs_hash(twin, factors, inputs, salt) == on_chain.inputs_hash(
        factors, inputs, salt
    )


def test_inputs_hash_refuses_a_short_salt() -> None:
    """Thirty-one bytes."""
    with pytest.raises(RuleRefused, match="32 bytes"):
        RULES.inputs_hash(RULES.version_of("scope2.market", 1), [], b"", bytes(31))
