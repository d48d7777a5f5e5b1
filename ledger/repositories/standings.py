"""
What decides who may look at an enterprise's things, of many enterprises at once.

One statement for the newest state of their cases and one for their credentials, with the columns
that the decision needs and no others: a search may meet thousands of enterprises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select, union

from attestation.enums import CredentialStatus, InventoryState
from ledger.models import ChainInventoryRow, CredentialRow, LogRow, PartyRow
from ledger.repositories.bulk import is_one_of

OPEN: Final = frozenset(
    {
        InventoryState.SUBMITTED,
        InventoryState.UNDER_VERIFICATION,
        InventoryState.FINDINGS,
        InventoryState.VERIFIED,
        InventoryState.OBJECTED,
        InventoryState.REOPENED,
    }
)
"""States in which somebody else than the enterprise has work to do."""


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """Who has to do with a case at present."""

    inventory_id: bytes
    usc: str
    area: int
    """Code of GB/T 2260 where the enterprise reported when it drafted."""
    state: InventoryState
    named: tuple[bytes | None, ...]
    """Ids of the parties that verify, confirm and review."""


class StandingRepository:
    """Reads `log`, `chain_inventory`, `party` and `credential`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enterprises(self) -> list[str]:
        """Give the credit codes that are known here, by a log or by a case, ordered."""
        known = union(select(LogRow.usc), select(ChainInventoryRow.usc))
        return sorted(self._connection.execute(known).scalars())

    def cases(self, codes: Sequence[str]) -> list[CaseStanding]:
        """Give how the cases of some enterprises stand now, ordered by case."""
        row = ChainInventoryRow
        rank = func.row_number().over(
            partition_by=row.inventory_id,
            order_by=(row.block_number.desc(), row.log_index.desc()),
        )
        ranked = (
            select(
                row.inventory_id,
                row.usc,
                row.area,
                row.state,
                row.verifier,
                row.regulator,
                row.city_regulator,
                rank.label("rank"),
            )
            .where(is_one_of(self._connection, row.usc, codes))
            .subquery()
        )
        newest = select(ranked).where(ranked.c.rank == 1).order_by(ranked.c.inventory_id)
        return [
            CaseStanding(each[0], each[1], each[2], InventoryState(each[3]), tuple(each[4:7]))
            for each in self._connection.execute(newest)
        ]

    def areas(self, codes: Sequence[str], *, at_s: int) -> Mapping[str, frozenset[int]]:
        """Give the areas of the credentials that some parties have in force at a time, by code."""
        row = CredentialRow
        parties = (
            select(
                PartyRow.party_id,
                PartyRow.code,
                # One code is one party on the chain; as where a party is looked up by its code.
                func.row_number()
                .over(partition_by=PartyRow.code, order_by=PartyRow.kind)
                .label("rank"),
            )
            .where(is_one_of(self._connection, PartyRow.code, codes))
            .subquery()
        )
        rank = func.row_number().over(
            partition_by=row.party_id, order_by=(row.block_number.desc(), row.log_index.desc())
        )
        ranked = (
            select(
                parties.c.code,
                row.areas,
                row.status,
                row.valid_from_s,
                row.valid_to_s,
                rank.label("rank"),
            )
            .join(parties, parties.c.party_id == row.party_id)
            .where(parties.c.rank == 1)
            .subquery()
        )
        in_force = select(ranked.c.code, ranked.c.areas).where(
            ranked.c.rank == 1,
            ranked.c.status == int(CredentialStatus.VALID),
            ranked.c.valid_from_s <= at_s,
            ranked.c.valid_to_s > at_s,
        )
        return {code: frozenset(areas) for code, areas in self._connection.execute(in_force)}
