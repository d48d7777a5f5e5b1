"""For each rule: what it takes, drawn at random, and the profiles it knows."""

from __future__ import annotations

from dataclasses import dataclass

from attestation.enums import RoundingProfile
from tests.property import rule_cases_accounting as accounting
from tests.property import rule_cases_allocation as allocation
from tests.support.rule_draws import Inputs

EXACT = (RoundingProfile.EXACT,)
BOTH = (RoundingProfile.EXACT, RoundingProfile.REPORTED)


@dataclass(frozen=True)
class RuleCase:
    """One contract's inputs and profiles."""

    inputs: Inputs
    profiles: tuple[RoundingProfile, ...] = EXACT
    also: tuple[RuleCase, ...] = ()
    """Inputs of other profiles, which do not take all of these."""

    @property
    def every(self) -> tuple[RuleCase, ...]:
        """It, and the cases beside it."""
        return (self, *self.also)


_GAS_ALONE = RuleCase(accounting.gas_combustion(), (RoundingProfile.CARBON_TWO_DECIMALS,))

CASES: dict[str, RuleCase] = {
    "ActivityFactors": RuleCase(accounting.activity_factors()),
    "AllocationAdjustment": RuleCase(allocation.tonnes("pre_t", "approved_t", "cut_t")),
    "AluminiumAnode": RuleCase(accounting.aluminium_anode()),
    "AluminiumPfc": RuleCase(accounting.aluminium_pfc()),
    "CarbonatesProcess": RuleCase(accounting.carbonates_process()),
    "CarryOver": RuleCase(allocation.carry_over()),
    "CcerAfforestation": RuleCase(accounting.ccer_afforestation()),
    "CcerOffshoreWind": RuleCase(accounting.ccer_offshore_wind()),
    "CementClinker": RuleCase(accounting.cement_clinker()),
    "CementClinkerOxides": RuleCase(accounting.cement_clinker_oxides()),
    "CemsCarbonDioxide": RuleCase(accounting.cems_carbon_dioxide()),
    "DifferentiatedAllocation": RuleCase(allocation.tonnes("issued_t", "obligation_t")),
    "FuelFactor": RuleCase(accounting.fuel_factor()),
    "GapCap": RuleCase(allocation.gap_cap()),
    "GasExemption": RuleCase(allocation.gas_exemption()),
    "GwpTotal": RuleCase(accounting.gwp_total()),
    "HeatPurchased": RuleCase(accounting.bought("purchased_GJ", "factor_tCO2_per_GJ"), BOTH),
    "HeatSupplied": RuleCase(accounting.heat_supplied(), BOTH),
    "LoadCorrection2019": RuleCase(allocation.load()),
    "LoadCorrection2023": RuleCase(allocation.load()),
    "LoadCorrection2025": RuleCase(allocation.load()),
    "MeasurementCorrection": RuleCase(accounting.measurement_correction()),
    "MeasurementCorrectionCcer": RuleCase(accounting.measurement_correction_ccer()),
    "OffsetCap2023": RuleCase(allocation.offset_cap_2023()),
    "OffsetCap2025": RuleCase(allocation.offset_cap_2025()),
    "PenaltyRange": RuleCase(allocation.penalty_range()),
    "PowerAllocation2019": RuleCase(allocation.power_by_supply()),
    "PowerAllocation2021": RuleCase(allocation.power_by_supply()),
    "PowerAllocation2023": RuleCase(allocation.power_by_generation()),
    "PowerAllocation2025": RuleCase(allocation.power_by_generation()),
    "PowerBiomassShare": RuleCase(accounting.power_biomass_share()),
    "PowerCombustion": RuleCase(accounting.power_combustion(), BOTH, (_GAS_ALONE,)),
    "PowerEfficiencyCheck": RuleCase(accounting.power_efficiency_check()),
    "PowerElectricity": RuleCase(accounting.bought("purchased_MWh", "factor_tCO2_per_MWh"), BOTH),
    "PowerHeatRatio": RuleCase(accounting.power_heat_ratio(), BOTH),
    "PowerLoadFactor": RuleCase(accounting.power_load_factor(), BOTH),
    "PreAllocation2023": RuleCase(allocation.pre_allocation_2023()),
    "PreAllocation2025": RuleCase(allocation.pre_allocation_2025()),
    "PriceBand": RuleCase(allocation.price_band()),
    "QuantityGate": RuleCase(allocation.quantity_gate()),
    "SectorAllocation2024": RuleCase(allocation.sector_2024()),
    "SectorAllocation2025": RuleCase(allocation.sector_deviation()),
    "SteelCompany": RuleCase(accounting.steel_company(), BOTH),
    "SteelProcesses": RuleCase(accounting.steel_processes(), BOTH),
    "WeightedMean": RuleCase(accounting.weighted_mean()),
}
