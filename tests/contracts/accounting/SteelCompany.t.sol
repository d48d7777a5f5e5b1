// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FuelTest} from "../support/FuelTest.sol";
import {FuelByMass, FuelFlows} from "contracts/accounting/rules/FuelRule.sol";
import {
    SteelCompany,
    SteelCompanyInputs,
    SteelMaterial,
    SteelProduct
} from "contracts/accounting/rules/SteelCompany.sol";
import {Outcome, UNROUNDED} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract SteelCompanyTest is FuelTest {
    SteelCompany private rule;

    function setUp() external {
        rule = new SteelCompany();
    }

    function test_Named() external view {
        _assertNamed(rule, "steel.company");
    }

    function test_BalancesWhatEntersAndLeaves() external view {
        Outcome memory outcome = rule.compute(_works(), EXACT);

        assertEq(_step(outcome, "fuelEmissions", 0), 2_454_470.48e18);
        assertEq(_step(outcome, "fuelEmissions", 1), 613_475.646666666666666667e18);
        assertEq(_step(outcome, "fuelNet", 0), 1_840_994.833333333333333333e18);
        assertEq(_step(outcome, "materialEmissions", 0), 132_000e18);
        assertEq(_step(outcome, "materialEmissions", 1), 7326e18);
        assertEq(_step(outcome, "materialEmissions", 2), 3700e18);
        assertEq(_step(outcome, "productCarbon", 0), 37_000e18);
        assertEq(_result(outcome, "emissions"), 1_947_020.83e18);
        assertEq(_result(outcome, "emissionsWhole"), 1_947_021e18);
        assertEq(_result(outcome, "crudeSteelIntensity"), 1.947e18);
    }

    /// No oxidation rate: 1 t of carbon that enters is 44/12 t of CO₂, not 99 % of it.
    function test_AllCarbonCounts() external view {
        Outcome memory outcome = rule.compute(_fuelsOnly(_flows(FuelByMass(12e18, 25e18, 0.04e18))), EXACT);

        assertEq(_result(outcome, "emissions"), 44e18);
    }

    function test_ReportRoundsBeforeItMultiplies() external view {
        FuelByMass memory coal = FuelByMass(1000.005e18, 25.0236e18, 0.027485e18);
        SteelCompanyInputs memory inputs = _fuelsOnly(_flows(coal));
        inputs.products = new SteelProduct[](1);
        inputs.products[0] = SteelProduct(true, 300.004e18, 0.03713e18);
        Outcome memory outcome = rule.compute(inputs, REPORTED);

        assertEq(_step(outcome, "fuelAmount", 0), 1000.01e18);
        assertEq(_step(outcome, "fuelHeatValue", 0), 25.024e18);
        assertEq(_step(outcome, "fuelCarbonPerHeat", 0), 0.02749e18);
        // 1 000.01 × 25.024 × 0.02749 × 44/12 = 2 522.3610…
        assertEq(_step(outcome, "fuelEmissions", 0), 2522.36e18);
        assertEq(_find(outcome.steps, "fuelEmissions", 0).decimals, 2);
        // 300.00 × 0.03713 = 11.139
        assertEq(_step(outcome, "productCarbon", 0), 11.14e18);
        assertEq(_step(outcome, "crudeSteel", 0), 300e18);
        assertEq(_result(outcome, "emissions"), 2511.22e18);
        assertEq(_result(outcome, "emissionsWhole"), 2511e18);
        assertEq(_result(outcome, "crudeSteelIntensity"), 8.3707e18);
        assertEq(_find(rule.compute(inputs, EXACT).steps, "fuelEmissions", 0).decimals, UNROUNDED);
    }

    /// 0.014 t of two limestones print as 0.01 t; 0.005 tCO2 of each prints as 0.01 and sums to 0.02, exactly it is 0.01.
    function test_ReportSumsPrintedEmissions() external view {
        SteelCompanyInputs memory inputs;
        inputs.carbonates = new SteelMaterial[](2);
        inputs.carbonates[0] = SteelMaterial(0.014e18, 0.5e18);
        inputs.carbonates[1] = SteelMaterial(0.014e18, 0.5e18);
        Outcome memory outcome = rule.compute(inputs, REPORTED);

        assertEq(_step(outcome, "materialAmount", 1), 0.01e18);
        assertEq(_step(outcome, "materialEmissions", 1), 0.01e18);
        assertEq(_result(outcome, "emissions"), 0.02e18);
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), 0.01e18);
    }

    function test_MoreLeavesThanEnters() external view {
        SteelCompanyInputs memory inputs = _fuelsOnly(_flows(_bituminous(0)));
        inputs.leaving = _flows(_coke(200_000e18));

        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), -613_475.65e18);
        assertEq(_result(rule.compute(inputs, EXACT), "emissionsWhole"), -613_476e18);
    }

    function test_NoIntensityWithoutCrudeSteel() external view {
        SteelCompanyInputs memory inputs = _works();
        inputs.products[0].isCrudeSteel = false;
        Outcome memory other = rule.compute(inputs, EXACT);
        inputs.products[0] = SteelProduct(true, 0, 0.037e18);
        Outcome memory none = rule.compute(inputs, EXACT);

        assertEq(_result(other, "emissions"), 1_947_020.83e18);
        assertFalse(_has(other.results, "crudeSteelIntensity"));
        assertEq(_result(none, "emissions"), 1_984_020.83e18);
        assertFalse(_has(none.results, "crudeSteelIntensity"));
        assertFalse(_has(none.steps, "crudeSteel"));
    }

    function test_ProductsMadeTwiceCountTogether() external view {
        SteelCompanyInputs memory inputs = _works();
        inputs.products = new SteelProduct[](2);
        inputs.products[0] = SteelProduct(true, 400_000e18, 0.037e18);
        inputs.products[1] = SteelProduct(true, 600_000e18, 0.037e18);

        assertEq(_step(rule.compute(inputs, EXACT), "crudeSteel", 0), 1_000_000e18);
        assertEq(_result(rule.compute(inputs, EXACT), "crudeSteelIntensity"), 1.947e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        _assertTakesOnlyCanonical(rule, abi.encode(_works()), rule.compute(_works(), EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        SteelCompanyInputs memory inputs;
        _expectNothingGiven("entering");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsForGases() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_works(), TWO_DECIMALS);
    }

    function test_RevertWhen_FuelIsOutOfRange() external {
        SteelCompanyInputs memory inputs = _works();
        inputs.leaving.weighed[0].amount_t = -1;
        _expectOutOfRange("amount", 1, -1);
        rule.compute(inputs, EXACT);
        inputs.leaving.weighed[0] = FuelByMass(1, -1, 0);
        _expectOutOfRange("heat", 1, -1);
        rule.compute(inputs, EXACT);
        inputs.leaving.weighed[0] = FuelByMass(1, 1e30 + 1, 0);
        _expectOutOfRange("heat", 1, 1e30 + 1);
        rule.compute(inputs, EXACT);
        inputs.leaving.weighed[0] = FuelByMass(1, 1, -1);
        _expectOutOfRange("carbonPerHeat", 1, -1);
        rule.compute(inputs, EXACT);
    }

    /// 26.18 tC/TJ given as tC/GJ would be 621 t of carbon in a tonne.
    function test_RevertWhen_CarbonIsAboveATonneOfATonne() external {
        SteelCompanyInputs memory inputs = _fuelsOnly(_flows(FuelByMass(1e18, 25e18, 0.04e18)));
        rule.compute(inputs, EXACT);

        inputs.entering.weighed[0].carbonPerHeat_tC_per_GJ = 0.04e18 + 1;
        _expectOutOfRange("carbonContent", 0, 1e18 + 25);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_MaterialIsOutOfRange() external {
        SteelCompanyInputs memory inputs = _works();
        inputs.materials[0].consumed_t = -1;
        _expectOutOfRange("consumed", 2, -1);
        rule.compute(inputs, EXACT);
        inputs.materials[0] = SteelMaterial(1, 1e30 + 1);
        _expectOutOfRange("factor", 2, 1e30 + 1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProductIsOutOfRange() external {
        SteelCompanyInputs memory inputs = _works();
        inputs.products[0].output_t = -1;
        _expectOutOfRange("output", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.products[0] = SteelProduct(true, 1, -1);
        _expectOutOfRange("embedded", 0, -1);
        rule.compute(inputs, EXACT);
    }

    /// What a plain count in whole units gives, in both profiles, is what the rule gives.
    function testFuzz_IsTheBalanceOfCarbon(Printed memory one, Printed memory other, Printed memory out)
        external
        view
    {
        SteelCompanyInputs memory inputs = _fuelsOnly(_flows(_fuel(_bounded(one)), _fuel(_bounded(other))));
        inputs.leaving = _flows(_bounded(out));

        int256 exact = _hundredths(_carbon(one) + _carbon(other) - _carbon(out));
        int256 printed = _hundredths(_carbon(one)) + _hundredths(_carbon(other)) - _hundredths(_carbon(out));
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), exact * 1e16);
        assertEq(_result(rule.compute(inputs, REPORTED), "emissions"), printed * 1e16);
    }

    function testFuzz_WhatEntersAndLeavesAgainIsNothing(Printed memory one) external view {
        SteelCompanyInputs memory inputs = _fuelsOnly(_flows(_bounded(one)));
        inputs.leaving = _flows(one);

        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), 0);
        assertEq(_result(rule.compute(inputs, REPORTED), "emissions"), 0);
    }

    function testFuzz_GrowsWithWhatEntersAndShrinksWithWhatLeaves(
        Printed memory one,
        Printed memory out,
        uint32 more
    ) external view {
        SteelCompanyInputs memory inputs = _fuelsOnly(_flows(_bounded(one)));
        inputs.leaving = _flows(_bounded(out));
        int256 emissions = _result(rule.compute(inputs, EXACT), "emissions");

        inputs.entering.weighed[0].amount_t += int256(uint256(more));
        assertGe(_result(rule.compute(inputs, EXACT), "emissions"), emissions);
        inputs.entering = _flows(one);
        inputs.leaving.weighed[0].amount_t += int256(uint256(more));
        assertLe(_result(rule.compute(inputs, EXACT), "emissions"), emissions);
    }

    function testFuzz_TwoLinesOfAFuelAreOne(Printed memory one, uint32 part) external view {
        int256 whole = _fuel(_bounded(one)).amount_t;
        int256 some = bound(int256(uint256(part)) * 1e16, 0, whole);
        FuelByMass memory first = _fuel(one);
        FuelByMass memory second = _fuel(one);
        (first.amount_t, second.amount_t) = (some, whole - some);

        Outcome memory together = rule.compute(_fuelsOnly(_flows(_fuel(one))), EXACT);
        Outcome memory apart = rule.compute(_fuelsOnly(_flows(first, second)), EXACT);
        assertEq(_result(apart, "emissions"), _result(together, "emissions"));
    }

    /// A line with zero is in the outcome and changes nothing; a fuel that is missing is not in the outcome.
    function testFuzz_ZeroIsNotMissing(Printed memory one) external view {
        Outcome memory missing = rule.compute(_fuelsOnly(_flows(_bounded(one))), EXACT);
        Outcome memory zero = rule.compute(_fuelsOnly(_flows(_fuel(one), _coke(0))), EXACT);

        assertEq(_result(zero, "emissions"), _result(missing, "emissions"));
        assertEq(_step(zero, "fuelEmissions", 1), 0);
        assertEq(zero.steps.length, missing.steps.length + 4);
    }

    function _works() private pure returns (SteelCompanyInputs memory inputs) {
        inputs.entering = _flows(_cokingCoal(1_000_000e18));
        inputs.leaving = _flows(_coke(200_000e18));
        inputs.carbonates = _material(300_000e18, 0.44e18);
        inputs.electrodes = _material(2000e18, 3.663e18);
        inputs.materials = _material(100_000e18, 0.037e18);
        inputs.products = new SteelProduct[](1);
        inputs.products[0] = SteelProduct(true, 1_000_000e18, 0.037e18);
    }

    function _fuelsOnly(FuelFlows memory entering) private pure returns (SteelCompanyInputs memory inputs) {
        inputs.entering = entering;
    }

    function _material(int256 consumed, int256 factor) private pure returns (SteelMaterial[] memory list) {
        list = new SteelMaterial[](1);
        list[0] = SteelMaterial(consumed, factor);
    }
}
