"""Instants and their one text."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from attestation.instants import Instant, format_instant, from_seconds, parse_instant


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_735_689_600_000, "2025-01-01T00:00:00Z"),
        (1_709_164_800_120, "2024-02-29T00:00:00.120Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_instant_is_read_back(instant: int, text: str) -> None:
    """Milliseconds are written only where there are any."""
    assert format_instant(Instant(instant)) == text
    assert parse_instant(text) == instant


def test_seconds_are_whole() -> None:
    """A second is a thousand milliseconds."""
    assert from_seconds(1_735_689_600) == 1_735_689_600_000


@pytest.mark.parametrize("instant", [-1, 253_402_300_800_000])
def test_instant_without_text_is_refused(instant: int) -> None:
    """The text has four digits for the year, from 1970."""
    with pytest.raises(EncodingError, match="outside the years"):
        format_instant(Instant(instant))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-01-01",
        "2025-01-01 00:00:00Z",
        "2025-01-01T00:00:00",
        "2025-01-01T08:00:00+08:00",
        "2025-01-01T00:00:00.1Z",
        "2025-01-01T00:00:00z",
        "2025-1-1T00:00:00Z",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """One zone, one form."""
    with pytest.raises(EncodingError, match="not an RFC 3339 time"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:00:60Z",
    ],
)
def test_days_that_never_were_are_refused(text: str) -> None:
    """The calendar is asked, and there is no leap second."""
    with pytest.raises(EncodingError, match="no such time"):
        parse_instant(text)
