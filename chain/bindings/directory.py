"""
Directory: which contract bears a name, now and at every block before.

Source: `contracts/interfaces/IDirectory.sol`.
"""

from __future__ import annotations

from typing import Final

from chain.client import ChainClient
from chain.contract import Contract


class Directory:
    """The directory at an address."""

    NAME: Final = "Directory"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def address_of(self, name: str) -> bytes:
        """
        Read the contract that bears a name now, 20 bytes.

        Raises:
            Reverted: If none does.
        """
        address: bytes = self.contract.read("addressOf", name)
        return address

    def address_at(self, name: str, block_number: int) -> bytes:
        """
        Read the contract that bore a name at the end of a past block, 20 bytes.

        Raises:
            Reverted: If none did, or the block is not in the past.
        """
        address: bytes = self.contract.read("addressAt", name, block_number)
        return address

    def history(self, name: str) -> tuple[tuple[int, bytes], ...]:
        """Read every contract that bore a name, with the first block of each."""
        length = self.contract.read("historyLength", name)
        entries = (self.contract.read("historyEntry", name, number) for number in range(length))
        return tuple((entry["fromBlock"], entry["target"]) for entry in entries)
