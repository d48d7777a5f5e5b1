"""
What a reading must be, before it can be written into a pack or taken out of one.

One set of rules for both ways, so that what is refused when it arrives is never sent.

Source: FORMATS section 2; `docs/formats/readings.md`, sections 3 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.ids import HASH_LENGTH, SeriesId, parse_series_id
from attestation.runs import Common, Run
from attestation.units import check_scale, find_unit

EARLIEST_S: Final = 1 << 28
"""Below it SenML times are relative (RFC 8428, section 4.5.3); 1978-07-04."""
LATEST_S: Final = 253_402_300_799
"""Last second of the year 9999: the last one with an RFC 3339 text."""
MAX_INTERVAL_S: Final = 366 * 86_400
"""A year's row in an imported file; nothing measured is longer."""
MAX_VALUE: Final = (1 << 63) - 1
MIN_VALUE: Final = -(1 << 63)
MAX_ROW: Final = (1 << 32) - 1

_MULTIPLIER = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


def check_run(run: Run) -> Run:
    """
    Check everything about the readings of a run but their overlaps, and give it back.

    Raises:
        EncodingError: If a field is out of range, malformed, or does not fit another.
    """
    common = run.common
    _check_common(common)
    _require_range("end", run.ends_s, EARLIEST_S, LATEST_S, code="encoding.senml_time")
    if run.values is None:
        _check_missing(common)
    else:
        _require_range("value", run.values, MIN_VALUE, MAX_VALUE, code="encoding.senml_value")
    if (common.source_file is None) != (run.source_rows is None):
        raise EncodingError(
            "an imported reading names both file and row, any other neither",
            code="encoding.senml_source",
        )
    if run.source_rows is not None:
        _require_range("source row", run.source_rows, 1, MAX_ROW, code="encoding.senml_source")
    return run


def parse_multiplier_id(text: str) -> str:
    """
    Check the id of a multiplier record: 1 to 64 characters of `[a-z0-9.-]`, ends alphanumeric.

    Raises:
        EncodingError: If it has another form.
    """
    if not _MULTIPLIER.fullmatch(text):
        raise EncodingError(f"not a multiplier id: {text!r}", code="encoding.multiplier")
    return text


@lru_cache(maxsize=65_536)  # the same few thousand series come again and again
def cached_series_id(text: str) -> SeriesId:
    """
    Read a series id.

    Raises:
        EncodingError: If it has another form.
    """
    return parse_series_id(text)


def _check_common(common: Common) -> None:
    cached_series_id(common.series)
    check_scale(common.scale, find_unit(common.unit))
    if not 0 <= common.interval_s <= MAX_INTERVAL_S:
        raise EncodingError(
            f"interval {common.interval_s} is outside 0 to {MAX_INTERVAL_S}",
            code="encoding.senml_time",
        )
    if common.multiplier is not None:
        parse_multiplier_id(common.multiplier)
    if common.source_file is not None and len(common.source_file) != HASH_LENGTH:
        raise EncodingError(
            f"source file hash of {len(common.source_file)} bytes, 32 expected",
            code="encoding.senml_source",
        )


def _check_missing(common: Common) -> None:
    if common.quality < Quality.IN_CALIBRATION:
        raise EncodingError(
            "a reading without a value needs a quality that says why", code="encoding.senml_missing"
        )
    if common.scale:
        raise EncodingError("a scale without a value", code="encoding.senml_missing")


def _require_range(name: str, numbers: Sequence[int], low: int, high: int, *, code: str) -> None:
    least, greatest = min(numbers), max(numbers)
    if least < low or greatest > high:
        found = least if least < low else greatest
        raise EncodingError(f"{name} {found} is outside {low} to {high}", code=code)
