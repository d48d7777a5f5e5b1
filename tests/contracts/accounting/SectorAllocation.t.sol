// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {
    SectorAllocation2024,
    SectorAllocation2024Inputs
} from "contracts/accounting/rules/SectorAllocation2024.sol";
import {
    SectorAllocation2025,
    SectorAllocation2025Inputs
} from "contracts/accounting/rules/SectorAllocation2025.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {SectorProcess} from "contracts/types/Enums.sol";

contract SectorAllocationTest is AllocationTest {
    SectorAllocation2024 private _of2024 = new SectorAllocation2024();
    SectorAllocation2025 private _rule = new SectorAllocation2025();

    // --- 2024

    function test_EmissionIsAllocatedFor2024() external view {
        Outcome memory outcome = _of2024.compute(SectorAllocation2024Inputs(123_456.99e18), EXACT);
        assertEq(_result(outcome, "allocation"), 123_456e18);
        outcome = _of2024.compute(SectorAllocation2024Inputs(123_457e18), EXACT);
        assertEq(_result(outcome, "allocation"), 123_457e18);
    }

    function test_RevertWhen_EmissionOf2024IsNegative() external {
        _expectOutOfRange("verified_tCO2e", 0, -1);
        _of2024.compute(SectorAllocation2024Inputs(-1), EXACT);
    }

    // --- deviation

    /// @dev B 2, I 1.9: X = 5 %, α = 0.75 %.
    function test_SmallDeviation() external view {
        Outcome memory outcome = _rule.compute(_inputs(2e18, 1.9e18), EXACT);

        assertEq(_result(outcome, "allocation"), 1_007_500e18);
        assertEq(_step(outcome, "deviation", 0), 0.05e18);
        assertEq(_step(outcome, "adjustment", 0), 0.0075e18);
        assertEq(_result(_rule.compute(_inputs(2e18, 2.1e18), EXACT), "allocation"), 992_500e18);
        assertEq(_result(_rule.compute(_inputs(2e18, 2e18), EXACT), "allocation"), 1_000_000e18);
    }

    /// @dev At ±20 % both branches give ±0.03; a little inside it is a little less, beyond it stays.
    function test_TwentyPercentEitherWay() external view {
        _assertAdjusted(1.6e18, 0.03e18, 1_030_000e18);
        _assertAdjusted(1.5e18, 0.03e18, 1_030_000e18);
        _assertAdjusted(0, 0.03e18, 1_030_000e18);
        _assertAdjusted(1.601e18, 0.029925e18, 1_029_925e18);
        _assertAdjusted(2.4e18, -0.03e18, 970_000e18);
        _assertAdjusted(2.5e18, -0.03e18, 970_000e18);
        _assertAdjusted(2.399e18, -0.029925e18, 970_075e18);
    }

    /// @dev The last decimal decides nothing: the quotient is not rounded before it is multiplied. X = 1/9, α = 1/60.
    function test_WholeAllocationIsNotLost() external view {
        SectorAllocation2025Inputs memory inputs = _inputs(0.9e18, 0.8e18);
        (inputs.firmVerified_tCO2e, inputs.verified_tCO2e) = (600_000e18, 600_000e18);
        assertEq(_result(_rule.compute(inputs, EXACT), "allocation"), 610_000e18);
        inputs.intensity_tCO2e_per_t += 1;
        assertEq(_result(_rule.compute(inputs, EXACT), "allocation"), 609_999e18);
    }

    // --- where the allocation equals the emission

    function test_NamedProcessesGetTheirEmission() external view {
        for (uint8 process = 1; process <= uint8(type(SectorProcess).max); ++process) {
            SectorAllocation2025Inputs memory inputs = _inputs(0, 0);
            inputs.process = SectorProcess(process);
            Outcome memory outcome = _rule.compute(inputs, EXACT);
            assertEq(_result(outcome, "allocation"), 1_000_000e18);
            assertEq(outcome.steps.length, 0);
        }
    }

    /// @dev 30 % of carbide slag is not more than 30 %.
    function test_ThresholdOfCarbideSlag() external view {
        SectorAllocation2025Inputs memory inputs = _inputs(2e18, 1.9e18);
        inputs.carbideSlag_pct = 30e18;
        assertEq(_result(_rule.compute(inputs, EXACT), "allocation"), 1_007_500e18);
        inputs = _inputs(0, 0);
        inputs.carbideSlag_pct = 30e18 + 1;
        assertEq(_result(_rule.compute(inputs, EXACT), "allocation"), 1_000_000e18);
    }

    /// @dev A firm of 26 000 t is not below; what counts is the firm and not the part allocated.
    function test_ThresholdOfTheFirm() external view {
        SectorAllocation2025Inputs memory inputs = _inputs(2e18, 1.9e18);
        (inputs.firmVerified_tCO2e, inputs.verified_tCO2e) = (26_000e18, 10_000e18);
        assertEq(_result(_rule.compute(inputs, EXACT), "allocation"), 10_075e18);
        inputs = _inputs(0, 0);
        (inputs.firmVerified_tCO2e, inputs.verified_tCO2e) = (26_000e18 - 1, 10_000e18);
        assertEq(_result(_rule.compute(inputs, EXACT), "allocation"), 10_000e18);
    }

    // --- properties

    function testFuzz_IsWithinThreePercentOfTheEmission(uint256 emission, uint256 balance, uint256 intensity)
        external
        view
    {
        SectorAllocation2025Inputs memory inputs =
            _inputs(int256(balance % 1e20) + 1, int256(intensity % 1e20));
        inputs.verified_tCO2e = _amount(emission);
        inputs.firmVerified_tCO2e = inputs.verified_tCO2e + 26_000e18;
        int256 allocation = _result(_rule.compute(inputs, EXACT), "allocation");

        assertLe(allocation * 100, inputs.verified_tCO2e * 103);
        assertGt((allocation + ONE) * 100, inputs.verified_tCO2e * 97);
    }

    /// @dev A lower intensity never gives less, and more emission at the same intensity never gives less.
    function testFuzz_BetterIsNeverLess(uint256 emission, uint256 more, uint256 intensity, uint256 better)
        external
        view
    {
        SectorAllocation2025Inputs memory inputs = _inputs(0.85e18, int256(intensity % 2e18));
        inputs.verified_tCO2e = _amount(emission);
        inputs.firmVerified_tCO2e = 1e29;
        int256 before = _result(_rule.compute(inputs, EXACT), "allocation");
        inputs.verified_tCO2e += _amount(more);
        inputs.intensity_tCO2e_per_t -= int256(better % uint256(inputs.intensity_tCO2e_per_t + 1));

        assertGe(_result(_rule.compute(inputs, EXACT), "allocation"), before);
    }

    /// @dev The allocation is the greatest whole number not above the exact one: by plain integers, for |X| < 20 %.
    function testFuzz_IsTheGreatestWholeNumber(uint32 emission, uint16 balance, int16 off) external view {
        int256 b = int256(uint256(balance)) + 10_000;
        int256 i = b + off % (b / 5);
        SectorAllocation2025Inputs memory inputs = _inputs(b * 1e14, i * 1e14);
        inputs.verified_tCO2e = int256(uint256(emission)) * ONE;
        inputs.firmVerified_tCO2e = inputs.verified_tCO2e + 26_000e18;
        int256 allocation = _result(_rule.compute(inputs, EXACT), "allocation") / ONE;

        int256 exact = int256(uint256(emission)) * (115 * b - 15 * i);
        assertLe(allocation * 100 * b, exact);
        assertGt((allocation + 1) * 100 * b, exact);
    }

    // --- refusals

    function test_RevertWhen_ANumberIsOutOfRange() external {
        SectorAllocation2025Inputs memory inputs = _inputs(0, 1e18);
        _expectOutOfRange("balance_tCO2e_per_t", 0, 0);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(2e18, -1);
        _expectOutOfRange("intensity_tCO2e_per_t", 0, -1);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(2e18, 1e18);
        inputs.verified_tCO2e = inputs.firmVerified_tCO2e + 1;
        _expectOutOfRange("verified_tCO2e", 0, inputs.firmVerified_tCO2e + 1);
        _rule.compute(inputs, EXACT);
        inputs.carbideSlag_pct = 100e18 + 1;
        _expectOutOfRange("carbideSlag_pct", 0, 100e18 + 1);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(2e18, 1e18);
        inputs.firmVerified_tCO2e = -1;
        _expectOutOfRange("firmVerified_tCO2e", 0, -1);
        _rule.compute(inputs, EXACT);
    }

    /// @dev A balance or intensity that would have no effect is not taken.
    function test_RevertWhen_ANumberHasNoUse() external {
        SectorAllocation2025Inputs memory inputs = _inputs(2e18, 0);
        inputs.process = SectorProcess.WhiteClinker;
        _expectOutOfRange("balance_tCO2e_per_t", 0, 2e18);
        _rule.compute(inputs, EXACT);
        inputs = _inputs(0, 1e18);
        inputs.process = SectorProcess.WhiteClinker;
        _expectOutOfRange("intensity_tCO2e_per_t", 0, 1e18);
        _rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _of2024.compute(SectorAllocation2024Inputs(1e18), REPORTED);
        _expectProfileUnknown(REPORTED);
        _rule.compute(_inputs(2e18, 1.9e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        SectorAllocation2024Inputs memory inputs2024 = SectorAllocation2024Inputs(1e18);
        _assertTakesOnlyCanonical(_of2024, abi.encode(inputs2024), _of2024.compute(inputs2024, EXACT));
        SectorAllocation2025Inputs memory inputs = _inputs(2e18, 1.9e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertVersioned(_of2024, "allocation.sector-deviation", 1);
        _assertVersioned(_rule, "allocation.sector-deviation", 2);
    }

    /// A firm of a million tonnes.
    function _inputs(int256 balance, int256 intensity)
        private
        pure
        returns (SectorAllocation2025Inputs memory)
    {
        return SectorAllocation2025Inputs(
            SectorProcess.Ordinary, 0, 1_000_000e18, 1_000_000e18, balance, intensity
        );
    }

    /// With the balance value 2.
    function _assertAdjusted(int256 intensity, int256 adjustment, int256 allocation) private view {
        Outcome memory outcome = _rule.compute(_inputs(2e18, intensity), EXACT);
        assertEq(_step(outcome, "adjustment", 0), adjustment);
        assertEq(_result(outcome, "allocation"), allocation);
    }
}
