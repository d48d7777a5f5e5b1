"""Rules run by their committed code: the catalogue, the examples, and what a live chain holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from attestation.enums import Outcome, RoundingProfile, RuleStatus
from attestation.errors import EncodingError
from chain.addresses import format_address
from chain.artifacts import artifact_names, load_artifact
from chain.bindings.rule_book import RuleBook
from chain.contract import Contract
from chain.deployments import save_deployment
from chain.errors import ArtifactError, Reverted, RuleRefused, RuleUnknown
from chain.factors import fetch_factors, find_factors, seed_factors
from chain.live_rules import fetch_live_rule
from chain.rule_inputs import parse_plain
from chain.rule_runner import RuleRunner, rule_code
from chain.rules import Rule, check_rule, find_rule, rules
from tests.oracle.registry import ask
from tests.support.chain import PROJECT_ROOT, ChainWorld
from tests.support.commands import Commands
from tests.support.rules import assert_agreement, oracle_inputs

pytestmark = pytest.mark.real
EXAMPLES = PROJECT_ROOT / "examples" / "rules"
RULES = {f"{rule.name}.v{rule.version}": rule for rule in rules()}
SALT = b"\x5a" * 32


def example(rule: Rule) -> Path:
    return EXAMPLES / f"{rule.name}.v{rule.version}.json"


def inputs_of(rule: Rule) -> bytes:
    return rule.schema.encode(parse_plain(example(rule).read_bytes()))


def test_every_rule_contract_is_in_the_catalogue() -> None:
    """A contract that works inputs out is a version of a rule, and the other way round."""
    found = [
        name
        for name in artifact_names()
        if {"compute", "evaluate"} <= {entry.get("name") for entry in load_artifact(name).abi}
    ]

    assert sorted(rule.contract for rule in rules()) == found


def test_every_rule_has_an_example() -> None:
    """There is one example a version, and none of a rule that is gone."""
    assert sorted(path.stem for path in EXAMPLES.glob("*.json")) == sorted(RULES)


@pytest.mark.parametrize("name", RULES)
def test_example(rule_chain: RuleRunner, name: str) -> None:
    """The code is what the catalogue says, and works the example out as the oracle does."""
    rule = RULES[name]
    check_rule(rule_chain, rule)

    outcome = rule_chain.run(rule.contract, inputs_of(rule))

    plain = oracle_inputs(rule.schema, inputs_of(rule))
    assert_agreement(outcome, ask(rule.contract, plain, RoundingProfile.EXACT))


def test_code_that_says_it_is_another_rule(rule_chain: RuleRunner) -> None:
    """A catalogue that names the wrong contract is found out before anything is run."""
    rule = find_rule("power.electricity")
    other = Rule("heat.purchased", rule.contract, 1, 2019, 0, RuleStatus.IN_FORCE, rule.source)

    with pytest.raises(ArtifactError, match=r"power\.electricity"):
        check_rule(rule_chain, other)


def test_refusal_by_the_rule(rule_chain: RuleRunner) -> None:
    """What the rule refuses is told with the field and the rule's own limit."""
    rule = find_rule("allocation.load-correction", year=2023)

    with pytest.raises(RuleRefused) as refused:
        rule_chain.run(rule.contract, rule.schema.encode({"load_pct": "100.01"}))

    assert refused.value.message == "load_pct: 100.01 % is out of range: at most 100 %"
    assert isinstance(refused.value.__cause__, Reverted)


def test_profile_that_the_rule_does_not_know(rule_chain: RuleRunner) -> None:
    """A rounding that means nothing to a rule is refused, not ignored."""
    rule = find_rule("allocation.load-correction", year=2023)

    with pytest.raises(RuleRefused, match="does not know this rounding") as refused:
        rule_chain.run(rule.contract, inputs_of(rule), RoundingProfile.REPORTED)

    assert refused.value.stable_code == "rule.profile_unknown"


def test_contract_that_is_no_rule() -> None:
    """A contract with state, or without inputs, has no code to run as a rule."""
    with pytest.raises(ArtifactError, match="not a rule"):
        rule_code("FactorBook")


@pytest.mark.parametrize(
    ("year", "version", "status"),
    [
        (2020, 1, RuleStatus.IN_FORCE),
        (2024, 2, RuleStatus.IN_FORCE),
        (2026, 3, RuleStatus.DRAFT),
        (None, 2, RuleStatus.IN_FORCE),
    ],
)
def test_version_of_a_year(year: int | None, version: int, status: RuleStatus) -> None:
    """A year has the version in force, else the draft; without a year the newest in force."""
    rule = find_rule("allocation.load-correction", year=year)

    assert (rule.version, rule.status) == (version, status)


