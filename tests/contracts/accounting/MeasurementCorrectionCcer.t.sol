// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    CcerMeterPart,
    MeasurementCorrectionCcer,
    MeasurementCorrectionCcerInputs
} from "contracts/accounting/rules/MeasurementCorrectionCcer.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract MeasurementCorrectionCcerTest is RuleTest {
    MeasurementCorrectionCcer private rule;

    function setUp() external {
        rule = new MeasurementCorrectionCcer();
    }

    function test_Named() external view {
        _assertNamed(rule, "measurement.correction-ccer");
    }

    function test_MetersWithinTheirClass() external view {
        assertEq(_net(_one(_found(100_000e18, 0.5e18), _found(500e18, 0))), 99_500e18);
    }

    /// 100 000 × 0.992 − 500 × 1.008 = 99 200 − 504: the whole 0.8 %, not the excess of 0.3.
    function test_MeterOutOfItsClassTakesTheWholeError() external view {
        assertEq(_net(_one(_found(100_000e18, 0.8e18), _found(500e18, 0.8e18))), 98_696e18);
    }

    /// 100 000 × 0.995 − 500 × 1.005
    function test_WithoutCalibrationTheLimitOfTheClass() external view {
        Outcome memory outcome = rule.compute(_one(_none(100_000e18), _none(500e18)), EXACT);

        assertEq(_result(outcome, "netPower"), 98_997.5e18);
        assertEq(_step(outcome, "exportCorrection", 0), -0.5e18);
        assertEq(_step(outcome, "correctedImport", 0), 502.5e18);
    }

    /// Nine months covered, three not.
    function test_LateCalibrationCorrectsTheUncoveredPart() external view {
        MeasurementCorrectionCcerInputs memory inputs = _one(_found(75_000e18, 0.5e18), _found(0, 0));
        inputs.exports = new CcerMeterPart[](2);
        (inputs.exports[0], inputs.exports[1]) = (_found(75_000e18, 0.5e18), _none(25_000e18));

        assertEq(_net(inputs), 99_875e18);
    }

    function test_MoreTakenThanGivenIsBelowZero() external view {
        assertEq(_net(_one(_found(0, 0), _none(100e18))), -100.5e18);
    }

    function testFuzz_NeverAboveExportLessImport(
        uint96[2] memory energy,
        uint256[2] memory found,
        bool[2] memory isCalibrated
    ) external view {
        CcerMeterPart memory given = _part(energy[0], found[0], isCalibrated[0]);
        CcerMeterPart memory taken = _part(energy[1], found[1], isCalibrated[1]);
        Outcome memory outcome = rule.compute(_one(given, taken), EXACT);

        assertLe(_step(outcome, "correctedExport", 0), given.energy_MWh);
        assertGe(_step(outcome, "correctedImport", 0), taken.energy_MWh);
    }

    function test_RevertWhen_ErrorIsGivenWithoutCalibration() external {
        CcerMeterPart memory part = _found(1e18, 0.8e18);
        part.isCalibrated = false;
        _expectOutOfRange("error", 0, 0.8e18);
        rule.compute(_one(part, _none(0)), EXACT);
    }

    function test_RevertWhen_ErrorIsNoPercentage() external {
        _expectOutOfRange("error", 0, -0.8e18);
        rule.compute(_one(_found(1e18, -0.8e18), _none(0)), EXACT);
        CcerMeterPart memory part = _none(1e18);
        part.limit_pct = 100e18 + 1;
        _expectOutOfRange("limit", 0, 100e18 + 1);
        rule.compute(_one(part, _none(0)), EXACT);
    }

    function test_RevertWhen_AmountIsNegative() external {
        _expectOutOfRange("export", 0, -1);
        rule.compute(_one(_none(-1), _none(0)), EXACT);
        _expectOutOfRange("import", 0, -1);
        rule.compute(_one(_none(0), _none(-1)), EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        MeasurementCorrectionCcerInputs memory inputs = _one(_none(1e18), _none(0));
        delete inputs.imports;
        _expectNothingGiven("imports");
        rule.compute(inputs, EXACT);
        delete inputs.exports;
        _expectNothingGiven("exports");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_one(_none(1e18), _none(0)), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        MeasurementCorrectionCcerInputs memory inputs = _one(_none(1e18), _none(0));
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _net(MeasurementCorrectionCcerInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "netPower");
    }

    function _part(uint96 energy, uint256 found, bool isCalibrated)
        private
        pure
        returns (CcerMeterPart memory)
    {
        int256 e = int256(uint256(energy));
        return isCalibrated ? _found(e, int256(bound(found, 0, 100e18))) : _none(e);
    }

    function _found(int256 energy, int256 error_) private pure returns (CcerMeterPart memory) {
        return CcerMeterPart(energy, 0.5e18, true, error_);
    }

    function _none(int256 energy) private pure returns (CcerMeterPart memory) {
        return CcerMeterPart(energy, 0.5e18, false, 0);
    }

    function _one(CcerMeterPart memory given, CcerMeterPart memory taken)
        private
        pure
        returns (MeasurementCorrectionCcerInputs memory inputs)
    {
        inputs.exports = new CcerMeterPart[](1);
        inputs.imports = new CcerMeterPart[](1);
        (inputs.exports[0], inputs.imports[0]) = (given, taken);
    }
}
