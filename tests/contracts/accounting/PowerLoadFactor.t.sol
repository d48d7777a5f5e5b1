// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    PowerLoadFactor,
    PowerLoadFactorInputs,
    PowerLoadStandby,
    PowerLoadUnit
} from "contracts/accounting/rules/PowerLoadFactor.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract PowerLoadFactorTest is RuleTest {
    PowerLoadFactor private rule;

    function setUp() external {
        rule = new PowerLoadFactor();
    }

    function test_Named() external view {
        _assertNamed(rule, "power.load-factor");
    }

    /// 2 692 800 / (660 × 6 800)
    function test_OneUnit() external view {
        Outcome memory outcome = rule.compute(_one(660e18, 6800e18, 2_692_800e18), EXACT);

        assertEq(_result(outcome, "loadFactor"), 60e18);
        assertEq(_result(outcome, "runningHours"), 6800e18);
        assertEq(_step(outcome, "capacity", 0), 660e18);
    }

    /// (300 × 8 000 + 100 × 4 000) / 400 = 7 000 h; 2 100 000 / 2 800 000 = 75 %.
    function test_UnitsTogetherWeighTheirHours() external view {
        PowerLoadFactorInputs memory inputs =
            _two(_unit(300e18, 8000e18, 1_900_000e18), _unit(100e18, 4000e18, 200_000e18));
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "runningHours"), 7000e18);
        assertEq(_result(outcome, "loadFactor"), 75e18);
    }

    /// 7 000 h and 1 000 h in its place; 1 600 000 and 200 000 MWh; 300 MW alone count.
    function test_StandbyAddsHoursAndOutput() external view {
        PowerLoadFactorInputs memory inputs = _one(300e18, 7000e18, 1_600_000e18);
        inputs.units[0].standbys = new PowerLoadStandby[](1);
        inputs.units[0].standbys[0] = PowerLoadStandby(1000e18, 200_000e18);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_step(outcome, "unitHours", 0), 8000e18);
        assertEq(_step(outcome, "capacity", 0), 300e18);
        assertEq(_result(outcome, "loadFactor"), 75e18);
    }

    /// 100 MW for 10 h and 200 MW for 5 h have 2 000 / 300 = 6.666… h, printed as 6.67; 1 000 MWh are 50 %, in a report 49.98 %.
    function test_ReportUsesPrintedHours() external view {
        PowerLoadFactorInputs memory inputs = _two(_unit(100e18, 10e18, 500e18), _unit(200e18, 5e18, 500e18));

        assertEq(_result(rule.compute(inputs, EXACT), "loadFactor"), 50e18);
        assertEq(_result(rule.compute(inputs, REPORTED), "runningHours"), 6.67e18);
        // 1 000 / 2 001 = 0.49975…
        assertEq(_result(rule.compute(inputs, REPORTED), "loadFactor"), 49.98e18);
    }

    function test_OutputAboveTheCapacityIsSaid() external view {
        assertEq(_factor(_one(100e18, 100e18, 10_100e18)), 101e18);
    }

    function test_NothingGeneratedIsZero() external view {
        assertEq(_factor(_one(100e18, 100e18, 0)), 0);
    }

    function testFuzz_OrderDoesNotMatter(uint64[2] memory capacity, uint256[2] memory running, uint64 output)
        external
        view
    {
        PowerLoadUnit memory first =
            _unit(int256(uint256(capacity[0])) + 1e18, int256(bound(running[0], 1e15, 8784e18)), 0);
        PowerLoadUnit memory second = _unit(
            int256(uint256(capacity[1])) + 1e18,
            int256(bound(running[1], 1e15, 8784e18)),
            int256(uint256(output))
        );

        assertEq(_factor(_two(first, second)), _factor(_two(second, first)));
    }

    function testFuzz_Monotone(uint96 output, uint256 running, uint64 more) external view {
        int256 w = int256(uint256(output));
        int256 d = int256(uint256(more));
        int256 t = int256(bound(running, 1e18, 8700e18));

        assertGe(_factor(_one(660e18, t, w + d)), _factor(_one(660e18, t, w)));
        assertLe(_factor(_one(660e18, t + d, w)), _factor(_one(660e18, t, w)));
    }

    function testFuzz_TwoEqualUnitsGiveWhatOneGives(uint64 output, uint256 running) external view {
        int256 t = int256(bound(running, 1e18, 8784e18));
        PowerLoadUnit memory unit = _unit(660e18, t, int256(uint256(output)) * 1e6);

        assertEq(_factor(_two(unit, unit)), _factor(_one(660e18, t, int256(uint256(output)) * 1e6)));
    }

    function test_RevertWhen_CapacityIsZero() external {
        _expectOutOfRange("capacity", 0, 0);
        rule.compute(_one(0, 100e18, 1e18), EXACT);
    }

    function test_RevertWhen_NothingRan() external {
        _expectOutOfRange("runningHours", 0, 0);
        rule.compute(_one(100e18, 0, 1e18), EXACT);
    }

    /// 0.004 h are printed as 0.00.
    function test_RevertWhen_ReportPrintsNoHours() external {
        _expectOutOfRange("runningHours", 0, 0);
        rule.compute(_one(100e18, 0.004e18, 1e18), REPORTED);
        _expectOutOfRange("runningHours", 0, 0);
        rule.compute(_two(_unit(1e18, 0.01e18, 1e18), _unit(100e18, 0, 1e18)), REPORTED);
    }

    function test_RevertWhen_HoursAreMoreThanAYearHas() external {
        PowerLoadFactorInputs memory inputs = _one(300e18, 8000e18, 1e18);
        inputs.units[0].standbys = new PowerLoadStandby[](1);
        inputs.units[0].standbys[0] = PowerLoadStandby(784e18 + 1, 0);
        _expectOutOfRange("unitHours", 0, 8784e18 + 1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        _expectOutOfRange("runningHours", 0, -1);
        rule.compute(_one(100e18, -1, 1e18), EXACT);
        _expectOutOfRange("generated", 0, -1);
        rule.compute(_one(100e18, 1e18, -1), EXACT);
        PowerLoadFactorInputs memory inputs = _one(300e18, 8000e18, 1e18);
        inputs.units[0].standbys = new PowerLoadStandby[](1);
        inputs.units[0].standbys[0] = PowerLoadStandby(-1, 0);
        _expectOutOfRange("standbyHours", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.units[0].standbys[0] = PowerLoadStandby(0, -1);
        _expectOutOfRange("standbyGenerated", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        PowerLoadFactorInputs memory inputs;
        _expectNothingGiven("units");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_one(1e18, 1e18, 1e18), TWO_DECIMALS);
    }

    function test_TakesOnlyCanonicalBytes() external {
        PowerLoadFactorInputs memory inputs = _one(300e18, 8000e18, 1e18);
        inputs.units[0].standbys = new PowerLoadStandby[](1);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _factor(PowerLoadFactorInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "loadFactor");
    }

    function _unit(int256 capacity, int256 running, int256 generated)
        private
        pure
        returns (PowerLoadUnit memory)
    {
        return PowerLoadUnit(capacity, running, generated, new PowerLoadStandby[](0));
    }

    function _one(int256 capacity, int256 running, int256 generated)
        private
        pure
        returns (PowerLoadFactorInputs memory inputs)
    {
        inputs.units = new PowerLoadUnit[](1);
        inputs.units[0] = _unit(capacity, running, generated);
    }

    function _two(PowerLoadUnit memory first, PowerLoadUnit memory second)
        private
        pure
        returns (PowerLoadFactorInputs memory inputs)
    {
        inputs.units = new PowerLoadUnit[](2);
        (inputs.units[0], inputs.units[1]) = (first, second);
    }
}
