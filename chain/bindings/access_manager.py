"""
AccessManager of OpenZeppelin: which role may call which restricted function, and who has it.

Source: OpenZeppelin Contracts 5.7.0, access/manager/AccessManager.sol.
"""

from __future__ import annotations

from typing import Final

from chain.client import ChainClient
from chain.contract import Contract
from chain.values import Call

ADMIN_ROLE: Final = 0
PUBLIC_ROLE: Final = 2**64 - 1


class AccessManager:
    """The manager at an address."""

    NAME: Final = "AccessManager"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def grant_role(self, role: int, account: bytes, *, delay_s: int = 0) -> Call:
        """Give a role to an account, which must wait `delay_s` before each use of it."""
        return self.contract.call("grantRole", role, account, delay_s)

    def membership(self, role: int, account: bytes) -> int | None:
        """Read the delay in seconds with which an account has a role; None if it has not."""
        fields = self.contract.read("hasRole", role, account)
        return fields["executionDelay"] if fields["isMember"] else None

    def function_role(self, target: bytes, selector: bytes) -> int:
        """Read which role may call a restricted function; ADMIN where none was set."""
        return int(self.contract.read("getTargetFunctionRole", target, selector))

    def role_admin(self, role: int) -> int:
        """Read which role grants and revokes a role."""
        return int(self.contract.read("getRoleAdmin", role))

    def role_guardian(self, role: int) -> int:
        """Read which role may cancel what a role's members scheduled."""
        return int(self.contract.read("getRoleGuardian", role))
