"""
From a packet to readings, as a station file says.

A mark (数据标记) other than N does not take a value away: it goes into evidence with a quality
that keeps it from counting. A value that cannot be one goes in as a fault without a value: that
the instrument said nothing usable is itself evidence.

Source: HJ 212-2017, table 6 (data marks); FORMATS section 2 (`q_`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from attestation.enums import Quality
from attestation.errors import EncodingError
from attestation.readings import Reading
from devices.errors import ProtocolError
from devices.hj212.packets import Packet
from devices.hj212.regions import parse_region
from devices.hj212.stations import FactorMapping, Station
from devices.hj212.times import interval_s, parse_time
from devices.meters.csv_mapping import Stamp
from devices.meters.decimals import parse_decimal

MARKS: Final = {
    "N": Quality.MEASURED,  # 正常
    "F": Quality.FAULT,  # 停运: the instrument is off
    "M": Quality.IN_CALIBRATION,  # 维护: work on the instrument, the value is not the stack's
    "S": Quality.SUBSTITUTED,  # 手工输入: a value set by hand
    "D": Quality.FAULT,  # 故障
    "C": Quality.IN_CALIBRATION,  # 校准
    "T": Quality.FAULT,  # 超过测定上限: clipped at the range, the true value is higher
    "B": Quality.FAULT,  # 通讯异常: the logger did not hear the instrument
}


@dataclass(frozen=True, slots=True)
class MappedPacket:
    """What a packet gave."""

    readings: tuple[Reading, ...]
    problems: tuple[str, ...]
    """What could not be taken as said, for logs and the operator."""


def map_packet(packet: Packet, station: Station) -> MappedPacket:
    """
    Give the readings of a packet with measured data; none for any other.

    Raises:
        ProtocolError: If the region is malformed or says no data time.
    """
    wanted = [factor for factor in station.factors if factor.command == packet.command]
    if not wanted:
        return MappedPacket((), ())
    region = parse_region(packet.region)
    if "DataTime" not in region.values:
        raise ProtocolError("measured data without DataTime")
    length_s = interval_s(packet.command, minute_interval_s=station.minute_interval_s)
    stamp_s = parse_time(region.values["DataTime"])
    end_s = stamp_s + (length_s if station.data_time is Stamp.START else 0)
    problems: list[str] = []
    readings: list[Reading] = []
    for factor in wanted:
        fields = region.factors.get(factor.code, {})
        if factor.field in fields:
            readings.append(_reading(fields, factor, station, end_s, length_s, problems))
    return MappedPacket(tuple(readings), tuple(problems))


def _reading(
    fields: Mapping[str, str],
    factor: FactorMapping,
    station: Station,
    end_s: int,
    length_s: int,
    problems: list[str],
) -> Reading:
    quality = _quality(fields, factor, station, problems)
    value = _value(fields[factor.field], factor, problems)
    if value is None or not _is_plausible(value, factor, problems):
        quality = max(quality, Quality.FAULT)
    return Reading(
        series=factor.quantity.series,
        end_s=end_s,
        interval_s=length_s,
        value=value,
        unit=factor.quantity.conversion.unit,
        quality=quality,
        scale=0 if value is None else factor.quantity.conversion.decimals,
        multiplier=factor.quantity.multiplier,
    )


def _quality(
    fields: Mapping[str, str], factor: FactorMapping, station: Station, problems: list[str]
) -> Quality:
    mark = fields.get("Flag")
    if not mark:
        return station.without_flag
    if mark.upper() not in MARKS:
        problems.append(f"{factor.code}: unknown mark {mark!r}, taken as a fault")
        return Quality.FAULT
    return MARKS[mark.upper()]


def _value(text: str, factor: FactorMapping, problems: list[str]) -> int | None:
    try:
        amount: Decimal = parse_decimal(text, exponent=True)
        return factor.quantity.conversion.to_integer(amount)
    except EncodingError as error:
        problems.append(f"{factor.code}-{factor.field}: {error.message}")
        return None


def _is_plausible(value: int, factor: FactorMapping, problems: list[str]) -> bool:
    quantity = factor.quantity
    if quantity.is_plausible(quantity.conversion.to_amount(value)):
        return True
    problems.append(f"{factor.code}-{factor.field}: outside {quantity.bounds}")
    return False