@pytest.mark.parametrize(
    ("name", "year", "code"),
    [
        ("power.combustio", None, "rule.unknown"),
        ("allocation.load-correction", 2018, "rule.no_year"),
    ],
)
def test_rule_that_is_not_there(name: str, year: int | None, code: str) -> None:
    """A name and a year that do not exist are two faults."""
    with pytest.raises(RuleUnknown) as unknown:
        find_rule(name, year=year)

    assert unknown.value.stable_code == code


def test_hashes_are_the_books(world: ChainWorld) -> None:
    """Rule id and inputs hash are what the chain's RuleBook makes of the same words."""
    rule = find_rule("power.electricity")
    book = Contract(world.client, world.address(RuleBook.NAME), RuleBook.NAME)
    factor_ids, inputs = [b"\x01" * 32, b"\x02" * 32], inputs_of(rule)

    assert book.read("ruleIdOf", rule.name) == rule.rule_id
    assert book.read(
        *("inputsHash", rule.rule_id, rule.version, rule.code_hash), factor_ids, inputs, SALT
    ) == rule.inputs_hash(factor_ids, inputs, SALT)


def test_inputs_hash_of_a_short_salt() -> None:
    """A salt that is not 32 bytes hides nothing and is refused."""
    with pytest.raises(EncodingError, match="31 bytes"):
        find_rule("power.electricity").inputs_hash([], b"", SALT[:31])


def test_live_chain_has_our_code(world: ChainWorld, rule_chain: RuleRunner) -> None:
    """The chain's RuleBook recorded our code hash, its code is ours, and it gives our outcome."""
    rule = find_rule("power.electricity", year=2024)

    live = fetch_live_rule(world.client, world.deployment, rule, 2024)
    outcome = RuleBook(world.client, world.address(RuleBook.NAME)).run(
        rule.name,
        rule.version,
        inputs_of(rule),
        profile=RoundingProfile.EXACT,
        uses=[],
        report_year=2024,
        is_final=True,
    )

    assert (live.compare(rule), live.status) == (Outcome.HELD, RuleStatus.IN_FORCE)
    assert outcome == rule_chain.run(rule.contract, inputs_of(rule))


def test_live_chain_with_other_code(world: ChainWorld) -> None:
    """Code that was changed at the rule's address does not hold, although the book has our hash."""
    rule = find_rule("power.electricity", year=2024)
    address = fetch_live_rule(world.client, world.deployment, rule).address
    world.chain.request("anvil_setCode", format_address(address), "0x00")

    live = fetch_live_rule(world.client, world.deployment, rule)

    assert live.recorded_hash == rule.code_hash
    assert live.compare(rule) is Outcome.FAILED


def test_live_chain_without_the_version(world: ChainWorld) -> None:
    """A version that the chain's RuleBook never took is said to be unknown there."""
    rule = replace(find_rule("power.electricity", year=2024), version=9)

    with pytest.raises(Reverted) as refused:
        fetch_live_rule(world.client, world.deployment, rule)

    assert refused.value.name == "RuleBook_Unknown"


def test_rules_are_not_kept_in_the_package_alone(world: ChainWorld) -> None:
    """Every version of the catalogue stands on the chain with our code hash."""
    for rule in rules():
        live = fetch_live_rule(world.client, world.deployment, rule)
        assert live.compare(rule) is Outcome.HELD, rule.name


def test_factors_of_a_chain(world: ChainWorld) -> None:
    """The chain's book has the seed's factors, with the moment it took them."""
    fetched = list(fetch_factors(world.client, world.deployment))

    assert [each.entry for each in fetched] == [each.entry for each in seed_factors()]
    assert all(0 < each.published_at_s <= world.now_s() for each in fetched)


def test_factors_before_the_book_had_them(world: ChainWorld) -> None:
    """As of a day before the publication nothing was known."""
    fetched = list(fetch_factors(world.client, world.deployment))

    assert find_factors(fetched, "grid", year=2022)
    assert not find_factors(fetched, "grid", year=2022, as_of=date(2020, 1, 1))


def test_commands_ask_the_users_own_node(world: ChainWorld, tmp_path: Path) -> None:
    """With a node and a record of deployments, code and factors are compared with the chain's."""
    record = tmp_path / "deployments.json"
    save_deployment(record, world.deployment)
    own = ("--rpc", world.chain.rpc_url, "--deployments", record, "--json")
    example_ = EXAMPLES / "power.electricity.v1.json"

    ran = Commands().run("rules", "run", "power.electricity", "--inputs", example_, *own)
    found = Commands().run("factors", "find", "grid national", "--year", "2022", *own)

    assert ran.code == 0, ran.err
    assert ran.document["live"]["outcome"] == "held"
    assert found.code == 0, found.err
    assert found.document[0]["values"] == ["0.5703"]
    assert found.document[0]["citation"] is None
