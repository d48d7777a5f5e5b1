// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FuelTest} from "../support/FuelTest.sol";
import {
    CementClinker,
    CementClinkerInputs,
    ClinkerKind,
    ClinkerSubstitute
} from "contracts/accounting/rules/CementClinker.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract CementClinkerTest is FuelTest {
    CementClinker private rule;

    function setUp() external {
        rule = new CementClinker();
    }

    function test_Named() external view {
        _assertNamed(rule, "cement.clinker");
    }

    function test_ProcessLessWhatSubstitutesSave() external view {
        Outcome memory outcome = rule.compute(_line(60_000e18), EXACT);

        assertEq(_step(outcome, "clinkerCarbonDioxide", 0), 802_500e18);
        assertEq(_step(outcome, "substituteDeduction", 0), 28_800e18);
        assertEq(_result(outcome, "processEmissions"), 773_700e18);
        assertEq(_result(outcome, "carbideSlagRate"), 3.59e18);
        assertEq(_result(outcome, "aboveCarbideSlagLimit"), 0);
    }

    /// 200 000 t × 23.736 × 0.02618 × 0.99 × 44/12 = 451 142.55648 t.
    function test_AddsTheFuelsThatBurn() external view {
        CementClinkerInputs memory inputs = _line(60_000e18);
        inputs.fuels = _burned(_bituminous(200_000e18), 0.99e18);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "fuelsEmissions"), 451_142.56e18);
        assertEq(_result(outcome, "emissions"), 1_224_842.56e18);
        assertEq(_result(outcome, "emissionsWhole"), 1_224_843e18);
        assertEq(_result(outcome, "clinkerIntensity"), 0.8166e18);
    }

    function test_ClinkersOfSeveralKindsAddUp() external view {
        CementClinkerInputs memory inputs = _line(0);
        inputs.clinkers = new ClinkerKind[](2);
        inputs.clinkers[0] = ClinkerKind(1000e18, 0.535e18);
        inputs.clinkers[1] = ClinkerKind(500e18, 0.413e18);

        assertEq(_result(rule.compute(inputs, EXACT), "processEmissions"), 741.5e18);
        assertEq(_step(rule.compute(inputs, EXACT), "clinkerOutput", 0), 1500e18);
    }

    function test_OtherSubstitutesAreNotInTheRate() external view {
        CementClinkerInputs memory inputs = _line(60_000e18);
        inputs.substitutes[1] = ClinkerSubstitute(false, 100_000e18, 0.215e18);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "processEmissions"), 752_200e18);
        assertEq(_result(outcome, "carbideSlagRate"), 3.59e18);
    }

    /// 1 000 t × 0.5 = 500 t; 30 % of it is 150 t: 300 t of slag with 0.5.
    function test_AtTheLimitIsNotAbove() external view {
        CementClinkerInputs memory inputs = _line(0);
        inputs.clinkers[0] = ClinkerKind(1000e18, 0.5e18);
        inputs.substitutes[0] = ClinkerSubstitute(true, 300e18, 0.5e18);
        Outcome memory at = rule.compute(inputs, EXACT);
        inputs.substitutes[0].consumed_t += 2;
        Outcome memory above = rule.compute(inputs, EXACT);

        assertEq(_result(at, "carbideSlagRate"), 30e18);
        assertEq(_result(at, "aboveCarbideSlagLimit"), 0);
        assertEq(_result(above, "carbideSlagRate"), 30e18);
        assertEq(_result(above, "aboveCarbideSlagLimit"), 1e18);
    }

    function test_NoRateWithoutClinker() external view {
        CementClinkerInputs memory inputs = _line(0);
        inputs.clinkers[0].output_t = 0;
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "emissions"), 0);
        assertFalse(_has(outcome.results, "clinkerIntensity"));
        assertFalse(_has(outcome.results, "carbideSlagRate"));
        assertFalse(_has(outcome.results, "aboveCarbideSlagLimit"));
    }

    function test_TakesOnlyCanonicalBytes() external {
        CementClinkerInputs memory inputs = _line(60_000e18);
        inputs.fuels = _burned(_bituminous(1e18), 0.99e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NoClinkerIsGiven() external {
        CementClinkerInputs memory inputs = _line(0);
        inputs.clinkers = new ClinkerKind[](0);
        _expectNothingGiven("clinkers");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_line(0), REPORTED);
    }

    /// 0.535 × 1 500 000 / 0.48 = 1 671 875 t of slag save all there is, and not a gram more.
    function test_RevertWhen_SubstitutesSaveMoreThanThereIs() external {
        assertEq(_result(rule.compute(_line(1_671_875e18), EXACT), "processEmissions"), 0);

        _expectOutOfRange("substitutes", 0, 802_500e18 + 1);
        rule.compute(_line(1_671_875e18 + 2), EXACT);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        CementClinkerInputs memory inputs = _line(0);
        inputs.clinkers[0] = ClinkerKind(-1, 0);
        _expectOutOfRange("output", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.clinkers[0] = ClinkerKind(0, -1);
        _expectOutOfRange("factor", 0, -1);
        rule.compute(inputs, EXACT);
        inputs = _line(-1);
        _expectOutOfRange("consumed", 0, -1);
        rule.compute(inputs, EXACT);
        inputs = _line(0);
        inputs.substitutes[1].deduction_tCO2_per_t = -1;
        _expectOutOfRange("deduction", 1, -1);
        rule.compute(inputs, EXACT);
        inputs = _line(0);
        inputs.carbideSlagLimit_pct = 100e18 + 1;
        _expectOutOfRange("carbideSlagLimit", 0, 100e18 + 1);
        rule.compute(inputs, EXACT);
    }

    /// Hundredths of a tonne of everything, thousandths of factors.
    function testFuzz_IsThePlainDifference(uint32 output, uint16 factor, uint32 slag, uint16 deduction)
        external
        view
    {
        CementClinkerInputs memory inputs = _line(0);
        uint256 made = uint256(output) * factor;
        uint256 saved = bound(uint256(slag) * deduction, 0, made);
        inputs.clinkers[0] = ClinkerKind(int256(uint256(output)) * 1e16, int256(uint256(factor)) * 1e15);
        inputs.substitutes[0] = ClinkerSubstitute(true, int256(saved) * 1e16, 0.001e18);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "processEmissions"), int256((made - saved + 500) / 1000) * 1e16);
        if (made != 0) {
            assertEq(
                _result(outcome, "aboveCarbideSlagLimit"), saved * 10 > made * 3 ? int256(1e18) : int256(0)
            );
        }
    }

    function testFuzz_MoreSubstituteNeverAddsAndMoreClinkerNeverSaves(uint32 slag, uint32 more)
        external
        view
    {
        int256 consumed = int256(uint256(slag)) * 1e13;
        CementClinkerInputs memory inputs = _line(consumed);
        int256 emissions = _result(rule.compute(inputs, EXACT), "emissions");

        inputs.clinkers[0].output_t += int256(uint256(more)) * 1e13;
        assertGe(_result(rule.compute(inputs, EXACT), "emissions"), emissions);
        inputs = _line(consumed + int256(uint256(more)) * 1e13);
        assertLe(_result(rule.compute(inputs, EXACT), "emissions"), emissions);
    }

    /// 1 500 000 t of Portland clinker; carbide slag, and a steel slag of which nothing was used.
    function _line(int256 slag) private pure returns (CementClinkerInputs memory inputs) {
        inputs.clinkers = new ClinkerKind[](1);
        inputs.clinkers[0] = ClinkerKind(1_500_000e18, 0.535e18);
        inputs.substitutes = new ClinkerSubstitute[](2);
        inputs.substitutes[0] = ClinkerSubstitute(true, slag, 0.48e18);
        inputs.substitutes[1] = ClinkerSubstitute(false, 0, 0.215e18);
        inputs.carbideSlagLimit_pct = 30e18;
    }
}
