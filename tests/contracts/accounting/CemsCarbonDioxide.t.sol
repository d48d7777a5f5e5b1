// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    CemsCarbonDioxide,
    CemsCarbonDioxideInputs,
    CemsHour
} from "contracts/accounting/rules/CemsCarbonDioxide.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {CemsHourState} from "contracts/types/Enums.sol";

/// @notice Figures in the assertions are worked by hand.
contract CemsCarbonDioxideTest is RuleTest {
    CemsCarbonDioxide private rule;

    function setUp() external {
        rule = new CemsCarbonDioxide();
    }

    function test_Named() external view {
        _assertNamed(rule, "cems.co2");
    }

    /// 330.75 t and 329.29 t
    function test_ValidHours() external view {
        Outcome memory outcome = rule.compute(_twoHours(), EXACT);

        assertEq(_result(outcome, "emissions"), 660.04e18);
        assertEq(_result(outcome, "availability"), 100e18);
        assertEq(_step(outcome, "highestHour", 0), 330.75e18);
    }

    function test_InvalidHourTakesTheGreatest() external view {
        CemsCarbonDioxideInputs memory inputs = _with(_twoHours(), _hour(CemsHourState.Highest, 0, 0));
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "emissions"), 990.79e18);
        assertEq(_step(outcome, "highestEmissions", 0), 330.75e18);
        assertEq(_step(outcome, "highestHours", 0), 1e18);
        // 2 of 3
        assertEq(_result(outcome, "availability"), 66.67e18);
    }

    /// A stated hour of 400 t is not valid, so it does not stand for others.
    function test_StatedHourIsShownApart() external view {
        CemsCarbonDioxideInputs memory inputs =
            _with(_twoHours(), _hour(CemsHourState.Stated, 200e18, 2_000_000e18));
        inputs = _with(inputs, _hour(CemsHourState.Highest, 0, 0));
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_step(outcome, "statedEmissions", 0), 400e18);
        assertEq(_step(outcome, "statedHours", 0), 1e18);
        assertEq(_step(outcome, "highestEmissions", 0), 330.75e18);
        assertEq(_result(outcome, "emissions"), 1390.79e18);
    }

    function test_StandingHourCountsNothing() external view {
        Outcome memory outcome = rule.compute(_with(_twoHours(), _hour(CemsHourState.Stopped, 0, 0)), EXACT);

        assertEq(_result(outcome, "emissions"), 660.04e18);
        assertEq(_result(outcome, "availability"), 100e18);
        assertEq(_step(outcome, "stoppedHours", 0), 1e18);
    }

    function test_PlantThatStoodStillHasNoAvailability() external view {
        CemsCarbonDioxideInputs memory inputs;
        Outcome memory outcome = rule.compute(_with(inputs, _hour(CemsHourState.Stopped, 0, 0)), EXACT);

        assertEq(_result(outcome, "emissions"), 0);
        assertFalse(_has(outcome.results, "availability"));
    }

    /// A valid hour of zero is an hour, and not one that is missing.
    function test_ZeroHourIsValid() external view {
        CemsCarbonDioxideInputs memory inputs = _with(_twoHours(), _hour(CemsHourState.Measured, 0, 0));

        assertEq(_step(rule.compute(inputs, EXACT), "measuredHours", 0), 3e18);
    }

    function testFuzz_OrderDoesNotMatter(
        uint256[3] memory concentration,
        uint64[3] memory flow,
        uint8[3] memory state
    ) external view {
        CemsCarbonDioxideInputs memory inputs = _twoHours();
        for (uint256 i = 0; i < 3; ++i) {
            bool isInvalid = state[i] % 2 == 0;
            inputs = _with(
                inputs,
                isInvalid
                    ? _hour(CemsHourState.Highest, 0, 0)
                    : _hour(
                        CemsHourState.Measured,
                        int256(bound(concentration[i], 0, 2000e18)),
                        int256(uint256(flow[i])) * 1e6
                    )
            );
        }
        int256 before = _emissions(inputs);
        (inputs.readings[0], inputs.readings[4]) = (inputs.readings[4], inputs.readings[0]);
        (inputs.readings[1], inputs.readings[2]) = (inputs.readings[2], inputs.readings[1]);

        assertEq(_emissions(inputs), before);
    }

    function testFuzz_HoursAddUp(uint32 concentration, uint32 flow) external view {
        int256 c = int256(uint256(concentration % 20_000)) * 1e17;
        int256 q = int256(uint256(flow)) * 1e18;
        CemsCarbonDioxideInputs memory none;
        CemsHour memory hour = _hour(CemsHourState.Measured, c, q);
        int256 one = _step(rule.compute(_with(none, hour), EXACT), "measuredEmissions", 0);

        assertEq(
            _step(rule.compute(_with(_twoHours(), hour), EXACT), "measuredEmissions", 0), 660.04e18 + one
        );
    }

    /// Losing an hour never helps.
    function testFuzz_InvalidHourNeverGivesLess(uint256 concentration, uint64 flow) external view {
        CemsHour memory hour = _hour(
            CemsHourState.Measured, int256(bound(concentration, 0, 2000e18)), int256(uint256(flow)) * 1e6
        );
        CemsCarbonDioxideInputs memory inputs = _with(_twoHours(), hour);
        int256 before = _emissions(inputs);
        vm.assume(_step(rule.compute(inputs, EXACT), "highestHour", 0) == 330.75e18);
        inputs.readings[2] = _hour(CemsHourState.Highest, 0, 0);

        assertGe(_emissions(inputs), before);
    }

    /// A year of hours through `evaluate` stays below the 50 million gas that nodes commonly give a call.
    function test_LeapYearEndsWithinACall() external view {
        CemsCarbonDioxideInputs memory inputs;
        inputs.readings = new CemsHour[](8784);
        for (uint256 i = 0; i < 8784; ++i) {
            inputs.readings[i] = _hour(CemsHourState.Measured, 200e18, 1_000_000e18);
        }
        bytes memory encoded = abi.encode(inputs);
        Outcome memory outcome = rule.evaluate(encoded, EXACT);

        assertLt(vm.lastCallGas().gasTotalUsed, 40_000_000);
        assertEq(_result(outcome, "emissions"), 1_756_800e18);
    }

    function test_RevertWhen_HourWithoutFiguresCarriesSome() external {
        CemsCarbonDioxideInputs memory inputs = _twoHours();
        inputs.readings[1].state = CemsHourState.Highest;
        _expectOutOfRange("concentration", 1, 221e18);
        rule.compute(inputs, EXACT);
        inputs.readings[1] = _hour(CemsHourState.Stopped, 0, 1);
        _expectOutOfRange("flow", 1, 1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NoValidHourCanStandForAnother() external {
        CemsCarbonDioxideInputs memory inputs;
        inputs = _with(inputs, _hour(CemsHourState.Highest, 0, 0));
        inputs = _with(inputs, _hour(CemsHourState.Stated, 200e18, 1e18));
        _expectNothingGiven("measured");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ConcentrationIsInMilligrams() external {
        CemsCarbonDioxideInputs memory inputs = _twoHours();
        inputs.readings[0].concentration_g_per_m3 = 220_500e18;
        _expectOutOfRange("concentration", 0, 220_500e18);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_StateIsNone() external {
        CemsCarbonDioxideInputs memory inputs = _twoHours();
        inputs.readings[1].state = CemsHourState.None;
        _expectOutOfRange("state", 1, 0);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        CemsCarbonDioxideInputs memory inputs = _twoHours();
        inputs.readings[1].flow_m3_per_h = -1;
        _expectOutOfRange("flow", 1, -1);
        rule.compute(inputs, EXACT);
        inputs.readings[0].concentration_g_per_m3 = -1;
        _expectOutOfRange("concentration", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        CemsCarbonDioxideInputs memory inputs;
        _expectNothingGiven("readings");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_MoreHoursThanAYearHas() external {
        CemsCarbonDioxideInputs memory inputs;
        inputs.readings = new CemsHour[](8785);
        _expectOutOfRange("readings", 0, 8785e18);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_twoHours(), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        _assertTakesOnlyCanonical(rule, abi.encode(_twoHours()), rule.compute(_twoHours(), EXACT));
    }

    function _emissions(CemsCarbonDioxideInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "emissions");
    }

    function _twoHours() private pure returns (CemsCarbonDioxideInputs memory inputs) {
        inputs.readings = new CemsHour[](2);
        inputs.readings[0] = _hour(CemsHourState.Measured, 220.5e18, 1_500_000e18);
        inputs.readings[1] = _hour(CemsHourState.Measured, 221e18, 1_490_000e18);
    }

    function _hour(CemsHourState state, int256 concentration, int256 flow)
        private
        pure
        returns (CemsHour memory)
    {
        return CemsHour(state, concentration, flow);
    }

    function _with(CemsCarbonDioxideInputs memory inputs, CemsHour memory hour)
        private
        pure
        returns (CemsCarbonDioxideInputs memory longer)
    {
        longer.readings = new CemsHour[](inputs.readings.length + 1);
        for (uint256 i = 0; i < inputs.readings.length; ++i) {
            longer.readings[i] = inputs.readings[i];
        }
        longer.readings[inputs.readings.length] = hour;
    }
}
