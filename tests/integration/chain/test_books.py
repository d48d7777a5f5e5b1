"""The books on a chain: what a deployment publishes, and what the Council changes afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest

from attestation.enums import RoundingProfile, RuleStatus
from chain.abi import encode_arguments
from chain.bindings.factor_book import FactorBook, FactorEntry, factor_key
from chain.bindings.rule_book import FactorUse, RuleBook
from chain.client import ChainClient
from chain.contract import Contract
from chain.errors import EvidenceUnsound, Reverted
from chain.rules import rules
from chain.seed import citation_hash, load_factors, parse_decimal
from chain.values import RawLog
from tests.support.chain import ChainWorld

pytestmark = pytest.mark.real

STEEL = "CETS-AG-03.01"
PLAN = "Power allocation plan 发电行业配额分配方案"
GAS = (PLAN, "generation benchmark", "IV gas 燃气机组")
COAL_TAR = "coal tar 煤焦油"
NUMBERS = tuple({"name": name, "type": "int256"} for name in ("heat", "carbon", "oxidation"))


@pytest.fixture
def factors(world: ChainWorld) -> FactorBook:
    return FactorBook(world.client, world.address(FactorBook.NAME))


@pytest.fixture
def rule_book(world: ChainWorld) -> RuleBook:
    return RuleBook(world.client, world.address(RuleBook.NAME))


def seeded(guide: str, quantity: str, subject: str, year: int) -> FactorEntry:
    """Give the entry of the seed that stands for a year."""
    key = factor_key(guide, quantity, subject)
    found = [
        entry
        for entry in load_factors().entries
        if entry.key == key
        and entry.report_from <= year <= (entry.report_to or year)
        and entry.status is not RuleStatus.SUPERSEDED
    ]
    assert len(found) == 1
    return found[0]


# --- what a deployment publishes


def test_chain_holds_the_seed(world: ChainWorld, factors: FactorBook) -> None:
    """The events give back every entry of the seed, words included, and no other."""
    first, last = world.deployment.first_block, world.client.block_number()

    published = tuple(factors.entries(from_block=first, to_block=last))

    assert published == load_factors().entries


def test_storage_holds_the_numbers(factors: FactorBook) -> None:
    """An entry's values, unit and years are read from storage."""
    entry = seeded(STEEL, "net calorific value", "natural gas 天然气", 2024)

    kept = factors.factor(entry.factor_id)

    assert (kept.key, kept.values, kept.unit) == (entry.key, entry.values, "GJ/e4Nm3")
    assert kept.standing.published_as is RuleStatus.IN_FORCE
    assert (kept.standing.report_from, kept.standing.report_to) == (2024, 0)
    assert factors.entries_of(entry.key) == (entry.factor_id,)


@pytest.mark.parametrize(("year", "text"), [(2023, "0.3305"), (2024, "0.3288")])
def test_benchmark_of_a_year_is_prescribed(factors: FactorBook, year: int, text: str) -> None:
    """Each year has its own benchmark under one key."""
    factor_id = factors.prescribed(factor_key(*GAS), year)

    assert factors.factor(factor_id).values == (parse_decimal(text),)


@pytest.mark.parametrize("year", [2025, 2026])
def test_draft_is_read_and_not_prescribed(factors: FactorBook, year: int) -> None:
    """A draft can be read, says that it is one, and answers for no year."""
    draft = seeded(*GAS, year)

    assert factors.status_of(draft.factor_id, year) is RuleStatus.DRAFT
    with pytest.raises(Reverted, match="FactorBook_NotPrescribed"):
        factors.prescribed(draft.key, year)


def test_node_that_changes_a_word_is_caught(world: ChainWorld, factors: FactorBook) -> None:
    """An event whose confidence a node has dressed up does not fit its id."""

    class Liar:
        def logs(
            self, addresses: Sequence[bytes], *, from_block: int, to_block: int
        ) -> tuple[RawLog, ...]:
            honest = world.client.logs(addresses, from_block=from_block, to_block=to_block)
            return tuple(
                replace(log, data=log.data.replace(b"second-hand", b"first-hand!"))
                for log in honest
            )

    lying = FactorBook(cast(ChainClient, Liar()), factors.contract.address)

    with pytest.raises(EvidenceUnsound, match="not that of its id"):
        list(lying.entries(from_block=0, to_block=world.client.block_number()))


def test_every_rule_is_in_the_book(world: ChainWorld, rule_book: RuleBook) -> None:
    """Each rule of the catalogue stands with our code, our years and the source it names itself."""
    for rule in rules():
        record = rule_book.entry(rule.name, rule.version)
        contract = Contract(world.client, record.address, rule.contract)

        assert record.code_hash == rule.code_hash
        assert record.source_hash == citation_hash(contract.read("source"))
        assert record.standing.published_as is rule.status
        assert record.standing.report_from == rule.report_from
        assert rule.version in rule_book.versions_of(rule.name)


