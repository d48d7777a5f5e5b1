"""
Records about what is measured: series, instruments, multipliers, calibration, gaps, corrections.

Times are whole seconds; amounts are decimal text, times 10**scale, in the unit named beside them.
People are never named: organisations, places and numbers are.

Source: FORMATS sections 2, 3 and 7; `docs/formats/records.md`, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from attestation.body_fields import (
    AMOUNT,
    HASH,
    NAME,
    SECOND,
    SERIES,
    TRUE,
    body_of,
    integer,
    list_of,
    optional,
    require,
    stated,
    text,
    word_of,
)
from attestation.enums import Quality
from attestation.units import MAX_SCALE, check_scale, find_unit

MAX_HEARTBEAT_S: Final = 86_400
"""Longest time a series may be silent before that is a gap (FORMATS section 2)."""
DEFAULT_LATENESS_H: Final = 48
"""Hours between an interval's end and signed-at before it is back-dated (FORMATS section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRegistration:
    """A series exists, and what to expect of it."""

    record_type: ClassVar[str] = "series"

    series: str = stated(SERIES)
    unit: str = stated(text(40))
    cadence_s: int = stated(integer(1, 366 * 86_400))
    """Seconds between two readings."""
    heartbeat_s: int = stated(integer(1, MAX_HEARTBEAT_S))
    """Silence longer than this is a gap, whether or not something comes later."""
    since_s: int = stated(SECOND)
    """From when on readings are expected."""
    scale: int = stated(integer(0, MAX_SCALE), 0)
    """Decimal places of `minimum`, `maximum` and `rate_limit_per_h`."""
    minimum: int = stated(AMOUNT)
    """Least plausible value."""
    maximum: int = stated(AMOUNT)
    """Greatest plausible value."""
    max_lateness_h: int = stated(integer(0, 8760), DEFAULT_LATENESS_H)
    rate_limit_per_h: int | None = optional(AMOUNT)
    """Greatest plausible change of the value in an hour."""
    register: bool = optional(TRUE, default=False)
    """Whether the values are a register's standings."""
    until_s: int | None = optional(SECOND)
    """From when on no readings are expected any more."""

    def __post_init__(self) -> None:
        check_scale(self.scale, find_unit(self.unit))
        require(self.minimum <= self.maximum, "minimum is above maximum")
        require(self.rate_limit_per_h is None or self.rate_limit_per_h > 0, "rate limit below 1")
        require(self.until_s is None or self.until_s > self.since_s, "ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """An instrument stands in a place."""

    record_type: ClassVar[str] = "instrument"

    instrument: str = stated(NAME)
    """First part of the ids of its series."""
    kind: str = stated(text(100))
    maker: str = stated(text(100))
    model: str = stated(text(100))
    serial_number: str = stated(text(100))
    accuracy_class: str = stated(text(40))
    place: str = stated(text(200))
    installer: str = stated(text(200))
    """The organisation that installed it."""
    installed_s: int = stated(SECOND)
    register_modulus: int | None = optional(AMOUNT)
    """Standing at which the register begins again at 0, in the unit of its series."""
    unit: str | None = optional(text(40))
    """Unit of `register_modulus`."""

    def __post_init__(self) -> None:
        require((self.register_modulus is None) == (self.unit is None), "modulus goes with unit")
        if self.register_modulus is not None and self.unit is not None:
            require(self.register_modulus > 0, "register modulus below 1")
            find_unit(self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplier:
    """A factor between what an instrument says and what it means (CT, PT, pulse constant)."""

    record_type: ClassVar[str] = "multiplier"

    multiplier: str = stated(NAME)
    """Its id, which readings name by `m_`."""
    instrument: str = stated(NAME)
    kind: str = stated(text(100))
    numerator: int = stated(integer(1))
    denominator: int = stated(integer(1))
    valid_from_s: int = stated(SECOND)

    def __post_init__(self) -> None:
        # Readings carry the id in a narrower alphabet than series ids have.
        require("_" not in self.multiplier and ":" not in self.multiplier, "id with _ or :")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """An instrument is in calibration for a time."""

    record_type: ClassVar[str] = "calibration"

    instrument: str = stated(NAME)
    certificate_number: str = stated(text(100))
    laboratory: str = stated(text(200))
    from_s: int = stated(SECOND)
    to_s: int = stated(SECOND)
    accuracy_class: str = stated(text(40))
    file: bytes | None = optional(HASH)
    """SHA-256 of the certificate's file."""

    def __post_init__(self) -> None:
        require(self.from_s < self.to_s, "ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStanding:
    """Where one register stood when its meter went, and where the new one began."""

    series: str = stated(SERIES)
    unit: str = stated(text(40))
    last: int = stated(AMOUNT)
    first: int = stated(AMOUNT)

    def __post_init__(self) -> None:
        find_unit(self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterExchange:
    """One meter was replaced by another; its series go on."""

    record_type: ClassVar[str] = "exchange"

    instrument: str = stated(NAME)
    old_serial_number: str = stated(text(100))
    new_serial_number: str = stated(text(100))
    at_s: int = stated(SECOND)
    registers: tuple[RegisterStanding, ...] = stated(
        list_of(body_of(RegisterStanding), least=1, most=64)
    )

    def __post_init__(self) -> None:
        require(self.old_serial_number != self.new_serial_number, "the same meter twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Readings of a time, or messages of an epoch, are missing, and why."""

    record_type: ClassVar[str] = "gap"

    cause: str = stated(text(500))
    series: str | None = optional(SERIES)
    from_s: int | None = optional(SECOND)
    to_s: int | None = optional(SECOND)
    kid: bytes | None = optional(HASH)
    epoch: int | None = optional(integer())
    first_sequence: int | None = optional(integer())
    last_sequence: int | None = optional(integer())

    def __post_init__(self) -> None:
        of_time = (self.series, self.from_s, self.to_s)
        of_messages = (self.kid, self.epoch, self.first_sequence, self.last_sequence)
        given = [all(part is not None for part in parts) for parts in (of_time, of_messages)]
        absent = [all(part is None for part in parts) for parts in (of_time, of_messages)]
        require(
            sorted(given) == sorted(absent) == [False, True],
            "a gap names series, from_s and to_s, or kid, epoch, first_ and last_sequence",
        )
        if self.from_s is not None and self.to_s is not None:
            require(self.from_s < self.to_s, "ends before it begins")
        if self.first_sequence is not None and self.last_sequence is not None:
            require(self.first_sequence <= self.last_sequence, "ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReference:
    """One reading in the log: the entry's leaf hash and the number of the reading in its pack."""

    entry: bytes = stated(HASH)
    reading: int = stated(integer(0, 65_535))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A value put in the place of what was measured."""

    value: int = stated(AMOUNT)
    unit: str = stated(text(40))
    scale: int = stated(integer(0, MAX_SCALE), 0)
    quality: Quality = stated(word_of(Quality))  # noqa: RUF009 - a field

    def __post_init__(self) -> None:
        check_scale(self.scale, find_unit(self.unit))
        require(
            self.quality in (Quality.ESTIMATED, Quality.SUBSTITUTED),
            "a replacement is estimated or substituted",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Which reading counts for an interval of a series, or what replaces them."""

    record_type: ClassVar[str] = "correction"

    series: str = stated(SERIES)
    from_s: int = stated(SECOND)
    to_s: int = stated(SECOND)
    reason: str = stated(text(1000))
    counts: ReadingReference | None = optional(body_of(ReadingReference))  # noqa: RUF009 - a field
    replacement: Replacement | None = optional(body_of(Replacement))  # noqa: RUF009 - a field

    def __post_init__(self) -> None:
        require(self.from_s <= self.to_s, "ends before it begins")
        require(
            (self.counts is None) != (self.replacement is None),
            "a correction names the reading that counts, or a replacement",
        )
