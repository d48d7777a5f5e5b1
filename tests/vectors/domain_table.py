"""The domain vectors by id: the calculations each asks for, or why it asks for none."""

from __future__ import annotations

from decimal import Decimal

from attestation.enums import RoundingProfile
from tests.vectors import domain_cases as of
from tests.vectors.domain_cases import REPORTED, Case, Expect

EMISSIONS = Expect("E_2dp", "emissions")
SAME = Expect("E", "emissions")
SIX = Expect("Ff_6dp", "loadCorrection")
SHORT = Expect("Ff", "loadCorrection")
PARTS = (
    Expect("Ae", "generationAllocation"),
    Expect("Ah", "heatAllocation"),
)
WHOLE = (*PARTS, Expect("A", "allocation"))
TWO_DECIMALS = (
    Expect("Ae_2dp", "generationAllocation"),
    Expect("Ah_2dp", "heatAllocation"),
    Expect("A_2dp", "allocation"),
)
CARRY = (
    Expect("net_sold", "netSold", is_step=True),
    Expect("T_formula", "cap"),
    Expect("max_carry", "maxCarry"),
    Expect("lapses", "lapses"),
)
SURRENDER = (
    Expect("ccer_cap", "offsetCap"),
    Expect("ccer_used", "offsetsUsed"),
    Expect("cea_needed", "allowancesNeeded"),
    Expect("shortfall", "shortfall"),
    Expect("cea_left", "allowancesLeft"),
)
CAP = (
    Expect("gap_rate_pct_before", "gapRate"),
    Expect("topup", "topUp"),
    Expect("approved", "approved"),
)
DEVIATION = (
    Expect("X_6dp", "deviation", is_step=True),
    Expect("alpha_8dp", "adjustment", is_step=True),
    Expect("A", "allocation"),
)
CHECK = (Expect("eta_4dp", "efficiency"), Expect("pass", "holds"))
AR5 = {"CH4": "28", "N2O": "265", "CF4": "6630", "SF6": "23500"}
AR6 = {"CH4": "29.8", "N2O": "273", "CF4": "7380", "SF6": "24300"}
TEN_THOUSANDTH = Decimal("0.0001")


def step(key: str, name: str, scale: str = "1") -> Expect:
    """Expect a step, in the unit of the vector."""
    return Expect(key, name, is_step=True, scale=Decimal(scale))


def _curve(year: int, *expected: Expect) -> tuple[Case, ...]:
    return (Case(f"LoadCorrection{year}", of.load_share, expected),)


def _generated(year: int, unit_class: str) -> tuple[Case, ...]:
    inputs = of.generated(unit_class)
    return (Case(f"PowerAllocation{year}", inputs, (*WHOLE, step("Ff", "loadCorrection"))),)


def _gate() -> tuple[Case, ...]:
    return (Case("QuantityGate", of.quantity, (Expect("accepted", "isAccepted"),)),)


