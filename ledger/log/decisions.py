"""What admission decides about one submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ledger.repositories.logs import LogNumber


class Submission(NamedTuple):
    """Bytes that somebody wants to see in a log; a named tuple, because thousands are made."""

    content: bytes
    """From outside."""
    gateway: str | None = None
    """Gateway they came by, for the way back; proves nothing about who signed them."""
    log: LogNumber | None = None
    """The log they were sent to, where the way they came names one."""
    sender: str | None = None
    """Name of the connection they came by, where two enterprises may name a gateway alike."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Stored for good; will be integrated."""

    code: ClassVar = "admitted"

    log: LogNumber
    admission_id: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same statement was admitted before; the first answer is given again."""

    code: ClassVar = "duplicate"

    log: LogNumber
    admission_id: int
    """Of the first."""


@dataclass(frozen=True, slots=True)
class Refused:
    """
    Not admitted.

    Final where there is a signed answer. Without one nothing was kept: the bytes were garbage, or
    nothing could be decided yet and they may be sent again.
    """

    code: str
    detail: str
    answer: bytes | None = None
    """The signed refusal."""


@dataclass(frozen=True, slots=True)
class Equivocal:
    """Contradicts a message of the same place; both are kept as evidence and neither counts."""

    code: ClassVar = "equivocation"

    log: LogNumber
    evidence_id: int
    """Admission id of the record that holds both."""
    answer: bytes
    """The signed refusal."""


Decision = Admitted | Duplicate | Refused | Equivocal
