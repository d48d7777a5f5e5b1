// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice e to a power as its own series, with 36 decimals: slow, plain, and nothing like the approximation it judges.
library ExponentialModel {
    int256 private constant ONE = 1e36;
    uint256 private constant HALVINGS = 6;

    /// eˣ times 1e36, for x times 1e18 from −42 to 1: the series of x/64, squared six times.
    function exp(int256 x) internal pure returns (int256 power) {
        int256 part = x * 1e18 / int256(2 ** HALVINGS);
        int256 term = ONE;
        power = ONE;
        for (int256 n = 1; term != 0; ++n) {
            term = term * part / ONE / n;
            power += term;
        }
        for (uint256 i = 0; i < HALVINGS; ++i) {
            power = power * power / ONE;
        }
    }
}
