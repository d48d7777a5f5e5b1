"""
One deployed contract: an address and what its ABI lets one say to it.

Reading goes through a node; call data needs none.
"""

from __future__ import annotations

from typing import Any

from chain.abi import Interface
from chain.addresses import format_address
from chain.artifacts import load_artifact
from chain.client import BlockName, ChainClient
from chain.errors import WrongChain
from chain.events import EventSource
from chain.values import Call


class Contract:
    """
    A contract of a known kind at an address.

    Args:
        client: The node to read from.
        address: 20 bytes.
        contract_name: The artefact whose ABI it has.
    """

    def __init__(self, client: ChainClient, address: bytes, contract_name: str) -> None:
        self._client = client
        self.address = address
        self.contract_name = contract_name
        self.interface = Interface(load_artifact(contract_name).abi)

    def read(self, function: str, *arguments: object, at: BlockName = "latest") -> Any:
        """
        Call a function without a transaction.

        Raises:
            Reverted: If the contract refuses.
            WrongChain: If there is no such contract at the address.
        """
        data = self._client.call(
            self.address, self.interface.encode_call(function, *arguments), at=at
        )
        if not data:
            raise WrongChain(
                f"no contract {self.contract_name} at {format_address(self.address)}",
                code="chain.not_deployed",
            )
        return self.interface.decode_result(function, data)

    def check(self, function: str, *arguments: object, at: BlockName = "latest") -> None:
        """
        Ask a function that answers by refusing, or not.

        Raises:
            Reverted: If the contract refuses.
        """
        self._client.call(self.address, self.interface.encode_call(function, *arguments), at=at)

    def call(self, function: str, *arguments: object) -> Call:
        """
        Give what a transaction must say to call a function.

        Raises:
            EncodingError: If an argument does not fit its type.
        """
        return Call(self.address, self.interface.encode_call(function, *arguments))

    @property
    def source(self) -> EventSource:
        """Where this contract's events come from."""
        return EventSource(self.address, self.interface)
