"""
Whether a live chain holds the code that we run, asked through the party's own node.

Two things are compared: the hash that the RuleBook recorded at publication, and the hash of the
code that stands at the rule's address now. Only what is the same as ours in both was agreed on.

Source: CONTRACTS section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.enums import Outcome, RuleStatus
from chain.bindings.rule_book import RuleBook
from chain.client import ChainClient
from chain.deployments import Deployment
from chain.identity import fetch_code_hash
from chain.rules import Rule


@dataclass(frozen=True, slots=True)
class LiveRule:
    """A version of a rule as a live chain has it."""

    address: bytes
    """20 bytes."""
    recorded_hash: bytes
    """What the RuleBook recorded at publication, 32 bytes."""
    code_hash: bytes
    """Of the code at the address now, 32 bytes."""
    status: RuleStatus
    """For the report year asked for."""

    def compare(self, rule: Rule) -> Outcome:
        """Say whether the chain's code is ours."""
        is_ours = rule.code_hash == self.recorded_hash == self.code_hash
        return Outcome.HELD if is_ours else Outcome.FAILED


def fetch_live_rule(
    client: ChainClient, deployment: Deployment, rule: Rule, year: int | None = None
) -> LiveRule:
    """
    Read what a chain says of a rule.

    Args:
        client: The party's own node, already checked to be of that chain.
        deployment: Where the contracts stand.
        rule: The version to look for.
        year: The report year of the status; the rule's first where it is None.

    Raises:
        Reverted: If the chain's RuleBook does not know that version.
        ArtifactError: If the deployment has no RuleBook.
        NodeUnavailable: If the node does not answer.
    """
    book = RuleBook(client, deployment.address(RuleBook.NAME))
    record = book.entry(rule.name, rule.version)
    status = record.standing.status_for(rule.report_from if year is None else year)
    code_hash = fetch_code_hash(client, record.address)
    return LiveRule(record.address, record.code_hash, code_hash, status)
