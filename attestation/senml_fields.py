"""
The fields of one SenML record: which there are, what each may hold, and their meaning.

Source: RFC 8428, sections 4.2 to 4.4 and 6; FORMATS section 2; `docs/formats/readings.md`.
"""

from __future__ import annotations

from typing import Final

from attestation import cbor
from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.readings import Reading
from attestation.units import SENML_UNITS, UCUM_UNITS

UNIT, VALUE, OFFSET = 1, 2, 6
BASE_VERSION, BASE_NAME, BASE_TIME = -1, -2, -3
INTERVAL, MULTIPLIER, QUALITY, REGISTER = "i_", "m_", "q_", "r_"
UCUM_UNIT, SOURCE_ROW, BASE_SOURCE_FILE = "u_", "w_", "bf_"

BASE_LABELS: Final = frozenset({BASE_VERSION, BASE_NAME, BASE_TIME, BASE_SOURCE_FILE})
LABELS: Final = BASE_LABELS | {
    *(UNIT, VALUE, OFFSET, INTERVAL, MULTIPLIER, QUALITY, REGISTER, UCUM_UNIT, SOURCE_ROW)
}
DECIMAL_FRACTION: Final = 4
"""Tag of [exponent, mantissa] (RFC 8949, section 3.4.4)."""

Fields = dict[cbor.Key, cbor.Item]

_QUALITIES: Final = tuple(Quality)


def fields_of(reading: Reading, base_time_s: int) -> Fields:
    """Give the fields of a reading's record, base fields apart; defaults are left out."""
    fields: Fields = {INTERVAL: reading.interval_s}
    fields[UNIT if reading.unit in SENML_UNITS else UCUM_UNIT] = reading.unit
    if reading.value is not None:
        fields[VALUE] = reading.value
        if reading.scale:
            fields[VALUE] = cbor.Tag(DECIMAL_FRACTION, [-reading.scale, reading.value])
    if reading.end_s != base_time_s:
        fields[OFFSET] = reading.end_s - base_time_s
    if reading.quality:
        fields[QUALITY] = int(reading.quality)
    if reading.register:
        fields[REGISTER] = 1
    if reading.multiplier is not None:
        fields[MULTIPLIER] = reading.multiplier
    if reading.source_row is not None:
        fields[SOURCE_ROW] = reading.source_row
    return fields


def value_of(fields: Fields) -> tuple[int | None, int]:
    """
    Give value and scale; None where the record has no value.

    Raises:
        EncodingError: If the value is neither an integer nor a decimal fraction with places.
    """
    value = fields.get(VALUE)
    if value is None or isinstance(value, int):
        return value, 0
    match value:
        case cbor.Tag(number=4, item=[int(exponent), int(mantissa)]) if exponent < 0:
            return mantissa, -exponent
    raise EncodingError(
        "a value is an integer or a decimal fraction with decimal places",
        code="encoding.senml_value",
    )


def unit_of(fields: Fields) -> str:
    """
    Give the unit, which stands in exactly one of two labels.

    Raises:
        EncodingError: If it stands in none or both, or in the wrong one, or is unknown.
    """
    if (UNIT in fields) == (UCUM_UNIT in fields):
        raise EncodingError("exactly one of u and u_ is needed", code="encoding.senml_unit")
    label, known = (UNIT, SENML_UNITS) if UNIT in fields else (UCUM_UNIT, UCUM_UNITS)
    unit = text_of(fields, label)
    if unit is None or unit not in known:
        raise EncodingError(f"{unit!r} is no unit of label {label!r}", code="encoding.unit")
    return unit


def interval_of(fields: Fields) -> int:
    """
    Give the length of the interval in seconds; the label is never left out.

    Raises:
        EncodingError: If there is none.
    """
    interval_s = integer_of(fields, INTERVAL)
    if interval_s is None:
        raise EncodingError("a record without i_", code="encoding.senml_missing")
    return interval_s


def quality_of(fields: Fields) -> Quality:
    """
    Give the quality; measured where the label is left out.

    Raises:
        EncodingError: If there is no such quality, or the default is written out.
    """
    quality = non_default_of(fields, QUALITY)
    if not 0 <= quality < len(_QUALITIES):
        raise EncodingError(f"no such quality: {quality}", code="encoding.senml_value")
    return _QUALITIES[quality]


def register_of(fields: Fields) -> bool:
    """
    Say whether the value is a register's standing.

    Raises:
        EncodingError: If the label holds anything but 1.
    """
    register = non_default_of(fields, REGISTER)
    if register not in (0, 1):
        raise EncodingError(f"r_ is {register}, 1 expected", code="encoding.senml_value")
    return register == 1


def non_default_of(fields: Fields, label: cbor.Key) -> int:
    """
    Give an integer that is 0 where its label is left out.

    Raises:
        EncodingError: If it is no integer, or a 0 that is written out.
    """
    number = integer_of(fields, label)
    if number == 0:
        raise EncodingError(f"{label!r} is 0, which is left out", code="encoding.senml_default")
    return number or 0


def integer_of(fields: Fields, label: cbor.Key) -> int | None:
    """
    Give an integer, or None where its label is left out.

    Raises:
        EncodingError: If it is something else.
    """
    number = fields.get(label)
    if number is not None and not isinstance(number, int):
        raise EncodingError(f"{label!r} is no integer", code="encoding.senml_type")
    return number


def text_of(fields: Fields, label: cbor.Key) -> str | None:
    """
    Give a text, or None where its label is left out.

    Raises:
        EncodingError: If it is something else.
    """
    text = fields.get(label)
    if text is not None and not isinstance(text, str):
        raise EncodingError(f"{label!r} is no text", code="encoding.senml_type")
    return text
