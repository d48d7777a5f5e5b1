"""Units: a closed, case-sensitive list with exact factors."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from attestation.errors import EncodingError
from attestation.units import (
    MAX_SCALE,
    SENML_UNITS,
    UCUM_UNITS,
    UNITS,
    UnitList,
    check_scale,
    convert,
    find_unit,
)

# RFC 8428, section 12.1, and RFC 8798, section 2: units the registry does not recommend.
NOT_RECOMMENDED = {"g", "l", "l/s", "%", "Bspl", "beat/min", "beats", "deg"}


def test_no_symbol_is_in_both_lists() -> None:
    """A unit's symbol says which label carries it."""
    assert not SENML_UNITS.keys() & UCUM_UNITS.keys()
    assert len(UNITS) == len(SENML_UNITS) + len(UCUM_UNITS)


def test_units_not_recommended_are_left_out() -> None:
    """`u` carries no unit that SenML advises against."""
    assert not SENML_UNITS.keys() & NOT_RECOMMENDED


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_unit_is_well_formed(unit: object) -> None:
    """Each unit has a positive factor and few decimal places; its symbol is short ASCII."""
    found = find_unit(unit.symbol)  # type: ignore[attr-defined]

    assert found is unit
    assert found.factor > 0
    assert 0 <= found.max_scale <= MAX_SCALE
    assert found.symbol.isascii()
    assert len(found.symbol) <= 23


def test_amounts_have_no_decimal_places() -> None:
    """Whatever is added up is counted in whole units."""
    amounts = ("energy", "apparent energy", "reactive energy", "mass", "volume", "count")
    units = [unit for unit in UNITS.values() if unit.dimension in amounts]

    assert units
    assert all(unit.max_scale == 0 for unit in units)


def test_each_dimension_has_a_base_unit() -> None:
    """Some unit of each dimension is its base, or the factors would mean nothing."""
    dimensions = {unit.dimension for unit in UNITS.values()}
    based = {unit.dimension for unit in UNITS.values() if unit.factor == 1}

    assert dimensions - based == set()


@pytest.mark.parametrize("symbol", ["wh", "WH", "MWh", "mW", "KW", " Wh", "Wh ", "", "kwh", "Nm3"])
def test_near_misses_are_refused(symbol: str) -> None:
    """Nothing is folded or guessed: another spelling is another, unknown unit."""
    with pytest.raises(EncodingError, match="not a unit of the list"):
        find_unit(symbol)


@pytest.mark.parametrize(
    ("value", "scale", "unit", "into", "expected"),
    [
        (1, 0, "kWh", "Wh", Fraction(1000)),
        (1, 0, "Wh", "J", Fraction(3600)),
        (1, 0, "MW.h", "GJ", Fraction(18, 5)),
        (1, 0, "t", "g", Fraction(10**6)),
        (1, 0, "kg", "t", Fraction(1, 1000)),
        (26_700, 3, "GJ/t", "kJ/kg", Fraction(26_700)),
        (5, 1, "%", "/", Fraction(1, 200)),
        (5, 1, "%", "/100", Fraction(1, 2)),
        (1, 0, "m3", "mL", Fraction(10**6)),
        (36, 1, "m3/h", "m3/s", Fraction(1, 1000)),
        (1, 0, "kvarh", "vars", Fraction(3_600_000)),
        (-7, 0, "kWh", "kWh", Fraction(-7)),
        (3898, 1, "GJ/(10*4.m3{NTP})", "MJ/m3{NTP}", Fraction(3898, 100)),
    ],
)
def test_conversion_is_exact(
    value: int, scale: int, unit: str, into: str, expected: Fraction
) -> None:
    """Factors are rational, and nothing is rounded."""
    assert convert(value, scale, unit=unit, into=into) == expected


@pytest.mark.parametrize(
    ("unit", "into"),
    [("Wh", "varh"), ("Wh", "W"), ("m3", "m3{NTP}"), ("m3{NTP}", "m3{20Cel}"), ("kg", "kWh")],
)
def test_conversion_stays_in_its_dimension(unit: str, into: str) -> None:
    """Gas at another condition, or reactive for active energy, is another quantity."""
    with pytest.raises(EncodingError, match=r"is .*, .* is"):
        convert(1, 0, unit=unit, into=into)


def test_scale_is_bounded_by_the_unit() -> None:
    """A unit says how many decimal places its values may have."""
    assert check_scale(3, find_unit("W")) == 3

    for scale in (4, -1):
        with pytest.raises(EncodingError, match="decimal places in W"):
            check_scale(scale, find_unit("W"))


@pytest.mark.parametrize("kind", list(UnitList))
def test_each_list_is_used(kind: UnitList) -> None:
    """There are primary, secondary and UCUM units."""
    assert any(unit.listed is kind for unit in UNITS.values())


def test_document_lists_each_unit() -> None:
    """The normative page has every unit under its list, with factor and decimal places."""
    path = Path(__file__).resolve().parents[3] / "docs/formats/readings.md"
    lines = path.read_text(encoding="utf-8").split("## 6. Units")[1].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| `")]
    documented = [tuple(cell.strip() for cell in row) for row in rows]

    assert documented == [
        (f"`{unit.symbol}`", unit.dimension, str(unit.factor), str(unit.max_scale))
        for unit in UNITS.values()
    ]
