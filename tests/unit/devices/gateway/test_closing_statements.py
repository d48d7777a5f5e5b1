"""What a plant tells its office of a chain that ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestation.errors import EncodingError
from attestation.ids import Kid, MessageId, parse_origin
from devices.closing_statements import ClosingStatement, format_statement, parse_statement
from devices.rotation import ClosedEpoch
from tests.support.gateway import ORIGIN, OTHER_USC

KID, NEXT = Kid(b"k" * 32), Kid(b"n" * 32)
STATEMENT = ClosingStatement(
    ORIGIN, KID, "rotation", ClosedEpoch(KID, 2, 41, MessageId(b"m" * 32), "rotation"), NEXT
)


@pytest.mark.parametrize(
    "statement",
    [STATEMENT, replace(STATEMENT, next_kid=None), replace(STATEMENT, closed=None)],
    ids=["rotated", "no next key", "never signed"],
)
def test_statement_is_read_back(statement: ClosingStatement) -> None:
    """The file says what the gateway knew."""
    assert parse_statement(format_statement(statement), origin=ORIGIN) == statement


def test_statement_for_another_log() -> None:
    """Another enterprise's office takes no note of it."""
    other = parse_origin(f"log.example/log/{OTHER_USC}")

    with pytest.raises(EncodingError, match="not for"):
        parse_statement(format_statement(STATEMENT), origin=other)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"closing-statement", b"opening-statement"),
        lambda text: text.replace(b'"sequence":41', b'"sequence":-1'),
        lambda text: text + b" ",
        lambda text: text.replace(b',"reason":"rotation"', b""),
    ],
    ids=["format", "number", "form", "no reason"],
)
def test_malformed_statement(change: object) -> None:
    """Anything else is refused as what it is."""
    with pytest.raises(EncodingError):
        parse_statement(change(format_statement(STATEMENT)), origin=ORIGIN)  # type: ignore[operator]
