// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {Fixed} from "./Fixed.sol";

/// @title Exponential
/// @notice e to a power with a stated error, and a rounding that refuses to guess.
///
/// The approximation is solady's. Within the domain it is never more than `ERROR` units of the eighteenth
/// decimal off: measured against 50 decimals, it lies between 1.01 units below and 0.03 above the true value.
library Exponential {
    /// @dev The domain ends at 1: above, the error grows with the value. Below −41.4 the value is 0, within the
    /// error.
    int256 internal constant MAX_EXPONENT = 1e18;

    /// @dev |exp(x) − eˣ| is below so many units of the eighteenth decimal; twice what was measured.
    int256 internal constant ERROR = 2;

    /// @dev ln 1.015 times 1e36, rounded: 80 times it is still exact in the eighteenth decimal.
    int256 internal constant LN_1_015_E36 = 14_888_612_493_750_654_835_409_744_978_186_352;

    /// @notice The exponent is above the domain.
    error Exponential_ExponentTooHigh(int256 exponent);

    /// @notice A number lies so near the middle between two neighbours that its error could decide the
    /// rounding.
    /// @param x The number before rounding, times 1e18.
    error Rounding_Tie(int256 x);

    /// @notice eˣ, for x up to 1, within `ERROR`.
    function exp(int256 x) internal pure returns (int256) {
        require(x <= MAX_EXPONENT, Exponential_ExponentTooHigh(x));
        return FixedPointMathLib.expWad(x);
    }

    /// @notice x, known within ±`errorBound`, rounded half away from zero (四舍五入) to `decimals` decimals;
    /// reverts where the true number could round otherwise.
    /// @param x Number times 1e18.
    /// @param errorBound Units of the eighteenth decimal that x may be off, 0 or more.
    /// @param decimals 0 to 18.
    function round(int256 x, int256 errorBound, uint8 decimals) internal pure returns (int256 rounded) {
        rounded = Fixed.round(x - errorBound, decimals);
        require(rounded == Fixed.round(x + errorBound, decimals), Rounding_Tie(x));
    }
}
