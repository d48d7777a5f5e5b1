"""
Gas of every rule worked out in a transaction, on its example, and of the rules whose inputs grow.

A rule settles by `eth_call` in the confidential mode and costs nothing; this is what the open mode
costs, where inputs and outcome go through a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attestation.enums import RoundingProfile
from bench.measuring import Row, Say
from chain.rule_inputs import parse_plain
from chain.rule_runner import RuleRunner, rule_runner
from chain.rules import Rule, find_rule, rules
from tests.support.chain import PROJECT_ROOT, anvil_binary

_EXAMPLES = PROJECT_ROOT / "examples" / "rules"
_TRANSACTION = 21_000
_ZERO_BYTE, _OTHER_BYTE = 4, 16
_BLOCK = 30_000_000
"""Gas of a usual block."""


def run(say: Say, *, quick: bool) -> list[Row]:
    """Estimate each rule's gas, and that of a year of days and of hours."""
    with rule_runner(anvil_binary()) as runner:
        rows = [_row(say, runner, rule, _example(rule), "example") for rule in rules()]
        for name, title, inputs in _years(quick=quick):
            rule = find_rule(name)
            rows.append(_row(say, runner, rule, inputs, title))
    return rows


def _row(say: Say, runner: RuleRunner, rule: Rule, inputs: Any, title: str) -> Row:
    say(rule.name)
    encoded = rule.schema.encode(inputs)
    gas = runner.estimate_gas(rule.contract, encoded, RoundingProfile.EXACT)
    limit = _bare(runner, rule, encoded)
    remark = f"{len(encoded)} bytes of inputs"
    if gas > _BLOCK:
        remark += "; more than a usual block: for calls only"
    what = f"{rule.name} v{rule.version}, {title}"
    return Row(what, gas, "gas", limit, "bare transaction", "", remark)


def _bare(runner: RuleRunner, rule: Rule, encoded: bytes) -> int:
    """Give what a transaction with these bytes costs before the rule does anything (EIP-2028)."""
    data = runner.contract(rule.contract).call("evaluate", encoded, 0).data
    zeros = data.count(0)
    return _TRANSACTION + zeros * _ZERO_BYTE + (len(data) - zeros) * _OTHER_BYTE


def _example(rule: Rule) -> object:
    return parse_plain((_EXAMPLES / f"{rule.name}.v{rule.version}.json").read_bytes())


def _years(*, quick: bool) -> Iterator[tuple[str, str, object]]:
    """Give the rules whose inputs grow with time, at the length of a year."""
    combustion = json.loads((_EXAMPLES / "power.combustion.v1.json").read_text(encoding="utf-8"))
    (coal,) = combustion["weighed"]
    line = coal["lines"][0]
    for days, title in ((12, "12 months"), (365, "365 days")):
        lines = [line | {"month": 1 + day * 12 // days} for day in range(days)]
        inputs = {"weighed": [coal | {"lines": lines}], "gases": []}
        yield "power.combustion", title, inputs
    hour = json.loads((_EXAMPLES / "cems.co2.v1.json").read_text(encoding="utf-8"))["readings"][0]
    for hours in (24, 744) if quick else (24, 744, 8760):
        yield "cems.co2", f"{hours} hours", {"readings": [hour] * hours}
