// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {PowerAllocation2019} from "contracts/accounting/rules/PowerAllocation2019.sol";
import {PowerAllocation2021} from "contracts/accounting/rules/PowerAllocation2021.sol";
import {
    PowerAllocationBySupply,
    PowerAllocationBySupplyInputs,
    SuppliedUnit
} from "contracts/accounting/rules/PowerAllocationBySupply.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {UnitClass} from "contracts/types/Enums.sol";

contract PowerAllocationBySupplyTest is AllocationTest {
    PowerAllocationBySupply private _of2019 = new PowerAllocation2019();
    PowerAllocationBySupply private _of2021 = new PowerAllocation2021();

    // --- amounts

    /// @dev 2 345 678.9 · 0.979 · 1.05 · (1 − 0.22 · 0.1) = 2 358 193.331499…; heat 876 543.21 · 0.126 = 110
    /// 444.44446.
    function test_HeatingUnitOf2019IsNotCorrected() external view {
        Outcome memory outcome = _of2019.compute(_inputs(), EXACT);

        assertEq(_result(outcome, "generationAllocation"), 2_358_193.33e18);
        assertEq(_result(outcome, "heatAllocation"), 110_444.44e18);
        assertEq(_result(outcome, "allocation"), 2_468_637.78e18);
        assertEq(_step(outcome, "coolingFactor", 0), 1.05e18);
        assertEq(_step(outcome, "heatFactor", 0), 0.978e18);
        assertEq(_step(outcome, "loadCorrection", 0), 1e18);
    }

    /// @dev The same times 1.00504 at 81.4 %: 2 370 078.62589….
    function test_HeatingUnitOf2021IsCorrected() external view {
        Outcome memory outcome = _of2021.compute(_inputs(), EXACT);

        assertEq(_result(outcome, "generationAllocation"), 2_370_078.63e18);
        assertEq(_step(outcome, "loadCorrection", 0), 1.00504e18);
    }

    function test_CondensingUnitIsCorrectedInBothPlans() external view {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.isHeating = false;

        assertEq(_result(_of2019.compute(inputs, EXACT), "generationAllocation"), 2_370_078.63e18);
        assertEq(_result(_of2021.compute(inputs, EXACT), "generationAllocation"), 2_370_078.63e18);
    }

    /// @dev Cooled by water, 1; gas knows no cooling, and its factor for heat is 1 − 0.6 · 0.1.
    function test_CoolingAndHeatFactorsAreOfTheKind() external view {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.units[0].isAirCooled = false;
        assertEq(_step(_of2019.compute(inputs, EXACT), "coolingFactor", 0), 1e18);
        inputs.units[0].unitClass = UnitClass.Gas;
        inputs.units[0].isAirCooled = true;
        Outcome memory outcome = _of2021.compute(inputs, EXACT);
        assertEq(_step(outcome, "coolingFactor", 0), 1e18);
        assertEq(_step(outcome, "heatFactor", 0), 0.94e18);
        assertEq(_step(outcome, "loadCorrection", 0), 1e18);
    }

    function test_UnconventionalCoalIsNotCorrected() external view {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.isHeating = false;
        inputs.units[0].unitClass = UnitClass.UnconventionalCoal;
        assertEq(_step(_of2021.compute(inputs, EXACT), "loadCorrection", 0), 1e18);
    }

    /// @dev A load of 85 % needs no correction, one just below does.
    function test_ThresholdOfTheLoad() external view {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.load_pct = 85e18;
        assertEq(_step(_of2021.compute(inputs, EXACT), "loadCorrection", 0), 1e18);
        inputs.load_pct = 84.99e18;
        assertEq(_step(_of2021.compute(inputs, EXACT), "loadCorrection", 0), 1.000014e18);
    }

    // --- merged units

    function test_MergedUnitsTakeTheLeastFavourable() external view {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.units =
            _two(inputs.units[0], SuppliedUnit(UnitClass.UnconventionalCoal, false, 1.146e18, 0.12e18));
        Outcome memory outcome = _of2021.compute(inputs, EXACT);

        assertEq(_step(outcome, "powerBenchmark", 0), 0.979e18);
        assertEq(_step(outcome, "heatBenchmark", 0), 0.12e18);
        assertEq(_step(outcome, "coolingFactor", 0), 1e18);
        assertEq(_step(outcome, "loadCorrection", 0), 1e18);
    }

    function test_RevertWhen_GasIsMergedWithCoal() external {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.units = _two(inputs.units[0], SuppliedUnit(UnitClass.Gas, false, 0.392e18, 0.059e18));
        _expectOutOfRange("unitClass", 1, 4e18);
        _of2021.compute(inputs, EXACT);
    }

    // --- properties

    function testFuzz_MoreOutputIsNeverLess(uint256 power, uint256 heat, uint256 morePower, uint256 moreHeat)
        external
        view
    {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        (inputs.supplied_MWh, inputs.heat_GJ) = (_amount(power), _amount(heat));
        int256 less = _result(_of2021.compute(inputs, EXACT), "allocation");
        inputs.supplied_MWh += _amount(morePower);
        inputs.heat_GJ += _amount(moreHeat);

        assertGe(_result(_of2021.compute(inputs, EXACT), "allocation"), less);
    }

    /// @dev More heat of the boiler for heating never gives more power allowances.
    function testFuzz_MoreHeatRatioIsNeverMore(uint256 ratio, uint256 more) external view {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.heatRatio_1 = int256(ratio % 1e18);
        int256 part = _result(_of2021.compute(inputs, EXACT), "generationAllocation");
        inputs.heatRatio_1 += int256(more % uint256(1e18 - inputs.heatRatio_1 + 1));

        assertLe(_result(_of2021.compute(inputs, EXACT), "generationAllocation"), part);
    }

    // --- refusals

    function test_RevertWhen_ANumberIsOutOfRange() external {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.heatRatio_1 = 1e18 + 1;
        _expectOutOfRange("heatRatio_1", 0, 1e18 + 1);
        _of2019.compute(inputs, EXACT);
        inputs = _inputs();
        inputs.supplied_MWh = -1;
        _expectOutOfRange("supplied_MWh", 0, -1);
        _of2019.compute(inputs, EXACT);
        inputs = _inputs();
        inputs.heat_GJ = MAX_NUMBER + 1;
        _expectOutOfRange("heat_GJ", 0, MAX_NUMBER + 1);
        _of2019.compute(inputs, EXACT);
        inputs = _inputs();
        inputs.load_pct = -1;
        _expectOutOfRange("load_pct", 0, -1);
        _of2019.compute(inputs, EXACT);
    }

    function test_RevertWhen_AUnitIsNotSound() external {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        inputs.units[0].powerBenchmark_tCO2_per_MWh = 0;
        _expectOutOfRange("powerBenchmark_tCO2_per_MWh", 0, 0);
        _of2019.compute(inputs, EXACT);
        inputs = _inputs();
        inputs.units[0].heatBenchmark_tCO2_per_GJ = 0;
        _expectOutOfRange("heatBenchmark_tCO2_per_GJ", 0, 0);
        _of2019.compute(inputs, EXACT);
        inputs = _inputs();
        inputs.units[0].unitClass = UnitClass.None;
        _expectOutOfRange("unitClass", 0, 0);
        _of2019.compute(inputs, EXACT);
        inputs.units = new SuppliedUnit[](0);
        _expectNothingGiven("units");
        _of2019.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _of2019.compute(_inputs(), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        PowerAllocationBySupplyInputs memory inputs = _inputs();
        _assertTakesOnlyCanonical(_of2019, abi.encode(inputs), _of2019.compute(inputs, EXACT));
        _assertTakesOnlyCanonical(_of2021, abi.encode(inputs), _of2021.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertVersioned(_of2019, "allocation.power", 1);
        _assertVersioned(_of2021, "allocation.power", 2);
    }

    /// A class II unit that makes heat, cooled by air, at 81.4 %.
    function _inputs() private pure returns (PowerAllocationBySupplyInputs memory) {
        SuppliedUnit[] memory units = new SuppliedUnit[](1);
        units[0] = SuppliedUnit(UnitClass.CoalUpTo300Mw, true, 0.979e18, 0.126e18);
        return PowerAllocationBySupplyInputs(units, true, 2_345_678.9e18, 876_543.21e18, 0.1e18, 81.4e18);
    }

    function _two(SuppliedUnit memory first, SuppliedUnit memory second)
        private
        pure
        returns (SuppliedUnit[] memory units)
    {
        units = new SuppliedUnit[](2);
        (units[0], units[1]) = (first, second);
    }
}
