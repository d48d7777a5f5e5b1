"""Witnesses and their memory, for tests."""

from __future__ import annotations

from attestation.errors import Retry
from ledger.errors import StorageUnavailable
from ledger.log.witness import NOTHING, Known, SmallWitness
from ledger.ports import WitnessAnswer
from tests.fakes.clock import FixedClock


class MemoryWitnessStore:
    """A witness's memory without a disk; can refuse to move, or be overtaken once."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.refuses = False
        self.overtake: Known | None = None

    def get(self, origin: str) -> Known:
        """Give what is known."""
        return self.known.get(origin, NOTHING)

    def replace(self, origin: str, expected: Known, new: Known) -> bool:
        """Compare and set."""
        if self.overtake is not None:
            self.known[origin], self.overtake = self.overtake, None
        if self.refuses or self.get(origin) != expected:
            return False
        self.known[origin] = new
        return True


class RecordingWitness:
    """
    A witness behind a network that can be cut, or answer nonsense.

    Args:
        witness: Who answers.
        clock: When.
    """

    def __init__(self, witness: SmallWitness, clock: FixedClock) -> None:
        self._witness = witness
        self._clock = clock
        self.bodies: list[str] = []
        self.is_down = False
        self.instead: WitnessAnswer | None = None

    @property
    def name(self) -> str:
        """Name of its key."""
        return self._witness.name

    def add_checkpoint(self, body: str) -> WitnessAnswer:
        """Ask for a cosignature."""
        self.bodies.append(body)
        if self.is_down:
            error = StorageUnavailable("the witness does not answer, says the test")
            assert error.retry is Retry.LATER
            raise error
        return self.instead or self._witness.answer(body, now=self._clock.now())
