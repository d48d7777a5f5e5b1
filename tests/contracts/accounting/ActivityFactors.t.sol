// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    ActivityFactors,
    ActivityFactorsInputs,
    ActivityLine
} from "contracts/accounting/rules/ActivityFactors.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract ActivityFactorsTest is RuleTest {
    ActivityFactors private rule;

    function setUp() external {
        rule = new ActivityFactors();
    }

    function test_Named() external view {
        _assertNamed(rule, "activity.factors");
    }

    /// 10 m3 × 2.162 + 5 L × 2.32 = 21.62 + 11.6.
    function test_SumsProducts() external view {
        Outcome memory outcome =
            rule.compute(_two(ActivityLine("m3", 10e18, 2.162e18), ActivityLine("L", 5e18, 2.32e18)), EXACT);

        assertEq(_result(outcome, "emissions"), 33.22e18);
        assertEq(_result(outcome, "emissionsTonnes"), 0.03e18);
        assertEq(_step(outcome, "lineEmissions", 0), 21.62e18);
        assertEq(_find(outcome.steps, "activity", 1).unit, bytes32("L"));
    }

    /// 1 000 kWh × 0.5306.
    function test_Electricity() external view {
        assertEq(
            _emissions(_two(ActivityLine("kWh", 1000e18, 0.5306e18), ActivityLine("L", 0, 2e18))), 530.6e18
        );
    }

    /// 13 202 kWh × 0.5306 = 7 004.9812 kg.
    function test_Tonnes() external view {
        Outcome memory outcome =
            rule.compute(_two(ActivityLine("kWh", 13_202e18, 0.5306e18), ActivityLine("L", 0, 0)), EXACT);

        assertEq(_result(outcome, "emissions"), 7004.981e18);
        assertEq(_result(outcome, "emissionsTonnes"), 7e18);
    }

    function testFuzz_OrderDoesNotMatter(uint96[2] memory activity, uint64[2] memory factor) external view {
        ActivityLine memory a = ActivityLine("m3", int256(uint256(activity[0])), int256(uint256(factor[0])));
        ActivityLine memory b = ActivityLine("L", int256(uint256(activity[1])), int256(uint256(factor[1])));

        assertEq(_emissions(_two(a, b)), _emissions(_two(b, a)));
    }

    function testFuzz_Monotone(uint96 activity, uint64 factor, uint64 more) external view {
        ActivityLine memory line = ActivityLine("m3", int256(uint256(activity)), int256(uint256(factor)));
        int256 before = _emissions(_two(line, line));
        line.activity += int256(uint256(more));
        int256 between = _emissions(_two(line, line));
        line.factor_kgCO2e += int256(uint256(more));

        assertGe(between, before);
        assertGe(_emissions(_two(line, line)), between);
    }

    function test_RevertWhen_UnitHasNoName() external {
        _expectNothingGiven("unit");
        rule.compute(_two(ActivityLine("m3", 1e18, 1e18), ActivityLine("", 1e18, 1e18)), EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        _expectOutOfRange("activity", 1, -1);
        rule.compute(_two(ActivityLine("m3", 1e18, 1e18), ActivityLine("L", -1, 1e18)), EXACT);
        _expectOutOfRange("factor", 1, -1);
        rule.compute(_two(ActivityLine("m3", 1e18, 1e18), ActivityLine("L", 1e18, -1)), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        ActivityFactorsInputs memory inputs;
        _expectNothingGiven("lines");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_two(ActivityLine("m3", 1e18, 1e18), ActivityLine("L", 1e18, 1e18)), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        ActivityFactorsInputs memory inputs =
            _two(ActivityLine("m3", 1e18, 1e18), ActivityLine("L", 1e18, 1e18));
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _emissions(ActivityFactorsInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "emissions");
    }

    function _two(ActivityLine memory first, ActivityLine memory second)
        private
        pure
        returns (ActivityFactorsInputs memory inputs)
    {
        inputs.lines = new ActivityLine[](2);
        (inputs.lines[0], inputs.lines[1]) = (first, second);
    }
}
