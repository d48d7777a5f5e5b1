"""Times are Beijing's; what interval they stand for depends on the command."""

from __future__ import annotations

import pytest

from attestation.instants import Instant, parse_instant
from devices.errors import ProtocolError
from devices.hj212.times import format_request, format_time, interval_s, parse_time


def test_time_is_eight_hours_ahead_of_utc() -> None:
    """The field frame's 17:00 is 09:00 UTC."""
    seconds = parse_time("20240122170000")

    assert seconds * 1000 == parse_instant("2024-01-22T09:00:00Z")
    assert format_time(seconds) == "20240122170000"


def test_request_number_has_milliseconds() -> None:
    """QN is the time to the millisecond, 17 digits."""
    assert format_request(Instant(parse_instant("2024-01-23T02:15:01.421Z"))) == "20240123101501421"


@pytest.mark.parametrize(
    "text",
    ["", "2024012217000", "20240230000000", "20240122250000", "２０２４０１２２１７００００"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Nothing is made of a time that does not exist."""
    with pytest.raises(ProtocolError, match=r"time|day"):
        parse_time(text)


@pytest.mark.parametrize(
    ("command", "expected"), [("2011", 0), ("2051", 600), ("2061", 3600), ("2031", 86_400)]
)
def test_interval_follows_from_the_command(command: str, expected: int) -> None:
    """A moment, the logger's minutes, an hour, a day."""
    assert interval_s(command, minute_interval_s=600) == expected


@pytest.mark.parametrize("command", ["9014", "2021", "xxxx"])
def test_other_commands_have_no_interval(command: str) -> None:
    """States and answers measure nothing."""
    with pytest.raises(ProtocolError, match="no measured data"):
        interval_s(command, minute_interval_s=600)
