"""
What a plant tells its enterprise's office when a chain of messages has ended.

The gateway knows which message was the last; the office puts it into the record that the
enterprise signs. A statement proves nothing by itself: the log compares it with what it holds.

Source: FORMATS section 1, epoch; `docs/gateway.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.body_fields import (
    HASH,
    ORIGIN,
    body_of,
    integer,
    optional,
    read_body,
    stated,
    text,
    write_body,
)
from attestation.canonical import canonical_json, parse_canonical
from attestation.errors import EncodingError
from attestation.ids import Kid, MessageId, Origin, parse_origin
from devices.rotation import ClosedEpoch

FORMAT: Final = "carbonseal-closing-statement"


@dataclass(frozen=True, slots=True)
class _Last:
    """The last message of the chain."""

    epoch: int = stated(integer())
    sequence: int = stated(integer())
    message: bytes = stated(HASH)


@dataclass(frozen=True, slots=True)
class _Document:
    """A statement as a file has it."""

    format: str = stated(text(40))
    origin: str = stated(ORIGIN)
    kid: bytes = stated(HASH)
    reason: str = stated(text(200))
    last: _Last | None = optional(body_of(_Last))  # noqa: RUF009 - a field
    next_kid: bytes | None = optional(HASH)


@dataclass(frozen=True, slots=True)
class ClosingStatement:
    """A chain that ended, and the key that goes on, if any."""

    origin: Origin
    kid: Kid
    reason: str
    closed: ClosedEpoch | None
    """The chain's end; None where the key never signed."""
    next_kid: Kid | None
    """Key of the next epoch, where it is another; None for the same key, or none."""


def format_statement(statement: ClosingStatement) -> bytes:
    """
    Write a statement as canonical JSON.

    Raises:
        EncodingError: If the reason is empty, longer than 200 characters or does not print.
    """
    closed = statement.closed
    document = _Document(
        format=FORMAT,
        origin=str(statement.origin),
        kid=statement.kid,
        reason=statement.reason,
        last=None
        if closed is None
        else _Last(closed.epoch, closed.last_sequence, closed.last_message_id),
        next_kid=statement.next_kid,
    )
    return canonical_json(write_body(document))


def parse_statement(encoded: bytes, *, origin: Origin) -> ClosingStatement:
    """
    Read a statement.

    Args:
        encoded: From the plant.
        origin: The enterprise's own log.

    Raises:
        EncodingError: If it has another form, or is of another log.
    """
    content = parse_canonical(encoded)
    document = read_body(_Document, content)
    if document.format != FORMAT:
        raise EncodingError("not a closing statement", code="encoding.enrolment")
    if parse_origin(document.origin) != origin:
        raise EncodingError(
            f"the statement is for {document.origin}, not for {origin}", code="encoding.enrolment"
        )
    kid, last = Kid(document.kid), document.last
    closed = None
    if last is not None:
        closed = ClosedEpoch(
            kid, last.epoch, last.sequence, MessageId(last.message), document.reason
        )
    next_kid = None if document.next_kid is None else Kid(document.next_kid)
    return ClosingStatement(origin, kid, document.reason, closed, next_kid)
