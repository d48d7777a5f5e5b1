"""
Which rule each figure of the domain vectors belongs to, and how its inputs are written there.

A case names the rule's contract, turns a vector's inputs into the rule's, and says which of the
vector's expectations is which figure. The vectors themselves stay in the shared folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from attestation.enums import RoundingProfile

Plain = dict[str, Any]
Given = Mapping[str, Any]
EXACT = RoundingProfile.EXACT
REPORTED = RoundingProfile.REPORTED
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Expect:
    """One expectation of a vector, and the figure that must meet it."""

    key: str
    """In the vector's `expected`."""
    figure: str
    """Name of the result, or of the step."""
    is_step: bool = False
    item: int = 0
    scale: Decimal = Decimal(1)
    """What the figure is multiplied by to be in the vector's unit."""


@dataclass(frozen=True)
class Case:
    """One calculation that a vector asks for."""

    contract: str
    inputs: Callable[[Given], Plain]
    expected: tuple[Expect, ...]
    profile: RoundingProfile = EXACT


def _percent_to_share(text: str) -> str:
    return f"{Decimal(text) * HUNDREDTH:f}"


def _share_to_percent(text: str) -> str:
    return f"{Decimal(text) * 100:f}"


# --- power units ------------------------------------------------------------------------------


def coal(given: Given, **changes: str) -> Plain:
    """One coal of one line."""
    line = {
        "month": 1,
        "consumed_t": given.get("FC_t", "1"),
        "basis": "AS_RECEIVED",
        "carbon_tC_per_t": "0",
        "moistureAsReceived_pct": "0",
        "moistureAirDry_pct": "0",
        "heat_GJ_per_t": "0",
        "carbonPerHeat_tC_per_GJ": "0",
    }
    fuel = {"oxidation_1": given.get("OF", "1"), "lines": [line | changes]}
    return {"weighed": [fuel], "gases": []}


def measured_coal(given: Given) -> Plain:
    return coal(given, carbon_tC_per_t=given["Car_tC_per_t"])


def unmeasured_coal(given: Given) -> Plain:
    return coal(
        given,
        basis="FROM_HEAT",
        heat_GJ_per_t=given["NCV_GJ_per_t"],
        carbonPerHeat_tC_per_GJ=given["CC_tC_per_GJ"],
    )


def air_dry_coal(given: Given) -> Plain:
    return coal(
        given,
        basis="AIR_DRY",
        carbon_tC_per_t=_percent_to_share(given["Cad_pct"]),
        moistureAsReceived_pct=given["Mar_pct"],
        moistureAirDry_pct=given["Mad_pct"],
    )


def natural_gas(given: Given) -> Plain:
    month = {
        "month": 1,
        "consumed_e4Nm3": given["FC_1e4Nm3"],
        "carbon_tC_per_e4Nm3": [],
        "heat_GJ_per_e4Nm3": [given["NCV"]],
        "carbonPerHeat_tC_per_GJ": given["CC"],
    }
    return {"weighed": [], "gases": [{"oxidation_1": given["OF"], "months": [month]}]}


def mean_carbon(given: Given) -> Plain:
    lines = [{"weight": day["FC_t"], "value": day["Car"]} for day in given["days"]]
    return {"unit": "tC/t", "decimals": 4, "lines": lines}


def factor_of_heat(given: Given) -> Plain:
    return {
        "heat_GJ_per_t": "1",
        "carbonPerHeat_tC_per_GJ": f"{Decimal(given['CC_tC_per_TJ']) / 1000:f}",
        "oxidation_1": given["OF"],
    }


def coal_tar(given: Given) -> Plain:
    return {
        "heat_GJ_per_t": given["NCV_GJ_per_t"],
        "carbonPerHeat_tC_per_GJ": given["CC_tC_per_GJ"],
        "oxidation_1": "1",
    }


def electricity(given: Given) -> Plain:
    return {
        "purchased_MWh": [given["AD_MWh"]],
        "factor_tCO2_per_MWh": given["EF_tCO2_per_MWh"],
    }


def activities(*lines: tuple[str, str, str], factor_key: str = "") -> Callable[[Given], Plain]:
    """Lines of a key in the vector, a unit, and a factor: the vector's own where a key names it."""

    def inputs(given: Given) -> Plain:
        return {
            "lines": [
                {"unit": unit, "activity": given[key], "factor_kgCO2e": factor or given[factor_key]}
                for key, unit, factor in lines
            ]
        }

    return inputs


def efficiency(given: Given) -> Plain:
    return {
        "weighed": [{"consumed_t": given["FC_t"], "heat_GJ_per_t": given["NCV"]}],
        "gases": [],
        "generated_MWh": given["W_MWh"],
        "suppliesHeat": given["type"] != "condensing",
        "heatSupplied_GJ": given["Q_GJ"],
    }


