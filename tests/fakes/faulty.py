"""
Storage and chain that fail at their n-th operation, before or after its effect.

After a fault nothing works any more: the process is gone. Whoever tests restarts with fresh
objects on the same database and chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from attestation.errors import Error
from ledger.database import Database
from ledger.errors import StorageUnavailable
from ledger.ports import (
    AnchorTarget,
    FoundAnchor,
    LatestAnchor,
    PreparedTransaction,
    TransactionStatus,
)
from ledger.unit_of_work import UnitOfWork
from tests.fakes.anchorer import RecordingAnchorer


@dataclass
class Fault:
    """One fault: at which operation, and whether the operation happened all the same."""

    at: int
    has_effect: bool
    count: int = 0
    is_down: bool = False

    @property
    def happened(self) -> bool:
        """True once the fault has struck."""
        return self.is_down

    def before(self, error: Error) -> None:
        """Count an operation; fail before its effect where that is the plan."""
        if self.is_down:
            raise error
        self.count += 1
        if self.count == self.at and not self.has_effect:
            self.is_down = True
            raise error

    def after(self, error: Error) -> None:
        """Fail after the effect where that is the plan."""
        if self.count == self.at and self.has_effect and not self.is_down:
            self.is_down = True
            raise error


def _down() -> StorageUnavailable:
    return StorageUnavailable("the database is gone, says the test")


class FaultyUnitOfWork(UnitOfWork):
    """A unit of work whose commit may fail, with or without having committed."""

    fault: Fault

    def commit(self) -> None:
        """Commit, or fail as planned."""
        self.fault.before(_down())
        super().commit()
        self.fault.after(_down())


class FaultyStore:
    """
    A database whose n-th operation (statement or commit) fails.

    Args:
        database: The real one.
        fault: When, and how.
    """

    def __init__(self, database: Database, fault: Fault) -> None:
        self._database = database
        self._fault = fault
        event.listen(database.engine, "before_cursor_execute", self._before)
        event.listen(database.engine, "after_cursor_execute", self._after)

    def unit_of_work(self) -> UnitOfWork:
        """Make a writing unit of work."""
        unit = FaultyUnitOfWork(self._database.engine)
        unit.fault = self._fault
        return unit

    def reading(self) -> UnitOfWork:
        """Make a reading unit of work."""
        return self._database.reading()

    def heal(self) -> None:
        """Take the fault away: the process is restarted."""
        event.remove(self._database.engine, "before_cursor_execute", self._before)
        event.remove(self._database.engine, "after_cursor_execute", self._after)

    def _before(self, *_: Any) -> None:
        self._fault.before(_down())

    def _after(self, *_: Any) -> None:
        self._fault.after(_down())


class NodeGone(Error):
    """No node answers; nothing is known."""

    code = "test.node_gone"
    retry = StorageUnavailable.retry


class FaultyAnchorer(RecordingAnchorer):
    """
    A chain whose n-th question fails.

    Args:
        chain: The chain behind it, which lives on after the fault.
        fault: When, and how.
    """

    def __init__(self, chain: RecordingAnchorer, fault: Fault) -> None:
        super().__init__(finality_depth=chain.finality_depth)
        self.__dict__.update(chain.__dict__)
        self._behind = chain
        self._fault = fault

    def next_nonce(self) -> int:
        """As the chain, unless it fails."""
        return self._guarded("next_nonce")  # type: ignore[no-any-return]

    def prepare(self, targets: Sequence[AnchorTarget], *, nonce: int) -> PreparedTransaction:
        """As the chain, unless it fails."""
        return self._guarded("prepare", targets, nonce=nonce)  # type: ignore[no-any-return]

    def replace(self, raw: bytes) -> PreparedTransaction:
        """As the chain, unless it fails."""
        return self._guarded("replace", raw)  # type: ignore[no-any-return]

    def send(self, raw: bytes) -> None:
        """As the chain, unless it fails."""
        self._guarded("send", raw)

    def status(self, tx_hash: bytes) -> TransactionStatus:
        """As the chain, unless it fails."""
        return self._guarded("status", tx_hash)  # type: ignore[no-any-return]

    def find(self, log_id: bytes, size: int) -> FoundAnchor | None:
        """As the chain, unless it fails."""
        return self._guarded("find", log_id, size)  # type: ignore[no-any-return]

    def latest(self, log_id: bytes, *, final: bool = False) -> LatestAnchor | None:
        """As the chain, unless it fails."""
        return self._guarded("latest", log_id, final=final)  # type: ignore[no-any-return]

    def capture(
        self, log_id: bytes, kids: Sequence[bytes], *, block_number: int
    ) -> dict[str, object]:
        """As the chain, unless it fails."""
        return self._guarded(  # type: ignore[no-any-return]
            "capture", log_id, kids, block_number=block_number
        )

    def _guarded(self, method: str, *arguments: Any, **options: Any) -> Any:
        self._fault.before(NodeGone("the node is gone, says the test"))
        answer = getattr(self._behind, method)(*arguments, **options)
        self._fault.after(NodeGone("the node is gone, says the test"))
        return answer