CASES: dict[str, tuple[Case, ...]] = {
    "PWR-COMB-01": (
        Case("PowerCombustion", of.measured_coal, (EMISSIONS, Expect("E_int", "emissionsWhole"))),
    ),
    "PWR-COMB-02": (
        Case(
            "PowerCombustion",
            of.unmeasured_coal,
            (EMISSIONS, step("Car_tC_per_t_unrounded", "lineCarbonContent")),
        ),
    ),
    "PWR-CBASE-01": (
        Case(
            "PowerCombustion",
            of.air_dry_coal,
            (step("Car_pct_unrounded_8dp", "lineCarbonContent", "100"),),
        ),
        Case(
            "PowerCombustion",
            of.air_dry_coal,
            (step("Car_tC_per_t_4dp", "lineCarbonContent"),),
            REPORTED,
        ),
    ),
    "PWR-WAVG-01": (
        Case(
            "WeightedMean",
            of.mean_carbon,
            (step("mean_unrounded_10dp", "mean"), Expect("mean_4dp", "mean")),
        ),
    ),
    "GAS-COMB-01": (
        Case(
            "PowerCombustion",
            of.natural_gas,
            (step("heat_GJ", "monthHeat"), Expect("E_with_C_rounded_2dp", "emissions")),
            RoundingProfile.CARBON_TWO_DECIMALS,
        ),
    ),
    "EF-CHECK-01": (
        Case("FuelFactor", of.factor_of_heat, (step("approx", "factorPerHeat", "1000"),)),
    ),
    "STEEL-EF-01": (Case("FuelFactor", of.coal_tar, (Expect("EF_3dp", "factor"),)),),
    "ELEC-01": (Case("PowerElectricity", of.electricity, (EMISSIONS,)),),
    "ELEC-02": (Case("PowerElectricity", of.electricity, (EMISSIONS,)),),
    "ELEC-04": (Case("PowerElectricity", of.electricity, (EMISSIONS,)),),
    "ELEC-PUB-01": (
        Case(
            "ActivityFactors",
            of.activities(("kWh", "kWh", ""), factor_key="EF_kg_per_kWh"),
            (SAME,),
        ),
    ),
    "ELEC-PUB-02": (
        Case(
            "ActivityFactors",
            of.activities(("kWh", "kWh", ""), factor_key="EF"),
            (Expect("approx_t", "emissionsTonnes"),),
        ),
    ),
    "ELEC-PUB-04": (
        Case(
            "ActivityFactors",
            of.activities(
                ("kWh", "kWh", "0.57"), ("gas_m3", "m3", "2.162"), ("diesel_L", "L", "2.63")
            ),
            (SAME,),
        ),
    ),
    "SCOPE1-PUB-01": (
        Case(
            "ActivityFactors",
            of.activities(("gas_m3", "m3", "2.162"), ("gasoline_L", "L", "2.32")),
            (SAME,),
        ),
    ),
    "HEAT-STEAM-01": (Case("HeatSupplied", of.steam, (Expect("GJ", "heatSupplied"),)),),
    "HEAT-EF-01": (Case("HeatPurchased", of.heat, (EMISSIONS,)),),
    "LOAD-01": (Case("PowerLoadFactor", of.load, (Expect("F_pct", "loadFactor"),)),),
    "CHK-EFF-01": (Case("PowerEfficiencyCheck", of.efficiency, CHECK),),
    "CHK-EFF-02": (Case("PowerEfficiencyCheck", of.efficiency, CHECK),),
    "CAL-01": (
        Case("MeasurementCorrection", of.correction(("x_t", False)), (Expect("x", "corrected"),)),
    ),
    "CAL-02": (
        Case("MeasurementCorrection", of.correction(("x_t", True)), (Expect("x", "corrected"),)),
    ),
    "CAL-04": (
        Case(
            "MeasurementCorrection",
            of.correction(("covered_t", True), ("uncovered_t", False)),
            (Expect("x", "corrected"),),
        ),
    ),
    "CAL-CCER-01": (
        Case("MeasurementCorrectionCcer", of.wind_meters, (Expect("EG_MWh", "netPower"),)),
    ),
    **{f"FF-2019-{number}": _curve(2019, SIX) for number in ("01", "02", "04", "05", "07")},
    **{f"FF-2023-{number}": _curve(2023, SIX) for number in ("01", "02", "04", "05")},
    **{f"FF-2025-{load}-6DP": _curve(2025, SIX) for load in (45, 40, 20, 10, 50, 100)},
    **{f"FF-2025-{load}": _curve(2025, SHORT) for load in (45, 40, 30, 20, "49.99", 50, 100)},
    "ALLOC-COAL-2024": _generated(2023, "COAL_ABOVE_300_MW"),
    "ALLOC-CFB-2024": _generated(2023, "UNCONVENTIONAL_COAL"),
    "ALLOC-COAL-2025-DRAFT": _generated(2025, "COAL_ABOVE_300_MW"),
    "ALLOC-GAS-2024": (
        Case(
            "PowerAllocation2023",
            of.generated("GAS"),
            (*PARTS, Expect("initial", "allocation")),
        ),
        Case(
            "GasExemption",
            of.exempted,
            (Expect("topup", "topUp"), Expect("approved", "approved")),
        ),
    ),
    "ALLOC-COAL-2019-CHP": (
        Case("PowerAllocation2019", of.supplied, (*TWO_DECIMALS, step("Fr", "heatFactor"))),
    ),
    "ALLOC-COAL-2019-COND": (
        Case(
            "PowerAllocation2019",
            of.supplied,
            (Expect("A_2dp", "allocation"), step("Ff", "loadCorrection")),
        ),
    ),
    "CAP20-01": (Case("GapCap", of.firm, CAP),),
    "CAP20-02": (Case("GapCap", of.firm, CAP),),
    "PRE-01": (Case("PreAllocation2023", of.previous_year, (Expect("pre", "preAllocation"),)),),
    "PRE-FLOOR-PUB": (
        Case("PreAllocation2025", of.half_of_twice, (Expect("floor", "preAllocation"),)),
    ),
    "ADJ-PUB-01": (
        Case(
            "AllocationAdjustment",
            of.tonnes(pre_t="pre", approved_t="approved", cut_t="cut"),
            (
                Expect("pre_issued", "preIssued"),
                Expect("refund_of_cut", "refund"),
                Expect("approved_issued", "finalIssued"),
            ),
        ),
    ),
    "DIFF-PUB-01": (
        Case(
            "DifferentiatedAllocation",
            of.tonnes(issued_t="issued", obligation_t="obligation"),
            (Expect("released", "released"), Expect("shortfall", "shortfall")),
        ),
    ),
    "INT-01": (Case("SectorAllocation2025", of.sector, DEVIATION),),
    "INT-03": (Case("SectorAllocation2025", of.sector, DEVIATION),),
    "INT-04": (Case("SectorAllocation2025", of.sector, DEVIATION),),
    "CARRY-01": (Case("CarryOver", of.carried, CARRY),),
    "CARRY-02": (Case("CarryOver", of.carried, CARRY),),
    "CARRY-04": (Case("CarryOver", of.carried, CARRY),),
    "CARRY-PUB-01": (
        Case(
            "CarryOver",
            of.carried_in_ten_thousands,
            (
                Expect("formula_cap", "cap", scale=TEN_THOUSANDTH),
                Expect("max_carry", "maxCarry", scale=TEN_THOUSANDTH),
                Expect("excess", "lapses", scale=TEN_THOUSANDTH),
                step("sell_to_expand_cap", "saleToCarryAll", "0.0001"),
            ),
        ),
    ),
    "SURR-01": (Case("OffsetCap2023", of.surrendered, SURRENDER),),
    "SURR-02": (Case("OffsetCap2023", of.surrendered, SURRENDER),),
    "PEN-01": (
        Case(
            "PenaltyRange", of.penalty, (Expect("min_cny", "lowest"), Expect("max_cny", "highest"))
        ),
    ),
    "TRD-01": (Case("PriceBand", of.band, (Expect("low", "low"), Expect("high", "high"))),),
    "TRD-Q1": _gate(),
    "TRD-Q2": _gate(),
    "TRD-Q4": _gate(),
    "CCER-WIND-01": (
        Case(
            "CcerOffshoreWind",
            of.wind,
            (
                step("EG", "yearNetExport"),
                step("EF_CM", "combinedMargin"),
                Expect("ER", "reductions"),
            ),
        ),
    ),
    "AL-PFC-01": (Case("AluminiumPfc", of.pfc, (SAME,)),),
    "AL-ANODE-01": (Case("AluminiumAnode", of.anode, (SAME,)),),
    "CEM-PROC-01": (
        Case(
            "CementClinker",
            of.clinker,
            (
                Expect("E", "processEmissions"),
                Expect("substitution_pct_2dp", "carbideSlagRate"),
                Expect("special_case_over_30pct", "aboveCarbideSlagLimit"),
            ),
        ),
    ),
    "GWP-01": (
        Case("GwpTotal", of.gases(AR5), (Expect("AR5", "emissions"),)),
        Case("GwpTotal", of.gases(AR6), (Expect("AR6", "emissions"),)),
    ),
    "CEMS-01": (Case("CemsCarbonDioxide", of.hours, (Expect("t_3dp", "emissions"),)),),
}

