// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {GwpLine, GwpTotal, GwpTotalInputs} from "contracts/accounting/rules/GwpTotal.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract GwpTotalTest is RuleTest {
    GwpTotal private rule;

    function setUp() external {
        rule = new GwpTotal();
    }

    function test_Named() external view {
        _assertNamed(rule, "gwp.total");
    }

    /// 2 800 + 2 650 + 6 630 + 23 500 by the fifth report, 2 980 + 2 730 + 7 380 + 24 300 by the sixth.
    function test_MassTimesPotential() external view {
        assertEq(_emissions(_four(28e18, 265e18, 6630e18, 23_500e18)), 35_580e18);
        assertEq(_emissions(_four(29.8e18, 273e18, 7380e18, 24_300e18)), 37_390e18);
    }

    function test_OneGasInTwoLines() external view {
        GwpTotalInputs memory inputs = _two(GwpLine("CO2", 1e18, 1e18), GwpLine("CO2", 2e18, 1e18));
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "emissions"), 3e18);
        assertEq(_step(outcome, "lineEmissions", 1), 2e18);
    }

    function test_ZeroIsANumber() external view {
        assertEq(_emissions(_two(GwpLine("CH4", 0, 28e18), GwpLine("CO2", 0, 1e18))), 0);
    }

    function testFuzz_OrderDoesNotMatter(uint96 first, uint96 second) external view {
        GwpLine memory a = GwpLine("CH4", int256(uint256(first)), 28e18);
        GwpLine memory b = GwpLine("SF6", int256(uint256(second)), 23_500e18);

        assertEq(_emissions(_two(a, b)), _emissions(_two(b, a)));
    }

    function testFuzz_Monotone(uint96 mass, uint64 more) external view {
        GwpTotalInputs memory inputs =
            _two(GwpLine("CH4", int256(uint256(mass)), 28e18), GwpLine("CO2", 0, 1e18));
        int256 before = _emissions(inputs);
        inputs.lines[0].emitted_t += int256(uint256(more));

        assertGe(_emissions(inputs), before);
    }

    /// Methane by the fifth and by the sixth report.
    function test_RevertWhen_OneGasHasTwoPotentials() external {
        _expectOutOfRange("gwp", 1, 29.8e18);
        rule.compute(_two(GwpLine("CH4", 1e18, 28e18), GwpLine("CH4", 1e18, 29.8e18)), EXACT);
    }

    function test_RevertWhen_CarbonDioxideIsNotOne() external {
        _expectOutOfRange("gwp", 1, 1e18 + 1);
        rule.compute(_two(GwpLine("CH4", 1e18, 28e18), GwpLine("CO2", 1e18, 1e18 + 1)), EXACT);
    }

    function test_RevertWhen_GasHasNoName() external {
        _expectNothingGiven("gas");
        rule.compute(_two(GwpLine("", 1e18, 28e18), GwpLine("CO2", 1e18, 1e18)), EXACT);
    }

    function test_RevertWhen_PotentialIsZero() external {
        _expectOutOfRange("gwp", 0, 0);
        rule.compute(_two(GwpLine("CH4", 1e18, 0), GwpLine("CO2", 1e18, 1e18)), EXACT);
    }

    function test_RevertWhen_MassIsNegative() external {
        _expectOutOfRange("emitted", 1, -1);
        rule.compute(_two(GwpLine("CH4", 1e18, 28e18), GwpLine("CO2", -1, 1e18)), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        GwpTotalInputs memory inputs;
        _expectNothingGiven("lines");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_four(28e18, 265e18, 6630e18, 23_500e18), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        GwpTotalInputs memory inputs = _four(28e18, 265e18, 6630e18, 23_500e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _emissions(GwpTotalInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "emissions");
    }

    function _two(GwpLine memory first, GwpLine memory second)
        private
        pure
        returns (GwpTotalInputs memory inputs)
    {
        inputs.lines = new GwpLine[](2);
        (inputs.lines[0], inputs.lines[1]) = (first, second);
    }

    function _four(int256 methane, int256 nitrousOxide, int256 tetrafluoromethane, int256 sulfurHexafluoride)
        private
        pure
        returns (GwpTotalInputs memory inputs)
    {
        inputs.lines = new GwpLine[](4);
        inputs.lines[0] = GwpLine("CH4-fossil", 100e18, methane);
        inputs.lines[1] = GwpLine("N2O", 10e18, nitrousOxide);
        inputs.lines[2] = GwpLine("CF4", 1e18, tetrafluoromethane);
        inputs.lines[3] = GwpLine("SF6", 1e18, sulfurHexafluoride);
    }
}
