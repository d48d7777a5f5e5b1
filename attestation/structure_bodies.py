"""
The record of what an enterprise consists of: sites, units, source streams, instruments.

One record is the whole reporting structure from a second on; the next takes its place. Codes are
unique within it, and what refers to another part refers to one that is there. People are never
named.

Source: DOMAIN sections 1 and 8; GB/T 2260 (regions); GB 17167 (levels of metering);
`docs/formats/inventory-records.md`, section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from attestation.body_fields import (
    AMOUNT,
    NAME,
    SECOND,
    SERIES,
    TRUE,
    Kind,
    body_of,
    integer,
    list_of,
    optional,
    require,
    stated,
    text,
    word_of,
)
from attestation.canonical import Json
from attestation.enums import FacilityKind, StreamKind, UnitClass
from attestation.errors import EncodingError
from attestation.statements import About, Statement

STRUCTURE_KEY: Final = "enterprise"
"""What every `structure` is about: an enterprise has one at a time."""
_MICRODEGREES: Final = 10**6
_REGION = re.compile(r"[1-9]\d{5}")


def _parse_region(content: Json) -> str:
    if not isinstance(content, str) or not _REGION.fullmatch(content):
        raise EncodingError(f"{content!r} is no code of six digits", code="encoding.record_body")
    return content


REGION: Final = Kind(_parse_region, str)
"""A region of GB/T 2260, six digits."""
CODE: Final = text(64)
"""A code the enterprise or its authority has given, such as a power unit's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of work."""

    code: str = stated(CODE)
    name: str = stated(text(200))
    region: str = stated(REGION)
    latitude_udeg: int = stated(integer(-90 * _MICRODEGREES, 90 * _MICRODEGREES))
    """Millionths of a degree, north positive."""
    longitude_udeg: int = stated(integer(-180 * _MICRODEGREES, 180 * _MICRODEGREES))
    """Millionths of a degree, east positive."""
    altitude_m: int | None = optional(integer(-500, 9000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A power unit (机组) or facility (设施) that is accounted on its own."""

    code: str = stated(CODE)
    """Hashed in inventory ids and activity digests."""
    name: str = stated(text(200))
    site: str = stated(CODE)
    kind: FacilityKind = stated(word_of(FacilityKind))  # noqa: RUF009 - a field
    unit_class: UnitClass = stated(word_of(UnitClass), UnitClass.NONE)  # noqa: RUF009 - a field
    """Class in the allocation plans; `none` where it is no power unit."""
    capacity: int = stated(AMOUNT)
    capacity_unit: str = stated(text(40))
    """`kW` for a power unit."""
    commissioned_s: int = stated(SECOND)
    closed_s: int | None = optional(SECOND)

    def __post_init__(self) -> None:
        require(self.capacity > 0, "capacity below 1")
        is_power = self.kind is FacilityKind.POWER_UNIT
        require(is_power == (self.unit_class is not UnitClass.NONE), "class goes with power unit")
        require(not is_power or self.capacity_unit == "kW", "a power unit's capacity is in kW")
        require(self.closed_s is None or self.closed_s > self.commissioned_s, "closed before begun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A source stream (源流): what a unit burns, uses up, buys, or gives away."""

    code: str = stated(CODE)
    unit: str = stated(CODE)
    kind: StreamKind = stated(word_of(StreamKind))  # noqa: RUF009 - a field
    subject: str = stated(text(100))
    """Which fuel, material or carrier, in the words of the guide."""
    leaves: bool = optional(TRUE, default=False)
    """Whether it leaves the unit: sold, given on, or a product that holds carbon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringPoint:
    """An instrument's place in the metering of the enterprise."""

    instrument: str = stated(NAME)
    """First part of its series' ids."""
    series: tuple[str, ...] = stated(list_of(SERIES, least=1, most=50))
    level: int = stated(integer(1, 4))
    """1 the enterprise, 2 its departments or processes, 3 units and devices, 4 below those."""
    parent: str | None = optional(NAME)
    """Instrument of a higher level that measures this one's share too."""
    unit: str | None = optional(CODE)
    """The unit it is of; left out where it is of the whole site."""
    stream: str | None = optional(CODE)

    def __post_init__(self) -> None:
        of_it = f"{self.instrument}/"
        require(all(each.startswith(of_it) for each in self.series), "series of another instrument")
        _require_unique("series", self.series)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure(Statement):
    """What an enterprise consists of, from a second on."""

    record_type: ClassVar[str] = "structure"

    from_s: int = stated(SECOND)
    sites: tuple[Site, ...] = stated(list_of(body_of(Site), least=1, most=100))
    units: tuple[Unit, ...] = stated(list_of(body_of(Unit), least=1, most=200))
    streams: tuple[Stream, ...] = stated(list_of(body_of(Stream), most=500))
    instruments: tuple[MeteringPoint, ...] = stated(list_of(body_of(MeteringPoint), most=500))

    def __post_init__(self) -> None:
        sites = _require_unique("site", (site.code for site in self.sites))
        units = _require_unique("unit", (unit.code for unit in self.units))
        streams = _require_unique("stream", (stream.code for stream in self.streams))
        _require_unique("instrument", (each.instrument for each in self.instruments))
        _require_known("site", (unit.site for unit in self.units), sites)
        _require_known("unit", (stream.unit for stream in self.streams), units)
        _require_known("unit", (each.unit for each in self.instruments), units)
        _require_known("stream", (each.stream for each in self.instruments), streams)
        self._check_levels()

    @property
    def about(self) -> About:
        """It is about the enterprise, until another takes its place."""
        return About(STRUCTURE_KEY, self.from_s)

    def _check_levels(self) -> None:
        levels = {each.instrument: each.level for each in self.instruments}
        _require_known("instrument", (each.parent for each in self.instruments), levels)
        for each in self.instruments:
            # Since levels rise towards the parent, no instrument can be above itself.
            require(
                each.parent is None or levels[each.parent] < each.level,
                f"{each.instrument} is not below its parent's level",
            )


def _require_unique(name: str, codes: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for code in codes:
        require(code not in found, f"{name} {code} twice")
        found.add(code)
    return frozenset(found)


def _require_known(
    name: str, codes: Iterable[str | None], known: Iterable[str] | frozenset[str]
) -> None:
    there = frozenset(known)
    for code in codes:
        require(code is None or code in there, f"no {name} {code} in this structure")
