"""
The draws of samples as the chain tells them: every step of each, in order.

Source: `contracts/interfaces/ISamplingDraw.sol`; DESIGN section 6 ("as of block N").
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, delete

from attestation.enums import DrawStep
from ledger.models import DrawStepRow
from ledger.repositories.places import Place, put_row, rows_of


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """A step of the draw of a sample."""

    inventory_id: bytes
    at: Place
    at_s: int
    version: int
    draw: int
    """Number of the draw for that version, from 1 on."""
    step: DrawStep
    party: bytes | None
    """Party id of whose nonce it is."""
    word: bytes | None
    """Commitment, hash of the plan, of the block, nonce or seed."""
    draw_block: int
    """0 where the step does not say."""
    reveal_until_s: int
    """0 where the step does not say."""
    is_strict: bool
    """Of a settled draw: whether a nonce is missing. Of a missing one: whether it was fixed."""
    reason: str
    act_digest: bytes | None
    """None where nobody signed the step."""


class DrawRepository:
    """Steps of draws, inside a unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def steps(self, inventory_id: bytes, *, at_block: int | None = None) -> list[DrawnStep]:
        """Load every step of the draws of an inventory, in order."""
        condition = DrawStepRow.inventory_id == inventory_id
        rows = rows_of(self._connection, DrawStepRow, condition, at_block=at_block)
        return [_step(row) for row in rows]

    def put(self, step: DrawnStep) -> None:
        """Add a step; read again, it takes the place of what it said before."""
        values = {each.name: getattr(step, each.name) for each in fields(step)}
        at: Place = values.pop("at")
        put_row(self._connection, DrawStepRow, {**values, **at.values(), "step": int(step.step)})

    def clear(self) -> None:
        """Forget everything, to read it from the chain again."""
        self._connection.execute(delete(DrawStepRow))


def _step(row: Row[Any]) -> DrawnStep:
    names = {each.name for each in fields(DrawnStep)} - {"at", "step"}
    values = {name: getattr(row, name) for name in names}
    at = Place(row.block_number, row.log_index)
    return DrawnStep(at=at, step=DrawStep(row.step), **values)
