"""
Checking many signatures: in this process, or spread over worker processes.

Source: FORMATS section 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from attestation.errors import EncodingError, SignatureError
from attestation.keys import PublicKey
from attestation.messages import parse_message, verify_message

_AHEAD: Final = 16
"""Pages on their way to the workers: enough to keep them busy, few enough to stay in memory."""

Refused = tuple[int, str]
"""(index, why its signature does not hold)."""


class SignatureTask(NamedTuple):
    """One message and the key that must have signed it."""

    number: int
    """Index of the entry."""
    content: bytes
    spki: bytes
    """DER SubjectPublicKeyInfo."""


class Signatures(Protocol):
    """Checks signatures, at once or later."""

    def submit(self, tasks: Sequence[SignatureTask]) -> Iterable[Refused]:
        """Take tasks, and give what is known by now to be refused, of these or earlier ones."""
        ...

    def wait(self) -> Iterable[Refused]:
        """Wait for everything that was submitted, and give the rest of what is refused."""
        ...


class SerialSignatures:
    """
    Checks in this process.

    Args:
        origin: Of the log.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def submit(self, tasks: Sequence[SignatureTask]) -> Iterable[Refused]:
        """Check at once."""
        return check_signatures(self._origin, tasks)

    def wait(self) -> Iterable[Refused]:
        """Nothing is ever outstanding."""
        return ()


class PooledSignatures:
    """
    Checks in worker processes.

    Args:
        origin: Of the log.
        pool: Worker processes, closed by whoever made it.
    """

    def __init__(self, origin: str, pool: ProcessPoolExecutor) -> None:
        self._origin = origin
        self._pool = pool
        self._pending: deque[Future[list[Refused]]] = deque()

    def submit(self, tasks: Sequence[SignatureTask]) -> Iterator[Refused]:
        """Hand tasks to the workers; waits only when too many are on their way."""
        self._pending.append(self._pool.submit(check_signatures, self._origin, list(tasks)))
        while len(self._pending) > _AHEAD:
            yield from self._pending.popleft().result()

    def wait(self) -> Iterator[Refused]:
        """Wait for the workers."""
        while self._pending:
            yield from self._pending.popleft().result()


def check_signatures(origin: str, tasks: Sequence[SignatureTask]) -> list[Refused]:
    """Give the tasks whose message is malformed or whose signature does not hold, and why."""
    refused: list[Refused] = []
    for task in tasks:
        try:
            verify_message(parse_message(task.content, origin=origin), _key(task.spki))
        except (EncodingError, SignatureError) as error:
            refused.append((task.number, error.message))
    return refused


@lru_cache(maxsize=4096)
def _key(spki: bytes) -> PublicKey:
    return PublicKey.from_spki(spki)
