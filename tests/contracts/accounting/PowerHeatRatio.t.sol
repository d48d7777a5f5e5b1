// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {PowerHeatRatio, PowerHeatRatioInputs} from "contracts/accounting/rules/PowerHeatRatio.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract PowerHeatRatioTest is RuleTest {
    PowerHeatRatio private rule;

    function setUp() external {
        rule = new PowerHeatRatio();
    }

    function test_Named() external view {
        _assertNamed(rule, "power.heat-ratio");
    }

    /// 2 / 10; 900 000 × 0.8 / 1 000 000; 900 000 × 0.2 / 2 000 000.
    function test_RatioAndIntensities() external view {
        Outcome memory outcome = rule.compute(_plant(), EXACT);

        assertEq(_result(outcome, "heatRatio"), 20e18);
        assertEq(_result(outcome, "powerIntensity"), 0.72e18);
        assertEq(_result(outcome, "heatIntensity"), 0.09e18);
        assertEq(_step(outcome, "heatEmissions", 0), 180_000e18);
        assertEq(_step(outcome, "powerEmissions", 0), 720_000e18);
    }

    /// A third prints as 33.33 %: 900 000 × 0.3333 = 299 970 tCO2 for the heat, not 300 000.
    function test_ReportUsesThePrintedRatio() external view {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.boilerHeat_GJ = 6_000_000e18;

        assertEq(_step(rule.compute(inputs, EXACT), "heatEmissions", 0), 300_000e18);
        assertEq(_step(rule.compute(inputs, REPORTED), "heatEmissions", 0), 299_970e18);
        // 600 030 / 1 000 000 = 0.60003 and 299 970 / 2 000 000 = 0.149985.
        assertEq(_result(rule.compute(inputs, REPORTED), "powerIntensity"), 0.6e18);
        assertEq(_result(rule.compute(inputs, REPORTED), "heatIntensity"), 0.15e18);
    }

    function test_NoHeatHasNoIntensityOfHeat() external view {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.heatSupplied_GJ = 0;
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "heatRatio"), 0);
        assertEq(_result(outcome, "powerIntensity"), 0.9e18);
        assertFalse(_has(outcome.results, "heatIntensity"));
    }

    function test_NoPowerHasNoIntensityOfPower() external view {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.generated_MWh = 0;
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertFalse(_has(outcome.results, "powerIntensity"));
        assertEq(_result(outcome, "heatIntensity"), 0.09e18);
    }

    function testFuzz_PartsAddUp(uint96 heat, uint96 more, uint96 emissions, bool isReported) external view {
        PowerHeatRatioInputs memory inputs = PowerHeatRatioInputs(
            int256(uint256(heat)),
            int256(uint256(heat)) + int256(uint256(more)) + 1,
            1e18,
            int256(uint256(emissions))
        );
        Outcome memory outcome = rule.compute(inputs, isReported ? REPORTED : EXACT);

        assertEq(
            _step(outcome, "heatEmissions", 0) + _step(outcome, "powerEmissions", 0), inputs.emissions_tCO2
        );
        assertGe(_step(outcome, "powerEmissions", 0), 0);
    }

    function testFuzz_MoreHeatLeavesPowerNoMore(uint96 heat, uint64 more, bool isReported) external view {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.boilerHeat_GJ = 1e29;
        inputs.heatSupplied_GJ = int256(uint256(heat));
        int256 before = _step(rule.compute(inputs, isReported ? REPORTED : EXACT), "powerEmissions", 0);
        inputs.heatSupplied_GJ += int256(uint256(more));

        assertLe(_step(rule.compute(inputs, isReported ? REPORTED : EXACT), "powerEmissions", 0), before);
    }

    function test_RevertWhen_HeatIsAboveTheBoilers() external {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.heatSupplied_GJ = inputs.boilerHeat_GJ + 1;
        _expectOutOfRange("heatSupplied", 0, inputs.heatSupplied_GJ);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_BoilerGaveNothing() external {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.boilerHeat_GJ = 0;
        _expectOutOfRange("boilerHeat", 0, 0);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        PowerHeatRatioInputs memory inputs = _plant();
        inputs.emissions_tCO2 = -1;
        _expectOutOfRange("emissions", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.generated_MWh = -1;
        _expectOutOfRange("generated", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.heatSupplied_GJ = -1;
        _expectOutOfRange("heatSupplied", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_plant(), TWO_DECIMALS);
    }

    function test_TakesOnlyCanonicalBytes() external {
        _assertTakesOnlyCanonical(rule, abi.encode(_plant()), rule.compute(_plant(), EXACT));
    }

    function _plant() private pure returns (PowerHeatRatioInputs memory) {
        return PowerHeatRatioInputs(2_000_000e18, 10_000_000e18, 1_000_000e18, 900_000e18);
    }
}
