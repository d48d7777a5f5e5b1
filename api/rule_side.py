"""
Rules and factors as accounting sees them: `chain/` fitted to the ports of `ledger/`.

Rules run by their committed bytecode on a chain that lives as long as the block; factors come from
the seed that is shipped, or from a chain's FactorBook. Neither needs the ledger's operator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from api.errors import PartMissing
from attestation.canonical import Json
from attestation.enums import RoundingProfile, RuleStatus
from chain.development_chain import find_anvil
from chain.errors import DevelopmentChainError
from chain.factors import Factor, seed_factors
from chain.rule_outcomes import Figure
from chain.rule_runner import RuleRunner, rule_runner
from chain.rules import Rule, check_rule, find_rule, find_version
from ledger import ports
from ledger.inventory.offchain.joined import JoinedRules

_ROOT: Final = Path(__file__).resolve().parents[1]
_BEST_FIRST: Final = (RuleStatus.IN_FORCE, RuleStatus.DRAFT)


class ChainRules:
    """
    Rules run on a throw-away chain.

    Args:
        runner: The chain, from `chain.rule_runner`.
    """

    def __init__(self, runner: RuleRunner) -> None:
        self._runner = runner
        self._checked: set[tuple[str, int]] = set()

    def rule_for(self, name: str, report_year: int) -> ports.RuleVersion:
        """Give the version for a report year: the one in force, else the newest draft."""
        return _version(find_rule(name, year=report_year))

    def version_of(self, name: str, version: int) -> ports.RuleVersion:
        """Give a version by its number, of whatever standing."""
        return _version(find_version(name, version))

    def run(
        self, name: str, version: int, inputs: Mapping[str, Json], profile: RoundingProfile
    ) -> ports.RuleRun:
        """Work a version of a rule out by its committed code."""
        rule = find_version(name, version)
        if (name, version) not in self._checked:
            check_rule(self._runner, rule)
            self._checked.add((name, version))
        encoded = rule.schema.encode(inputs)
        outcome = self._runner.run(rule.contract, encoded, profile)
        results, steps = (
            tuple(_figure(each) for each in figures) for figures in (outcome.results, outcome.steps)
        )
        return ports.RuleRun(_version(rule), encoded, results, steps)

    def inputs_hash(
        self,
        rule: ports.RuleVersion,
        factor_ids: Sequence[bytes],
        encoded_inputs: bytes,
        salt: bytes,
    ) -> bytes:
        """Give what the parties of a case sign beside the result, 32 bytes."""
        return find_version(rule.name, rule.version).inputs_hash(factor_ids, encoded_inputs, salt)


class ListedFactors:
    """
    Factors that are all at hand, such as the seed's or those read from a chain's book.

    Args:
        factors: In the order of publication.
    """

    def __init__(self, factors: Sequence[Factor]) -> None:
        self._by_name: dict[tuple[str, str, str], list[Factor]] = {}
        self._by_id: dict[bytes, Factor] = {}
        for factor in factors:
            entry = factor.entry
            name = (entry.guide, entry.quantity, entry.subject)
            self._by_name.setdefault(name, []).append(factor)
            self._by_id[entry.factor_id] = factor

    def prescribed(
        self, guide: str, quantity: str, subject: str, report_year: int
    ) -> ports.FactorValue | None:
        """Give the factor for a report year: in force, else the newest draft; None if neither."""
        named = self._by_name.get((guide, quantity, subject), ())
        for status in _BEST_FIRST:
            for factor in reversed(named):
                if factor.status_for(report_year) is status:
                    return _value(factor, report_year)
        return None

    def factor(self, factor_id: bytes, report_year: int) -> ports.FactorValue | None:
        """Give a factor by its id, with its status for a report year; None if there is none."""
        found = self._by_id.get(factor_id)
        return None if found is None else _value(found, report_year)


def seeded_factors() -> ListedFactors:
    """Give the factors that come with the package."""
    return ListedFactors(seed_factors())


@contextmanager
def chain_rules() -> Iterator[ports.RuleEngine]:
    """
    Start a chain for rules, and end it with the block; rules off chain come along.

    Raises:
        PartMissing: If no chain program is installed here.
    """
    try:
        anvil = find_anvil(_ROOT)
    except DevelopmentChainError as error:
        raise PartMissing(error.message) from error
    with rule_runner(anvil) as runner:
        yield JoinedRules(ChainRules(runner))


def _version(rule: Rule) -> ports.RuleVersion:
    return ports.RuleVersion(
        rule.name,
        rule.version,
        rule.rule_id,
        rule.code_hash,
        rule.status,
        on_chain=True,
        source=rule.source,
    )


def _figure(figure: Figure) -> ports.CalculatedFigure:
    return ports.CalculatedFigure(
        figure.name, figure.item, figure.unit, figure.decimals, figure.value
    )


def _value(factor: Factor, report_year: int) -> ports.FactorValue:
    entry = factor.entry
    return ports.FactorValue(
        factor_id=entry.factor_id,
        guide=entry.guide,
        edition=entry.edition,
        quantity=entry.quantity,
        subject=entry.subject,
        unit=entry.unit,
        values=factor.values,
        report_from=entry.report_from,
        report_to=entry.report_to,
        status=factor.status_for(report_year),
    )
