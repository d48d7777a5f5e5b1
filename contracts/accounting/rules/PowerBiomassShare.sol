// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {FuelHeat, FuelHeatGas, FuelHeatMass} from "./FuelHeat.sol";

/// @notice Steam, main or reheated, that a boiler gave.
/// @param steam_t Steam, t.
/// @param enthalpyOut_kJ_per_kg Enthalpy where it leaves, kJ/kg.
/// @param enthalpyIn_kJ_per_kg Enthalpy of the feed water or the cold steam, not above that where it leaves, kJ/kg.
struct PowerBoilerSteam {
    int256 steam_t;
    int256 enthalpyOut_kJ_per_kg;
    int256 enthalpyIn_kJ_per_kg;
}

/// @notice A boiler that burns biomass beside fossil fuels.
/// @param weighed Fossil fuels in t.
/// @param gases Fossil fuels in 10⁴ Nm³; of both lists together at least one line, with zero if nothing fossil was burned.
/// @param steam Steam that the boiler gave.
/// @param boilerEfficiency_pct Efficiency of the boiler, 20 to 100 %.
struct PowerBiomassShareInputs {
    FuelHeatMass[] weighed;
    FuelHeatGas[] gases;
    PowerBoilerSteam[] steam;
    int256 boilerEfficiency_pct;
}

/// @title PowerBiomassShare
/// @notice Share of biomass in the heat of the fuels (生物质热量占比): `1 − fossil heat / (boiler heat / efficiency)`.
///
/// Where the fossil fuels alone hold more heat than the boiler took, the share is zero: biomass that cannot be seen does
/// not count. The step `balance` keeps the negative number.
///
/// Result: `biomassShare` % with 2 decimals. Steps: `fossilHeat`, `boilerHeat`, `fuelHeat` GJ; `balance` %.
///
/// Worked by hand: 10 000 t × 20 GJ/t = 200 000 GJ fossil; 100 000 t of steam × (3 400 − 900) / 1 000 = 250 000 GJ, at 90 %
/// 277 777.78 GJ of fuel; 1 − 0.72 = 28.00 %.
contract PowerBiomassShare is FuelHeat {
    using Outcomes for OutcomeDraft;

    int256 private constant THOUSAND = 1000e18;
    /// @dev No boiler is so bad; a fraction given for a percentage would make nearly all heat biomass.
    int256 private constant MIN_EFFICIENCY = 20e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "power.biomass-share";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-01.01, report items H to L; formula recalled, not retrieved; confidence 0.7";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerBiomassShareInputs memory decoded = abi.decode(inputs, (PowerBiomassShareInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerBiomassShareInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireWithin("boilerEfficiency", 0, inputs.boilerEfficiency_pct, MIN_EFFICIENCY, HUNDRED);
        OutcomeDraft memory draft = Outcomes.open(1, 4);

        int256 fossil = draft.step("fossilHeat", 0, "GJ", _fuelHeat(inputs.weighed, inputs.gases));
        int256 boiler = draft.step("boilerHeat", 0, "GJ", _boilerHeat(inputs.steam));
        require(boiler != 0, Rule_OutOfRange("boilerHeat", 0, boiler));
        int256 fuel =
            draft.step("fuelHeat", 0, "GJ", Fixed.ratio(boiler, HUNDRED, inputs.boilerEfficiency_pct));
        int256 balance = draft.step("balance", 0, "%", HUNDRED - Fixed.ratio(fossil, HUNDRED, fuel));
        draft.result("biomassShare", "%", balance < 0 ? int256(0) : balance, 2);
        return draft.close();
    }

    function _boilerHeat(PowerBoilerSteam[] memory steam) private pure returns (int256 heat) {
        _requireSome("steam", steam.length);
        for (uint256 i = 0; i < steam.length; ++i) {
            _requireAmount("steam", i, steam[i].steam_t);
            _requireAmount("enthalpyOut", i, steam[i].enthalpyOut_kJ_per_kg);
            _requireWithin("enthalpyIn", i, steam[i].enthalpyIn_kJ_per_kg, 0, steam[i].enthalpyOut_kJ_per_kg);
            int256 rise = steam[i].enthalpyOut_kJ_per_kg - steam[i].enthalpyIn_kJ_per_kg;
            heat += Fixed.ratio(steam[i].steam_t, rise, THOUSAND);
        }
    }
}