def load(given: Given) -> Plain:
    unit = {
        "capacity_MW": given["P_MW"],
        "running_h": given["t_h"],
        "generated_MWh": given["W_MWh"],
        "standbys": [],
    }
    return {"units": [unit]}


def steam(given: Given) -> Plain:
    line = {"mass_t": given["M_t"], "enthalpy_kJ_per_kg": given["h_kJ_per_kg"]}
    return {"steam": [line], "water": []}


def heat(given: Given) -> Plain:
    return {"purchased_GJ": [given["GJ"]], "factor_tCO2_per_GJ": given["EF"]}


# --- meters, gases ----------------------------------------------------------------------------


def correction(*parts: tuple[str, bool]) -> Callable[[Given], Plain]:
    """Parts of emission data by their key in the vector, calibrated or not."""

    def inputs(given: Given) -> Plain:
        return {
            "side": "EMISSION",
            "unit": "t",
            "parts": [
                {
                    "measured": given[key],
                    "required_pct": given["required_pct"],
                    "isCalibrated": is_calibrated,
                    "calibrated_pct": given.get("calibrated_pct", "0") if is_calibrated else "0",
                }
                for key, is_calibrated in parts
            ],
        }

    return inputs


def wind_meters(given: Given) -> Plain:
    def part(key: str) -> list[Plain]:
        limits = {"limit_pct": given["MPE_pct"], "isCalibrated": False, "error_pct": "0"}
        return [{"energy_MWh": given[key]} | limits]

    return {"exports": part("export_MWh"), "imports": part("import_MWh")}


def gases(potentials: Mapping[str, str]) -> Callable[[Given], Plain]:
    """Masses of the vector with the potentials of one report."""

    def inputs(given: Given) -> Plain:
        masses = given["t"].items()
        return {
            "lines": [
                {"gas": gas, "emitted_t": str(mass), "gwp_1": potentials[gas]}
                for gas, mass in masses
            ]
        }

    return inputs


def hours(given: Given) -> Plain:
    return {
        "readings": [
            {
                "state": "MEASURED",
                "concentration_g_per_m3": hour["c_g_m3"],
                "flow_m3_per_h": hour["Q_m3_h"],
            }
            for hour in given["hours"]
        ]
    }


# --- allocation -------------------------------------------------------------------------------


def load_share(given: Given) -> Plain:
    return {"load_pct": given.get("F_pct") or _share_to_percent(given["F"])}


def generated(unit_class: str) -> Callable[[Given], Plain]:
    """One unit in a plan from 2023 on."""

    def inputs(given: Given) -> Plain:
        unit = {
            "unitClass": unit_class,
            "powerBenchmark_tCO2_per_MWh": given["Be"],
            "heatBenchmark_tCO2_per_GJ": given["Bh"],
        }
        is_loaded = "F" in given or "F_pct" in given
        return {
            "units": [unit],
            "generated_MWh": given["Qe_MWh"],
            "heat_GJ": given["Qh_GJ"],
            "load_pct": load_share(given)["load_pct"] if is_loaded else "100",
        }

    return inputs


def supplied(given: Given) -> Plain:
    unit = {
        "unitClass": "COAL_ABOVE_300_MW",
        "isAirCooled": given["Fl"] == "1.05",
        "powerBenchmark_tCO2_per_MWh": given["Be"],
        "heatBenchmark_tCO2_per_GJ": given["Bh"],
    }
    return {
        "units": [unit],
        "isHeating": "heat_ratio" in given,
        "supplied_MWh": given["Qe_MWh"],
        "heat_GJ": given["Qh_GJ"],
        "heatRatio_1": given.get("heat_ratio", "0"),
        "load_pct": _share_to_percent(given.get("F", "1")),
    }


def exempted(given: Given) -> Plain:
    initial = sum(
        int(Decimal(given[amount]) * Decimal(given[benchmark]))
        for amount, benchmark in (("Qe_MWh", "Be"), ("Qh_GJ", "Bh"))
    )
    return {
        "unitClass": "GAS",
        "initial_t": str(initial),
        "verified_tCO2": str(given["verified_t"]),
    }


def firm(given: Given) -> Plain:
    unit = {"approved_t": str(given["initial"]), "verified_tCO2": str(given["verified"])}
    return {"units": [unit]}


def sector(given: Given) -> Plain:
    return {
        "process": "ORDINARY",
        "carbideSlag_pct": "0",
        "firmVerified_tCO2e": given["E_t"],
        "verified_tCO2e": given["E_t"],
        "balance_tCO2e_per_t": given["balance_B"],
        "intensity_tCO2e_per_t": given["intensity_I"],
    }


