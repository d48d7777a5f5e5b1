// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice What a unit of combined heat and power gave in a year.
/// @param heatSupplied_GJ Heat supplied, GJ; not above the boiler's.
/// @param boilerHeat_GJ Heat that the boiler gave, above 0, GJ.
/// @param generated_MWh Power generated, MWh.
/// @param emissions_tCO2 Emissions, tCO2.
struct PowerHeatRatioInputs {
    int256 heatSupplied_GJ;
    int256 boilerHeat_GJ;
    int256 generated_MWh;
    int256 emissions_tCO2;
}

/// @title PowerHeatRatio
/// @notice Heat ratio (供热比) `α = Q / Qboiler`, and intensities of power `(1 − α) E / W` and of heat `α E / Q`.
///
/// All three are auxiliary figures of the report. The parts for heat and for power add up to the emissions.
/// An intensity whose divisor is zero does not exist, and is not among the results.
///
/// `Reported` rounds the ratio to 2 decimals of a percent before it is used. Results: `heatRatio` % with 2 decimals,
/// `powerIntensity` tCO2/MWh with 4, `heatIntensity` tCO2/GJ with 4. Steps: `ratio` %, `heatEmissions`, `powerEmissions` tCO2.
///
/// Worked by hand: 2 000 000 GJ of 10 000 000 GJ are 20 %; 900 000 tCO2 × 0.8 / 1 000 000 MWh = 0.7200 tCO2/MWh;
/// 900 000 × 0.2 / 2 000 000 GJ = 0.0900 tCO2/GJ.
contract PowerHeatRatio is Rule {
    using Outcomes for OutcomeDraft;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "power.heat-ratio";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-01.01, heat ratio and intensities; recalled, not retrieved; confidence 0.9";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerHeatRatioInputs memory decoded = abi.decode(inputs, (PowerHeatRatioInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerHeatRatioInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        _requirePositive("boilerHeat", 0, inputs.boilerHeat_GJ);
        _requireWithin("heatSupplied", 0, inputs.heatSupplied_GJ, 0, inputs.boilerHeat_GJ);
        _requireAmount("generated", 0, inputs.generated_MWh);
        _requireAmount("emissions", 0, inputs.emissions_tCO2);
        OutcomeDraft memory draft = Outcomes.open(3, 3);

        int256 share = Fixed.ratio(inputs.heatSupplied_GJ, HUNDRED, inputs.boilerHeat_GJ);
        int256 ratio = _use(draft, profile, "ratio", 0, "%", share, 2);
        int256 ofHeat = profile == RoundingProfile.Reported
            ? Fixed.ratio(inputs.emissions_tCO2, ratio, HUNDRED)
            : Fixed.ratio(inputs.emissions_tCO2, inputs.heatSupplied_GJ, inputs.boilerHeat_GJ);
        draft.step("heatEmissions", 0, "tCO2", ofHeat);
        int256 ofPower = draft.step("powerEmissions", 0, "tCO2", inputs.emissions_tCO2 - ofHeat);

        draft.result("heatRatio", "%", ratio, 2);
        if (inputs.generated_MWh != 0) {
            draft.result("powerIntensity", "tCO2/MWh", Fixed.div(ofPower, inputs.generated_MWh), 4);
        }
        if (inputs.heatSupplied_GJ != 0) {
            draft.result("heatIntensity", "tCO2/GJ", Fixed.div(ofHeat, inputs.heatSupplied_GJ), 4);
        }
        return draft.close();
    }
}
