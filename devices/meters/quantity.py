"""
A measured quantity as every mapping declares it: its series, its units and what is plausible.

CSV mappings, HJ 212 station files and Modbus register maps share these keys, so that one sentence
in the documents explains them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attestation.errors import EncodingError
from attestation.ids import parse_series_id
from attestation.reading_rules import parse_multiplier_id
from devices.meters.conversion import Conversion, conversion
from devices.meters.toml_table import TomlTable


@dataclass(frozen=True, slots=True)
class Quantity:
    """What one column, factor or register says, and as what it is signed."""

    series: str
    """Series id, `<instrument>/<quantity>/<channel>/`."""
    conversion: Conversion
    multiplier: str | None
    """Id of the multiplier record in force; the value is signed as read, without it."""
    minimum: Decimal | None
    """Least plausible amount in the instrument's unit; checked, never clipped to."""
    maximum: Decimal | None

    def is_plausible(self, amount: Decimal | Fraction) -> bool:
        """Say whether `amount` of the instrument's unit lies within the bounds declared."""
        exact = Fraction(amount)
        above = self.minimum is None or exact >= Fraction(self.minimum)
        return above and (self.maximum is None or exact <= Fraction(self.maximum))

    @property
    def bounds(self) -> str:
        """The plausible range as text, for messages."""
        low = "any" if self.minimum is None else str(self.minimum)
        high = "any" if self.maximum is None else str(self.maximum)
        return f"{low} to {high} {self.conversion.source_unit}"


def take_quantity(table: TomlTable, *, usual_unit: str | None = None) -> Quantity:
    """
    Take the keys of a quantity out of a table of a mapping.

    Args:
        table: The table.
        usual_unit: The instrument's unit where the table does not say, as a standard fixes it.

    Raises:
        MappingError: If one is missing or wrong.
    """
    try:
        quantity = Quantity(
            series=str(parse_series_id(table.text("series"))),
            conversion=conversion(
                table.text("source_unit", usual_unit) if usual_unit else table.text("source_unit"),
                table.text("unit"),
                table.integer("decimals", low=0, high=9, default=0),
            ),
            multiplier=_multiplier(table.optional_text("multiplier")),
            minimum=table.optional_decimal("minimum"),
            maximum=table.optional_decimal("maximum"),
        )
    except EncodingError as error:
        raise table.fail(error.message) from error
    low, high = quantity.minimum, quantity.maximum
    if low is not None and high is not None and low > high:
        raise table.fail(f"minimum {low} is above maximum {high}")
    return quantity


def _multiplier(text: str | None) -> str | None:
    return None if text is None else parse_multiplier_id(text)