def tonnes(**names: str) -> Callable[[Given], Plain]:
    """Whole numbers of the vector under the rule's names, in tonnes."""

    def inputs(given: Given) -> Plain:
        return {field: str(given[key]) for field, key in names.items()}

    return inputs


def previous_year(given: Given) -> Plain:
    return {"verified_tCO2": given["prev_verified_t"]}


def half_of_twice(given: Given) -> Plain:
    """The draft's example of rounding, as 50 % of twice the number."""
    return {"verified_tCO2": f"{2 * Decimal(given['x']):f}", "share_pct": "50"}


def holding(*, base: str, sold: str, bought: str, held: str) -> Plain:
    vintage = {
        "vintage": 2024,
        "sold_t": sold,
        "bought_t": bought,
        "tradable_t": held,
        "registered_t": "0",
        "frozen_t": "0",
        "pending_t": "0",
    }
    return {
        "isOnTime2023": True,
        "isOnTime2024": True,
        "base_t": base,
        "multiplier_1": "1.5",
        "requested_t": "0",
        "vintages": [vintage],
    }


def carried(given: Given) -> Plain:
    sold, bought, held = (str(given[f"{name}_t"]) for name in ("sold", "bought", "holding"))
    return holding(base="10000", sold=sold, bought=bought, held=held)


def carried_in_ten_thousands(given: Given) -> Plain:
    base, sold, held = (str(int(given[name]) * 10_000) for name in ("base", "net_sell", "holding"))
    assert given["mult"] == "1.5"
    return holding(base=base, sold=sold, bought="0", held=held)


def surrender(obligation: object, ccer: object, cea: object, *, year: int, vintage: int) -> Plain:
    """A surrender on the last day of the year after, with offsets of a day that is allowed."""
    return {
        "complianceYear": year,
        "surrenderedOn": (year + 1) * 10_000 + 1231,
        "obligation_t": str(obligation),
        "earlierAllowances_t": "0",
        "earlierOffsets_t": "0",
        "allowances": [{"vintage": vintage, "offered_t": str(cea)}],
        "offsets": [{"isUnderAllocation": False, "registeredOn": 20240301, "offered_t": str(ccer)}],
    }


def surrendered(given: Given) -> Plain:
    names = ("obligation", "ccer_eligible", "cea")
    return surrender(*(given[name] for name in names), year=2024, vintage=2024)


def penalty(given: Given) -> Plain:
    return {
        "shortfall_t": str(given["shortfall"]),
        "meanPrice_CNY_per_t": given["avg_price_cny"],
    }


def band(given: Given) -> Plain:
    close = given["prev_close"]
    return {"mode": "LISTED", "previousClose_CNY_per_t": close, "price_CNY_per_t": close}


def quantity(given: Given) -> Plain:
    return {"mode": given["mode"].upper(), "quantity_t": str(given["qty"])}


# --- other sectors ----------------------------------------------------------------------------


def wind(given: Given) -> Plain:
    period = {"exported_MWh": given["export_MWh"], "imported_MWh": given["import_MWh"]}
    return {
        "periods": [period],
        "operatingMargin_tCO2_per_MWh": given["OM"],
        "buildMargin_tCO2_per_MWh": given["BM"],
        "operatingWeight_1": given["wOM"],
        "buildWeight_1": given["wBM"],
    }


def pfc(given: Given) -> Plain:
    potline = {
        "output_t": given["P_t"],
        "cf4_kg_per_t": given["EF_CF4"],
        "c2f6_kg_per_t": given["EF_C2F6"],
    }
    return {
        "byDefault": [potline],
        "bySlope": [],
        "cf4Potential_1": "6630",
        "c2f6Potential_1": "11100",
    }


def anode(given: Given) -> Plain:
    potline = {
        "output_t": given["P_t"],
        "anodeUse_t_per_t": given["NC"],
        "sulphur_pct": _share_to_percent(given["S"]),
        "ash_pct": _share_to_percent(given["A"]),
    }
    return {"potlines": [potline]}


def clinker(given: Given) -> Plain:
    slag = {
        "isCarbideSlag": True,
        "consumed_t": given["carbide_slag_t"],
        "deduction_tCO2_per_t": given["deduct"],
    }
    return {
        "fuels": {"weighed": [], "gases": []},
        "clinkers": [{"output_t": given["clinker_t"], "factor_tCO2_per_t": given["EF"]}],
        "substitutes": [slag],
        "carbideSlagLimit_pct": "30",
    }
