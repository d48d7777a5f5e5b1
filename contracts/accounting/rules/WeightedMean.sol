// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A measurement and what it stands for.
/// @param weight What it stands for, such as the fuel burned that day, in one unit for all lines.
/// @param value What was measured, in the unit of the mean.
struct WeightedMeanLine {
    int256 weight;
    int256 value;
}

/// @notice Measurements of one quantity.
/// @param unit Unit of the values, such as `tC/t`.
/// @param decimals Decimals of the mean, 0 to 18: 4 for a carbon content, 3 for a heat value.
/// @param lines The measurements.
struct WeightedMeanInputs {
    bytes32 unit;
    uint8 decimals;
    WeightedMeanLine[] lines;
}

/// @title WeightedMean
/// @notice Mean weighted by consumption (加权平均): `Σ w·x / Σ w`.
///
/// A value of zero counts; a day without a value is not a line, and its default is. The products are summed without
/// rounding and divided once, so the mean lies between the least value and the greatest.
///
/// Result: `mean` in the unit given, half up to the decimals given. Steps: `weight`; `mean` unrounded.
///
/// Worked by hand: (8 000 × 0.55 + 7 500 × 0.53 + 8 200 × 0.56) / 23 700 = 12 967 / 23 700 = 0.5471308…, so 0.5471.
contract WeightedMean is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant MAX_DECIMALS = 18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "mean.weighted";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-01.01, 6.2, weighted means; recalled, not retrieved; confidence 0.97";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        WeightedMeanInputs memory decoded = abi.decode(inputs, (WeightedMeanInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(WeightedMeanInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireCount("decimals", 0, inputs.decimals, 0, MAX_DECIMALS);
        _requireSome("lines", inputs.lines.length);
        OutcomeDraft memory draft = Outcomes.open(1, 2);

        int256 weight;
        // Times 1e36, as products of two numbers.
        int256 weighted;
        for (uint256 i = 0; i < inputs.lines.length; ++i) {
            _requireAmount("weight", i, inputs.lines[i].weight);
            _requireAmount("value", i, inputs.lines[i].value);
            weight += inputs.lines[i].weight;
            weighted += inputs.lines[i].weight * inputs.lines[i].value;
        }
        require(weight != 0, Rule_OutOfRange("weight", 0, weight));
        draft.step("weight", 0, "1", weight);
        int256 mean = draft.step("mean", 0, inputs.unit, Fixed.ratio(weighted, 1, weight));
        draft.result("mean", inputs.unit, mean, inputs.decimals);
        return draft.close();
    }
}
