"""
Amounts: exact decimals with their unit, as the rules of accounting take and give them.

Nothing is rounded unless the caller names the places and the way; nothing is converted but by an
exact factor of the closed list. What the log holds are integers in fine units, and
`Amount.from_log` is the one way from there to here.

Source: DOMAIN section 8, item 2; DESIGN section 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from fractions import Fraction
from typing import Final, Self

from attestation.units import UNITS
from ledger.inventory.errors import AmountError

MAX_DIGITS: Final = 80
"""More than any amount of a firm has, so that no text is long enough to be slow."""

_EXACT: Final = Context(prec=400, traps=[Inexact, InvalidOperation, DivisionByZero])
_ROUNDING: Final = Context(prec=400)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_UNIT = re.compile(r"\S{1,32}")
_WARM: Final = "m3{20Cel}"
_GAS_PLACES: Final = 6
_OF_LOG: Final = {
    "MWh": ("MW.h", 1),
    "e4Nm3": ("m3{NTP}", 10_000),
    "Nm3": ("m3{NTP}", 1),
    "GJ/e4Nm3": ("GJ/(10*4.m3{NTP})", 1),
    "tC/GJ": ("t/GJ", 1),
    "1": ("/", 1),
}
"""Units as rules write them, as so many of a unit of the log's list; others are written alike."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit."""

    value: Decimal
    unit: str
    """As rules write it, such as `t`, `GJ/t`, `tCO2`, `%`; `1` for a pure number."""

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise AmountError(f"{self.value!r} is no finite decimal")
        if _UNIT.fullmatch(self.unit) is None:
            raise AmountError(f"{self.unit!r} is no unit")

    @classmethod
    def parse(cls, text: str, unit: str) -> Self:
        """
        Read a decimal string.

        Raises:
            AmountError: If it has an exponent, a sign before zeros, a space or no digits.
        """
        if len(text) > MAX_DIGITS or _DECIMAL.fullmatch(text) is None:
            raise AmountError(f"{text[:MAX_DIGITS]!r} is no decimal number")
        return cls(Decimal(text), unit)

    @classmethod
    def from_log(cls, total: int, scale: int, unit: str, *, into: str) -> Self:
        """
        Give `total` times 10**-scale of a unit of the log as an amount in a unit of the rules.

        Raises:
            AmountError: If the units measure different things, or the number has no end.
        """
        return cls(_decimal(Fraction(total, 10**scale) * _factor(unit, into)), into)

    @property
    def text(self) -> str:
        """The number as a decimal string, with the decimals it has."""
        return f"{self.value:f}"

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing."""
        return self.value.is_zero()

    def __str__(self) -> str:
        return self.text if self.unit == "1" else f"{self.text} {self.unit}"

    def __add__(self, other: Amount) -> Amount:
        return Amount(_EXACT.add(self.value, self._alike(other)), self.unit)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(_EXACT.subtract(self.value, self._alike(other)), self.unit)

    def __neg__(self) -> Amount:
        return Amount(_EXACT.minus(self.value), self.unit)

    def __mul__(self, other: Amount) -> Amount:
        return Amount(_EXACT.multiply(self.value, other.value), _product(self.unit, other.unit))

    def rounded(self, places: int, rounding: str = ROUND_HALF_UP) -> Amount:
        """Give the number with so many decimals; half-up (四舍五入) unless told otherwise."""
        return quotient(self, Amount(Decimal(1), "1"), places, rounding)

    def converted(self, unit: str) -> Amount:
        """
        Give the same amount in another unit.

        Raises:
            AmountError: If the units measure different things, or the number has no end.
        """
        if unit == self.unit:
            return self
        return Amount(_decimal(Fraction(self.value) * _factor(self.unit, unit)), unit)

    def _alike(self, other: Amount) -> Decimal:
        if self.unit != other.unit:
            raise AmountError(f"{self.unit} and {other.unit} do not add up")
        return other.value


def quotient(
    dividend: Amount, divisor: Amount, places: int, rounding: str = ROUND_HALF_UP
) -> Amount:
    """
    Divide, and round the exact quotient once.

    Args:
        dividend: What is divided.
        divisor: By what; not zero.
        places: Decimals of the result; the exact quotient is rounded to them.
        rounding: A rounding of `decimal`, such as `ROUND_HALF_UP` or `ROUND_FLOOR`.

    Raises:
        AmountError: If the divisor is zero.
    """
    if divisor.is_zero:
        raise AmountError(f"{dividend} divided by nothing")
    exact = Fraction(dividend.value) * Fraction(divisor.value) ** -1 * 10**places
    whole, rest = divmod(exact.numerator, exact.denominator)
    # A rounding looks only at whether the rest is nothing, less than half, half or more.
    tenths = 0 if rest == 0 else {-1: 1, 0: 5, 1: 9}[_sign(2 * rest - exact.denominator)]
    nearly = Decimal(10 * whole + tenths).scaleb(-1, _EXACT)
    rounded = nearly.quantize(Decimal(1), rounding, _ROUNDING)
    return Amount(rounded.scaleb(-places, _EXACT), _ratio(dividend.unit, divisor.unit))


def at_zero_celsius(volume: Amount) -> Amount:
    """
    Give a volume of gas in `m3{20Cel}` as the amount it is at 0 Cel, in e4Nm3, to six decimals.

    Raises:
        AmountError: If the volume is in another unit.

    Source: the ideal gas at one pressure; 273.15 K and 293.15 K.
    """
    if volume.unit != _WARM:
        raise AmountError(f"{volume.unit} is no volume at 20 Cel")
    cold = Amount(_EXACT.multiply(volume.value, Decimal("273.15")), "e4Nm3")
    return quotient(cold, Amount(Decimal("2931500"), "1"), _GAS_PLACES)


def total(amounts: tuple[Amount, ...], unit: str) -> Amount:
    """
    Add amounts of one unit; nothing added up is zero of it.

    Raises:
        AmountError: If one has another unit.
    """
    found = Amount(Decimal(0), unit)
    for amount in amounts:
        found += amount
    return found


def _factor(unit: str, into: str) -> Fraction:
    """Give how many of `into` one `unit` is."""
    (source, many), (target, per) = (_OF_LOG.get(each, (each, 1)) for each in (unit, into))
    try:
        found, wanted = UNITS[source], UNITS[target]
    except KeyError as error:
        raise AmountError(f"{unit} does not convert into {into}") from error
    if found.dimension != wanted.dimension:
        raise AmountError(f"{unit} is {found.dimension}, {into} is {wanted.dimension}")
    return found.factor * many * (wanted.factor * per) ** -1


def _decimal(exact: Fraction) -> Decimal:
    """Write a fraction as a decimal, if it has an end."""
    rest, twos, fives = exact.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest >> 1, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise AmountError("the number has no end as a decimal; divide it with a rounding")
    places = max(twos, fives)
    return Decimal((exact * 10**places).numerator).scaleb(-places, _EXACT)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _product(one: str, other: str) -> str:
    """Give the unit of a product: `t` times `GJ/t` is `GJ`."""
    for plain, rate in ((one, other), (other, one)):
        if plain == "1":
            return rate
        above, _, below = rate.partition("/")
        if below and below == plain:
            return above
    raise AmountError(f"{one} times {other} has no unit of ours")


def _ratio(above: str, below: str) -> str:
    """Give the unit of a quotient: `t` by `t` is a pure number."""
    if above == below:
        return "1"
    return above if below == "1" else f"{above}/{below}"
