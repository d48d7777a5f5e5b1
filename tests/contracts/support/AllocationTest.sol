// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "./RuleTest.sol";
import {IRule, Outcome} from "contracts/interfaces/IRule.sol";

/// @notice What the tests of rules about allowances share.
abstract contract AllocationTest is RuleTest {
    /// @dev 10¹², above which no number is taken.
    int256 internal constant MAX_NUMBER = 1e30;
    int256 internal constant ONE = 1e18;

    /// So many whole tonnes, at most ten thousand million.
    function _tonnes(uint256 seed) internal pure returns (int256) {
        return int256(seed % 1e10) * ONE;
    }

    /// A number from 0 to ten thousand million.
    function _amount(uint256 seed) internal pure returns (int256) {
        return int256(seed % 1e28);
    }

    function _assertVersioned(IRule rule, string memory name, uint32 version) internal pure {
        assertEq(rule.name(), name);
        assertEq(rule.version(), version);
        assertGt(bytes(rule.source()).length, 0);
    }

    /// The results are these, in this order, in whole tonnes.
    function _assertTonnes(Outcome memory outcome, int256[] memory expected) internal pure {
        assertEq(outcome.results.length, expected.length);
        for (uint256 i = 0; i < expected.length; ++i) {
            assertEq(outcome.results[i].unit, bytes32("t"));
            assertEq(outcome.results[i].decimals, 0);
            assertEq(
                outcome.results[i].value, expected[i] * ONE, string(abi.encodePacked(outcome.results[i].name))
            );
        }
    }
}
