"""Time formats read numbers only, and read them as the pattern says."""

from __future__ import annotations

import pytest

from attestation.errors import EncodingError
from devices.meters.time_format import compile_time_format
from devices.zones import WallTime


@pytest.mark.parametrize("text", ["01/02/2018 0:15", "1/2/2018 00:15", " 01/02/2018 00:15 "])
def test_leading_zeros_may_be_missing(text: str) -> None:
    """A spreadsheet's 0:15 is the plant's 00:15."""
    read = compile_time_format("%d/%m/%Y %H:%M").parse(text)

    assert read == WallTime(2018, 2, 1, 0, 15)


def test_fields_side_by_side_need_all_their_digits() -> None:
    """Without marks between the fields only full widths can be told apart."""
    form = compile_time_format("%Y%m%d%H%M%S")

    assert form.parse("20240122170000") == WallTime(2024, 1, 22, 17)
    with pytest.raises(EncodingError, match="not a time"):
        form.parse("2024122170000")


@pytest.mark.parametrize(
    "text",
    ["2018-02-01 00:15", "01/02/18 00:15", "01/02/2018", "01/02/2018 00:15 PM", "٠١/٠٢/٢٠١٨ ٠٠:١٥"],
)
def test_another_form_is_refused(text: str) -> None:
    """Nothing is guessed from a time in another form."""
    with pytest.raises(EncodingError, match="not a time of the form"):
        compile_time_format("%d/%m/%Y %H:%M").parse(text)


@pytest.mark.parametrize("pattern", ["%d/%m %H:%M", "%Y-%m-%d %d", "%y-%m-%d", "%Y-%m-%d %p", "%"])
def test_pattern_without_a_whole_date_is_refused(pattern: str) -> None:
    """A format names year, month and day, once each, and no field that depends on a locale."""
    with pytest.raises(EncodingError, match="time format"):
        compile_time_format(pattern)
