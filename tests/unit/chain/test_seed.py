"""The seed of the books: exact numbers, nothing unknown, nothing twice, drafts marked as drafts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from attestation.enums import RuleStatus, UnitClass, label
from chain.artifacts import artifact_names
from chain.bindings.factor_book import FactorEntry
from chain.errors import ArtifactError
from chain.rules import rules
from chain.seed import citation_hash, load_factors, parse_decimal, parse_factors

TABLE: dict[str, Any] = {
    "guide": "CETS-AG-00.00",
    "edition": "V01-2024",
    "quantity": "net calorific value",
    "unit": "GJ/t",
    "reportFrom": 2024,
    "reportTo": 0,
    "validFrom": "2024-10-01",
    "validTo": None,
    "status": "IN_FORCE",
    "source": "guide",
    "confidence": "made up",
    "tableRow": "table A.1",
}
ROW: dict[str, Any] = {"subject": "anthracite 无烟煤", "values": ["25.024"]}


def file_with(*rows: dict[str, Any], **table: Any) -> str:
    """Give a file with one table, whose fields differ from the usual ones as said."""
    content = {
        "about": "a test",
        "sources": {"guide": "a guide"},
        "tables": [TABLE | table | {"rows": list(rows or (ROW,))}],
    }
    return json.dumps(content)


def entries_of(quantity: str, year: int, status: RuleStatus) -> dict[str, Decimal]:
    """Give the seed's single values of a quantity for a year, by subject."""
    return {
        entry.subject: Decimal(entry.values[0]).scaleb(-18)
        for entry in load_factors().entries
        if entry.quantity == quantity
        and entry.status is status
        and entry.report_from <= year <= (entry.report_to or year)
    }


# --- numbers and days


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("0", 0),
        ("25.024", 25_024 * 10**15),
        ("-0.5", -5 * 10**17),
        ("0.000000000000000001", 1),
        ("26000", 26_000 * 10**18),
    ],
)
def test_decimal_is_exact(text: str, scaled: int) -> None:
    """A decimal string becomes its integer without rounding."""
    assert parse_decimal(text) == scaled


@pytest.mark.parametrize(
    "text", ["", "1.", ".5", "+1", "1e3", "01", "1,5", " 1", "0.0000000000000000001", "١", "NaN"]
)
def test_text_that_is_nearly_a_decimal_is_refused(text: str) -> None:
    """What is not a plain decimal of up to 18 places is no number."""
    with pytest.raises(ValueError, match="decimal"):
        parse_decimal(text)


def test_day_begins_in_the_reporting_zone() -> None:
    """A document is in force from midnight, UTC+8."""
    entry = parse_factors([file_with()]).entries[0]

    assert entry.valid_from_s == 1_727_712_000  # 2024-09-30, 16:00 UTC
    assert entry.valid_to_s == 0


# --- the form


def test_row_says_only_what_differs() -> None:
    """A row has what its table says for all, but where it says otherwise itself."""
    lignite = {"subject": "lignite 褐煤", "values": ["15.250"], "confidence": "recalled"}

    first, second = parse_factors([file_with(ROW, lignite)]).entries

    assert (first.unit, second.unit) == ("GJ/t", "GJ/t")
    assert (first.confidence, second.confidence) == ("made up", "recalled")


def test_citation_is_found_by_its_hash() -> None:
    """What was read is kept beside the hash that goes on chain."""
    factors = parse_factors([file_with()])

    assert factors.entries[0].source_hash == citation_hash("a guide")
    assert factors.citations == {citation_hash("a guide"): "a guide"}


