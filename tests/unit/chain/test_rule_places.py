"""Where a rule's factors stand among its encoded inputs: the word that holds just that number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from attestation.ids import keccak256
from chain.errors import RuleInputError
from chain.rule_fields import Amount
from chain.rule_inputs import parse_plain
from chain.rule_places import NamedFactor, factor_uses
from chain.rules import Rule, find_version
from tests.support.chain import PROJECT_ROOT

RULES = (("power.electricity", 1), ("mean.weighted", 1), ("power.combustion", 1))
FACTOR = keccak256(b"a factor")


def plain(rule: Rule) -> Any:
    name = f"{rule.name}.v{rule.version}.json"
    return parse_plain((PROJECT_ROOT / "examples" / "rules" / name).read_bytes())


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Give every decimal among plain inputs with its place."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from numbers(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from numbers(each, f"{path}[{at}]")
    elif isinstance(value, str) and value[0].isdecimal():
        yield path, value


@pytest.mark.parametrize(("name", "version"), RULES)
def test_every_number_stands_where_it_is_said_to(name: str, version: int) -> None:
    """The word at the offset is the number at the place, times 10^18, in every list and struct."""
    rule = find_version(name, version)
    inputs, places = plain(rule), list(numbers(plain(rule)))
    encoded = rule.schema.encode(inputs)

    uses = factor_uses(rule.schema, inputs, [NamedFactor(path, FACTOR, 0) for path, _ in places])

    found = [int.from_bytes(encoded[use.offset : use.offset + 32], signed=True) for use in uses]
    assert len(places) > 2
    assert found == [Amount("", "").read(text.partition(" ")[0], path) for path, text in places]
    assert len({use.offset for use in uses}) == len(places)


@pytest.mark.parametrize(
    "path", ["factor", "purchased_MWh", "purchased_MWh[2]", "purchased_MWh[0].x", ""]
)
def test_what_is_no_amount_of_the_inputs_has_no_place(path: str) -> None:
    """A field nearly so named, a list, an element too many, and nothing are refused."""
    rule = find_version("power.electricity", 1)

    with pytest.raises(RuleInputError):
        factor_uses(rule.schema, plain(rule), [NamedFactor(path, FACTOR, 0)])
