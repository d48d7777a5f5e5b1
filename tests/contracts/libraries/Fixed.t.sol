// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Fixed} from "contracts/libraries/Fixed.sol";

/// @notice Roundings of decimal numbers, against the plain definition in wider integers.
contract FixedTest is Test {
    function test_MultipliesAndRoundsHalfAwayFromZero() external pure {
        assertEq(Fixed.mul(1.5e18, 2e18), 3e18);
        assertEq(Fixed.mul(1, 0.5e18), 1);
        assertEq(Fixed.mul(1, 0.5e18 - 1), 0);
        assertEq(Fixed.mul(-1, 0.5e18), -1);
        assertEq(Fixed.mul(-1, -0.5e18), 1);
    }

    function test_DividesAndRoundsHalfAwayFromZero() external pure {
        assertEq(Fixed.div(1e18, 3e18), 333_333_333_333_333_333);
        assertEq(Fixed.div(2e18, 3e18), 666_666_666_666_666_667);
        assertEq(Fixed.div(-2e18, 3e18), -666_666_666_666_666_667);
        assertEq(Fixed.div(2e18, -3e18), -666_666_666_666_666_667);
    }

    function test_RoundsHalfAwayFromZero() external pure {
        assertEq(Fixed.round(1.005e18, 2), 1.01e18);
        assertEq(Fixed.round(1.005e18 - 1, 2), 1e18);
        assertEq(Fixed.round(-1.005e18, 2), -1.01e18);
        assertEq(Fixed.round(2.5e18, 0), 3e18);
        assertEq(Fixed.round(123, 18), 123);
    }

    function test_RoundsDown() external pure {
        assertEq(Fixed.floor(1789.7e18, 0), 1789e18);
        assertEq(Fixed.floor(-0.1e18, 0), -1e18);
        assertEq(Fixed.floor(3e18, 0), 3e18);
    }

    /// forge-config: default.allow_internal_expect_revert = true
    function test_RevertWhen_DivisorIsZero() external {
        vm.expectRevert(Fixed.Fixed_DivisionByZero.selector);
        Fixed.div(1e18, 0);
    }

    /// forge-config: default.allow_internal_expect_revert = true
    function test_RevertWhen_MoreDecimalsThanANumberHas() external {
        vm.expectRevert(abi.encodeWithSelector(Fixed.Fixed_TooManyDecimals.selector, 19));
        Fixed.round(1, 19);
    }

    /// The distance to the exact quotient is at most half a unit, and a tie goes away from zero.
    function testFuzz_RatioIsNearest(int120 a, int120 b, int120 c) external pure {
        vm.assume(c != 0);

        int256 rounded = Fixed.ratio(a, b, c);

        int256 twiceOff = 2 * (rounded * int256(c) - int256(a) * int256(b));
        uint256 bound = c < 0 ? uint256(-int256(c)) : uint256(int256(c));
        assertLe(twiceOff < 0 ? uint256(-twiceOff) : uint256(twiceOff), bound);
    }
}
