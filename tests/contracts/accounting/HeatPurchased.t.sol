// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {HeatPurchased, HeatPurchasedInputs} from "contracts/accounting/rules/HeatPurchased.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {RoundingProfile} from "contracts/types/Enums.sol";

/// @notice Figures in the assertions are worked by hand.
contract HeatPurchasedTest is RuleTest {
    HeatPurchased private rule;

    function setUp() external {
        rule = new HeatPurchased();
    }

    function test_Named() external view {
        _assertNamed(rule, "heat.purchased");
    }

    /// 27 162.60 GJ × 0.11 = 2 987.886.
    function test_HeatTimesFactor() external view {
        assertEq(_of(27_162.6e18, 0.11e18), 2987.89e18);
    }

    /// 10.094 GJ prints as 10.09; × 10 = 100.90. Unrounded it is 100.94.
    function test_ReportRoundsTheHeatFirst() external view {
        HeatPurchasedInputs memory inputs = _inputs(10.094e18, 0, 10e18);

        assertEq(_step(rule.compute(inputs, REPORTED), "purchased", 0), 10.09e18);
        assertEq(_result(rule.compute(inputs, REPORTED), "emissions"), 100.9e18);
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), 100.94e18);
    }

    function test_NothingBoughtIsZero() external view {
        assertEq(_of(0, 0.11e18), 0);
    }

    function testFuzz_AddsUpInAnyOrder(uint64 first, uint64 second, bool isReported) external view {
        RoundingProfile profile = isReported ? REPORTED : EXACT;
        (int256 a, int256 b) = (int256(uint256(first)) * 1e9, int256(uint256(second)) * 1e9);
        int256 whole = _result(rule.compute(_inputs(a + b, 0, 0.11e18), profile), "emissions");

        assertEq(_result(rule.compute(_inputs(a, b, 0.11e18), profile), "emissions"), whole);
        assertEq(_result(rule.compute(_inputs(b, a, 0.11e18), profile), "emissions"), whole);
    }

    function testFuzz_Monotone(uint96 purchased, uint64 factor, uint64 more) external view {
        (int256 a, int256 f, int256 d) =
            (int256(uint256(purchased)), int256(uint256(factor)), int256(uint256(more)));

        assertGe(_of(a + d, f), _of(a, f));
        assertGe(_of(a, f + d), _of(a, f));
    }

    function test_RevertWhen_ReadingIsNegative() external {
        _expectOutOfRange("purchased", 1, -1);
        rule.compute(_inputs(1e18, -1, 0.11e18), EXACT);
    }

    function test_RevertWhen_FactorIsNegative() external {
        _expectOutOfRange("factor", 0, -1);
        rule.compute(_inputs(1e18, 0, -1), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        HeatPurchasedInputs memory inputs;
        _expectNothingGiven("purchased");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_inputs(1e18, 0, 0.11e18), TWO_DECIMALS);
    }

    function test_TakesOnlyCanonicalBytes() external {
        HeatPurchasedInputs memory inputs = _inputs(1e18, 2e18, 0.11e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _of(int256 purchased, int256 factor) private view returns (int256) {
        Outcome memory outcome = rule.compute(_inputs(purchased, 0, factor), EXACT);
        return _result(outcome, "emissions");
    }

    function _inputs(int256 first, int256 second, int256 factor)
        private
        pure
        returns (HeatPurchasedInputs memory inputs)
    {
        inputs.purchased_GJ = new int256[](2);
        (inputs.purchased_GJ[0], inputs.purchased_GJ[1]) = (first, second);
        inputs.factor_tCO2_per_GJ = factor;
    }
}
