// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {QuantityGate, QuantityGateInputs} from "contracts/accounting/rules/QuantityGate.sol";
import {TradeMode} from "contracts/types/Enums.sol";

contract QuantityGateTest is AllocationTest {
    QuantityGate private _rule = new QuantityGate();

    function test_ListedIsBelowAHundredThousand() external view {
        assertTrue(_isAccepted(TradeMode.Listed, 1e18));
        assertTrue(_isAccepted(TradeMode.Listed, 99_999e18));
        assertFalse(_isAccepted(TradeMode.Listed, 100_000e18));
    }

    function test_BlockIsAHundredThousandOrMore() external view {
        assertFalse(_isAccepted(TradeMode.Block, 99_999e18));
        assertTrue(_isAccepted(TradeMode.Block, 100_000e18));
        assertTrue(_isAccepted(TradeMode.Block, 100_001e18));
    }

    function test_NothingAndFractionsAreNotAccepted() external view {
        assertFalse(_isAccepted(TradeMode.Listed, 0));
        assertFalse(_isAccepted(TradeMode.Listed, 0.5e18));
        assertFalse(_isAccepted(TradeMode.Listed, 99_999.5e18));
        assertFalse(_isAccepted(TradeMode.Block, 100_000.5e18));
    }

    function testFuzz_EachWholeQuantityHasOneMode(uint64 tonnes) external view {
        int256 quantity = (int256(uint256(tonnes) % 1e12) + 1) * ONE;
        quantity = quantity > MAX_NUMBER ? MAX_NUMBER : quantity;
        assertTrue(_isAccepted(TradeMode.Listed, quantity) != _isAccepted(TradeMode.Block, quantity));
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("quantity_t", 0, -1e18);
        _rule.compute(QuantityGateInputs(TradeMode.Listed, -1e18), EXACT);
        _expectOutOfRange("mode", 0, 0);
        _rule.compute(QuantityGateInputs(TradeMode.None, 1e18), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(QuantityGateInputs(TradeMode.Listed, 1e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        QuantityGateInputs memory inputs = QuantityGateInputs(TradeMode.Listed, 1e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "market.quantity-gate");
    }

    function _isAccepted(TradeMode mode, int256 quantity) private view returns (bool) {
        return _result(_rule.compute(QuantityGateInputs(mode, quantity), EXACT), "isAccepted") == ONE;
    }
}
