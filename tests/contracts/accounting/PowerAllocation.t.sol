// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {PowerAllocation2023} from "contracts/accounting/rules/PowerAllocation2023.sol";
import {PowerAllocation2025} from "contracts/accounting/rules/PowerAllocation2025.sol";
import {
    GeneratingUnit,
    PowerAllocationByGeneration,
    PowerAllocationByGenerationInputs
} from "contracts/accounting/rules/PowerAllocationByGeneration.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {UnitClass} from "contracts/types/Enums.sol";

contract PowerAllocationTest is AllocationTest {
    PowerAllocationByGeneration private _of2023 = new PowerAllocation2023();
    PowerAllocationByGeneration private _of2025 = new PowerAllocation2025();

    // --- amounts

    /// @dev The example of the contract's documentation: 993 703.695… and 57 388.888….
    function test_PartsAreEachRoundedDown() external view {
        Outcome memory outcome = _of2023.compute(_inputs(UnitClass.CoalUpTo300Mw, 0.8049e18, 70e18), EXACT);
        _assertTonnes(outcome, _three(993_703, 57_388, 1_051_091));
    }

    /// @dev 1 234 567.891 · 0.7910 · 1.077284 = 1 052 014.36….
    function test_LowLoadIsCorrected() external view {
        Outcome memory outcome = _of2023.compute(_inputs(UnitClass.CoalAbove300Mw, 0.791e18, 55e18), EXACT);
        _assertTonnes(outcome, _three(1_052_014, 57_388, 1_109_402));
        assertEq(_step(outcome, "powerBenchmark", 0), 0.791e18);
        assertEq(_step(outcome, "heatBenchmark", 0), 0.1033e18);
        assertEq(_step(outcome, "loadCorrection", 0), 1.077284e18);
    }

    /// @dev 1 234 567.891 · 0.7902 · 1.208366 = 1 178 828.15….
    function test_LowLoadIsCorrectedByTheDraft() external view {
        Outcome memory outcome = _of2025.compute(_inputs(UnitClass.CoalAbove300Mw, 0.7902e18, 35e18), EXACT);
        _assertTonnes(outcome, _three(1_178_828, 57_388, 1_236_216));
    }

    function test_ThresholdsAreTheVersions() external view {
        assertGt(
            _allocated(_of2023, UnitClass.CoalAbove300Mw, 65e18 - 1),
            _allocated(_of2023, UnitClass.CoalAbove300Mw, 65e18)
        );
        assertEq(
            _allocated(_of2025, UnitClass.CoalAbove300Mw, 65e18 - 1),
            _allocated(_of2025, UnitClass.CoalAbove300Mw, 65e18)
        );
        assertGt(
            _allocated(_of2025, UnitClass.CoalUpTo300Mw, 50e18 - 1),
            _allocated(_of2025, UnitClass.CoalUpTo300Mw, 50e18)
        );
    }

    function test_OnlyConventionalCoalIsCorrected() external view {
        UnitClass[2] memory others = [UnitClass.UnconventionalCoal, UnitClass.Gas];
        for (uint256 i = 0; i < others.length; ++i) {
            Outcome memory outcome = _of2023.compute(_inputs(others[i], 0.791e18, 40e18), EXACT);
            assertEq(_step(outcome, "loadCorrection", 0), 1e18);
            assertEq(_allocated(_of2023, others[i], 40e18), _allocated(_of2023, others[i], 100e18));
            assertEq(_allocated(_of2025, others[i], 40e18), _allocated(_of2025, others[i], 100e18));
        }
    }

    /// @dev A product that is whole stays whole, and one that is short by its last decimal is not.
    function test_WholeProductIsNotLost() external view {
        PowerAllocationByGenerationInputs memory inputs = _inputs(UnitClass.Gas, 0.3288e18, 0);
        inputs.heat_GJ = 0;
        inputs.generated_MWh = 1_000_000e18;
        _assertTonnes(_of2023.compute(inputs, EXACT), _three(328_800, 0, 328_800));
        inputs.generated_MWh = 1_000_000e18 - 1;
        _assertTonnes(_of2023.compute(inputs, EXACT), _three(328_799, 0, 328_799));
    }

    // --- merged units

    function test_MergedUnitsTakeTheLowestBenchmarks() external view {
        PowerAllocationByGenerationInputs memory inputs =
            _merged(UnitClass.CoalAbove300Mw, UnitClass.CoalUpTo300Mw);
        Outcome memory outcome = _of2023.compute(inputs, EXACT);

        assertEq(_step(outcome, "powerBenchmark", 0), 0.791e18);
        assertEq(_step(outcome, "heatBenchmark", 0), 0.1e18);
        assertEq(_step(outcome, "loadCorrection", 0), 1.077284e18);
    }

    /// @dev One unit that would not be corrected, and none is; in either order.
    function test_MergedWithUnconventionalCoalIsNotCorrected() external view {
        Outcome memory outcome =
            _of2023.compute(_merged(UnitClass.CoalAbove300Mw, UnitClass.UnconventionalCoal), EXACT);
        assertEq(_step(outcome, "loadCorrection", 0), 1e18);
        outcome = _of2023.compute(_merged(UnitClass.UnconventionalCoal, UnitClass.CoalAbove300Mw), EXACT);
        assertEq(_step(outcome, "loadCorrection", 0), 1e18);
    }

    function test_RevertWhen_GasIsMergedWithCoal() external {
        _expectOutOfRange("unitClass", 1, 4e18);
        _of2023.compute(_merged(UnitClass.CoalAbove300Mw, UnitClass.Gas), EXACT);
        _expectOutOfRange("unitClass", 1, 3e18);
        _of2023.compute(_merged(UnitClass.Gas, UnitClass.UnconventionalCoal), EXACT);
    }

    // --- properties

    function testFuzz_MoreOutputIsNeverLess(uint256 power, uint256 heat, uint256 morePower, uint256 moreHeat)
        external
        view
    {
        PowerAllocationByGenerationInputs memory inputs = _inputs(UnitClass.CoalAbove300Mw, 0.791e18, 55e18);
        (inputs.generated_MWh, inputs.heat_GJ) = (_amount(power), _amount(heat));
        int256 less = _result(_of2023.compute(inputs, EXACT), "allocation");
        inputs.generated_MWh += _amount(morePower);
        inputs.heat_GJ += _amount(moreHeat);

        assertGe(_result(_of2023.compute(inputs, EXACT), "allocation"), less);
    }

    /// @dev Each part is the greatest whole number not above the exact product, by multiplication in plain integers.
    function testFuzz_PartsAreTheGreatestWholeNumbers(uint64 powerMilli, uint16 benchmark, uint64 heatCenti)
        external
        view
    {
        PowerAllocationByGenerationInputs memory inputs =
            _inputs(UnitClass.CoalAbove300Mw, int256(uint256(benchmark) + 1) * 1e14, 55e18);
        inputs.generated_MWh = int256(uint256(powerMilli) % 1e14) * 1e15;
        inputs.heat_GJ = int256(uint256(heatCenti) % 1e13) * 1e16;
        Outcome memory outcome = _of2023.compute(inputs, EXACT);

        uint256 product = (uint256(powerMilli) % 1e14) * (uint256(benchmark) + 1) * 1_077_284;
        assertEq(_result(outcome, "generationAllocation"), int256(product / 1e13) * ONE);
        assertEq(_result(outcome, "heatAllocation"), int256(uint256(heatCenti) % 1e13 * 1033 / 1e6) * ONE);
        assertEq(
            _result(outcome, "allocation"),
            _result(outcome, "generationAllocation") + _result(outcome, "heatAllocation")
        );
    }

    /// @dev At the ends of every range nothing overflows.
    function test_GreatestNumbersFit() external view {
        PowerAllocationByGenerationInputs memory inputs = _inputs(UnitClass.CoalAbove300Mw, MAX_NUMBER, 0);
        inputs.units[0].heatBenchmark_tCO2_per_GJ = MAX_NUMBER;
        (inputs.generated_MWh, inputs.heat_GJ) = (MAX_NUMBER, MAX_NUMBER);
        assertEq(_result(_of2025.compute(inputs, EXACT), "allocation"), 8.254e42);
    }

    // --- refusals

    function test_RevertWhen_ANumberIsOutOfRange() external {
        PowerAllocationByGenerationInputs memory inputs = _inputs(UnitClass.CoalAbove300Mw, 0.791e18, 55e18);
        inputs.generated_MWh = -1;
        _expectOutOfRange("generated_MWh", 0, -1);
        _of2023.compute(inputs, EXACT);
        inputs.generated_MWh = MAX_NUMBER + 1;
        _expectOutOfRange("generated_MWh", 0, MAX_NUMBER + 1);
        _of2023.compute(inputs, EXACT);
        inputs.generated_MWh = 0;
        inputs.heat_GJ = -1;
        _expectOutOfRange("heat_GJ", 0, -1);
        _of2023.compute(inputs, EXACT);
        inputs.heat_GJ = 0;
        inputs.load_pct = 100e18 + 1;
        _expectOutOfRange("load_pct", 0, 100e18 + 1);
        _of2023.compute(inputs, EXACT);
    }

    function test_RevertWhen_ABenchmarkIsZero() external {
        PowerAllocationByGenerationInputs memory inputs =
            _merged(UnitClass.CoalAbove300Mw, UnitClass.CoalUpTo300Mw);
        inputs.units[1].heatBenchmark_tCO2_per_GJ = 0;
        _expectOutOfRange("heatBenchmark_tCO2_per_GJ", 1, 0);
        _of2023.compute(inputs, EXACT);
        inputs.units[1].powerBenchmark_tCO2_per_MWh = 0;
        _expectOutOfRange("powerBenchmark_tCO2_per_MWh", 1, 0);
        _of2023.compute(inputs, EXACT);
    }

    function test_RevertWhen_ThereIsNoUnitOrNoClass() external {
        PowerAllocationByGenerationInputs memory inputs = _inputs(UnitClass.None, 0.791e18, 55e18);
        _expectOutOfRange("unitClass", 0, 0);
        _of2023.compute(inputs, EXACT);
        inputs.units = new GeneratingUnit[](0);
        _expectNothingGiven("units");
        _of2023.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _of2023.compute(_inputs(UnitClass.Gas, 0.3288e18, 0), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        PowerAllocationByGenerationInputs memory inputs =
            _merged(UnitClass.CoalAbove300Mw, UnitClass.CoalUpTo300Mw);
        _assertTakesOnlyCanonical(_of2023, abi.encode(inputs), _of2023.compute(inputs, EXACT));
        _assertTakesOnlyCanonical(_of2025, abi.encode(inputs), _of2025.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertVersioned(_of2023, "allocation.power", 3);
        _assertVersioned(_of2025, "allocation.power", 4);
    }

    function _inputs(UnitClass unitClass, int256 benchmark, int256 load)
        private
        pure
        returns (PowerAllocationByGenerationInputs memory)
    {
        GeneratingUnit[] memory units = new GeneratingUnit[](1);
        units[0] = GeneratingUnit(unitClass, benchmark, 0.1033e18);
        return PowerAllocationByGenerationInputs(units, 1_234_567.891e18, 555_555.55e18, load);
    }

    /// Two units at 55 %; the second has the lower benchmark for heat, the first for power.
    function _merged(UnitClass first, UnitClass second)
        private
        pure
        returns (PowerAllocationByGenerationInputs memory inputs)
    {
        inputs = _inputs(first, 0.791e18, 55e18);
        GeneratingUnit[] memory units = new GeneratingUnit[](2);
        units[0] = inputs.units[0];
        units[1] = GeneratingUnit(second, 0.8049e18, 0.1e18);
        inputs.units = units;
    }

    function _allocated(PowerAllocationByGeneration rule, UnitClass unitClass, int256 load)
        private
        pure
        returns (int256)
    {
        return _result(rule.compute(_inputs(unitClass, 0.791e18, load), EXACT), "allocation");
    }

    function _three(int256 a, int256 b, int256 c) private pure returns (int256[] memory list) {
        list = new int256[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }
}