@pytest.mark.parametrize(
    "damage",
    [
        {"note": "new"},
        {"reportFrom": "2024"},
        {"reportFrom": 0},
        {"reportFrom": 65_535},
        {"reportFrom": True},
        {"reportTo": 2023},
        {"reportTo": None},
        {"status": "in force"},
        {"status": "VALID"},
        {"source": "another"},
        {"unit": ""},
        {"unit": None},
        {"validFrom": "2024-10-32"},
        {"validFrom": 20241001},
        {"values": "25.024"},
        {"values": [25.024]},
        {"values": ["25,024"]},
    ],
    ids=str,
)
def test_field_that_is_not_known_or_not_sound_is_refused(damage: dict[str, Any]) -> None:
    """One field that is unknown or of another kind makes the file unusable."""
    with pytest.raises(ArtifactError, match="malformed"):
        parse_factors([file_with(ROW | damage)])


@pytest.mark.parametrize("field", sorted(TABLE))
def test_missing_field_is_refused(field: str) -> None:
    """Nothing is filled in."""
    table = {name: value for name, value in TABLE.items() if name != field}
    content = {"about": "", "sources": {"guide": "a guide"}, "tables": [table | {"rows": [ROW]}]}

    with pytest.raises(ArtifactError, match=f"missing or unknown: {field}|malformed"):
        parse_factors([json.dumps(content)])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"about": "", "about": ""}'])
def test_file_of_another_form_is_refused(text: str) -> None:
    """A file that is not a file of factors is refused, one with a name given twice too."""
    with pytest.raises(ArtifactError, match="malformed"):
        parse_factors([text])


# --- what the book would refuse


def test_entry_given_twice_is_refused() -> None:
    """The same entry in two files is one too many."""
    with pytest.raises(ArtifactError, match="given twice: CETS-AG"):
        parse_factors([file_with(status="DRAFT"), file_with(status="DRAFT")])


