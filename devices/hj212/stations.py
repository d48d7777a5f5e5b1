"""
Stations: which data loggers (数采仪) may speak here, and what their factors are in evidence.

A station file is TOML. Its series are fixed for good; a factor's field is mapped for one command
only, because the hour's mean and the minutes' means are different series: counted as one, their
intervals would overlap.

Source: `docs/meters.md`; FORMATS section 2 (a series is instrument, quantity and channel).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from attestation.enums import Quality
from devices.hj212.commands import MEASURED_DATA
from devices.hj212.encryption import KEY_BYTES
from devices.hj212.factors import usual_unit
from devices.meters.csv_mapping import Stamp
from devices.meters.quantity import Quantity, take_quantity
from devices.meters.toml_table import TomlTable, parse_toml
from devices.zones import SECONDS_PER_HOUR

_DEFAULT_MINUTES: Final = 10  # the standard's interval of minute data unless set otherwise
_QUALITIES: Final = {"measured": Quality.MEASURED, "fault": Quality.FAULT}


@dataclass(frozen=True, slots=True)
class FactorMapping:
    """One field of one factor in one kind of upload, and the series it becomes."""

    command: str
    code: str
    field: str
    """`Rtd`, `Avg`, `Cou` …; `ZsAvg` for the value converted to reference oxygen (折算)."""
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Station:
    """One data logger."""

    number: str
    """MN, as the logger sends it."""
    password: str = field(repr=False)
    """PW; empty where the logger sends none."""
    key: bytes | None = field(default=None, repr=False)
    """SM4 key of encrypted regions, 16 bytes."""
    minute_interval_s: int = _DEFAULT_MINUTES * 60
    """Interval of the logger's minute data."""
    data_time: Stamp = Stamp.START
    """Whether DataTime starts the interval, as the standard has it, or ends it."""
    without_flag: Quality = Quality.MEASURED
    """Quality of a value that comes without a mark."""
    factors: tuple[FactorMapping, ...] = ()

    def knows(self, password: str) -> bool:
        """Say whether the password is the station's, in a time that does not tell how nearly."""
        return compare_digest(password.encode(), self.password.encode())


def parse_station(text: str, *, name: str = "station") -> Station:
    """
    Read a station file.

    Raises:
        MappingError: If it is not one; the message names the key and what to write there.
    """
    document = parse_toml(text, what=name)
    head = document.table("station")
    factors = tuple(_factor(table) for table in document.tables("factor"))
    station = Station(
        number=head.text("number"),
        password=head.text("password", ""),
        key=_key(head),
        minute_interval_s=60
        * head.integer("minute_interval_min", low=1, high=60, default=_DEFAULT_MINUTES),
        data_time=Stamp(head.choice("data_time", ("start", "end"), "start")),
        without_flag=_QUALITIES[head.choice("without_flag", tuple(_QUALITIES), "measured")],
        factors=factors,
    )
    if SECONDS_PER_HOUR % station.minute_interval_s:
        raise head.fail("minute_interval_min must divide 60")
    head.finish()
    document.finish()
    _require_distinct(document, factors)
    return station


def _factor(table: TomlTable) -> FactorMapping:
    command = table.choice("command", sorted(MEASURED_DATA))
    code, kind = table.text("code"), table.text("field")
    mapping = FactorMapping(
        command, code, kind, take_quantity(table, usual_unit=usual_unit(code, kind))
    )
    table.finish()
    return mapping


def _key(table: TomlTable) -> bytes | None:
    text = table.optional_text("sm4_key")
    if text is None:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise table.fail("sm4_key must be hexadecimal") from error
    if len(key) != KEY_BYTES:
        raise table.fail(f"sm4_key has {len(key)} bytes, {KEY_BYTES} are needed")
    return key


def _require_distinct(document: TomlTable, factors: tuple[FactorMapping, ...]) -> None:
    twice = [
        series
        for series, number in Counter(factor.quantity.series for factor in factors).items()
        if number > 1
    ]
    if twice:
        raise document.fail(f"series {', '.join(twice)} is given by two factors")
