// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {PriceBand, PriceBandInputs} from "contracts/accounting/rules/PriceBand.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {TradeMode} from "contracts/types/Enums.sol";

contract PriceBandTest is AllocationTest {
    PriceBand private _rule = new PriceBand();

    /// @dev ±10 % of 71.35 are 64.215 and 78.485: two ties, both rounded up. ±30 %: 49.945 and 92.755.
    function test_EndsOfTheBand() external view {
        _assertBand(TradeMode.Listed, 71.35e18, 64.22e18, 78.49e18);
        _assertBand(TradeMode.Block, 71.35e18, 49.95e18, 92.76e18);
        _assertBand(TradeMode.Listed, 71.34e18, 64.21e18, 78.47e18);
        _assertBand(TradeMode.Block, 71.34e18, 49.94e18, 92.74e18);
    }

    function test_EndsAreAllowed() external view {
        assertTrue(_isWithin(TradeMode.Listed, 64.22e18));
        assertTrue(_isWithin(TradeMode.Listed, 78.49e18));
        assertTrue(_isWithin(TradeMode.Block, 49.95e18));
        assertTrue(_isWithin(TradeMode.Block, 92.76e18));
    }

    function test_ATickBeyondIsNot() external view {
        assertFalse(_isWithin(TradeMode.Listed, 64.21e18));
        assertFalse(_isWithin(TradeMode.Listed, 78.5e18));
        assertFalse(_isWithin(TradeMode.Block, 49.94e18));
        assertFalse(_isWithin(TradeMode.Block, 92.77e18));
    }

    function testFuzz_BlockIsWider(uint64 close, uint64 price) external view {
        PriceBandInputs memory inputs = PriceBandInputs(
            TradeMode.Listed, int256(uint256(close)) + 0.01e18, (int256(uint256(price) % 1e6) + 1) * 0.01e18
        );
        Outcome memory listed = _rule.compute(inputs, EXACT);
        inputs.mode = TradeMode.Block;
        Outcome memory wide = _rule.compute(inputs, EXACT);

        assertLe(_result(wide, "low"), _result(listed, "low"));
        assertGe(_result(wide, "high"), _result(listed, "high"));
        assertGe(_result(wide, "isWithin"), _result(listed, "isWithin"));
        assertApproxEqAbs(
            _result(listed, "low") + _result(listed, "high"), 2 * inputs.previousClose_CNY_per_t, 0.01e18
        );
    }

    function test_RevertWhen_ThePriceIsNoMultipleOfTheTick() external {
        _expectOutOfRange("price_CNY_per_t", 0, 70.001e18);
        _rule.compute(PriceBandInputs(TradeMode.Listed, 71.35e18, 70.001e18), EXACT);
        _expectOutOfRange("price_CNY_per_t", 0, 0);
        _rule.compute(PriceBandInputs(TradeMode.Listed, 71.35e18, 0), EXACT);
    }

    function test_RevertWhen_TheCloseIsBelowATick() external {
        _expectOutOfRange("previousClose_CNY_per_t", 0, 0.01e18 - 1);
        _rule.compute(PriceBandInputs(TradeMode.Listed, 0.01e18 - 1, 70e18), EXACT);
    }

    function test_RevertWhen_TheModeIsNotNamed() external {
        _expectOutOfRange("mode", 0, 0);
        _rule.compute(PriceBandInputs(TradeMode.None, 71.35e18, 70e18), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(PriceBandInputs(TradeMode.Listed, 71.35e18, 70e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        PriceBandInputs memory inputs = PriceBandInputs(TradeMode.Listed, 71.35e18, 70e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "market.price-band");
    }

    function _assertBand(TradeMode mode, int256 close, int256 low, int256 high) private view {
        Outcome memory outcome = _rule.compute(PriceBandInputs(mode, close, 70e18), EXACT);
        assertEq(_result(outcome, "low"), low);
        assertEq(_result(outcome, "high"), high);
    }

    function _isWithin(TradeMode mode, int256 price) private view returns (bool) {
        return _result(_rule.compute(PriceBandInputs(mode, 71.35e18, price), EXACT), "isWithin") == ONE;
    }
}
