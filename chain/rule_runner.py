"""
Rules run by the committed bytecode, on a chain that lives as long as the run.

A rule is pure: what it gives depends on its code, its inputs and the profile, and on nothing of the
chain it runs on. So an empty development chain is enough, old years run from the bytecode alone,
and two parties who run the same code hash on the same inputs get the same outcome.

Source: CONTRACTS section 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attestation.enums import RoundingProfile
from attestation.ids import keccak256
from chain.addresses import format_address, parse_address
from chain.artifacts import load_artifact
from chain.client import ChainClient
from chain.contract import Contract
from chain.development_chain import DevelopmentChain
from chain.errors import ArtifactError, Reverted, RuleRefused
from chain.rule_inputs import RuleSchema
from chain.rule_outcomes import RuleOutcome, read_outcome
from chain.rule_refusals import explain

_ADDRESS_LENGTH: Final = 20
_GAS_LIMIT: Final = 10**10
"""Of a call: a year of hours is more work than a usual block takes."""


class RuleRunner:
    """
    Runs rules on one development chain.

    Args:
        chain: Running; codes are put on it without transactions.
        client: A connection to it.
    """

    def __init__(self, chain: DevelopmentChain, client: ChainClient) -> None:
        self._chain = chain
        self._client = client
        self._placed: dict[str, Contract] = {}

    def identify(self, contract_name: str) -> tuple[str, int, str]:
        """Ask a rule's code for its name, its version, and the document it follows."""
        rule = self.contract(contract_name)
        return rule.read("name"), rule.read("version"), rule.read("source")

    def run(
        self,
        contract_name: str,
        inputs: bytes,
        profile: RoundingProfile = RoundingProfile.EXACT,
    ) -> RuleOutcome:
        """
        Work a rule out.

        Args:
            contract_name: The rule's artefact.
            inputs: In its canonical encoding, from `RuleSchema.encode`.
            profile: Which intermediates are rounded.

        Raises:
            RuleRefused: If the rule refuses the inputs or the profile.
            ArtifactError: If there is no such artefact, or it is not a rule's.
        """
        outcome = self._attempt(contract_name, inputs, profile)
        if not isinstance(outcome, Reverted):
            return outcome
        schema = RuleSchema(load_artifact(contract_name).abi)

        def attempt(others: bytes) -> Reverted | None:
            again = self._attempt(contract_name, others, profile)
            return again if isinstance(again, Reverted) else None

        refused: RuleRefused = explain(outcome, schema, inputs, attempt)
        raise refused from outcome

    def estimate_gas(
        self, contract_name: str, inputs: bytes, profile: RoundingProfile = RoundingProfile.EXACT
    ) -> int:
        """
        Ask how much gas a transaction would take that works a rule out.

        Raises:
            Reverted: If the rule refuses the inputs or the profile.
        """
        call = self.contract(contract_name).call("evaluate", inputs, int(profile))
        sender = parse_address(self._chain.request("eth_accounts")[0])
        return self._client.estimate_gas(call.to, call.data, sender=sender)

    def contract(self, contract_name: str) -> Contract:
        """
        Put a rule's code on the chain, once, and give the contract.

        Raises:
            ArtifactError: If there is no such artefact, or it is not a rule's.
        """
        if contract_name not in self._placed:
            code = rule_code(contract_name)
            address = keccak256(code)[-_ADDRESS_LENGTH:]
            self._chain.request("anvil_setCode", format_address(address), f"0x{code.hex()}")
            self._placed[contract_name] = Contract(self._client, address, contract_name)
        return self._placed[contract_name]

    def _attempt(
        self, contract_name: str, inputs: bytes, profile: RoundingProfile
    ) -> RuleOutcome | Reverted:
        try:
            fields = self.contract(contract_name).read("evaluate", inputs, int(profile))
        except Reverted as reverted:
            return reverted
        return read_outcome(fields)


@contextmanager
def rule_runner(anvil: Path) -> Iterator[RuleRunner]:
    """
    Start a chain for rules, and end it with the block.

    Args:
        anvil: The native binary, from `find_anvil`.

    Raises:
        DevelopmentChainError: If it does not start.
    """
    options = ("--gas-limit", str(_GAS_LIMIT))
    with (
        TemporaryDirectory(prefix="carbonseal-rules-") as folder,
        DevelopmentChain(anvil, Path(folder), keeps_state=False, options=options) as chain,
        ChainClient(chain.rpc_url) as client,
    ):
        yield RuleRunner(chain, client)


def rule_code(contract_name: str) -> bytes:
    """
    Give a rule's runtime code, as committed; its Keccak-256 is the rule's code hash.

    Raises:
        ArtifactError: If there is no such artefact, or it is not a rule's.
    """
    artifact = load_artifact(contract_name)
    RuleSchema(artifact.abi)
    if artifact.immutable_ranges or artifact.storage_layout["storage"]:
        raise ArtifactError(f"not a rule: {contract_name} has state")
    return artifact.deployed_bytecode
