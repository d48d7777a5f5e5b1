// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A fuel's heat value and carbon.
/// @param heat_GJ_per_t Lower heat value, GJ/t.
/// @param carbonPerHeat_tC_per_GJ Carbon of a unit of heat, tC/GJ.
/// @param oxidation_1 Share of the carbon that burns, 0 to 1; 1 where a guide takes none, as for products of steel works.
struct FuelFactorInputs {
    int256 heat_GJ_per_t;
    int256 carbonPerHeat_tC_per_GJ;
    int256 oxidation_1;
}

/// @title FuelFactor
/// @notice CO₂ of a tonne of fuel, for tables of factors: `EF = NCV × CC × OF × 44/12`.
///
/// Table A.2 of the steel guide has its factor of coal tar (煤焦油) so, with three decimals.
///
/// Profile: `Exact`. Results: `factor` tCO2/t with 3 decimals. Steps: `carbonContent` tC/t; `factorPerHeat` tCO2/GJ.
///
/// Worked by hand: 33.453 GJ/t × 0.02200 tC/GJ = 0.735966 tC/t; × 44/12 = 2.698542, so 2.699 tCO2/t.
contract FuelFactor is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "fuel.factor";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-03.01-V01-2024, table A.2, footnote 4; read in a public copy";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        FuelFactorInputs memory decoded = abi.decode(inputs, (FuelFactorInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(FuelFactorInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("heat", 0, inputs.heat_GJ_per_t);
        _requireAmount("carbonPerHeat", 0, inputs.carbonPerHeat_tC_per_GJ);
        _requireShare("oxidation", 0, inputs.oxidation_1);
        int256 carbon = Fixed.mul(inputs.heat_GJ_per_t, inputs.carbonPerHeat_tC_per_GJ);
        _requireShare("carbonContent", 0, carbon);
        OutcomeDraft memory draft = Outcomes.open(1, 2);

        draft.step("carbonContent", 0, "tC/t", carbon);
        int256 burnedPerHeat = Fixed.mul(inputs.carbonPerHeat_tC_per_GJ, inputs.oxidation_1);
        draft.step("factorPerHeat", 0, "tCO2/GJ", _carbonDioxide(burnedPerHeat));
        draft.result("factor", "tCO2/t", _carbonDioxide(Fixed.mul(carbon, inputs.oxidation_1)), 3);
        return draft.close();
    }
}