VINTAGES = {"VINT-01": ("OffsetCap2023", 2023), "VINT-03": ("OffsetCap2025", 2025)}
"""Vectors about the vintages a surrender takes: the contract and the compliance year."""

ELSEWHERE = {
    "CHP-SPLIT-PUB": "a rule off chain; test_offchain_rules.py",
    "UNC-01": "a rule off chain; test_offchain_rules.py",
    "CBAM-HRC-2026": "a rule off chain; test_offchain_rules.py",
    "CBAM-HRC-2027": "as CBAM-HRC-2026",
    "CBAM-HRC-2030": "as CBAM-HRC-2026",
    "CBAM-HRC-2034": "as CBAM-HRC-2026",
    "HJ212-01": "frames of a protocol; devices/hj212",
    "HJ212-02": "frames of a protocol; devices/hj212",
    "HJ212-NEG1": "frames of a protocol; devices/hj212",
    "HJ212-NEG2": "frames of a protocol; devices/hj212",
    "HJ212-G4": "frames of a protocol; devices/hj212",
    "HJ212-NEG6": "frames of a protocol; devices/hj212",
    "HJ212-BAD": "frames of a protocol; devices/hj212",
    "HJ212-ENC": "frames of a protocol; devices/hj212",
    "HJ212-FLAG-0": "flags of a protocol; devices/hj212",
    "HJ212-FLAG-4": "flags of a protocol; devices/hj212",
    "HJ212-FLAG-5": "flags of a protocol; devices/hj212",
    "HJ212-FLAG-7": "flags of a protocol; devices/hj212",
    "HJ212-FLAG-9": "flags of a protocol; devices/hj212",
    "MODBUS-01": "checksum of a protocol; devices/modbus",
    "DLT645-01": "checksum of a protocol that no meter here speaks",
    "USCC-01": "check character of a party's code; attestation/ids.py",
}