@pytest.mark.parametrize(
    ("one", "other"),
    [((2024, 0), (2030, 2030)), ((2023, 2024), (2024, 2025)), ((2024, 2024), (2020, 0))],
)
def test_two_in_force_for_one_year_are_refused(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    """For a report year one entry is in force, however the runs of years meet."""
    rows = [
        ROW | {"reportFrom": years[0], "reportTo": years[1], "values": [str(number)]}
        for number, years in enumerate((one, other))
    ]

    with pytest.raises(ArtifactError, match="two in force for one year"):
        parse_factors([file_with(*rows)])


def test_neighbouring_years_and_drafts_are_taken() -> None:
    """A year may follow on a year, and a draft may stand beside what is in force."""
    rows = [
        ROW | {"reportFrom": 2023, "reportTo": 2023, "values": ["1"]},
        ROW | {"reportFrom": 2024, "reportTo": 0, "values": ["2"]},
        ROW | {"reportFrom": 2024, "reportTo": 0, "values": ["3"], "status": "DRAFT"},
    ]

    assert len(parse_factors([file_with(*rows)]).entries) == 3


# --- the seed itself


@pytest.mark.parametrize(
    ("year", "quantity", "values"),
    [
        (2020, "supply benchmark", ("0.877", "0.979", "1.146", "0.392")),
        (2021, "supply benchmark", ("0.8218", "0.8773", "0.9350", "0.3920")),
        (2022, "supply benchmark", ("0.8177", "0.8729", "0.9303", "0.3901")),
        (2023, "generation benchmark", ("0.7950", "0.8090", "0.8285", "0.3305")),
        (2024, "generation benchmark", ("0.7910", "0.8049", "0.8244", "0.3288")),
    ],
)
def test_benchmarks_are_those_of_the_plans(
    year: int, quantity: str, values: tuple[str, ...]
) -> None:
    """The four classes have the benchmarks that the plans state, none from a consultation."""
    classes = [each for each in UnitClass if each is not UnitClass.NONE]
    subjects = [f"{label(each)} {label(each, 'zh')}" for each in classes]

    found = entries_of(quantity, year, RuleStatus.IN_FORCE)

    assert found == dict(zip(subjects, map(Decimal, values), strict=True))


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize(
    ("quantity", "count"), [("generation benchmark", 4), ("heat benchmark", 2)]
)
def test_benchmarks_of_the_draft_are_drafts(year: int, quantity: str, count: int) -> None:
    """For 2025 and 2026 every benchmark is there as a draft, and none is in force."""
    assert len(entries_of(quantity, year, RuleStatus.DRAFT)) == count
    assert entries_of(quantity, year, RuleStatus.IN_FORCE) == {}


def test_consultation_of_2024_was_never_in_force() -> None:
    """The numbers that still sit in public programs are there, marked, and nowhere else."""
    trap = {Decimal(text) for text in ("0.7861", "0.7822", "0.7984", "0.7944")}
    found = [
        entry
        for entry in load_factors().entries
        if entry.unit == "tCO2/MWh" and Decimal(entry.values[0]).scaleb(-18) in trap
    ]

    assert len(found) == 4
    assert {entry.status for entry in found} == {RuleStatus.SUPERSEDED}
    assert all("never in force" in entry.confidence for entry in found)


@pytest.mark.parametrize(
    ("year", "factor"), [(2019, "0.6101"), (2021, "0.5810"), (2022, "0.5703"), (2025, "0.5703")]
)
def test_power_units_have_the_grid_factor_of_their_year(year: int, factor: str) -> None:
    """What a report year prescribes is one number, whatever means were announced since."""
    found = entries_of("grid emission factor", year, RuleStatus.IN_FORCE)

    assert found["national grid 全国电网"] == Decimal(factor)


def test_power_units_have_no_grid_factor_from_2026() -> None:
    """Purchased electricity is no source from report year 2026."""
    found = entries_of("grid emission factor", 2026, RuleStatus.IN_FORCE)

    assert "national grid 全国电网" not in found


def test_every_fuel_has_all_three_parameters() -> None:
    """A fuel of table A.1 has heat value, carbon and oxidation; gases are counted by volume."""
    fuels = [each for each in load_factors().entries if each.table_row == "table A.1"]
    quantities = ("net calorific value", "carbon content per heat", "oxidation rate")
    heat, carbon, oxidation = (
        {each.subject: each.unit for each in fuels if each.quantity == quantity}
        for quantity in quantities
    )

    assert len(heat) == 24
    assert heat.keys() == carbon.keys() == oxidation.keys()
    assert {subject for subject, unit in heat.items() if unit == "GJ/e4Nm3"} == {
        "natural gas 天然气",
        "blast-furnace gas 高炉煤气",
        "converter gas 转炉煤气",
        "coke-oven gas 焦炉煤气",
        "other gas 其他煤气",
    }


def test_every_number_says_how_sure_it_is() -> None:
    """Each entry says how it was come by, in the words of the reference."""
    words = ("read in a public copy", "second-hand", "recalled, not retrieved")

    unsure = [each for each in load_factors().entries if not each.confidence.startswith(words)]

    assert unsure == []


def test_every_entry_has_an_id_of_its_own() -> None:
    """No two entries share an id, and a curve has several values."""
    entries = load_factors().entries

    assert len({entry.factor_id for entry in entries}) == len(entries)
    assert {len(entry.values) for entry in entries if is_curve(entry)} == {4, 6, 10}


def is_curve(entry: FactorEntry) -> bool:
    return entry.quantity.startswith("load correction")


# --- the catalogue of rules


def test_catalogue_gives_no_version_twice_and_no_year_two() -> None:
    """A version stands once, and for a report year one version is in force."""
    seen: set[tuple[str, int]] = set()
    in_force: set[tuple[str, int]] = set()
    for rule in rules():
        years = range(rule.report_from, (rule.report_to or 2100) + 1)
        taken = {(rule.name, year) for year in years if rule.status is RuleStatus.IN_FORCE}
        assert (rule.name, rule.version) not in seen
        assert not taken & in_force
        seen.add((rule.name, rule.version))
        in_force |= taken


def test_every_rule_has_its_artefact() -> None:
    """What the catalogue names can be deployed."""
    assert {rule.contract for rule in rules()} <= set(artifact_names())
