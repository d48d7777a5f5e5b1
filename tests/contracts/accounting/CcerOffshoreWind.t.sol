// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    CcerOffshoreWind,
    CcerOffshoreWindInputs,
    WindPeriod
} from "contracts/accounting/rules/CcerOffshoreWind.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract CcerOffshoreWindTest is RuleTest {
    CcerOffshoreWind private rule;

    function setUp() external {
        rule = new CcerOffshoreWind();
    }

    function test_Named() external view {
        _assertNamed(rule, "ccer.offshore-wind");
    }

    function test_NetExportTimesCombinedMargin() external view {
        Outcome memory outcome = rule.compute(_farm(1_050_000e18, 2500e18), EXACT);

        assertEq(_step(outcome, "yearNetExport", 0), 1_047_500e18);
        assertEq(_step(outcome, "combinedMargin", 0), 0.50885e18);
        assertEq(_step(outcome, "baselineEmissions", 0), 533_020.375e18);
        assertEq(_result(outcome, "reductions"), 533_020e18);
        assertEq(outcome.results[0].decimals, 0);
    }

    /// 1 / 0.50885 MWh would be 1 t; a wei less is not.
    function test_RoundsDownToWholeTonnes() external view {
        CcerOffshoreWindInputs memory inputs = _farm(2e18, 0);
        (inputs.operatingMargin_tCO2_per_MWh, inputs.buildMargin_tCO2_per_MWh) = (0.5e18, 0.5e18);

        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), 1e18);
        inputs.periods[0].imported_MWh = 2;
        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), 0);
    }

    function test_MoreImportThanExportIsBelowZero() external view {
        Outcome memory outcome = rule.compute(_farm(0, 1e18), EXACT);

        assertEq(_step(outcome, "baselineEmissions", 0), -0.50885e18);
        assertEq(_result(outcome, "reductions"), -1e18);
    }

    /// Halves of a tonne are not rounded away: the year is rounded, not its periods.
    function test_PeriodsAddUpBeforeTheyAreRounded() external view {
        CcerOffshoreWindInputs memory inputs = _farm(0, 0);
        (inputs.operatingMargin_tCO2_per_MWh, inputs.buildMargin_tCO2_per_MWh) = (0.5e18, 0.5e18);
        inputs.periods = new WindPeriod[](3);
        (inputs.periods[0], inputs.periods[1]) = (WindPeriod(1e18, 0), WindPeriod(2e18, 1e18));
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_step(outcome, "netExport", 1), 1e18);
        assertEq(_step(outcome, "netExport", 2), 0);
        assertEq(_result(outcome, "reductions"), 1e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        CcerOffshoreWindInputs memory inputs = _farm(1_050_000e18, 2500e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        CcerOffshoreWindInputs memory inputs = _farm(0, 0);
        inputs.periods = new WindPeriod[](0);
        _expectNothingGiven("periods");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_farm(1e18, 0), REPORTED);
    }

    function test_RevertWhen_WeightsDoNotMakeOne() external {
        CcerOffshoreWindInputs memory inputs = _farm(1e18, 0);
        inputs.buildWeight_1 = 0.5e18 + 1;
        _expectOutOfRange("buildWeight", 0, 0.5e18 + 1);
        rule.compute(inputs, EXACT);
        inputs.buildWeight_1 = 0.5e18 - 1;
        _expectOutOfRange("buildWeight", 0, 0.5e18 - 1);
        rule.compute(inputs, EXACT);
        (inputs.operatingWeight_1, inputs.buildWeight_1) = (1.5e18, -0.5e18);
        _expectOutOfRange("operatingWeight", 0, 1.5e18);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("exported", 0, -1);
        rule.compute(_farm(-1, 0), EXACT);
        _expectOutOfRange("imported", 0, -1);
        rule.compute(_farm(0, -1), EXACT);
        CcerOffshoreWindInputs memory inputs = _farm(1e18, 0);
        inputs.operatingMargin_tCO2_per_MWh = -1;
        _expectOutOfRange("operatingMargin", 0, -1);
        rule.compute(inputs, EXACT);
        inputs = _farm(1e18, 0);
        inputs.buildMargin_tCO2_per_MWh = -1;
        _expectOutOfRange("buildMargin", 0, -1);
        rule.compute(inputs, EXACT);
    }

    /// kWh, ten-thousandths of a tCO2/MWh, hundredths of a weight: / 10⁹, always down.
    function testFuzz_IsThePlainProductRoundedDown(
        uint40 exported,
        uint40 imported,
        uint16 operatingMargin,
        uint16 buildMargin,
        uint8 weight
    ) external view {
        int256 w = int256(bound(weight, 0, 100));
        CcerOffshoreWindInputs memory inputs =
            _farm(int256(uint256(exported)) * 1e15, int256(uint256(imported)) * 1e15);
        inputs.operatingMargin_tCO2_per_MWh = int256(uint256(operatingMargin)) * 1e14;
        inputs.buildMargin_tCO2_per_MWh = int256(uint256(buildMargin)) * 1e14;
        (inputs.operatingWeight_1, inputs.buildWeight_1) = (w * 1e16, (100 - w) * 1e16);

        int256 margin = int256(uint256(operatingMargin)) * w + int256(uint256(buildMargin)) * (100 - w);
        int256 product = (int256(uint256(exported)) - int256(uint256(imported))) * margin;
        int256 tonnes = product / 1e9 - (product < 0 && product % 1e9 != 0 ? int256(1) : int256(0));
        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), tonnes * 1e18);
    }

    function testFuzz_GrowsWithExportAndShrinksWithImport(uint40 exported, uint40 imported, uint32 more)
        external
        view
    {
        int256 out = int256(uint256(exported)) * 1e15;
        int256 back = int256(uint256(imported)) * 1e15;
        int256 reductions = _result(rule.compute(_farm(out, back), EXACT), "reductions");

        int256 added = int256(uint256(more)) * 1e15;
        assertGe(_result(rule.compute(_farm(out + added, back), EXACT), "reductions"), reductions);
        assertLe(_result(rule.compute(_farm(out, back + added), EXACT), "reductions"), reductions);
        assertEq(_result(rule.compute(_farm(out + added, back + added), EXACT), "reductions"), reductions);
    }

    function _farm(int256 exported, int256 imported)
        private
        pure
        returns (CcerOffshoreWindInputs memory inputs)
    {
        inputs.periods = new WindPeriod[](1);
        inputs.periods[0] = WindPeriod(exported, imported);
        inputs.operatingMargin_tCO2_per_MWh = 0.8042e18;
        inputs.buildMargin_tCO2_per_MWh = 0.2135e18;
        (inputs.operatingWeight_1, inputs.buildWeight_1) = (0.5e18, 0.5e18);
    }
}
