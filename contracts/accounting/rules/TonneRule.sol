// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Fixed} from "../../libraries/Fixed.sol";
import {Rule} from "./Rule.sol";

/// @title TonneRule
/// @notice What the rules about allowances share: whole tonnes, and rounding down without an error before it.
abstract contract TonneRule is Rule {
    using SafeCast for int256;
    using SafeCast for uint256;

    /// @dev Unit of allowances and of offsets; one is 1 t of CO2 equivalent.
    bytes32 internal constant TONNE = "t";

    /// @dev Whole tonnes, 0 ≤ value ≤ 10¹².
    function _requireTonnes(bytes32 field, uint256 item, int256 value) internal pure {
        _requireAmount(field, item, value);
        require(value % Fixed.ONE == 0, Rule_OutOfRange(field, item, value));
    }

    /// @dev The whole tonnes in a·b/c (向下取整), as a number. The quotient is not rounded before: one that is
    /// whole stays so, however long its factors are. None is negative, c is not zero.
    function _floor(int256 a, int256 b, int256 c) internal pure returns (int256) {
        return Math.mulDiv(a.toUint256(), b.toUint256(), c.toUint256()).toInt256() * Fixed.ONE;
    }

    /// @dev What `a` has beyond `b`, or zero.
    function _beyond(int256 a, int256 b) internal pure returns (int256) {
        return a > b ? a - b : int256(0);
    }
}
