"""Which oracle stands beside which contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import localcontext
from typing import Any

from attestation.enums import RoundingProfile
from tests.oracle import (
    allocation,
    aluminium,
    combustion,
    compliance,
    meters,
    minerals,
    offsets,
    power,
    steel,
)
from tests.oracle.load_curves import below_65, decaying, tiered
from tests.oracle.numbers import CONTEXT
from tests.oracle.sheet import Sheet

Oracle = Callable[[Mapping[str, Any], RoundingProfile], Sheet]

ORACLES: dict[str, Oracle] = {
    "ActivityFactors": meters.activity_factors,
    "AllocationAdjustment": allocation.adjustment,
    "AluminiumAnode": aluminium.aluminium_anode,
    "AluminiumPfc": aluminium.aluminium_pfc,
    "CarbonatesProcess": minerals.carbonates_process,
    "CarryOver": compliance.carry_over,
    "CcerAfforestation": offsets.ccer_afforestation,
    "CcerOffshoreWind": offsets.ccer_offshore_wind,
    "CementClinker": minerals.cement_clinker,
    "CementClinkerOxides": minerals.cement_clinker_oxides,
    "CemsCarbonDioxide": meters.cems_carbon_dioxide,
    "DifferentiatedAllocation": allocation.differentiated,
    "FuelFactor": minerals.fuel_factor,
    "GapCap": allocation.gap_cap,
    "GasExemption": allocation.gas_exemption,
    "GwpTotal": meters.gwp_total,
    "HeatPurchased": power.heat_purchased,
    "HeatSupplied": power.heat_supplied,
    "LoadCorrection2019": allocation.load_correction(tiered),
    "LoadCorrection2023": allocation.load_correction(below_65),
    "LoadCorrection2025": allocation.load_correction(decaying),
    "MeasurementCorrection": meters.measurement_correction,
    "MeasurementCorrectionCcer": meters.measurement_correction_ccer,
    "OffsetCap2023": compliance.offset_cap,
    "OffsetCap2025": compliance.offset_cap,
    "PenaltyRange": compliance.penalty_range,
    "PowerAllocation2019": allocation.power_by_supply(corrects_heating=False),
    "PowerAllocation2021": allocation.power_by_supply(corrects_heating=True),
    "PowerAllocation2023": allocation.power_by_generation(below_65),
    "PowerAllocation2025": allocation.power_by_generation(decaying),
    "PowerBiomassShare": power.power_biomass_share,
    "PowerCombustion": combustion.power_combustion,
    "PowerEfficiencyCheck": power.power_efficiency_check,
    "PowerElectricity": power.power_electricity,
    "PowerHeatRatio": power.power_heat_ratio,
    "PowerLoadFactor": power.power_load_factor,
    "PreAllocation2023": allocation.pre_allocation_2023,
    "PreAllocation2025": allocation.pre_allocation_2025,
    "PriceBand": compliance.price_band,
    "QuantityGate": compliance.quantity_gate,
    "SectorAllocation2024": allocation.sector_2024,
    "SectorAllocation2025": allocation.sector_deviation,
    "SteelCompany": steel.steel_company,
    "SteelProcesses": steel.steel_processes,
    "WeightedMean": power.weighted_mean,
}


def ask(contract: str, inputs: Mapping[str, Any], profile: RoundingProfile) -> Sheet:
    """Work a rule out by its oracle, with decimals that round nothing by themselves."""
    with localcontext(CONTEXT):
        return ORACLES[contract](inputs, profile)
