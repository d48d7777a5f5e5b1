// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {FuelHeat, FuelHeatGas, FuelHeatMass} from "./FuelHeat.sol";

/// @notice What a unit burned and gave in a year.
/// @param weighed Fuels in t.
/// @param gases Fuels in 10⁴ Nm³.
/// @param generated_MWh Power generated, MWh.
/// @param suppliesHeat Whether the unit supplies heat (热电联产) or condenses all steam (纯凝).
/// @param heatSupplied_GJ Heat supplied, GJ; 0 for a unit that supplies none.
struct PowerEfficiencyCheckInputs {
    FuelHeatMass[] weighed;
    FuelHeatGas[] gases;
    int256 generated_MWh;
    bool suppliesHeat;
    int256 heatSupplied_GJ;
}

/// @title PowerEfficiencyCheck
/// @notice Plausibility of the fuel reported: `(3.6 W + Q) / Σ FC·NCV` is below 1, and below 0.46 for a condensing unit.
///
/// The bounds are experience, not law: a unit outside them has a question to answer. The comparison is strict and made with
/// the numbers given, not with the rounded quotient.
///
/// Results: `efficiency` as a fraction with 4 decimals; `holds`, 1 if it is below the bound and 0 if not.
/// Steps: `fuelHeat`, `usefulHeat` GJ; `bound`.
///
/// Worked by hand: 3.6 × 2 692 800 MWh = 9 694 080 GJ; of 1 200 000 t × 20.9 = 25 080 000 GJ that is 0.3865, below 0.46; of
/// 1 000 000 t × 20.9 = 20 900 000 GJ it is 0.4638, which is not.
contract PowerEfficiencyCheck is FuelHeat {
    using Outcomes for OutcomeDraft;

    /// @dev A megawatt-hour in GJ.
    int256 private constant GJ_PER_MWH = 3.6e18;
    int256 private constant CONDENSING_BOUND = 0.46e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "power.efficiency-check";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-VG-01.01-V02-2026, table 15; read";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerEfficiencyCheckInputs memory decoded = abi.decode(inputs, (PowerEfficiencyCheckInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(PowerEfficiencyCheckInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireAmount("generated", 0, inputs.generated_MWh);
        _requireAmount("heatSupplied", 0, inputs.heatSupplied_GJ);
        if (!inputs.suppliesHeat) _requireUnused("heatSupplied", 0, inputs.heatSupplied_GJ);
        OutcomeDraft memory draft = Outcomes.open(2, 3);

        int256 fuel = draft.step("fuelHeat", 0, "GJ", _fuelHeat(inputs.weighed, inputs.gases));
        require(fuel != 0, Rule_OutOfRange("fuelHeat", 0, fuel));
        int256 power = Fixed.mul(inputs.generated_MWh, GJ_PER_MWH);
        int256 useful = draft.step("usefulHeat", 0, "GJ", power + inputs.heatSupplied_GJ);
        int256 bound = draft.step("bound", 0, "1", inputs.suppliesHeat ? Fixed.ONE : CONDENSING_BOUND);
        draft.result("efficiency", "1", Fixed.div(useful, fuel), 4);
        draft.result("holds", "1", useful < Fixed.mul(fuel, bound) ? Fixed.ONE : int256(0), 0);
        return draft.close();
    }
}
