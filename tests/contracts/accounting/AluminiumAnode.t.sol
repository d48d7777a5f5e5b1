// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {AluminiumAnode, AluminiumAnodeInputs, AnodeUse} from "contracts/accounting/rules/AluminiumAnode.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract AluminiumAnodeTest is RuleTest {
    AluminiumAnode private rule;

    function setUp() external {
        rule = new AluminiumAnode();
    }

    function test_Named() external view {
        _assertNamed(rule, "aluminium.anode");
    }

    function test_CarbonOfTheAnodes() external view {
        Outcome memory outcome = rule.compute(_one(_potline()), EXACT);

        assertEq(_step(outcome, "anodes", 0), 41_100e18);
        assertEq(_step(outcome, "anodeCarbon", 0), 40_113.6e18);
        assertEq(_result(outcome, "emissions"), 147_083.2e18);
        assertEq(_result(outcome, "emissionsWhole"), 147_083e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        AluminiumAnodeInputs memory inputs = _one(_potline());
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        AluminiumAnodeInputs memory inputs;
        _expectNothingGiven("potlines");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_one(_potline()), REPORTED);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("output", 0, -1);
        rule.compute(_one(AnodeUse(-1, 0.411e18, 2e18, 0.4e18)), EXACT);
        // 411 kg/t given as t/t.
        _expectOutOfRange("anodeUse", 0, 411e18);
        rule.compute(_one(AnodeUse(1e18, 411e18, 2e18, 0.4e18)), EXACT);
        _expectOutOfRange("sulphur", 0, 100e18 + 1);
        rule.compute(_one(AnodeUse(1e18, 0.411e18, 100e18 + 1, 0)), EXACT);
    }

    function test_RevertWhen_NothingIsLeftForCarbon() external {
        rule.compute(_one(AnodeUse(1e18, 0.411e18, 60e18, 40e18)), EXACT);

        _expectOutOfRange("ash", 0, 40e18 + 1);
        rule.compute(_one(AnodeUse(1e18, 0.411e18, 60e18, 40e18 + 1)), EXACT);
    }

    /// Hundredths of a tonne, thousandths of a t/t, hundredths of a percent: × 44 / 12 / 10⁷.
    function testFuzz_IsThePlainProduct(uint40 output, uint16 use, uint16 sulphur, uint16 ash) external view {
        uint256 u = bound(use, 0, 1000);
        uint256 s = bound(sulphur, 0, 5000);
        uint256 a = bound(ash, 0, 5000);
        AnodeUse memory potline =
            AnodeUse(int256(uint256(output)) * 1e16, int256(u) * 1e15, int256(s) * 1e16, int256(a) * 1e16);

        uint256 hundredths = (uint256(output) * u * (10_000 - s - a) * 44 + 6e7) / 12e7;
        assertEq(_result(rule.compute(_one(potline), EXACT), "emissions"), int256(hundredths) * 1e16);
    }

    function testFuzz_GrowsWithOutputAndShrinksWithImpurities(uint40 output, uint16 more) external view {
        AnodeUse memory potline = _potline();
        potline.output_t = int256(uint256(output)) * 1e13;
        int256 emissions = _result(rule.compute(_one(potline), EXACT), "emissions");

        potline.sulphur_pct += int256(uint256(more)) * 1e13;
        assertLe(_result(rule.compute(_one(potline), EXACT), "emissions"), emissions);
        potline.sulphur_pct = 2e18;
        potline.output_t += int256(uint256(more)) * 1e13;
        assertGe(_result(rule.compute(_one(potline), EXACT), "emissions"), emissions);
    }

    function testFuzz_TwoPotlinesAreOne(uint40 output, uint40 other) external view {
        AnodeUse memory whole = _potline();
        AluminiumAnodeInputs memory apart;
        apart.potlines = new AnodeUse[](2);
        (apart.potlines[0], apart.potlines[1]) = (_potline(), _potline());
        apart.potlines[0].output_t = int256(uint256(output)) * 1e13;
        apart.potlines[1].output_t = int256(uint256(other)) * 1e13;
        whole.output_t = apart.potlines[0].output_t + apart.potlines[1].output_t;

        int256 together = _result(rule.compute(_one(whole), EXACT), "emissions");
        assertEq(_result(rule.compute(apart, EXACT), "emissions"), together);
    }

    function _one(AnodeUse memory potline) private pure returns (AluminiumAnodeInputs memory inputs) {
        inputs.potlines = new AnodeUse[](1);
        inputs.potlines[0] = potline;
    }

    function _potline() private pure returns (AnodeUse memory) {
        return AnodeUse(100_000e18, 0.411e18, 2e18, 0.4e18);
    }
}
