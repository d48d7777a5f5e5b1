"""
Factor codes (监测因子编码) and the units the standard gives them.

Only those of stack gas that accounting and its cross-checks use; a station file may map any other
code by naming its unit. Codes of 2005 stand beside those of 2017: loggers of that age still send.

Source: HJ 212-2017, annex B, tables B.1 to B.3; HJ 212-2025, annex B.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AMOUNT_FIELD: Final = "Cou"
"""Field of an interval's total: volume of gas, mass of a substance (排放量)."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One code."""

    code: str
    name: str
    chinese: str
    unit: str
    """Unit of momentary and mean values."""
    amount_unit: str | None = None
    """Unit of the interval's total, where there is one."""
    old_code: str | None = None
    """Code of HJ/T 212-2005."""


FACTORS: Final = (
    Factor("a00000", "flue gas flow", "废气", "m3/s", "m3", "B02"),
    Factor("a01011", "flue gas velocity", "烟气流速", "m/s", None, "S02"),
    Factor("a01012", "flue gas temperature", "烟气温度", "Cel", None, "S03"),
    Factor("a01013", "flue gas pressure", "烟气压力", "kPa", None, "S08"),
    Factor("a01014", "flue gas moisture", "烟气湿度", "%", None, "S05"),
    Factor("a05001", "carbon dioxide", "二氧化碳", "mg/m3", "kg", "30"),
    Factor("a05002", "methane", "甲烷", "ng/m3", "g"),
    Factor("a19001", "oxygen", "氧气含量", "%", None, "S01"),
    Factor("a21002", "nitrogen oxides", "氮氧化物", "mg/m3", "kg", "03"),
    Factor("a21005", "carbon monoxide", "一氧化碳", "mg/m3", "kg", "04"),
    Factor("a21026", "sulphur dioxide", "二氧化硫", "mg/m3", "kg", "02"),
    Factor("a24088", "non-methane hydrocarbons", "非甲烷总烃", "mg/m3", "kg"),
    Factor("a34013", "particulates", "烟尘", "mg/m3", "kg", "01"),
)

_BY_CODE: Final = {factor.code: factor for factor in FACTORS} | {
    factor.old_code: factor for factor in FACTORS if factor.old_code
}


def usual_unit(code: str, field: str) -> str | None:
    """
    Give the unit in which a code's field is sent, as the standard has it.

    Returns:
        None for a code that is not listed, or a total of what has none.
    """
    factor = _BY_CODE.get(code)
    if factor is None:
        return None
    return factor.amount_unit if field == AMOUNT_FIELD else factor.unit
