// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {
    AllocationAdjustment,
    AllocationAdjustmentInputs
} from "contracts/accounting/rules/AllocationAdjustment.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

contract AllocationAdjustmentTest is AllocationTest {
    AllocationAdjustment private _rule = new AllocationAdjustment();

    // --- results: cutAtPre, preIssued, refund, cutAtFinal, finalIssued, toReturn, remaining

    /// @dev The draft's own example; the 40 000 that remain are derived.
    function test_ExampleOfTheDraft() external view {
        _assertAdjusted(50_000, 30_000, 70_000, [int256(50_000), 0, 20_000, 0, 0, 0, 40_000]);
    }

    function test_NoCut() external view {
        _assertAdjusted(50_000, 70_000, 0, [int256(0), 50_000, 0, 0, 20_000, 0, 0]);
        _assertAdjusted(50_000, 30_000, 0, [int256(0), 50_000, 0, 0, 0, 20_000, 0]);
        _assertAdjusted(50_000, 50_000, 0, [int256(0), 50_000, 0, 0, 0, 0, 0]);
    }

    /// @dev The cut ends at the pre-allocation.
    function test_CutWithinThePreAllocation() external view {
        _assertAdjusted(50_000, 70_000, 20_000, [int256(20_000), 30_000, 0, 0, 20_000, 0, 0]);
        _assertAdjusted(50_000, 70_000, 50_000, [int256(50_000), 0, 0, 0, 20_000, 0, 0]);
    }

    /// @dev One tonne more than the pre-allocation is cut at the end.
    function test_CutGoesOnAtTheFinalAllocation() external view {
        _assertAdjusted(50_000, 70_000, 50_001, [int256(50_000), 0, 0, 1, 19_999, 0, 0]);
        _assertAdjusted(50_000, 70_000, 70_000, [int256(50_000), 0, 0, 20_000, 0, 0, 0]);
        _assertAdjusted(50_000, 70_000, 70_001, [int256(50_000), 0, 0, 20_000, 0, 0, 1]);
    }

    /// @dev Less was approved than was issued after the cut: the firm returns the difference.
    function test_TooMuchIssuedIsReturned() external view {
        _assertAdjusted(50_000, 30_000, 20_000, [int256(20_000), 30_000, 0, 0, 0, 20_000, 0]);
        _assertAdjusted(50_000, 40_000, 45_000, [int256(45_000), 5000, 5000, 0, 0, 5000, 5000]);
    }

    /// @dev As much was cut as was approved, to the tonne: no refund; with one tonne less approved, one is refunded.
    function test_RefundBeginsWhereLessIsApproved() external view {
        _assertAdjusted(50_000, 50_000, 50_000, [int256(50_000), 0, 0, 0, 0, 0, 0]);
        _assertAdjusted(50_000, 49_999, 50_000, [int256(50_000), 0, 1, 0, 0, 0, 1]);
    }

    function test_WithoutPreAllocation() external view {
        _assertAdjusted(0, 30_000, 10_000, [int256(0), 0, 0, 10_000, 20_000, 0, 0]);
        _assertAdjusted(0, 0, 10_000, [int256(0), 0, 0, 0, 0, 0, 10_000]);
    }

    // --- properties

    /// @dev Nothing of the cut is lost, and nothing of the approved amount; the firm never has less than nothing.
    function testFuzz_Conserves(uint256 pre, uint256 approved, uint256 cut) external view {
        AllocationAdjustmentInputs memory inputs =
            AllocationAdjustmentInputs(_tonnes(pre), _tonnes(approved), _tonnes(cut));
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        int256 made =
            _result(outcome, "cutAtPre") - _result(outcome, "refund") + _result(outcome, "cutAtFinal");
        int256 issued =
            _result(outcome, "preIssued") + _result(outcome, "finalIssued") - _result(outcome, "toReturn");

        assertEq(made + _result(outcome, "remaining"), inputs.cut_t);
        assertEq(made + issued, inputs.approved_t);
        assertEq(_result(outcome, "cutAtPre") + _result(outcome, "preIssued"), inputs.pre_t);
        assertGe(issued, 0);
        for (uint256 i = 0; i < outcome.results.length; ++i) {
            assertGe(outcome.results[i].value, 0);
        }
    }

    /// @dev Either more is issued or something is returned; either something is refunded or the cut goes on.
    function testFuzz_OneWayAtATime(uint256 pre, uint256 approved, uint256 cut) external view {
        AllocationAdjustmentInputs memory inputs =
            AllocationAdjustmentInputs(_tonnes(pre), _tonnes(approved), _tonnes(cut));
        Outcome memory outcome = _rule.compute(inputs, EXACT);

        assertTrue(_result(outcome, "finalIssued") == 0 || _result(outcome, "toReturn") == 0);
        assertTrue(_result(outcome, "refund") == 0 || _result(outcome, "cutAtFinal") == 0);
    }

    /// @dev A greater cut never leaves the firm more.
    function testFuzz_GreaterCutNeverLeavesMore(uint256 pre, uint256 approved, uint256 cut, uint256 more)
        external
        view
    {
        AllocationAdjustmentInputs memory inputs =
            AllocationAdjustmentInputs(_tonnes(pre), _tonnes(approved), _tonnes(cut));
        int256 left = _left(_rule.compute(inputs, EXACT));
        inputs.cut_t += _tonnes(more);

        assertLe(_left(_rule.compute(inputs, EXACT)), left);
    }

    // --- refusals

    function test_RevertWhen_ANumberIsNoWholeAmount() external {
        _expectOutOfRange("pre_t", 0, -1e18);
        _rule.compute(AllocationAdjustmentInputs(-1e18, 0, 0), EXACT);
        _expectOutOfRange("approved_t", 0, 0.5e18);
        _rule.compute(AllocationAdjustmentInputs(0, 0.5e18, 0), EXACT);
        _expectOutOfRange("cut_t", 0, 1e18 - 1);
        _rule.compute(AllocationAdjustmentInputs(0, 0, 1e18 - 1), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(AllocationAdjustmentInputs(0, 0, 0), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        AllocationAdjustmentInputs memory inputs = AllocationAdjustmentInputs(3e18, 2e18, 1e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "allocation.adjustment");
    }

    function _left(Outcome memory outcome) private pure returns (int256) {
        return _result(outcome, "preIssued") + _result(outcome, "finalIssued") - _result(outcome, "toReturn");
    }

    function _assertAdjusted(int256 pre, int256 approved, int256 cut, int256[7] memory expected)
        private
        view
    {
        int256[] memory list = new int256[](7);
        for (uint256 i = 0; i < 7; ++i) {
            list[i] = expected[i];
        }
        _assertTonnes(
            _rule.compute(AllocationAdjustmentInputs(pre * ONE, approved * ONE, cut * ONE), EXACT), list
        );
    }
}
