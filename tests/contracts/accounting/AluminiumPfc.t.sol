// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    AluminiumPfc,
    AluminiumPfcInputs,
    PfcByDefault,
    PfcBySlope
} from "contracts/accounting/rules/AluminiumPfc.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract AluminiumPfcTest is RuleTest {
    AluminiumPfc private rule;

    function setUp() external {
        rule = new AluminiumPfc();
    }

    function test_Named() external view {
        _assertNamed(rule, "aluminium.pfc");
    }

    function test_ByTheDefaultFactors() external view {
        Outcome memory outcome = rule.compute(_default(), EXACT);

        assertEq(_step(outcome, "cf4", 0), 3400e18);
        assertEq(_step(outcome, "c2f6", 0), 340e18);
        assertEq(_step(outcome, "potlineEmissions", 0), 26_316e18);
        assertEq(_result(outcome, "emissions"), 26_316e18);
        assertEq(_result(outcome, "emissionsWhole"), 26_316e18);
    }

    function test_BySlopeAndMinutes() external view {
        Outcome memory outcome = rule.compute(_slope(0.5e18), EXACT);

        assertEq(_step(outcome, "cf4Factor", 0), 0.0715e18);
        assertEq(_step(outcome, "c2f6Factor", 0), 0.00715e18);
        assertEq(_result(outcome, "emissions"), 55_341e18);
    }

    function test_NoEffectsAreNoEmissionsAndNotTheDefault() external view {
        assertEq(_result(rule.compute(_slope(0), EXACT), "emissions"), 0);
    }

    function test_PotlinesOfBothKindsAddUp() external view {
        AluminiumPfcInputs memory inputs = _default();
        inputs.bySlope = _slope(0.5e18).bySlope;
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_step(outcome, "potlineEmissions", 1), 55_341e18);
        assertEq(_step(outcome, "cf4Factor", 1), 0.0715e18);
        assertEq(_result(outcome, "emissions"), 81_657e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        AluminiumPfcInputs memory inputs = _default();
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        AluminiumPfcInputs memory inputs = _default();
        inputs.byDefault = new PfcByDefault[](0);
        _expectNothingGiven("byDefault");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_default(), REPORTED);
    }

    function test_RevertWhen_APotentialIsNotAboveZero() external {
        AluminiumPfcInputs memory inputs = _default();
        inputs.cf4Potential_1 = 0;
        _expectOutOfRange("cf4Potential", 0, 0);
        rule.compute(inputs, EXACT);
        inputs = _default();
        inputs.c2f6Potential_1 = -1;
        _expectOutOfRange("c2f6Potential", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ADefaultIsOutOfRange() external {
        AluminiumPfcInputs memory inputs = _default();
        inputs.byDefault[0] = PfcByDefault(-1, 0, 0);
        _expectOutOfRange("output", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.byDefault[0] = PfcByDefault(0, -1, 0);
        _expectOutOfRange("cf4", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.byDefault[0] = PfcByDefault(0, 0, -1);
        _expectOutOfRange("c2f6", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_AMeasurementIsOutOfRange() external {
        AluminiumPfcInputs memory inputs = _slope(1440e18);
        rule.compute(inputs, EXACT);
        inputs.bySlope[0].effect_min = 1440e18 + 1;
        _expectOutOfRange("effect", 0, 1440e18 + 1);
        rule.compute(inputs, EXACT);
        inputs = _slope(1e18);
        inputs.bySlope[0].slope_kg_per_t_per_min = -1;
        _expectOutOfRange("slope", 0, -1);
        rule.compute(inputs, EXACT);
        inputs = _slope(1e18);
        inputs.bySlope[0].c2f6Share_1 = 1e18 + 1;
        _expectOutOfRange("c2f6Share", 0, 1e18 + 1);
        rule.compute(inputs, EXACT);
    }

    /// Hundredths of a tonne and of a minute, with 0.143 and 0.1: × minutes × (0.143 × 6630 + 0.0143 × 11100) / 1000.
    function testFuzz_IsThePlainProduct(uint40 output, uint24 minute) external view {
        uint256 m = bound(minute, 0, 144_000);
        AluminiumPfcInputs memory inputs = _slope(int256(m) * 1e16);
        inputs.bySlope[0].output_t = int256(uint256(output)) * 1e16;

        // 0.143 × 6630 + 0.0143 × 11100 = 1 106.82 kg/t.
        uint256 hundredths = (uint256(output) * m * 110_682 + 5e6) / 1e7;
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), int256(hundredths) * 1e16);
    }

    /// A potline by default emits what one by slope with the same factors emits.
    function testFuzz_BothWaysAgreeOnTheSameFactors(uint40 output, uint16 minute) external view {
        PfcBySlope memory measured = _slope(int256(uint256(bound(minute, 0, 14_400))) * 1e17).bySlope[0];
        measured.output_t = int256(uint256(output)) * 1e16;
        AluminiumPfcInputs memory bySlope = _slope(0);
        bySlope.bySlope[0] = measured;
        AluminiumPfcInputs memory byDefault = _default();
        int256 cf4 = measured.effect_min * 143 / 1000;
        byDefault.byDefault[0] = PfcByDefault(measured.output_t, cf4, cf4 / 10);

        int256 emissions = _result(rule.compute(bySlope, EXACT), "emissions");
        assertEq(_result(rule.compute(byDefault, EXACT), "emissions"), emissions);
    }

    function testFuzz_GrowsWithMinutes(uint40 output, uint16 minute, uint16 more) external view {
        AluminiumPfcInputs memory inputs = _slope(int256(uint256(minute)) * 1e16);
        inputs.bySlope[0].output_t = int256(uint256(output)) * 1e16;
        int256 emissions = _result(rule.compute(inputs, EXACT), "emissions");

        inputs.bySlope[0].effect_min += int256(uint256(more)) * 1e16;
        assertGe(_result(rule.compute(inputs, EXACT), "emissions"), emissions);
    }

    function _default() private pure returns (AluminiumPfcInputs memory inputs) {
        inputs = _potentials();
        inputs.byDefault = new PfcByDefault[](1);
        inputs.byDefault[0] = PfcByDefault(100_000e18, 0.034e18, 0.0034e18);
    }

    function _slope(int256 effect) private pure returns (AluminiumPfcInputs memory inputs) {
        inputs = _potentials();
        inputs.bySlope = new PfcBySlope[](1);
        inputs.bySlope[0] = PfcBySlope(100_000e18, effect, 0.143e18, 0.1e18);
    }

    function _potentials() private pure returns (AluminiumPfcInputs memory inputs) {
        (inputs.cf4Potential_1, inputs.c2f6Potential_1) = (6630e18, 11_100e18);
    }
}
