// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// @title Fixed
/// @notice Signed decimal numbers times 1e18, and the roundings of the guides.
///
/// Products go through 512 bits, so only a result that does not fit is an error.
library Fixed {
    using Math for uint256;
    using SafeCast for uint256;
    using SignedMath for int256;

    /// @dev The number 1.
    int256 internal constant ONE = 1e18;
    uint8 private constant PLACES = 18;

    /// @notice More decimals were asked for than a number carries.
    error Fixed_TooManyDecimals(uint8 decimals);

    /// @notice Division by zero.
    error Fixed_DivisionByZero();

    /// @notice a·b, rounded half away from zero to 18 decimals.
    function mul(int256 a, int256 b) internal pure returns (int256) {
        return ratio(a, b, ONE);
    }

    /// @notice a/b, rounded half away from zero to 18 decimals.
    function div(int256 a, int256 b) internal pure returns (int256) {
        return ratio(a, ONE, b);
    }

    /// @notice a·b/c of plain integers, rounded half away from zero.
    /// @dev With a and b times 1e18 and c = 1e18 this is a product, with b = 1e18 a quotient; with all three times 1e18
    /// it is a·b/c as a number, rounded once.
    function ratio(int256 a, int256 b, int256 c) internal pure returns (int256) {
        require(c != 0, Fixed_DivisionByZero());
        uint256 divisor = c.abs();
        uint256 quotient = a.abs().mulDiv(b.abs(), divisor);
        uint256 rest = mulmod(a.abs(), b.abs(), divisor);
        // Half or more of the divisor: compared without doubling, which could overflow.
        if (rest >= divisor - rest) ++quotient;
        int256 magnitude = quotient.toInt256();
        return (a < 0) != (b < 0) != (c < 0) ? -magnitude : magnitude;
    }

    /// @notice x rounded half away from zero (四舍五入) to `decimals` decimals.
    function round(int256 x, uint8 decimals) internal pure returns (int256) {
        int256 step = _step(decimals);
        return ratio(x, 1, step) * step;
    }

    /// @notice The greatest number with `decimals` decimals that is not above x (向下取整).
    function floor(int256 x, uint8 decimals) internal pure returns (int256) {
        int256 step = _step(decimals);
        int256 rest = x % step;
        if (rest < 0) rest += step;
        return x - rest;
    }

    /// @dev One unit of the last of `decimals` decimals.
    function _step(uint8 decimals) private pure returns (int256) {
        require(decimals <= PLACES, Fixed_TooManyDecimals(decimals));
        return (10 ** uint256(PLACES - decimals)).toInt256();
    }
}