def test_rule_of_a_year_is_found(rule_book: RuleBook) -> None:
    """Each plan's formula is a version, and the one in force for the year is given."""
    assert rule_book.rule_for("allocation.power", 2020) == 1
    assert rule_book.rule_for("allocation.power", 2022) == 2
    assert rule_book.rule_for("allocation.power", 2024) == 3
    with pytest.raises(Reverted, match="RuleBook_NoneInForce"):
        rule_book.rule_for("allocation.power", 2025)


# --- working a rule out in the open


def coal_tar() -> tuple[bytes, list[FactorUse]]:
    """Give inputs of `fuel.factor` for coal tar, and where they come from."""
    heat = seeded(STEEL, "net calorific value", COAL_TAR, 2024)
    carbon = seeded(STEEL, "carbon content per heat", COAL_TAR, 2024)
    inputs = encode_arguments(NUMBERS, (heat.values[0], carbon.values[0], 10**18))
    return inputs, [FactorUse(heat.factor_id, 0, 0), FactorUse(carbon.factor_id, 0, 32)]


def test_rule_runs_with_factors_of_the_book(rule_book: RuleBook) -> None:
    """The guide's own factor of coal tar comes out of its own heat value and carbon."""
    inputs, uses = coal_tar()

    outcome = rule_book.run(
        *("fuel.factor", 1, inputs),
        profile=RoundingProfile.EXACT,
        uses=uses,
        report_year=2024,
        is_final=True,
    )

    assert outcome.result("factor").value == Decimal("2.699")


@pytest.mark.parametrize(
    ("report_year", "error"), [(2024, "RuleBook_ValueDiffers"), (2023, "RuleBook_NotFinal")]
)
def test_rule_does_not_run_with_another_number(
    rule_book: RuleBook, report_year: int, error: str
) -> None:
    """A heat value that is not the table's is refused, and so is a year without the rule."""
    inputs, uses = coal_tar()
    inputs = inputs[:31] + bytes([inputs[31] ^ 1]) + inputs[32:]

    with pytest.raises(Reverted, match=error):
        rule_book.run(
            *("fuel.factor", 1, inputs),
            profile=RoundingProfile.EXACT,
            uses=uses,
            report_year=report_year,
            is_final=True,
        )


# --- what the Council changes


def test_draft_comes_into_force(world: ChainWorld, factors: FactorBook) -> None:
    """With the final plan a draft is prescribed, and what was said before is remembered."""
    draft = seeded(*GAS, 2026)
    before = world.now_s()
    world.pass_time(10)
    act = factors.set_status(
        draft.factor_id, RuleStatus.IN_FORCE, from_year=2026, reason="the final plan"
    )

    world.as_council(act)
    world.pass_time(10)

    assert factors.prescribed(draft.key, 2026) == draft.factor_id
    assert factors.as_of(draft.key, 2026, world.now_s() - 1) == draft.factor_id
    with pytest.raises(Reverted, match="FactorBook_NotPrescribed"):
        factors.as_of(draft.key, 2026, before)


def test_successor_leaves_earlier_years_as_they_were(
    world: ChainWorld, factors: FactorBook
) -> None:
    """A new number answers from its year on; the old years keep the old one."""
    old = seeded(STEEL, "emission factor", "limestone 石灰石", 2024)
    new = replace(old, edition="V02-2027", values=(parse_decimal("0.441"),), report_from=2027)

    world.as_council(
        factors.set_status(old.factor_id, RuleStatus.SUPERSEDED, from_year=2027, reason="V02")
    )
    world.as_council(factors.publish([new]))

    assert factors.prescribed(old.key, 2026) == old.factor_id
    assert factors.prescribed(old.key, 2027) == new.factor_id
    assert factors.factor(old.factor_id).standing.status_for(2027) is RuleStatus.SUPERSEDED


def test_stranger_publishes_nothing(world: ChainWorld, factors: FactorBook) -> None:
    """The key that published the seed has no right to publish more."""
    entry = replace(load_factors().entries[0], status=RuleStatus.DRAFT)

    with pytest.raises(Reverted, match="AccessManagedUnauthorized"):
        world.sender(world.deployer).prepare(factors.publish([entry]))


def test_version_is_repealed(world: ChainWorld, rule_book: RuleBook) -> None:
    """A repealed version answers for no year from then on."""
    world.as_council(
        rule_book.set_status(
            "market.price-band", 1, RuleStatus.REPEALED, from_year=2027, reason="a new notice"
        )
    )

    assert rule_book.rule_for("market.price-band", 2026) == 1
    with pytest.raises(Reverted, match="RuleBook_NoneInForce"):
        rule_book.rule_for("market.price-band", 2027)
