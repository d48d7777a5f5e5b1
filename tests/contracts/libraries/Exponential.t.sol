// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {ExponentialModel} from "../support/ExponentialModel.sol";
import {Exponential} from "contracts/libraries/Exponential.sol";
import {Fixed} from "contracts/libraries/Fixed.sol";

/// @notice The error of the exponential, against references with 50 decimals and against its own series.
contract ExponentialTest is Test {
    struct Power {
        int256 exponent;
        string flag;
        int256 power;
    }

    string private constant POWER_TYPE = "Power(int256 exponent,string flag,int256 power)";

    /// @dev The references carry 50 decimals, a number 18.
    int256 private constant UNIT = 1e32;

    function test_PowersAreWithinTheStatedError() external view {
        Power[] memory powers = _references();
        int256 highest;
        int256 lowest;

        assertGe(powers.length, 600);
        for (uint256 i = 0; i < powers.length; ++i) {
            int256 off = Exponential.exp(powers[i].exponent) * UNIT - powers[i].power;
            assertLt(_abs(off), _abs(Exponential.ERROR * UNIT));
            if (off > highest) highest = off;
            if (off < lowest) lowest = off;
        }

        // What the library's documentation says was measured.
        assertGt(lowest, -1.01e32);
        assertLt(highest, 0.03e32);
        assertLt(lowest, -1e32);
    }

    function testFuzz_PowerIsWithinTheStatedError(int256 x) external pure {
        x = bound(x, -42e18, Exponential.MAX_EXPONENT);

        int256 off = Exponential.exp(x) * 1e18 - ExponentialModel.exp(x);

        assertLt(_abs(off), _abs(Exponential.ERROR * 1e18));
    }

    function testFuzz_PowerDoesNotFall(int256 x, uint64 more) external pure {
        x = bound(x, -42e18, 0);
        assertLe(Exponential.exp(x), Exponential.exp(x + int256(uint256(more)) % 1e18));
    }

    /// The series agrees with the references far beyond what it has to judge.
    function test_SeriesAgreesWithTheReferences() external view {
        Power[] memory powers = _references();
        for (uint256 i = 0; i < powers.length; ++i) {
            assertLt(_abs(ExponentialModel.exp(powers[i].exponent) * 1e14 - powers[i].power), 1e20);
        }
    }

    function test_EndsOfTheDomain() external pure {
        assertEq(Exponential.exp(0), 1e18);
        assertEq(Exponential.exp(-41.446531673892822313e18), 0);
        assertEq(Exponential.exp(type(int256).min), 0);
        assertApproxEqAbs(Exponential.exp(1e18), 2_718_281_828_459_045_235, 1);
    }

    /// forge-config: default.allow_internal_expect_revert = true
    function test_RevertWhen_ExponentIsAboveTheDomain() external {
        vm.expectRevert(abi.encodeWithSelector(Exponential.Exponential_ExponentTooHigh.selector, 1e18 + 1));
        Exponential.exp(1e18 + 1);
    }

    /// ln 1.015 with 36 decimals: its eighteen first are those of the library's logarithm, and e to it gives
    /// 1.015 back.
    function test_LogarithmOfTheBase() external pure {
        int256 ln = Exponential.LN_1_015_E36;

        assertApproxEqAbs(FixedPointMathLib.lnWad(1.015e18), ln / 1e18, 1);
        assertApproxEqAbs(Exponential.exp(Fixed.ratio(ln, 1, 1e18)), 1.015e18, 2);
        int256 sixteenth = Fixed.ratio(1015 ** 16, 1, 1e30);
        assertApproxEqAbs(Exponential.exp(Fixed.ratio(16 * ln, 1, 1e18)), sixteenth, 3);
    }

    /// The constant to its last digit: the series of ln 1.015 = 2·artanh(3/403).
    function test_LogarithmOfTheBaseToItsLastDigit() external pure {
        int256 one = 1e40;
        int256 term = one * 3 / 403;
        int256 sum;
        for (int256 n = 1; term != 0; n += 2) {
            sum += term / n;
            term = term * 9 / (403 * 403);
        }

        assertEq(Fixed.ratio(2 * sum, 1, 1e4), Exponential.LN_1_015_E36);
    }

    /// Every number within the error rounds to what is given.
    /// forge-config: default.allow_internal_expect_revert = true
    function testFuzz_RoundsOnlyWhatIsSure(int64 millionths, int64 rest, uint8 errorBound, int256 off)
        external
    {
        int256 tie = int256(millionths) * 1e12 + 0.5e12;
        int256 near = int256(rest) % 1000;
        off = bound(off, -int256(uint256(errorBound)), int256(uint256(errorBound)));
        int256 x = tie + near;
        int256 bound_ = int256(uint256(errorBound));

        if (Fixed.round(x - bound_, 6) != Fixed.round(x + bound_, 6)) {
            vm.expectRevert(abi.encodeWithSelector(Exponential.Rounding_Tie.selector, x));
            Exponential.round(x, bound_, 6);
            return;
        }
        assertEq(Exponential.round(x, bound_, 6), Fixed.round(x + off, 6));
    }

    function test_RoundsBesideTheTie() external pure {
        assertEq(Exponential.round(1.0000005e18 - 18, 17, 6), 1e18);
        assertEq(Exponential.round(1.0000005e18 + 17, 17, 6), 1.000001e18);
        assertEq(Exponential.round(1.0000005e18, 0, 6), 1.000001e18);
        assertEq(Exponential.round(-1.0000005e18, 0, 6), -1.000001e18);
    }

    /// forge-config: default.allow_internal_expect_revert = true
    function test_RevertWhen_TheErrorReachesTheTieFromBelow() external {
        vm.expectRevert(abi.encodeWithSelector(Exponential.Rounding_Tie.selector, 1.0000005e18 - 17));
        Exponential.round(1.0000005e18 - 17, 17, 6);
    }

    /// forge-config: default.allow_internal_expect_revert = true
    function test_RevertWhen_TheErrorReachesTheTieFromAbove() external {
        vm.expectRevert(abi.encodeWithSelector(Exponential.Rounding_Tie.selector, 1.0000005e18 + 16));
        Exponential.round(1.0000005e18 + 16, 17, 6);
    }

    function _references() private view returns (Power[] memory) {
        string memory json = vm.readFile("tests/vectors/accounting/exponential.json");
        return abi.decode(vm.parseJsonTypeArray(json, ".powers", POWER_TYPE), (Power[]));
    }

    function _abs(int256 x) private pure returns (uint256) {
        return x < 0 ? uint256(-x) : uint256(x);
    }
}
