// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {GapCap, GapCapInputs, GapCapUnit} from "contracts/accounting/rules/GapCap.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

contract GapCapTest is AllocationTest {
    GapCap private _rule = new GapCap();

    // --- the cap

    /// @dev 600 000 of 700 000: (700 000 − 600 000)/700 000 = 14.2857… %, within the cap of 20 %.
    function test_SmallGapStays() external view {
        _assertCapped(_one(600_000e18, 700_000e18), 14.29e18, 0);
    }

    /// @dev 500 000 of 700 000: the gap is 28.57 %, and 560 000 are 80 %.
    function test_GreatGapIsToppedUp() external view {
        _assertCapped(_one(500_000e18, 700_000e18), 28.57e18, 60_000e18);
    }

    /// @dev 560 000 are exactly 80 %; one tonne less is topped up by one, and the rate still reads 20.00.
    function test_ExactlyEightyPercent() external view {
        _assertCapped(_one(560_000e18, 700_000e18), 20e18, 0);
        _assertCapped(_one(559_999e18, 700_000e18), 20e18, 1e18);
    }

    /// @dev 80 % of 700 001 are 560 000.8: less than a tonne lacks, and nothing is topped up.
    function test_TopUpIsRoundedDown() external view {
        _assertCapped(_one(560_000e18, 700_001e18), 20e18, 0);
        _assertCapped(_one(559_999e18, 700_001e18), 20e18, 1e18);
        _assertCapped(_one(560_000e18, 700_001.25e18 - 1), 20e18, 0);
        _assertCapped(_one(560_000e18, 700_001.25e18), 20e18, 1e18);
    }

    /// @dev A firm that has more than it emitted has a negative gap.
    function test_SurplusIsNoGap() external view {
        _assertCapped(_one(800_000e18, 700_000e18), -14.29e18, 0);
    }

    /// @dev 0.125 % and its negative are ties, and go away from zero.
    function test_TieOfTheRate() external view {
        _assertCapped(_one(79_900e18, 80_000e18), 0.13e18, 0);
        _assertCapped(_one(80_100e18, 80_000e18), -0.13e18, 0);
        _assertCapped(_one(79_901e18, 80_000e18), 0.12e18, 0);
    }

    /// @dev One unit's surplus fills another's gap: the cap is the firm's.
    function test_UnitsCountTogether() external view {
        GapCapUnit[] memory units = new GapCapUnit[](2);
        units[0] = GapCapUnit(100_000e18, 500_000e18);
        units[1] = GapCapUnit(460_000e18, 200_000e18);
        Outcome memory outcome = _rule.compute(GapCapInputs(units), EXACT);

        assertEq(_result(outcome, "topUp"), 0);
        assertEq(_step(outcome, "initial", 0), 560_000e18);
        assertEq(_step(outcome, "verified", 0), 700_000e18);
    }

    // --- properties

    function testFuzz_NeverLowersAndNeverGoesBeyond(uint256 initial, uint256 verified) external view {
        GapCapInputs memory inputs = _one(_tonnes(initial), _amount(verified) + 1);
        int256 given = inputs.units[0].approved_t;
        int256 emission = inputs.units[0].verified_tCO2;
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        int256 approved = _result(outcome, "approved");

        assertGe(approved, given);
        assertGt((approved + ONE) * 5, emission * 4);
        if (approved > given) assertLe(approved * 5, emission * 4);
        assertEq(approved, given + _result(outcome, "topUp"));
    }

    // --- refusals

    function test_RevertWhen_NothingWasEmitted() external {
        _expectOutOfRange("verified_tCO2", 0, 0);
        _rule.compute(_one(1e18, 0), EXACT);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("approved_t", 0, 1e18 + 1);
        _rule.compute(_one(1e18 + 1, 1e18), EXACT);
        _expectOutOfRange("verified_tCO2", 0, -1);
        _rule.compute(_one(1e18, -1), EXACT);
    }

    function test_RevertWhen_ThereIsNoUnit() external {
        _expectNothingGiven("units");
        _rule.compute(GapCapInputs(new GapCapUnit[](0)), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(_one(1e18, 1e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        GapCapInputs memory inputs = _one(1e18, 1e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "allocation.gap-cap");
    }

    function _one(int256 approved, int256 verified) private pure returns (GapCapInputs memory) {
        GapCapUnit[] memory units = new GapCapUnit[](1);
        units[0] = GapCapUnit(approved, verified);
        return GapCapInputs(units);
    }

    function _assertCapped(GapCapInputs memory inputs, int256 rate, int256 topUp) private view {
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        assertEq(_result(outcome, "gapRate"), rate);
        assertEq(_result(outcome, "topUp"), topUp);
        assertEq(_result(outcome, "approved"), inputs.units[0].approved_t + topUp);
    }
}
