// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    WeightedMean,
    WeightedMeanInputs,
    WeightedMeanLine
} from "contracts/accounting/rules/WeightedMean.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract WeightedMeanTest is RuleTest {
    WeightedMean private rule;

    function setUp() external {
        rule = new WeightedMean();
    }

    function test_Named() external view {
        _assertNamed(rule, "mean.weighted");
    }

    /// 12 967 / 23 700
    function test_WeighsByWhatWasBurned() external view {
        WeightedMeanInputs memory inputs = _two(8000e18, 0.55e18, 7500e18, 0.53e18);
        WeightedMeanLine[] memory lines = new WeightedMeanLine[](3);
        (lines[0], lines[1], lines[2]) =
        (inputs.lines[0], inputs.lines[1], WeightedMeanLine(8200e18, 0.56e18));
        inputs.lines = lines;
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_step(outcome, "mean", 0), 0.547130801687763713e18);
        assertEq(_result(outcome, "mean"), 0.5471e18);
        assertEq(outcome.results[0].unit, bytes32("tC/t"));
        assertEq(outcome.results[0].decimals, 4);
    }

    /// The mean of 0.5400 and 0.5401 is 0.54005, which goes up.
    function test_RoundsHalfUp() external view {
        assertEq(_mean(_two(1e18, 0.54e18, 1e18, 0.5401e18)), 0.5401e18);
    }

    function test_ZeroValueCountsAndZeroWeightDoesNot() external view {
        assertEq(_mean(_two(100e18, 0.6e18, 100e18, 0)), 0.3e18);
        assertEq(_mean(_two(100e18, 0.6e18, 0, 0.1e18)), 0.6e18);
    }

    function testFuzz_LiesBetweenInAnyOrder(uint64[2] memory weight, uint64[2] memory value) external view {
        int256 w = int256(uint256(weight[0])) + 1;
        int256 v = int256(uint256(weight[1]));
        (int256 x, int256 y) = (int256(uint256(value[0])), int256(uint256(value[1])));
        WeightedMeanInputs memory inputs = _two(w, x, v, y);
        inputs.decimals = 18;
        int256 mean = _mean(inputs);

        assertGe(mean, x < y ? x : y);
        assertLe(mean, x < y ? y : x);
        (inputs.lines[0], inputs.lines[1]) = (inputs.lines[1], inputs.lines[0]);
        assertEq(_mean(inputs), mean);
    }

    function testFuzz_Monotone(uint64[2] memory weight, uint64[3] memory value) external view {
        int256 w = int256(uint256(weight[0])) * 1e9 + 1e18;
        WeightedMeanInputs memory inputs =
            _two(w, int256(uint256(value[0])), int256(uint256(weight[1])), int256(uint256(value[1])));
        int256 before = _mean(inputs);
        inputs.lines[1].value += int256(uint256(value[2]));

        assertGe(_mean(inputs), before);
    }

    function test_RevertWhen_WeightsAreZero() external {
        _expectOutOfRange("weight", 0, 0);
        rule.compute(_two(0, 0.5e18, 0, 0.6e18), EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        _expectOutOfRange("weight", 1, -1);
        rule.compute(_two(1e18, 0.5e18, -1, 0.6e18), EXACT);
        _expectOutOfRange("value", 1, -1);
        rule.compute(_two(1e18, 0.5e18, 1e18, -1), EXACT);
    }

    function test_RevertWhen_MoreDecimalsThanANumberHas() external {
        WeightedMeanInputs memory inputs = _two(1e18, 0.5e18, 1e18, 0.5e18);
        inputs.decimals = 19;
        _expectOutOfRange("decimals", 0, 19e18);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        WeightedMeanInputs memory inputs;
        _expectNothingGiven("lines");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_two(1e18, 0.5e18, 1e18, 0.6e18), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        WeightedMeanInputs memory inputs = _two(1e18, 0.5e18, 1e18, 0.6e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _mean(WeightedMeanInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "mean");
    }

    function _two(int256 weight, int256 value, int256 otherWeight, int256 otherValue)
        private
        pure
        returns (WeightedMeanInputs memory inputs)
    {
        inputs.unit = "tC/t";
        inputs.decimals = 4;
        inputs.lines = new WeightedMeanLine[](2);
        inputs.lines[0] = WeightedMeanLine(weight, value);
        inputs.lines[1] = WeightedMeanLine(otherWeight, otherValue);
    }
}
