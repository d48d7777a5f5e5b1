"""
WorkingCalendar: the published working days (工作日), by which the contracts count days.

Source: `contracts/interfaces/IWorkingCalendar.sol`.
"""

from __future__ import annotations

from typing import Final

from chain.client import BlockName, ChainClient
from chain.contract import Contract
from chain.errors import Reverted


class WorkingCalendar:
    """The calendar at an address."""

    NAME: Final = "WorkingCalendar"

    def __init__(self, client: ChainClient, address: bytes) -> None:
        self.contract = Contract(client, address, self.NAME)

    def end_of_working_day(self, at_s: int, count: int, *, at: BlockName = "latest") -> int | None:
        """
        Read when the `count`-th working day after the day of a time ends.

        Args:
            at_s: Unix seconds.
            count: 1 to 60 working days.

        Returns:
            Unix seconds; None where the days of a year in between are not published yet.
        """
        try:
            end: int = self.contract.read("endOfWorkingDay", at_s, count, at=at)
        except Reverted as error:
            if error.name == "WorkingCalendar_UnknownYear":
                return None
            raise
        return end
