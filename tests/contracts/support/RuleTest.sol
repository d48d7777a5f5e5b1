// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Figure, IRule, Outcome} from "contracts/interfaces/IRule.sol";
import {RoundingProfile} from "contracts/types/Enums.sol";

/// @notice What the tests of all rules share: finding figures, expecting refusals, damaging encodings.
abstract contract RuleTest is Test {
    RoundingProfile internal constant EXACT = RoundingProfile.Exact;
    RoundingProfile internal constant REPORTED = RoundingProfile.Reported;
    RoundingProfile internal constant TWO_DECIMALS = RoundingProfile.CarbonTwoDecimals;

    /// The result of that name.
    function _result(Outcome memory outcome, bytes32 name) internal pure returns (int256) {
        return _find(outcome.results, name, 0).value;
    }

    /// The step of that name and item.
    function _step(Outcome memory outcome, bytes32 name, uint256 item) internal pure returns (int256) {
        return _find(outcome.steps, name, item).value;
    }

    function _find(Figure[] memory figures, bytes32 name, uint256 item)
        internal
        pure
        returns (Figure memory found)
    {
        uint256 count;
        for (uint256 i = 0; i < figures.length; ++i) {
            if (figures[i].name != name || figures[i].item != item) continue;
            found = figures[i];
            ++count;
        }
        assertEq(count, 1, string.concat("figures named ", string(abi.encodePacked(name))));
    }

    function _has(Figure[] memory figures, bytes32 name) internal pure returns (bool) {
        for (uint256 i = 0; i < figures.length; ++i) {
            if (figures[i].name == name) return true;
        }
        return false;
    }

    function _expectOutOfRange(bytes32 field, uint256 item, int256 value) internal {
        vm.expectRevert(abi.encodeWithSelector(IRule.Rule_OutOfRange.selector, field, item, value));
    }

    function _expectNothingGiven(bytes32 field) internal {
        vm.expectRevert(abi.encodeWithSelector(IRule.Rule_NothingGiven.selector, field));
    }

    function _expectProfileUnknown(RoundingProfile profile) internal {
        vm.expectRevert(abi.encodeWithSelector(IRule.Rule_ProfileUnknown.selector, profile));
    }

    /// `evaluate` takes the canonical bytes, gives what `compute` gave, and takes no other bytes for them.
    function _assertTakesOnlyCanonical(IRule rule, bytes memory inputs, Outcome memory computed) internal {
        Outcome memory evaluated = rule.evaluate(inputs, EXACT);
        assertEq(keccak256(abi.encode(evaluated)), keccak256(abi.encode(computed)));

        vm.expectRevert(IRule.Rule_InputsNotCanonical.selector);
        rule.evaluate(abi.encodePacked(inputs, bytes32(0)), EXACT);
        vm.expectRevert();
        rule.evaluate(_without(inputs, 32), EXACT);
        vm.expectRevert();
        rule.evaluate("", EXACT);
    }

    /// The rule says who it is.
    function _assertNamed(IRule rule, string memory name) internal pure {
        assertEq(rule.name(), name);
        assertEq(rule.version(), 1);
        assertGt(bytes(rule.source()).length, 0);
    }

    function _without(bytes memory whole, uint256 count) private pure returns (bytes memory part) {
        part = new bytes(whole.length - count);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = whole[i];
        }
    }
}
