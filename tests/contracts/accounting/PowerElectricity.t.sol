// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {PowerElectricity, PowerElectricityInputs} from "contracts/accounting/rules/PowerElectricity.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {RoundingProfile} from "contracts/types/Enums.sol";

/// @notice Figures in the assertions are worked by hand.
contract PowerElectricityTest is RuleTest {
    PowerElectricity private rule;

    function setUp() external {
        rule = new PowerElectricity();
    }

    function test_Named() external view {
        _assertNamed(rule, "power.electricity");
    }

    /// 12 345.678 MWh: × 0.5810 = 7 172.838918, × 0.5703 = 7 040.7401634, × 0.5366 = 6 624.6908148.
    function test_ElectricityTimesFactor() external view {
        assertEq(_of(12_345.678e18, 0.581e18), 7172.84e18);
        assertEq(_of(12_345.678e18, 0.5703e18), 7040.74e18);
        assertEq(_of(12_345.678e18, 0.5366e18), 6624.69e18);
    }

    /// 10.0095 MWh prints as 10.010; × 0.5 = 5.005, a tie. Unrounded it is 5.00475.
    function test_ReportRoundsTheElectricityFirst() external view {
        PowerElectricityInputs memory inputs = _inputs(10.0095e18, 0, 0.5e18);

        assertEq(_step(rule.compute(inputs, REPORTED), "purchased", 0), 10.01e18);
        assertEq(_result(rule.compute(inputs, REPORTED), "emissions"), 5.01e18);
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), 5e18);
    }

    function test_NothingBoughtIsZero() external view {
        assertEq(_of(0, 0.581e18), 0);
    }

    function testFuzz_AddsUpInAnyOrder(uint64 first, uint64 second, bool isReported) external view {
        RoundingProfile profile = isReported ? REPORTED : EXACT;
        (int256 a, int256 b) = (int256(uint256(first)) * 1e9, int256(uint256(second)) * 1e9);
        int256 whole = _result(rule.compute(_inputs(a + b, 0, 0.5306e18), profile), "emissions");

        assertEq(_result(rule.compute(_inputs(a, b, 0.5306e18), profile), "emissions"), whole);
        assertEq(_result(rule.compute(_inputs(b, a, 0.5306e18), profile), "emissions"), whole);
    }

    function testFuzz_Monotone(uint96 purchased, uint64 factor, uint64 more) external view {
        (int256 a, int256 f, int256 d) =
            (int256(uint256(purchased)), int256(uint256(factor)), int256(uint256(more)));

        assertGe(_of(a + d, f), _of(a, f));
        assertGe(_of(a, f + d), _of(a, f));
    }

    function test_RevertWhen_ReadingIsNegative() external {
        _expectOutOfRange("purchased", 1, -1);
        rule.compute(_inputs(1e18, -1, 0.5e18), EXACT);
    }

    function test_RevertWhen_ReadingIsNoAmount() external {
        _expectOutOfRange("purchased", 0, 1e30 + 1);
        rule.compute(_inputs(1e30 + 1, 0, 0.5e18), EXACT);
    }

    function test_RevertWhen_FactorIsNegative() external {
        _expectOutOfRange("factor", 0, -1);
        rule.compute(_inputs(1e18, 0, -1), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        PowerElectricityInputs memory inputs;
        _expectNothingGiven("purchased");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_inputs(1e18, 0, 0.5e18), TWO_DECIMALS);
    }

    function test_TakesOnlyCanonicalBytes() external {
        PowerElectricityInputs memory inputs = _inputs(1e18, 2e18, 0.5e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _of(int256 purchased, int256 factor) private view returns (int256) {
        Outcome memory outcome = rule.compute(_inputs(purchased, 0, factor), EXACT);
        return _result(outcome, "emissions");
    }

    function _inputs(int256 first, int256 second, int256 factor)
        private
        pure
        returns (PowerElectricityInputs memory inputs)
    {
        inputs.purchased_MWh = new int256[](2);
        (inputs.purchased_MWh[0], inputs.purchased_MWh[1]) = (first, second);
        inputs.factor_tCO2_per_MWh = factor;
    }
}
