"""The books as Python sees them: ids as documented, and standings by year."""

from __future__ import annotations

from dataclasses import replace

from eth_abi.abi import encode

from attestation.enums import RuleStatus
from attestation.ids import keccak256
from chain.bindings.factor_book import factor_key
from chain.bindings.standing import Standing, StatusAct
from chain.seed import load_factors

ENTRY_TYPE = (
    "(string,string,string,string,string,int256[],uint16,uint16,uint64,uint64,string,bytes32,"
    "string,uint8)"
)


def test_key_is_as_documented() -> None:
    """The key hashes the word `factor`, the guide, the quantity and the subject."""
    words = ("factor", "CETS-AG-03.01", "net calorific value", "anthracite 无烟煤")

    assert factor_key(*words[1:]) == keccak256(encode(["string"] * 4, words))


def test_id_is_as_documented() -> None:
    """The id hashes every field in the order of the contract's struct."""
    entry = load_factors().entries[0]
    fields = tuple(entry.fields().values())

    encoded = encode(["string", ENTRY_TYPE], ["carbonseal.factor", fields])

    assert entry.factor_id == keccak256(encoded)


def test_edition_is_in_the_id_and_not_in_the_key() -> None:
    """A new edition answers to the same key as another entry."""
    entry = load_factors().entries[0]
    newer = replace(entry, edition="V99-2099")

    assert newer.key == entry.key
    assert newer.factor_id != entry.factor_id


def standing(*later: StatusAct, report_to: int = 0) -> Standing:
    return Standing(2022, report_to, RuleStatus.DRAFT, 1_700_000_000, later)


def test_standing_is_by_year() -> None:
    """Each act counts from its year on, and the last that counts decides."""
    acts = (
        StatusAct(RuleStatus.IN_FORCE, 2023, 1_700_000_001),
        StatusAct(RuleStatus.SUPERSEDED, 2025, 1_700_000_002),
    )
    years = {year: standing(*acts).status_for(year) for year in (2021, 2022, 2023, 2024, 2025)}

    assert years == {
        2021: RuleStatus.NONE,
        2022: RuleStatus.DRAFT,
        2023: RuleStatus.IN_FORCE,
        2024: RuleStatus.IN_FORCE,
        2025: RuleStatus.SUPERSEDED,
    }


def test_nothing_stands_after_the_last_year() -> None:
    """An entry with an end says nothing of the years after it."""
    assert standing(report_to=2024).status_for(2024) is RuleStatus.DRAFT
    assert standing(report_to=2024).status_for(2025) is RuleStatus.NONE
