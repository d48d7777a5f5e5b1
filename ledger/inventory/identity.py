"""
Which inventory: the id that contracts, log and papers share.

An inventory is of one unit of one enterprise over one period; its versions are counted inside. The
id is derived, so that nobody hands it out and nobody has two.

Source: FORMATS section 11; Solidity ABI (dynamic types).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attestation.ids import keccak256, parse_usc
from ledger.inventory.errors import PeriodMalformed
from ledger.inventory.periods import Period

FIRM: Final = "enterprise"
"""Unit code of what is accounted for the enterprise as a whole."""
_WORD: Final = 32


@dataclass(frozen=True, slots=True)
class Scope:
    """What an inventory is of."""

    usc: str
    """Unified social credit code (统一社会信用代码) of the enterprise."""
    unit: str
    """Code of the unit (机组或设施编码), or `FIRM`."""
    period: Period
    report_year: int
    """Report year whose rules and factors apply; the year of the period's first day."""

    def __post_init__(self) -> None:
        parse_usc(self.usc)
        if self.period.first_day.year != self.report_year:
            raise PeriodMalformed(f"{self.period.label} does not begin in {self.report_year}")
        if self.period.last_day.year != self.report_year:
            raise PeriodMalformed(f"{self.period.label} does not end in {self.report_year}")

    @classmethod
    def of(cls, usc: str, unit: str, period: Period) -> Scope:
        """Give the scope of a period within one report year."""
        return cls(usc, unit, period, period.first_day.year)

    @property
    def inventory_id(self) -> bytes:
        """Keccak-256 of `abi.encode("inventory", usc, unit, from, to)`, 32 bytes."""
        texts = ("inventory", self.usc, self.unit)
        words = (self.period.from_s, self.period.to_s)
        head_length = _WORD * (len(texts) + len(words))
        heads, tail = [], b""
        for text in texts:
            heads.append(_word(head_length + len(tail)))
            content = text.encode()
            padding = -len(content) % _WORD
            tail += _word(len(content)) + content + bytes(padding)
        return keccak256(b"".join((*heads, *map(_word, words), tail)))


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")
