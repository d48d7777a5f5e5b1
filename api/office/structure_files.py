"""
Files in which an enterprise writes down what it consists of, and how each figure is got.

TOML, with days of the reporting zone and degrees as people write them; everything else is named
as in the records. Nothing is filled in but what has one usual value, and that is said here.

Source: `docs/formats/inventory-records.md`, sections 2 and 3.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

from api.errors import BadRequest
from api.office.days import parse_second
from attestation.body_fields import read_body
from attestation.errors import EncodingError
from attestation.plan_bodies import ControlPlan
from attestation.structure_bodies import Structure

MAX_BYTES: Final = 1 << 20
_MICRODEGREES: Final = 1_000_000
_DAYS: Final = {"from": "from_s", "commissioned": "commissioned_s", "closed": "closed_s"}
_DEGREES: Final = {"latitude": "latitude_udeg", "longitude": "longitude_udeg"}
_TABLES: Final = {
    "site": "sites",
    "unit": "units",
    "stream": "streams",
    "instrument": "instruments",
    "parameter": "parameters",
}
_USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "units": {"unit_class": "none"},
    "parameters": {"series": [], "missing": "leave-missing"},
}
"""What is taken where a table of the file leaves it out."""

Body = TypeVar("Body", Structure, ControlPlan)


def read_structure(content: bytes) -> Structure:
    """
    Read a structure: `from`, [[site]], [[unit]], [[stream]], [[instrument]].

    Args:
        content: From outside, UTF-8.

    Raises:
        BadRequest: If it is not a structure; the message names the place.
    """
    document: dict[str, Any] = {"streams": [], "instruments": []}
    return _read(Structure, document | _fields(content))


def read_plan(content: bytes) -> ControlPlan:
    """
    Read an edition of a control plan: `plan`, `edition`, `from`, `reason`, [[parameter]].

    Args:
        content: From outside, UTF-8.

    Raises:
        BadRequest: If it is not a control plan; the message names the place.
    """
    return _read(ControlPlan, _fields(content))


def _read(kind: type[Body], document: Mapping[str, Any]) -> Body:
    try:
        return read_body(kind, dict(document))
    except EncodingError as error:
        raise BadRequest(error.message) from error


def _fields(content: bytes) -> dict[str, Any]:
    try:
        document = tomllib.loads(content.decode(), parse_float=Decimal)
    except ValueError as error:  # not UTF-8, or not TOML
        raise BadRequest(f"no TOML file: {error}") from error
    found: dict[str, Any] = {}
    for name, value in document.items():
        plural = _TABLES.get(name)
        if plural is not None and isinstance(value, list):
            found[plural] = [_table(plural, number, row) for number, row in enumerate(value, 1)]
        else:
            found |= _field(name, value, name)
    return found


def _table(plural: str, number: int, row: object) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise BadRequest(f"{plural}: number {number} is no table")
    found: dict[str, Any] = dict(_USUAL.get(plural, {}))
    for name, value in row.items():
        found |= _field(name, value, f"{plural}, number {number}: {name}")
    return found


def _field(name: str, value: Any, place: str) -> dict[str, Any]:
    if name in _DAYS:
        return {_DAYS[name]: _taken(place, value, str, parse_second)}
    if name in _DEGREES:
        return {_DEGREES[name]: _taken(place, value, Decimal, _microdegrees)}
    if name == "capacity":
        return {name: _taken(place, value, int, str)}
    return {name: value}


def _taken(place: str, value: Any, kind: type, read: Callable[[Any], Any]) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadRequest(f"{place}: {value!r} is not written as expected")
    try:
        return read(value)
    except BadRequest as error:
        raise BadRequest(f"{place}: {error.message}") from error


def _microdegrees(degrees: Decimal) -> int:
    found = degrees * _MICRODEGREES
    if not degrees.is_finite() or found != int(found):
        raise BadRequest(f"{degrees} has more than six decimals")
    return int(found)
