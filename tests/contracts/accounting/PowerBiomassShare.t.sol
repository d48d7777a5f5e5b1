// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {FuelHeatGas, FuelHeatMass} from "contracts/accounting/rules/FuelHeat.sol";
import {
    PowerBiomassShare,
    PowerBiomassShareInputs,
    PowerBoilerSteam
} from "contracts/accounting/rules/PowerBiomassShare.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract PowerBiomassShareTest is RuleTest {
    PowerBiomassShare private rule;

    function setUp() external {
        rule = new PowerBiomassShare();
    }

    function test_Named() external view {
        _assertNamed(rule, "power.biomass-share");
    }

    /// 200 000 GJ of 250 000 / 0.9 GJ are 72 %.
    function test_OneLessTheFossilShare() external view {
        Outcome memory outcome = rule.compute(_boiler(10_000e18), EXACT);

        assertEq(_step(outcome, "fossilHeat", 0), 200_000e18);
        assertEq(_step(outcome, "boilerHeat", 0), 250_000e18);
        assertEq(_result(outcome, "biomassShare"), 28e18);
    }

    function test_GasCountsToo() external view {
        PowerBiomassShareInputs memory inputs = _boiler(5000e18);
        inputs.gases = new FuelHeatGas[](1);
        inputs.gases[0] = FuelHeatGas(250e18, 400e18);

        assertEq(_result(rule.compute(inputs, EXACT), "biomassShare"), 28e18);
    }

    function test_NothingFossilIsAll() external view {
        assertEq(_result(rule.compute(_boiler(0), EXACT), "biomassShare"), 100e18);
    }

    /// 20 000 t × 20 GJ/t = 400 000 GJ, 144 % of what the boiler took.
    function test_MoreFossilThanTheBoilerTookIsZero() external view {
        Outcome memory outcome = rule.compute(_boiler(20_000e18), EXACT);

        assertEq(_result(outcome, "biomassShare"), 0);
        assertApproxEqAbs(_step(outcome, "balance", 0), -44e18, 1e3);
    }

    function testFuzz_IsAShareAndFallsWithFossilFuel(uint96 consumed, uint64 more) external view {
        int256 c = int256(uint256(consumed));
        int256 share = _result(rule.compute(_boiler(c), EXACT), "biomassShare");

        assertGe(share, 0);
        assertLe(share, 100e18);
        assertLe(_result(rule.compute(_boiler(c + int256(uint256(more))), EXACT), "biomassShare"), share);
    }

    function test_RevertWhen_EfficiencyIsNone() external {
        PowerBiomassShareInputs memory inputs = _boiler(1e18);
        inputs.boilerEfficiency_pct = 0;
        _expectOutOfRange("boilerEfficiency", 0, 0);
        rule.compute(inputs, EXACT);
        inputs.boilerEfficiency_pct = 100e18 + 1;
        _expectOutOfRange("boilerEfficiency", 0, 100e18 + 1);
        rule.compute(inputs, EXACT);
    }

    /// 0.9 for 90 % would make nearly all of the heat biomass.
    function test_RevertWhen_EfficiencyIsAFraction() external {
        PowerBiomassShareInputs memory inputs = _boiler(1e18);
        inputs.boilerEfficiency_pct = 0.9e18;
        _expectOutOfRange("boilerEfficiency", 0, 0.9e18);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_BoilerGaveNothing() external {
        PowerBiomassShareInputs memory inputs = _boiler(1e18);
        inputs.steam[0].steam_t = 0;
        _expectOutOfRange("boilerHeat", 0, 0);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_EnthalpiesAreTheWrongWayRound() external {
        PowerBiomassShareInputs memory inputs = _boiler(1e18);
        inputs.steam[0].enthalpyIn_kJ_per_kg = 3400e18 + 1;
        _expectOutOfRange("enthalpyIn", 0, 3400e18 + 1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        PowerBiomassShareInputs memory inputs = _boiler(1e18);
        inputs.steam[0].steam_t = -1;
        _expectOutOfRange("steam", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.steam[0] = PowerBoilerSteam(1e18, -1, -2);
        _expectOutOfRange("enthalpyOut", 0, -1);
        rule.compute(inputs, EXACT);

        inputs = _boiler(-1);
        _expectOutOfRange("consumed", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.weighed[0] = FuelHeatMass(1e18, -1);
        _expectOutOfRange("heat", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.gases = new FuelHeatGas[](1);
        inputs.weighed[0] = FuelHeatMass(1e18, 1e18);
        inputs.gases[0] = FuelHeatGas(-1, 1e18);
        _expectOutOfRange("consumedGas", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.gases[0] = FuelHeatGas(1e18, -1);
        _expectOutOfRange("heatGas", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        PowerBiomassShareInputs memory inputs = _boiler(1e18);
        delete inputs.steam;
        _expectNothingGiven("steam");
        rule.compute(inputs, EXACT);
        delete inputs.weighed;
        _expectNothingGiven("fuels");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_boiler(1e18), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        _assertTakesOnlyCanonical(rule, abi.encode(_boiler(1e18)), rule.compute(_boiler(1e18), EXACT));
    }

    function _boiler(int256 consumed) private pure returns (PowerBiomassShareInputs memory inputs) {
        inputs.weighed = new FuelHeatMass[](1);
        inputs.weighed[0] = FuelHeatMass(consumed, 20e18);
        inputs.steam = new PowerBoilerSteam[](1);
        inputs.steam[0] = PowerBoilerSteam(100_000e18, 3400e18, 900e18);
        inputs.boilerEfficiency_pct = 90e18;
    }
}
