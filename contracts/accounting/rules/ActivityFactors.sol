// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice An activity and its factor.
/// @param unit Unit of the activity, such as `m3`, `L`, `kWh`.
/// @param activity How much of it, in that unit.
/// @param factor_kgCO2e Emission factor, kgCO2e for one such unit.
struct ActivityLine {
    bytes32 unit;
    int256 activity;
    int256 factor_kgCO2e;
}

/// @notice The activities of an inventory that are reckoned by a factor.
/// @param lines The activities.
struct ActivityFactorsInputs {
    ActivityLine[] lines;
}

/// @title ActivityFactors
/// @notice Activity data times emission factors (活动数据 × 排放因子), summed.
///
/// For voluntary inventories and small sources; the obligations of the trading scheme have rules of their own.
///
/// Results: `emissions` kgCO2e with 3 decimals; `emissionsTonnes` tCO2e with 2. Steps: `activity` in its unit and
/// `lineEmissions` kgCO2e per line.
///
/// Worked by hand: 10 m3 × 2.162 + 5 L × 2.32 = 21.62 + 11.6 = 33.220 kgCO2e.
contract ActivityFactors is Rule {
    using Outcomes for OutcomeDraft;

    int256 private constant KILOGRAMS_PER_TONNE = 1000;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "activity.factors";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "ISO 14064-1:2018, 6.2; GHG Protocol Corporate Standard";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        ActivityFactorsInputs memory decoded = abi.decode(inputs, (ActivityFactorsInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(ActivityFactorsInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        ActivityLine[] memory lines = inputs.lines;
        _requireSome("lines", lines.length);
        OutcomeDraft memory draft = Outcomes.open(2, 2 * lines.length);

        int256 emissions;
        for (uint256 i = 0; i < lines.length; ++i) {
            _requireSome("unit", uint256(lines[i].unit));
            _requireAmount("activity", i, lines[i].activity);
            _requireAmount("factor", i, lines[i].factor_kgCO2e);
            draft.step("activity", i, lines[i].unit, lines[i].activity);
            int256 ofLine = Fixed.mul(lines[i].activity, lines[i].factor_kgCO2e);
            emissions += draft.step("lineEmissions", i, "kgCO2e", ofLine);
        }
        draft.result("emissions", "kgCO2e", emissions, 3);
        draft.result("emissionsTonnes", "tCO2e", Fixed.ratio(emissions, 1, KILOGRAMS_PER_TONNE), 2);
        return draft.close();
    }
}
