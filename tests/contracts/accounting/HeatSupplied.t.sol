// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    HeatSteam,
    HeatSupplied,
    HeatSuppliedInputs,
    HeatWater
} from "contracts/accounting/rules/HeatSupplied.sol";

/// @notice Figures in the assertions are worked by hand.
contract HeatSuppliedTest is RuleTest {
    HeatSupplied private rule;

    function setUp() external {
        rule = new HeatSupplied();
    }

    function test_Named() external view {
        _assertNamed(rule, "heat.supplied");
    }

    /// 10 000 × (2 800 − 83.74) / 1 000
    function test_Steam() external view {
        assertEq(_exact(_steam(10_000e18, 2800e18)), 27_162.6e18);
    }

    /// 10 000 × 50 × 4.1868 / 1 000, and the same / 0.95.
    function test_Water() external view {
        assertEq(_exact(_water(10_000e18, 70e18, 100e18)), 2093.4e18);
        assertEq(_exact(_water(10_000e18, 70e18, 95e18)), 2203.58e18);
    }

    /// Two lines of 0.005 GJ print as 0.01 each, and sum to 0.01 unrounded.
    function test_ReportRoundsEachLine() external view {
        HeatSuppliedInputs memory inputs = _steam(0.01e18, 583.74e18);
        inputs.water = _water(0.11943e18, 30e18, 100e18).water;

        assertEq(_step(rule.compute(inputs, EXACT), "lineHeat", 0), 0.005e18);
        // 0.11943 × 10 × 4.1868 / 1 000 = 0.005000295…
        assertEq(_step(rule.compute(inputs, REPORTED), "lineHeat", 1), 0.01e18);
        assertEq(_result(rule.compute(inputs, REPORTED), "heatSupplied"), 0.02e18);
        assertEq(_exact(inputs), 0.01e18);
    }

    function test_ColdWaterIsZero() external view {
        assertEq(_exact(_steam(10_000e18, 83.74e18)), 0);
        assertEq(_exact(_water(10_000e18, 20e18, 95e18)), 0);
    }

    function testFuzz_AddsUpInAnyOrder(uint40 first, uint40 second) external view {
        (int256 a, int256 b) = (int256(uint256(first)) * 1e15, int256(uint256(second)) * 1e15);
        HeatSuppliedInputs memory inputs = _steam(a, 2800e18);
        inputs.steam = new HeatSteam[](2);
        inputs.steam[0] = HeatSteam(a, 2800e18);
        inputs.steam[1] = HeatSteam(b, 2800e18);
        int256 sum = _exact(inputs);
        (inputs.steam[0], inputs.steam[1]) = (inputs.steam[1], inputs.steam[0]);

        assertEq(_exact(inputs), sum);
        assertEq(_exact(_steam(a + b, 2800e18)), sum);
    }

    function testFuzz_WorseExchangerNeverGivesLess(uint64 mass, uint256 better, uint256 worse) external view {
        int256 high = int256(bound(better, 50e18, 100e18));
        int256 low = int256(bound(worse, 50e18, uint256(high)));
        int256 m = int256(uint256(mass)) * 1e9;

        assertGe(_exact(_water(m, 70e18, low)), _exact(_water(m, 70e18, high)));
    }

    function testFuzz_Monotone(uint64 mass, uint256 enthalpy, uint64 more) external view {
        int256 m = int256(uint256(mass)) * 1e9;
        int256 d = int256(uint256(more));
        int256 h = int256(bound(enthalpy, 83.74e18, 4900e18));

        assertGe(_exact(_steam(m + d, h)), _exact(_steam(m, h)));
        assertGe(_exact(_steam(m, h + d)), _exact(_steam(m, h)));
    }

    function test_RevertWhen_EnthalpyIsNoneOfSteam() external {
        _expectOutOfRange("enthalpy", 0, 83.74e18 - 1);
        rule.compute(_steam(1e18, 83.74e18 - 1), EXACT);
        _expectOutOfRange("enthalpy", 0, 2_800_000e18);
        rule.compute(_steam(1e18, 2_800_000e18), EXACT);
    }

    function test_RevertWhen_TemperatureIsNoneOfWater() external {
        _expectOutOfRange("temperature", 0, 20e18 - 1);
        rule.compute(_water(1e18, 20e18 - 1, 95e18), EXACT);
        _expectOutOfRange("temperature", 0, 374e18 + 1);
        rule.compute(_water(1e18, 374e18 + 1, 95e18), EXACT);
    }

    function test_RevertWhen_EfficiencyIsNone() external {
        _expectOutOfRange("exchangerEfficiency", 0, 0);
        rule.compute(_water(1e18, 70e18, 0), EXACT);
        _expectOutOfRange("exchangerEfficiency", 0, 100e18 + 1);
        rule.compute(_water(1e18, 70e18, 100e18 + 1), EXACT);
    }

    /// 0.95 for 95 % would make the heat a hundred times too great.
    function test_RevertWhen_EfficiencyIsAFraction() external {
        _expectOutOfRange("exchangerEfficiency", 0, 0.95e18);
        rule.compute(_water(1e18, 70e18, 0.95e18), EXACT);
    }

    function test_RevertWhen_MassIsNegative() external {
        _expectOutOfRange("steam", 0, -1);
        rule.compute(_steam(-1, 2800e18), EXACT);
        _expectOutOfRange("water", 0, -1);
        rule.compute(_water(-1, 70e18, 95e18), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        HeatSuppliedInputs memory inputs;
        _expectNothingGiven("lines");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_steam(1e18, 2800e18), TWO_DECIMALS);
    }

    function test_TakesOnlyCanonicalBytes() external {
        HeatSuppliedInputs memory inputs = _steam(1e18, 2800e18);
        inputs.water = _water(1e18, 70e18, 95e18).water;
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _exact(HeatSuppliedInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "heatSupplied");
    }

    function _steam(int256 mass, int256 enthalpy) private pure returns (HeatSuppliedInputs memory inputs) {
        inputs.steam = new HeatSteam[](1);
        inputs.steam[0] = HeatSteam(mass, enthalpy);
    }

    function _water(int256 mass, int256 temperature, int256 efficiency)
        private
        pure
        returns (HeatSuppliedInputs memory inputs)
    {
        inputs.water = new HeatWater[](1);
        inputs.water[0] = HeatWater(mass, temperature, efficiency);
    }
}
