// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {PenaltyRange, PenaltyRangeInputs} from "contracts/accounting/rules/PenaltyRange.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

contract PenaltyRangeTest is AllocationTest {
    PenaltyRange private _rule = new PenaltyRange();

    /// @dev 1234 t at CNY 71.35: 88 045.90, five and ten times.
    function test_FiveToTenTimesThePrice() external view {
        Outcome memory outcome = _rule.compute(PenaltyRangeInputs(1234e18, 71.35e18), EXACT);

        assertEq(_result(outcome, "lowest"), 440_229.5e18);
        assertEq(_result(outcome, "highest"), 880_459e18);
        assertEq(outcome.results[0].unit, bytes32("CNY"));
        assertEq(outcome.results[0].decimals, 2);
    }

    function test_NothingMissingCostsNothing() external view {
        Outcome memory outcome = _rule.compute(PenaltyRangeInputs(0, 71.35e18), EXACT);
        assertEq(_result(outcome, "lowest"), 0);
        assertEq(_result(outcome, "highest"), 0);
    }

    /// @dev 1 t at CNY 0.001: half a fen is rounded up, and a last decimal less is not.
    function test_HalfAFenIsRoundedUp() external view {
        assertEq(_result(_rule.compute(PenaltyRangeInputs(1e18, 0.001e18), EXACT), "lowest"), 0.01e18);
        assertEq(_result(_rule.compute(PenaltyRangeInputs(1e18, 0.001e18 - 1), EXACT), "lowest"), 0);
    }

    function testFuzz_HighestIsTwiceTheLowest(uint256 shortfall, uint256 price, uint256 more) external view {
        PenaltyRangeInputs memory inputs =
            PenaltyRangeInputs(_tonnes(shortfall), int256(price % 1e12) * 1e16 + 1e16);
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        int256 lowest = _result(outcome, "lowest");

        assertEq(lowest, inputs.shortfall_t / ONE * inputs.meanPrice_CNY_per_t * 5);
        assertEq(_result(outcome, "highest"), 2 * lowest);
        inputs.shortfall_t += _tonnes(more);
        assertGe(_result(_rule.compute(inputs, EXACT), "lowest"), lowest);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("shortfall_t", 0, 0.5e18);
        _rule.compute(PenaltyRangeInputs(0.5e18, 1e18), EXACT);
        _expectOutOfRange("shortfall_t", 0, -1e18);
        _rule.compute(PenaltyRangeInputs(-1e18, 1e18), EXACT);
        _expectOutOfRange("meanPrice_CNY_per_t", 0, 0);
        _rule.compute(PenaltyRangeInputs(1e18, 0), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(PenaltyRangeInputs(1e18, 1e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        PenaltyRangeInputs memory inputs = PenaltyRangeInputs(1e18, 1e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "compliance.penalty-range");
    }
}
