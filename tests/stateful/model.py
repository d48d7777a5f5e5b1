"""
What a log should be, as a plain list and a few sets.

Shares no code with the ledger: it knows what was given to it and what was said about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Place = tuple[bytes, int, int]
"""(kid, epoch, sequence)."""


@dataclass(frozen=True)
class Given:
    """One entry as the ledger took it."""

    content: bytes | None
    """Its bytes; None for evidence, whose bytes the ledger makes."""
    place: Place | None = None
    """Of a message, or of the message that evidence is about."""
    series: str = ""
    value: int = 0
    second: bytes = b""
    """Of evidence: the message that contradicted the first."""
    serial: int = 0
    """Of evidence: told apart from evidence of the same dispute that was made again."""

    @property
    def is_message(self) -> bool:
        """True for a device message."""
        return self.content is not None and self.place is not None


@dataclass
class Model:
    """The log as a list, and what follows from it."""

    admitted: list[Given] = field(default_factory=list)
    """In order of admission; the first `public` of them are integrated."""
    public: int = 0

    @property
    def integrated(self) -> list[Given]:
        """The entries of the log."""
        return self.admitted[: self.public]

    def messages(self) -> dict[Place, bytes]:
        """Give every admitted message by its place."""
        return {
            given.place: given.content
            for given in self.admitted
            if given.place is not None and given.content is not None
        }

    def disputed(self, *, integrated_only: bool = True) -> dict[tuple[bytes, int], int]:
        """Give the first disputed sequence of each epoch that has one."""
        found: dict[tuple[bytes, int], int] = {}
        for given in self.integrated if integrated_only else self.admitted:
            if given.content is None and given.place is not None:
                kid, epoch, sequence = given.place
                found[kid, epoch] = min(sequence, found.get((kid, epoch), sequence))
        return found

    def total(self, series: str) -> int:
        """Sum up what counts of a series: integrated, and before any dispute of its epoch."""
        disputed = self.disputed()
        return sum(
            given.value
            for given in self.integrated
            if given.is_message
            and given.series == series
            and given.place is not None
            and given.place[2] < disputed.get(given.place[:2], given.place[2] + 1)
        )

    def missing(self) -> set[Place]:
        """Give every sequence number below the highest of its epoch that is not integrated."""
        seen: dict[tuple[bytes, int], set[int]] = {}
        for given in self.integrated:
            if given.is_message and given.place is not None:
                seen.setdefault(given.place[:2], set()).add(given.place[2])
        return {
            (kid, epoch, sequence)
            for (kid, epoch), sequences in seen.items()
            for sequence in range(max(sequences))
            if sequence not in sequences
        }
