// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FuelTest} from "../support/FuelTest.sol";
import {BurnedFuels, FuelByMass, FuelFlows} from "contracts/accounting/rules/FuelRule.sol";
import {
    SteelProcessLine,
    SteelProcesses,
    SteelProcessesInputs
} from "contracts/accounting/rules/SteelProcesses.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {SteelProcess} from "contracts/types/Enums.sol";

/// @notice Figures in the assertions are worked by hand.
contract SteelProcessesTest is FuelTest {
    SteelProcesses private rule;

    function setUp() external {
        rule = new SteelProcesses();
    }

    function test_Named() external view {
        _assertNamed(rule, "steel.process");
    }

    function test_BalancesEachProcess() external view {
        Outcome memory outcome = rule.compute(_works(1_000_000e18), EXACT);

        // 376 450.965 + 93 211.272 − 420 552 = 49 110.237 tC
        assertEq(_step(outcome, "processCarbonDioxide", 0), 180_070.869e18);
        assertEq(_step(outcome, "processIntensity", 0), 0.180070869e18);
        // 41 827.885 + 4 672.8 = 46 500.685 tC
        assertEq(_step(outcome, "processCarbonDioxide", 1), 170_502.511666666666666667e18);
        assertEq(_result(outcome, "processEmissions"), 350_573.38e18);
    }

    /// 60 000 × 33 × 0.0708 × 0.99 = 138 782.16 tC.
    function test_GenerationBurnsWithItsOxidationRateAndTheRestRemains() external view {
        Outcome memory outcome = rule.compute(_works(1_000_000e18), EXACT);

        assertEq(_step(outcome, "unitEmissions", 0), 508_867.92e18);
        assertEq(_result(outcome, "generationEmissions"), 508_867.92e18);
        assertEq(_result(outcome, "otherEmissions"), 140_558.7e18);
    }

    function test_RemainderBelowZeroIsShown() external view {
        assertEq(_result(rule.compute(_works(800_000e18), EXACT), "otherEmissions"), -59_441.3e18);
        assertEq(_result(rule.compute(_works(-1e18), EXACT), "otherEmissions"), -859_442.3e18);
    }

    /// 669 401.04 tC of coal in; 635 783.852 of coke and 63 109.002 of gas out.
    function test_ProcessBelowZeroIsShown() external view {
        SteelProcessLine memory coking = _line(SteelProcess.Coking, 760_000e18);
        coking.entering = _flows(_cokingCoal(1_000_000e18));
        coking.leaving = _flows(_coke(760_000e18), _cokeOvenGas(30_000e18));
        Outcome memory outcome = rule.compute(_only(coking), EXACT);

        assertEq(_result(outcome, "processEmissions"), -108_136.65e18);
        assertEq(_result(outcome, "otherEmissions"), 108_136.65e18);
    }

    /// (180 070.869 + 170 502.5116…) / 1 000 000
    function test_IntensityOfTheAllocationPlan() external view {
        Outcome memory outcome = rule.compute(_works(1_000_000e18), EXACT);

        assertEq(_step(outcome, "ironAndSinter", 0), 350_573.380666666666666667e18);
        assertEq(_step(outcome, "ironOutput", 0), 1_000_000e18);
        assertEq(_result(outcome, "allocationIntensity"), 0.3506e18);
    }

    function test_OtherProcessesAreNotInTheIntensity() external view {
        SteelProcessesInputs memory inputs = _works(1_000_000e18);
        inputs.processes = _with(inputs.processes, SteelProcess.Coking, 1000e18);
        inputs.processes = _with(inputs.processes, SteelProcess.Pelletising, 1000e18);
        inputs.processes = _with(inputs.processes, SteelProcess.Converter, 1000e18);
        inputs.processes = _with(inputs.processes, SteelProcess.ElectricFurnace, 1000e18);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "allocationIntensity"), 0.3506e18);
        // Four times 1 000 t of coke: 836.5577 tC, so 3 067.378233… t.
        assertEq(_result(outcome, "processEmissions"), 362_842.89e18);
    }

    function test_TwoWorksOfAGroupCountTogether() external view {
        SteelProcessesInputs memory inputs = _works(1_000_000e18);
        inputs.processes = _with(inputs.processes, SteelProcess.IronMaking, 1000e18);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_step(outcome, "ironOutput", 0), 1_001_000e18);
        // 353 640.7589 / 1 001 000
        assertEq(_result(outcome, "allocationIntensity"), 0.3533e18);
    }

    function test_NoIntensityWithoutIron() external view {
        SteelProcessesInputs memory inputs = _works(1_000_000e18);
        inputs.processes[0].output_t = 0;
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertFalse(_has(outcome.results, "allocationIntensity"));
        assertFalse(_has(outcome.steps, "ironOutput"));
        assertEq(_step(outcome, "processOutput", 0), 0);
    }

    function test_GenerationAlone() external view {
        SteelProcessesInputs memory inputs = _works(1_000_000e18);
        inputs.processes = new SteelProcessLine[](0);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        assertEq(_result(outcome, "processEmissions"), 0);
        assertEq(_result(outcome, "otherEmissions"), 491_132.08e18);
    }

    function test_ReportRoundsBeforeItUses() external view {
        SteelProcessesInputs memory inputs = _works(1_000_000.004e18);
        inputs.processes[0].output_t = 1_000_000.005e18;
        Outcome memory outcome = rule.compute(inputs, REPORTED);

        // 1 380 320.205 + 341 774.664 (341 774.66) − 1 542 024 (printed 1 380 320.21)
        assertEq(_step(outcome, "processCarbonDioxide", 0), 180_070.87e18);
        assertEq(_step(outcome, "processOutput", 0), 1_000_000.01e18);
        assertEq(_step(outcome, "processIntensity", 0), 0.1801e18);
        // 153 368.911666… prints as 153 368.91, 17 133.60 as it is.
        assertEq(_step(outcome, "processCarbonDioxide", 1), 170_502.51e18);
        assertEq(_step(outcome, "company", 0), 1_000_000e18);
        assertEq(_result(outcome, "otherEmissions"), 140_558.7e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        SteelProcessesInputs memory inputs = _works(1_000_000e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        SteelProcessesInputs memory inputs;
        _expectNothingGiven("processes");
        rule.compute(inputs, EXACT);
        inputs.units = new BurnedFuels[](1);
        _expectNothingGiven("units");
        rule.compute(inputs, EXACT);
        inputs = _only(_line(SteelProcess.Coking, 1e18));
        inputs.processes[0].leaving = _flows(_coke(1e18));
        _expectNothingGiven("entering");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsForGases() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_works(1e18), TWO_DECIMALS);
    }

    function test_RevertWhen_ProcessIsNotNamed() external {
        SteelProcessesInputs memory inputs = _works(1e18);
        inputs.processes[1].process = SteelProcess.None;
        _expectOutOfRange("process", 1, 0);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("company", 0, -1e30 - 1);
        rule.compute(_works(-1e30 - 1), EXACT);
        SteelProcessesInputs memory inputs = _works(1e18);
        inputs.processes[1].output_t = -1;
        _expectOutOfRange("output", 1, -1);
        rule.compute(inputs, EXACT);
    }

    /// Fuels are counted over all processes and then generation.
    function test_RevertWhen_AFuelIsOutOfRange() external {
        SteelProcessesInputs memory inputs = _works(1e18);
        inputs.processes[0].leaving.gases[0].amount_e4Nm3 = -1;
        _expectOutOfRange("amount", 2, -1);
        rule.compute(inputs, EXACT);
        inputs = _works(1e18);
        inputs.units[0].gases[0].fuel.heat_GJ_per_e4Nm3 = -1;
        _expectOutOfRange("heat", 5, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_MoreBurnsThanThereIs() external {
        SteelProcessesInputs memory inputs = _works(1e18);
        inputs.units[0].gases[0].oxidation_1 = 1e18;
        rule.compute(inputs, EXACT);
        inputs.units[0].gases[0].oxidation_1 = 1e18 + 1;
        _expectOutOfRange("oxidation", 0, 1e18 + 1);
        rule.compute(inputs, EXACT);
        inputs.units[0] = _burned(_coke(1e18), 1e18 + 1);
        _expectOutOfRange("oxidation", 0, 1e18 + 1);
        rule.compute(inputs, EXACT);
    }

    /// The parts and what remains are the total, to the last of the printed decimals.
    function testFuzz_PartsAreTheTotal(
        Printed memory one,
        Printed memory out,
        Printed memory fuel,
        int40 company
    ) external view {
        SteelProcessLine memory iron = _line(SteelProcess.IronMaking, 1e18);
        iron.entering = _flows(_bounded(one));
        iron.leaving = _flows(_bounded(out));
        SteelProcessesInputs memory inputs = _only(iron);
        inputs.units = new BurnedFuels[](1);
        inputs.units[0] = _burned(_fuel(_bounded(fuel)), 1e18);
        inputs.company_tCO2 = int256(company) * 1e16;
        Outcome memory outcome = rule.compute(inputs, REPORTED);

        int256 processes = _hundredths(_carbon(one)) - _hundredths(_carbon(out));
        assertEq(_result(outcome, "processEmissions"), processes * 1e16);
        assertEq(_result(outcome, "generationEmissions"), _hundredths(_carbon(fuel)) * 1e16);
        assertEq(
            _result(outcome, "processEmissions") + _result(outcome, "generationEmissions")
                + _result(outcome, "otherEmissions"),
            inputs.company_tCO2
        );
    }

    /// A fuel burned at a share emits that share of it, and never more than as a flow without oxidation rate.
    function testFuzz_OxidationIsAShare(Printed memory one, uint8 percent) external view {
        int256 share = int256(bound(percent, 0, 100));
        SteelProcessLine memory iron = _line(SteelProcess.IronMaking, 1e18);
        iron.entering = _flows(_bounded(one));
        SteelProcessesInputs memory inputs = _only(iron);
        inputs.units = new BurnedFuels[](1);
        inputs.units[0] = _burned(_fuel(one), share * 1e16);
        Outcome memory outcome = rule.compute(inputs, EXACT);

        // × share/100 × 44/12 / 10⁸, half up.
        int256 burned = (44 * share * _carbon(one) + 6e10) / 12e10;
        assertEq(_result(outcome, "generationEmissions"), burned * 1e16);
        assertLe(_result(outcome, "generationEmissions"), _result(outcome, "processEmissions"));
    }

    function testFuzz_ProcessGrowsWithInAndShrinksWithOut(Printed memory one, Printed memory out, uint32 more)
        external
        view
    {
        SteelProcessLine memory iron = _line(SteelProcess.IronMaking, 1e18);
        iron.entering = _flows(_bounded(one));
        iron.leaving = _flows(_bounded(out));
        int256 emissions = _result(rule.compute(_only(iron), EXACT), "processEmissions");

        iron.entering.weighed[0].amount_t += int256(uint256(more));
        assertGe(_result(rule.compute(_only(iron), EXACT), "processEmissions"), emissions);
        iron.entering = _flows(one);
        iron.leaving.weighed[0].amount_t += int256(uint256(more));
        assertLe(_result(rule.compute(_only(iron), EXACT), "processEmissions"), emissions);
    }

    /// What is passed from one process to the next cancels out of their sum.
    function testFuzz_PassedOnFuelCancels(Printed memory one, Printed memory passed) external view {
        SteelProcessLine memory coking = _line(SteelProcess.Coking, 1e18);
        coking.entering = _flows(_bounded(one));
        coking.leaving = _flows(_bounded(passed));
        SteelProcessLine memory iron = _line(SteelProcess.IronMaking, 1e18);
        iron.entering = _flows(passed);
        SteelProcessesInputs memory inputs;
        inputs.processes = new SteelProcessLine[](2);
        (inputs.processes[0], inputs.processes[1]) = (coking, iron);

        int256 emissions = _result(rule.compute(inputs, EXACT), "processEmissions");
        assertEq(emissions, _hundredths(_carbon(one)) * 1e16);
    }

    function _works(int256 company) private pure returns (SteelProcessesInputs memory inputs) {
        inputs.company_tCO2 = company;
        inputs.processes = new SteelProcessLine[](2);
        inputs.processes[0] = _line(SteelProcess.IronMaking, 1_000_000e18);
        inputs.processes[0].entering = _flows(_coke(450_000e18), _bituminous(150_000e18));
        inputs.processes[0].leaving = _flows(_blastFurnaceGas(180_000e18));
        inputs.processes[1] = _line(SteelProcess.Sintering, 1_500_000e18);
        inputs.processes[1].entering = _flows(_coke(50_000e18), _blastFurnaceGas(2000e18));
        inputs.units = new BurnedFuels[](1);
        inputs.units[0] = _burned(_blastFurnaceGas(60_000e18), 0.99e18);
    }

    /// The same processes, and one more that takes 1 000 t of coke.
    function _with(SteelProcessLine[] memory lines, SteelProcess process, int256 output)
        private
        pure
        returns (SteelProcessLine[] memory more)
    {
        more = new SteelProcessLine[](lines.length + 1);
        for (uint256 i = 0; i < lines.length; ++i) {
            more[i] = lines[i];
        }
        more[lines.length] = _line(process, output);
        more[lines.length].entering = _flows(_coke(1000e18));
    }

    function _only(SteelProcessLine memory line) private pure returns (SteelProcessesInputs memory inputs) {
        inputs.processes = new SteelProcessLine[](1);
        inputs.processes[0] = line;
    }

    function _line(SteelProcess process, int256 output) private pure returns (SteelProcessLine memory line) {
        line.process = process;
        line.output_t = output;
    }
}
