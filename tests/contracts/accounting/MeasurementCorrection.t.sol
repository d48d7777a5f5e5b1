// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    MeasurementCorrection,
    MeasurementCorrectionInputs,
    MeterPart
} from "contracts/accounting/rules/MeasurementCorrection.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {DataSide} from "contracts/types/Enums.sol";

/// @notice Figures in the assertions are worked by hand.
contract MeasurementCorrectionTest is RuleTest {
    MeasurementCorrection private rule;

    function setUp() external {
        rule = new MeasurementCorrection();
    }

    function test_Named() external view {
        _assertNamed(rule, "measurement.correction");
    }

    function test_MeterWithinItsClassStays() external view {
        assertEq(_corrected(DataSide.Emission, _found(100_000e18, 0.5e18)), 100_000e18);
        assertEq(_corrected(DataSide.Production, _found(100_000e18, 0.2e18)), 100_000e18);
    }

    /// 0.8 − 0.5 = 0.3 %
    function test_WorseMeterIsCorrectedByTheExcess() external view {
        assertEq(_corrected(DataSide.Emission, _found(100_000e18, 0.8e18)), 100_300e18);
        assertEq(_corrected(DataSide.Production, _found(100_000e18, 0.8e18)), 99_700e18);
    }

    function test_WithoutCalibrationItIsCorrectedByTheClass() external view {
        assertEq(_corrected(DataSide.Emission, _none(100_000e18)), 100_500e18);
        assertEq(_corrected(DataSide.Production, _none(100_000e18)), 99_500e18);
    }

    /// 75 000 + 25 000 × 1.005
    function test_LateCalibrationCorrectsTheUncoveredPart() external view {
        MeasurementCorrectionInputs memory inputs =
            _two(DataSide.Emission, _found(75_000e18, 0.5e18), _none(25_000e18));
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "corrected"), 100_125e18);
        assertEq(_step(outcome, "correctedPart", 0), 75_000e18);
        assertEq(_step(outcome, "correction", 1), 0.5e18);
        assertEq(outcome.results[0].unit, bytes32("t"));
    }

    function testFuzz_CorrectionNeverHelps(
        uint96 measured,
        uint256 required,
        uint256 found,
        bool isCalibrated
    ) external view {
        MeterPart memory part = MeterPart(
            int256(uint256(measured)),
            int256(bound(required, 0, 100e18)),
            isCalibrated,
            isCalibrated ? int256(bound(found, 0, 100e18)) : int256(0)
        );
        MeasurementCorrectionInputs memory inputs = _two(DataSide.Emission, part, _found(0, 0));
        assertGe(_step(rule.compute(inputs, EXACT), "correctedPart", 0), part.measured);
        inputs.side = DataSide.Production;
        assertLe(_step(rule.compute(inputs, EXACT), "correctedPart", 0), part.measured);
        assertGe(_step(rule.compute(inputs, EXACT), "correctedPart", 0), 0);
    }

    function testFuzz_WorseMeterNeverHelps(uint96 measured, uint256 found, uint256 worse) external view {
        int256 m = int256(uint256(measured));
        int256 c = int256(bound(found, 0, 100e18));
        int256 w = int256(bound(worse, uint256(c), 100e18));

        assertGe(_corrected(DataSide.Emission, _found(m, w)), _corrected(DataSide.Emission, _found(m, c)));
        assertLe(_corrected(DataSide.Production, _found(m, w)), _corrected(DataSide.Production, _found(m, c)));
    }

    function testFuzz_PartsAddUpInAnyOrder(uint40 first, uint40 second) external view {
        (int256 a, int256 b) = (int256(uint256(first)) * 1e15, int256(uint256(second)) * 1e15);
        MeasurementCorrectionInputs memory inputs = _two(DataSide.Emission, _none(a), _none(b));
        MeasurementCorrectionInputs memory swapped = _two(DataSide.Emission, _none(b), _none(a));
        int256 sum = _result(rule.compute(inputs, EXACT), "corrected");

        assertEq(_result(rule.compute(swapped, EXACT), "corrected"), sum);
        assertEq(_corrected(DataSide.Emission, _none(a + b)), sum);
    }

    function test_RevertWhen_SideIsNone() external {
        _expectOutOfRange("side", 0, 0);
        rule.compute(_two(DataSide.None, _none(1e18), _none(1e18)), EXACT);
    }

    function test_RevertWhen_AccuracyIsGivenWithoutCalibration() external {
        MeterPart memory part = _found(1e18, 0.5e18);
        part.isCalibrated = false;
        _expectOutOfRange("calibrated", 1, 0.5e18);
        rule.compute(_two(DataSide.Emission, _none(1e18), part), EXACT);
    }

    function test_RevertWhen_AccuracyIsNoPercentage() external {
        _expectOutOfRange("calibrated", 1, 100e18 + 1);
        rule.compute(_two(DataSide.Emission, _none(1e18), _found(1e18, 100e18 + 1)), EXACT);
        MeterPart memory part = _none(1e18);
        part.required_pct = -1;
        _expectOutOfRange("required", 1, -1);
        rule.compute(_two(DataSide.Emission, _none(1e18), part), EXACT);
    }

    function test_RevertWhen_AmountIsNegative() external {
        _expectOutOfRange("measured", 1, -1);
        rule.compute(_two(DataSide.Emission, _none(1e18), _none(-1)), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        MeasurementCorrectionInputs memory inputs;
        inputs.side = DataSide.Emission;
        _expectNothingGiven("parts");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_two(DataSide.Emission, _none(1e18), _none(1e18)), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        MeasurementCorrectionInputs memory inputs = _two(DataSide.Emission, _none(1e18), _found(1e18, 0.8e18));
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _corrected(DataSide side, MeterPart memory part) private view returns (int256) {
        return _result(rule.compute(_two(side, part, _found(0, 0.5e18)), EXACT), "corrected");
    }

    function _found(int256 measured, int256 accuracy) private pure returns (MeterPart memory) {
        return MeterPart(measured, 0.5e18, true, accuracy);
    }

    function _none(int256 measured) private pure returns (MeterPart memory) {
        return MeterPart(measured, 0.5e18, false, 0);
    }

    function _two(DataSide side, MeterPart memory first, MeterPart memory second)
        private
        pure
        returns (MeasurementCorrectionInputs memory inputs)
    {
        inputs.side = side;
        inputs.unit = "t";
        inputs.parts = new MeterPart[](2);
        (inputs.parts[0], inputs.parts[1]) = (first, second);
    }
}
