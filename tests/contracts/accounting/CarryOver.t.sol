// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {CarryOver, CarryOverInputs, CarryOverVintage} from "contracts/accounting/rules/CarryOver.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

contract CarryOverTest is AllocationTest {
    CarryOver private _rule = new CarryOver();

    // --- results: cap, maxCarry, lapses, stillOpen

    /// @dev 10 000 + (90 000 − 20 000) · 1.5 = 115 000 of 300 000.
    function test_NetSaleRaisesTheCap() external view {
        Outcome memory outcome = _rule.compute(_inputs(90_000, 20_000, 300_000), EXACT);

        _assertTonnes(outcome, _four(115_000, 115_000, 185_000, 115_000));
        assertEq(_step(outcome, "netSold", 0), 70_000e18);
        assertEq(_step(outcome, "holding", 0), 300_000e18);
        // Sold 74 000 more, it would have held 226 000 = 10 000 + 144 000 · 1.5.
        assertEq(_step(outcome, "saleToCarryAll", 0), 74_000e18);
    }

    /// @dev One tonne bought more than sold counts as nothing sold; one tonne sold more counts one and a half,
    /// rounded down.
    function test_NetPurchaseDoesNotLowerTheCap() external view {
        _assertTonnes(
            _rule.compute(_inputs(5000, 5001, 30_000), EXACT), _four(10_000, 10_000, 20_000, 10_000)
        );
        _assertTonnes(
            _rule.compute(_inputs(5000, 5000, 30_000), EXACT), _four(10_000, 10_000, 20_000, 10_000)
        );
        _assertTonnes(
            _rule.compute(_inputs(5001, 5000, 30_000), EXACT), _four(10_001, 10_001, 19_999, 10_001)
        );
        _assertTonnes(
            _rule.compute(_inputs(5002, 5000, 30_000), EXACT), _four(10_003, 10_003, 19_997, 10_003)
        );
    }

    /// @dev What was bought has to be sold before a sale counts: first 5000, then s with 30 000 − s = 10 000 +
    /// 1.5·(s − 5000).
    function test_SaleToCarryAllAfterANetPurchase() external view {
        Outcome memory outcome = _rule.compute(_inputs(0, 5000, 30_000), EXACT);
        assertEq(_step(outcome, "saleToCarryAll", 0), 11_000e18);
        outcome = _rule.compute(_inputs(0, 5000, 12_000), EXACT);
        assertEq(_step(outcome, "saleToCarryAll", 0), 2000e18);
        outcome = _rule.compute(_inputs(0, 5000, 15_000), EXACT);
        assertEq(_step(outcome, "saleToCarryAll", 0), 5000e18);
    }

    /// @dev As much held as the cap allows, and one tonne more or less.
    function test_HoldingLimits() external view {
        Outcome memory outcome = _rule.compute(_inputs(90_000, 20_000, 115_000), EXACT);
        _assertTonnes(outcome, _four(115_000, 115_000, 0, 115_000));
        assertFalse(_has(outcome.steps, "saleToCarryAll"));
        _assertTonnes(
            _rule.compute(_inputs(90_000, 20_000, 114_999), EXACT), _four(115_000, 114_999, 0, 114_999)
        );
        _assertTonnes(
            _rule.compute(_inputs(90_000, 20_000, 115_001), EXACT), _four(115_000, 115_000, 1, 115_000)
        );
    }

    /// @dev Tradable, registered and frozen count; what is pending does not.
    function test_HoldingIsOfAllKindsLessPending() external view {
        CarryOverInputs memory inputs = _inputs(0, 0, 5000);
        inputs.vintages[0].registered_t = 300e18;
        inputs.vintages[0].frozen_t = 20e18;
        inputs.vintages[0].pending_t = 1e18;
        assertEq(_step(_rule.compute(inputs, EXACT), "holding", 0), 5319e18);
    }

    /// @dev Sales of one vintage and purchases of another meet in one sum.
    function test_VintagesCountTogether() external view {
        CarryOverInputs memory inputs = _inputs(90_000, 0, 100_000);
        CarryOverVintage[] memory vintages = new CarryOverVintage[](2);
        vintages[0] = inputs.vintages[0];
        vintages[1] = CarryOverVintage(2024, 0, 50_000e18, 200_000e18, 0, 0, 0);
        inputs.vintages = vintages;
        _assertTonnes(_rule.compute(inputs, EXACT), _four(70_000, 70_000, 230_000, 70_000));
    }

    function test_FirmThatWasLateCarriesNothing() external view {
        CarryOverInputs memory inputs = _inputs(90_000, 20_000, 300_000);
        inputs.isOnTime2023 = false;
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        _assertTonnes(outcome, _four(115_000, 0, 300_000, 0));
        assertFalse(_has(outcome.steps, "saleToCarryAll"));
        inputs.isOnTime2023 = true;
        inputs.isOnTime2024 = false;
        _assertTonnes(_rule.compute(inputs, EXACT), _four(115_000, 0, 300_000, 0));
    }

    /// @dev Requests are allowed up to the limit, and not a tonne beyond.
    function test_RequestsLessenWhatIsOpen() external {
        CarryOverInputs memory inputs = _inputs(90_000, 20_000, 300_000);
        inputs.requested_t = 115_000e18;
        _assertTonnes(_rule.compute(inputs, EXACT), _four(115_000, 115_000, 185_000, 0));
        inputs.requested_t = 115_001e18;
        _expectOutOfRange("requested_t", 0, 115_001e18);
        _rule.compute(inputs, EXACT);
    }

    // --- properties

    function testFuzz_NeverAboveCapNorHolding(uint256 sold, uint256 bought, uint256 held, uint256 more)
        external
        view
    {
        CarryOverInputs memory inputs = _inputs(0, 0, 0);
        CarryOverVintage memory line = inputs.vintages[0];
        (line.sold_t, line.bought_t, line.tradable_t) = (_tonnes(sold), _tonnes(bought), _tonnes(held));
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        int256 carried = _result(outcome, "maxCarry");

        assertLe(carried, _result(outcome, "cap"));
        assertLe(carried, line.tradable_t);
        assertEq(carried + _result(outcome, "lapses"), line.tradable_t);
        assertGe(_result(outcome, "cap"), 10_000e18);
        line.sold_t += _tonnes(more);
        assertGe(_result(_rule.compute(inputs, EXACT), "maxCarry"), carried);
    }

    /// @dev With the sale that the step names, all that is kept can be carried over, but for the fraction of a
    /// tonne.
    function testFuzz_SaleToCarryAllDoes(uint256 sold, uint256 bought, uint256 held) external view {
        CarryOverInputs memory inputs = _inputs(0, 0, 0);
        CarryOverVintage memory line = inputs.vintages[0];
        (line.sold_t, line.bought_t, line.tradable_t) = (_tonnes(sold), _tonnes(bought), _tonnes(held));
        Outcome memory outcome = _rule.compute(inputs, EXACT);
        if (!_has(outcome.steps, "saleToCarryAll")) return;
        int256 sale = (_step(outcome, "saleToCarryAll", 0) + ONE - 1) / ONE * ONE;
        line.sold_t += sale;
        line.tradable_t -= sale;

        assertLe(_result(_rule.compute(inputs, EXACT), "lapses"), 0);
        line.sold_t -= 2 * ONE;
        line.tradable_t += 2 * ONE;
        if (line.sold_t >= 0) assertGt(_result(_rule.compute(inputs, EXACT), "lapses"), 0);
    }

    // --- refusals

    /// @dev 2019–2020 is written 2020; 2019 and 2025 are no vintages of the carry-over, and none comes twice.
    function test_RevertWhen_TheVintageIsNotOne() external {
        CarryOverInputs memory inputs = _inputs(0, 0, 1);
        inputs.vintages[0].vintage = 2019;
        _expectOutOfRange("vintage", 0, 2019e18);
        _rule.compute(inputs, EXACT);
        inputs.vintages[0].vintage = 2025;
        _expectOutOfRange("vintage", 0, 2025e18);
        _rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_AVintageComesTwice() external {
        CarryOverInputs memory inputs = _inputs(0, 0, 1);
        CarryOverVintage[] memory vintages = new CarryOverVintage[](2);
        (vintages[0], vintages[1]) = (inputs.vintages[0], inputs.vintages[0]);
        inputs.vintages = vintages;
        _expectOutOfRange("vintage", 1, 2022e18);
        _rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_MoreIsPendingThanHeld() external {
        CarryOverInputs memory inputs = _inputs(0, 0, 5);
        inputs.vintages[0].pending_t = 6e18;
        _expectOutOfRange("pending_t", 0, 6e18);
        _rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ANumberIsNoWholeAmount() external {
        CarryOverInputs memory inputs = _inputs(0, 0, 0);
        inputs.vintages[0].sold_t = 0.5e18;
        _expectOutOfRange("sold_t", 0, 0.5e18);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(0, 0, 0);
        inputs.vintages[0].bought_t = -1e18;
        _expectOutOfRange("bought_t", 0, -1e18);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(0, 0, 0);
        inputs.vintages[0].tradable_t = 1;
        _expectOutOfRange("tradable_t", 0, 1);
        _rule.compute(inputs, EXACT);
        inputs.vintages[0].tradable_t = 0;
        inputs.vintages[0].registered_t = 1;
        _expectOutOfRange("registered_t", 0, 1);
        _rule.compute(inputs, EXACT);
        inputs.vintages[0].registered_t = 0;
        inputs.vintages[0].frozen_t = 1;
        _expectOutOfRange("frozen_t", 0, 1);
        _rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_AParameterIsOutOfRange() external {
        CarryOverInputs memory inputs = _inputs(0, 0, 0);
        inputs.base_t = -1;
        _expectOutOfRange("base_t", 0, -1);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(0, 0, 0);
        inputs.multiplier_1 = -1;
        _expectOutOfRange("multiplier_1", 0, -1);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(0, 0, 0);
        inputs.requested_t = 0.5e18;
        _expectOutOfRange("requested_t", 0, 0.5e18);
        _rule.compute(inputs, EXACT);
        inputs.vintages = new CarryOverVintage[](0);
        inputs.requested_t = 0;
        _expectNothingGiven("vintages");
        _rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(_inputs(0, 0, 0), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        CarryOverInputs memory inputs = _inputs(90_000, 20_000, 300_000);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "allocation.carry-over");
    }

    function _inputs(int256 sold, int256 bought, int256 tradable)
        private
        pure
        returns (CarryOverInputs memory)
    {
        CarryOverVintage[] memory vintages = new CarryOverVintage[](1);
        vintages[0] = CarryOverVintage(2022, sold * ONE, bought * ONE, tradable * ONE, 0, 0, 0);
        return CarryOverInputs(true, true, 10_000e18, 1.5e18, 0, vintages);
    }

    function _four(int256 a, int256 b, int256 c, int256 d) private pure returns (int256[] memory list) {
        list = new int256[](4);
        (list[0], list[1], list[2], list[3]) = (a, b, c, d);
    }
}
