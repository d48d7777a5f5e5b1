"""
Reductions for CCER (自愿减排): offshore wind and afforestation.

Source: domain reference 4 (CCER-01-002-V01); the form of afforestation is the rule's own
documentation, for the methodology could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle.numbers import HUNDRED, ZERO, carbon_dioxide, times, total
from tests.oracle.sheet import Sheet

Plain = Mapping[str, Any]


def ccer_offshore_wind(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """ER = EG × EF_CM; EG = export − import; EF_CM = OM·w_OM + BM·w_BM."""
    sheet = Sheet()
    net = total(
        sheet.step(
            "netExport", Decimal(each["exported_MWh"]) - Decimal(each["imported_MWh"]), item=at
        )
        for at, each in enumerate(inputs["periods"])
    )
    sheet.step("yearNetExport", net)
    margin = total(
        times(Decimal(inputs[f"{kind}Margin_tCO2_per_MWh"]), Decimal(inputs[f"{kind}Weight_1"]))
        for kind in ("operating", "build")
    )
    sheet.step("combinedMargin", margin)
    sheet.floor_result("reductions", sheet.step("baselineEmissions", times(net, margin)))
    return sheet


def ccer_afforestation(inputs: Plain, _profile: RoundingProfile) -> Sheet:
    """Change of the stock, less uncertainty, emissions, baseline, leakage and risk."""
    sheet = Sheet()
    grown = total(
        sheet.step(
            "stratumChange",
            times(
                Decimal(each["area_ha"]),
                Decimal(each["after_tC_per_ha"]) - Decimal(each["before_tC_per_ha"]),
            ),
            item=at,
        )
        for at, each in enumerate(inputs["strata"])
    )
    sheet.step("stockChange", carbon_dioxide(grown))
    uncertainty = _kept(grown, Decimal(inputs["uncertaintyDeduction_pct"]))
    sheet.step("deductedStockChange", carbon_dioxide(grown * uncertainty) / HUNDRED)
    taken = total(Decimal(inputs[f"{name}_tCO2e"]) for name in ("emissions", "baseline", "leakage"))
    # Divided once and last, so that a whole number of tonnes is not missed by a third of something.
    dozens = grown * 44 * uncertainty - taken * 12 * HUNDRED
    sheet.step("netRemoval", dozens / (12 * HUNDRED))
    lasting = HUNDRED - Decimal(inputs["riskDeduction_pct"]) if dozens > ZERO else HUNDRED
    sheet.floor_result("reductions", dozens * lasting / (12 * HUNDRED * HUNDRED))
    return sheet


def _kept(amount: Decimal, percent: Decimal) -> Decimal:
    """Give the per cent of it that count: fewer of a gain, more of a loss."""
    return HUNDRED - percent if amount > ZERO else HUNDRED + percent
