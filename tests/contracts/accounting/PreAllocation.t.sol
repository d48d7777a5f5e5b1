// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {PreAllocation2023, PreAllocation2023Inputs} from "contracts/accounting/rules/PreAllocation2023.sol";
import {PreAllocation2025, PreAllocation2025Inputs} from "contracts/accounting/rules/PreAllocation2025.sol";

contract PreAllocationTest is AllocationTest {
    PreAllocation2023 private _of2023 = new PreAllocation2023();
    PreAllocation2025 private _of2025 = new PreAllocation2025();

    /// @dev 70 % of 1 000 001 is 700 000.7, and of 999 999 it is 699 999.3.
    function test_SeventyPercentRoundedDown() external view {
        assertEq(_of(1_000_001e18), 700_000e18);
        assertEq(_of(999_999e18), 699_999e18);
        assertEq(_of(0), 0);
    }

    /// @dev 70 % of 10 is 7, and of a last decimal less it is not.
    function test_WholeShareIsNotLost() external view {
        assertEq(_of(10e18), 7e18);
        assertEq(_of(10e18 - 1), 6e18);
        assertEq(_with(14e18, 50e18), 7e18);
        assertEq(_with(14e18 - 1, 50e18), 6e18);
        assertEq(_with(14e18, 50e18 - 1), 6e18);
    }

    /// @dev The draft's own example: 1789.70 gives 1789.
    function test_ExampleOfTheDraft() external view {
        assertEq(_with(3579.4e18, 50e18), 1789e18);
    }

    function test_ProvinceMayTakeLess() external view {
        assertEq(_with(1_000_000e18, 33.3e18), 333_000e18);
        assertEq(_with(1_000_000e18, 0), 0);
    }

    function testFuzz_NeverAboveTheShare(uint256 verified, uint256 more, uint256 share) external view {
        int256 base = _amount(verified);
        int256 given = int256(share % 50e18);
        int256 first = _with(base, given);

        assertLe(first * 100e18, base * given);
        assertGt((first + ONE) * 100e18, base * given);
        assertGe(_with(base + _amount(more), given), first);
        assertEq(_of(base), (base * 7 / 10) / ONE * ONE);
    }

    function test_RevertWhen_ShareIsAboveHalf() external {
        _expectOutOfRange("share_pct", 0, 50e18 + 1);
        _of2025.compute(PreAllocation2025Inputs(1e18, 50e18 + 1), EXACT);
        _expectOutOfRange("share_pct", 0, -1);
        _of2025.compute(PreAllocation2025Inputs(1e18, -1), EXACT);
    }

    function test_RevertWhen_EmissionIsNegative() external {
        _expectOutOfRange("verified_tCO2", 0, -1);
        _of2023.compute(PreAllocation2023Inputs(-1), EXACT);
        _expectOutOfRange("verified_tCO2", 0, -1);
        _of2025.compute(PreAllocation2025Inputs(-1, 50e18), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _of2023.compute(PreAllocation2023Inputs(1e18), REPORTED);
        _expectProfileUnknown(REPORTED);
        _of2025.compute(PreAllocation2025Inputs(1e18, 50e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        PreAllocation2023Inputs memory of2023 = PreAllocation2023Inputs(10e18);
        _assertTakesOnlyCanonical(_of2023, abi.encode(of2023), _of2023.compute(of2023, EXACT));
        PreAllocation2025Inputs memory of2025 = PreAllocation2025Inputs(10e18, 50e18);
        _assertTakesOnlyCanonical(_of2025, abi.encode(of2025), _of2025.compute(of2025, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertVersioned(_of2023, "allocation.pre-allocation", 1);
        _assertVersioned(_of2025, "allocation.pre-allocation", 2);
    }

    function _of(int256 verified) private view returns (int256) {
        return _result(_of2023.compute(PreAllocation2023Inputs(verified), EXACT), "preAllocation");
    }

    function _with(int256 verified, int256 share) private view returns (int256) {
        return _result(_of2025.compute(PreAllocation2025Inputs(verified, share), EXACT), "preAllocation");
    }
}
