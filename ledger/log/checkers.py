"""
Where messages are checked: in this process, or in worker processes beside it.

A batch is handed over as plain tuples and comes back as plain tuples. The table of keys travels
to a worker only when the worker's is older; it is pickled once a version.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final, Protocol, Self

from attestation.instants import Instant
from ledger.errors import CheckingInterrupted
from ledger.log.checking import Candidate, Checked, CheckResult, Garbage, check_message
from ledger.log.key_table import KeyTable

CHUNK: Final = 256
"""Messages a task: large enough to hide the hand-over, small enough to share among workers."""


class PendingCheck(Protocol):
    """A batch on its way."""

    def results(self) -> list[CheckResult]:
        """
        Wait, and give one result a candidate, in order.

        Raises:
            CheckingInterrupted: If a worker process died; the batch may be started again.
        """
        ...


class Checker(Protocol):
    """Checks batches of messages; keeps nothing but the table of keys."""

    def start(
        self, candidates: Sequence[Candidate], table: KeyTable, *, now: Instant
    ) -> PendingCheck:
        """Begin to check a batch, and do not wait for it where there are workers."""
        ...


class SerialChecker:
    """Checks in this process, for one-machine use and tests."""

    def start(
        self, candidates: Sequence[Candidate], table: KeyTable, *, now: Instant
    ) -> PendingCheck:
        """Check a batch at once."""
        return _Done([check_message(each, table, now=now) for each in candidates])


@dataclass(frozen=True, slots=True)
class _Done:
    """A batch that is checked."""

    checked: list[CheckResult]

    def results(self) -> list[CheckResult]:
        """Give the results."""
        return self.checked


class PooledChecker:
    """
    Checks in worker processes.

    Use as a context manager: leaving it ends the workers.

    Args:
        workers: Number of processes; one a core that may be used.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._open()
        self._pickled: tuple[int, bytes] | None = None

    def start(
        self, candidates: Sequence[Candidate], table: KeyTable, *, now: Instant
    ) -> PendingCheck:
        """
        Hand a batch to the workers.

        Raises:
            CheckingInterrupted: If a worker process died; the workers are started anew.
        """
        chunks = [
            tuple(zip(*candidates[at : at + CHUNK], strict=True))
            for at in range(0, len(candidates), CHUNK)
        ]
        try:
            futures = [
                self._pool.submit(_check, table.version, None, chunk, now) for chunk in chunks
            ]
        except BrokenProcessPool as error:
            raise self._interrupted() from error
        return _Handed(self, table, chunks, now, futures)

    def resend(self, table: KeyTable, chunk: _Columns, now: Instant) -> list[_ResultRow]:
        """Check a chunk by a worker whose table was older, and give it the newer one."""
        if self._pickled is None or self._pickled[0] != table.version:
            self._pickled = table.version, pickle.dumps(table, pickle.HIGHEST_PROTOCOL)
        found = self._pool.submit(_check, table.version, self._pickled[1], chunk, now).result()
        return found or []

    def collect(
        self,
        futures: list[Future[list[_ResultRow] | None]],
        table: KeyTable,
        chunks: list[_Columns],
        now: Instant,
    ) -> list[_ResultRow]:
        """Wait for the chunks of a batch."""
        found: list[_ResultRow] = []
        try:
            for chunk, future in zip(chunks, futures, strict=True):
                checked = future.result()
                found.extend(self.resend(table, chunk, now) if checked is None else checked)
        except BrokenProcessPool as error:
            raise self._interrupted() from error
        return found

    def close(self) -> None:
        """End the workers."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> ProcessPoolExecutor:
        # Not forked: a fork of a process with threads may hold their locks for ever.
        return ProcessPoolExecutor(
            self._workers,
            mp_context=get_context("forkserver"),
            # What is imported stays; looking for garbage in it again and again costs time.
            initializer=gc.freeze,
        )

    def _interrupted(self) -> CheckingInterrupted:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._open()
        return CheckingInterrupted("a process that checks messages died")


_Columns = tuple[tuple[Any, ...], ...]
"""The fields of a chunk's candidates, column by column: a tuple a candidate would be pickled."""
_ResultRow = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Handed:
    """A batch that is with the workers."""

    checker: PooledChecker
    table: KeyTable
    chunks: list[_Columns]
    now: Instant
    futures: list[Future[list[_ResultRow] | None]]

    def results(self) -> list[CheckResult]:
        """Wait for the workers."""
        found = self.checker.collect(self.futures, self.table, self.chunks, self.now)
        return [_result(row) for row in found]


_table: KeyTable | None = None
"""The table of this worker process."""


def _check(
    version: int, pickled: bytes | None, chunk: _Columns, now: Instant
) -> list[_ResultRow] | None:
    """Check a chunk in a worker; None where its table is of another version."""
    global _table
    if pickled is not None:
        _table = pickle.loads(pickled)  # noqa: S301 - from our own parent process
    if _table is None or _table.version != version:
        return None
    table = _table
    return [tuple(check_message(each, table, now=now)) for each in map(Candidate, *chunk)]


def _result(row: _ResultRow) -> CheckResult:
    kind = Garbage if len(row) == len(Garbage._fields) else Checked
    return kind._make(row)
