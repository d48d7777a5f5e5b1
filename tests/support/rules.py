"""Rules for tests: run by their code, and compared with the oracle to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import settings

from attestation.enums import RoundingProfile
from chain.artifacts import load_artifact
from chain.rule_fields import Amount, Choice, Kind, Many, Record, format_fixed
from chain.rule_inputs import RuleSchema
from chain.rule_outcomes import RuleOutcome
from chain.rule_runner import RuleRunner
from tests.oracle.sheet import Sheet

_MICROGRAM = Decimal("1e-12")
"""Of a tonne: what the order in which products are cut to 18 decimals may make of a step."""
EXACT = RoundingProfile.EXACT
REPORTED = RoundingProfile.REPORTED

some_examples = settings(max_examples=settings.default.max_examples * 3 // 5, deadline=None)
"""60 a rule every day, 3 000 in the deep profile: each asks the node."""
few_examples = settings(max_examples=settings.default.max_examples // 10, deadline=None)
"""10 a rule every day, 500 in the deep profile: each asks the node a dozen times."""


def run_rule(
    runner: RuleRunner,
    contract: str,
    inputs: Mapping[str, Any],
    profile: RoundingProfile = EXACT,
) -> RuleOutcome:
    """Run a rule on plain inputs."""
    return runner.run(contract, RuleSchema(load_artifact(contract).abi).encode(inputs), profile)


def assert_agreement(outcome: RuleOutcome, sheet: Sheet) -> None:
    """
    Check that every result and every step is the oracle's.

    Results and what is rounded on the way agree to the last digit. A step that is not rounded may
    differ by a microgram in tonnes: by the order in which its products were cut to 18 decimals.
    """
    assert {figure.name: figure.value for figure in outcome.results} == sheet.results
    steps = {(figure.name, figure.item): figure.value for figure in outcome.steps}
    assert steps.keys() == sheet.steps.keys()
    for figure in outcome.steps:
        expected = sheet.steps[figure.name, figure.item]
        allowed = sheet.near.get(figure.name) or _MICROGRAM
        assert abs(figure.value - expected) <= (allowed if figure.decimals is None else 0), figure
    for figure in (*outcome.results, *outcome.steps):
        if figure.decimals is not None:
            assert figure.value == round_down(figure.value, figure.decimals), figure


def oracle_inputs(schema: RuleSchema, inputs: bytes) -> dict[str, Any]:
    """Give encoded inputs as an oracle reads them: bare decimals, members by their names."""
    plain = _bare(schema.record, schema.values(inputs))
    assert isinstance(plain, dict)
    return plain


def _bare(kind: Kind, value: Any) -> Any:
    match kind:
        case Record(fields=fields):
            return {name: _bare(inner, value[name]) for name, inner in fields.items()}
        case Many(element=element):
            return [_bare(element, each) for each in value]
        case Amount():
            return format_fixed(value)
        case Choice(members=members):
            return members(value).name
        case _:
            return kind.write(value)


def round_down(number: Decimal, decimals: int) -> Decimal:
    """Cut a number's decimals off."""
    with localcontext(prec=100):
        return number.quantize(Decimal(1).scaleb(-decimals), "ROUND_DOWN")
