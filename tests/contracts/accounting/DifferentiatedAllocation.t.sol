// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {
    DifferentiatedAllocation,
    DifferentiatedAllocationInputs
} from "contracts/accounting/rules/DifferentiatedAllocation.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

contract DifferentiatedAllocationTest is AllocationTest {
    DifferentiatedAllocation private _rule = new DifferentiatedAllocation();

    /// @dev The draft's own example.
    function test_RestIsReleased() external view {
        _assertReleased(1_200_000, 1_000_000, 1_000_000, 200_000, 0);
    }

    function test_NothingIsReleasedBeforeTheObligationIsMet() external view {
        _assertReleased(1_000_000, 1_000_000, 1_000_000, 0, 0);
        _assertReleased(1_000_001, 1_000_000, 1_000_000, 1, 0);
        _assertReleased(999_999, 1_000_000, 999_999, 0, 1);
    }

    function test_NothingOwedOrNothingIssued() external view {
        _assertReleased(1000, 0, 0, 1000, 0);
        _assertReleased(0, 1000, 0, 0, 1000);
    }

    function testFuzz_Conserves(uint256 issued, uint256 obligation) external view {
        DifferentiatedAllocationInputs memory inputs =
            DifferentiatedAllocationInputs(_tonnes(issued), _tonnes(obligation));
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        int256 forced = _result(outcome, "forcedSurrender");

        assertEq(forced + _result(outcome, "released"), inputs.issued_t);
        assertEq(forced + _result(outcome, "shortfall"), inputs.obligation_t);
        assertTrue(_result(outcome, "released") == 0 || _result(outcome, "shortfall") == 0);
    }

    function test_RevertWhen_ANumberIsNoWholeAmount() external {
        _expectOutOfRange("issued_t", 0, 0.5e18);
        _rule.compute(DifferentiatedAllocationInputs(0.5e18, 0), EXACT);
        _expectOutOfRange("obligation_t", 0, -1e18);
        _rule.compute(DifferentiatedAllocationInputs(0, -1e18), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(DifferentiatedAllocationInputs(0, 0), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        DifferentiatedAllocationInputs memory inputs = DifferentiatedAllocationInputs(2e18, 1e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "allocation.differentiated");
    }

    function _assertReleased(
        int256 issued,
        int256 obligation,
        int256 forced,
        int256 released,
        int256 shortfall
    ) private view {
        int256[] memory list = new int256[](3);
        (list[0], list[1], list[2]) = (forced, released, shortfall);
        _assertTonnes(
            _rule.compute(DifferentiatedAllocationInputs(issued * ONE, obligation * ONE), EXACT), list
        );
    }
}
