// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {GasExemption, GasExemptionInputs} from "contracts/accounting/rules/GasExemption.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";
import {UnitClass} from "contracts/types/Enums.sol";

contract GasExemptionTest is AllocationTest {
    GasExemption private _rule = new GasExemption();

    function test_GasUnitIsToppedUpToItsEmission() external view {
        _assertApproved(UnitClass.Gas, 500_000e18, 512_345e18, 12_345e18);
        _assertApproved(UnitClass.Gas, 500_000e18, 500_001e18, 1e18);
    }

    /// @dev Less than a tonne is no top-up.
    function test_TopUpIsRoundedDown() external view {
        _assertApproved(UnitClass.Gas, 500_000e18, 500_001e18 - 1, 0);
        _assertApproved(UnitClass.Gas, 500_000e18, 500_002.99e18, 2e18);
    }

    function test_GasUnitWithEnoughKeepsWhatItHas() external view {
        _assertApproved(UnitClass.Gas, 500_000e18, 500_000e18, 0);
        _assertApproved(UnitClass.Gas, 500_000e18, 499_999e18, 0);
        _assertApproved(UnitClass.Gas, 500_000e18, 0, 0);
    }

    function test_CoalUnitIsNotExempt() external view {
        _assertApproved(UnitClass.CoalAbove300Mw, 500_000e18, 512_345e18, 0);
        _assertApproved(UnitClass.CoalUpTo300Mw, 500_000e18, 512_345e18, 0);
        _assertApproved(UnitClass.UnconventionalCoal, 500_000e18, 512_345e18, 0);
    }

    function testFuzz_IsTheHigherOfTheTwo(uint256 initial, uint256 verified) external view {
        GasExemptionInputs memory inputs =
            GasExemptionInputs(UnitClass.Gas, _tonnes(initial), _amount(verified));
        int256 approved = _result(_rule.compute(inputs, EXACT), "approved");
        int256 whole = inputs.verified_tCO2 / ONE * ONE;

        assertEq(approved, whole > inputs.initial_t ? whole : inputs.initial_t);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("initial_t", 0, 0.5e18);
        _rule.compute(GasExemptionInputs(UnitClass.Gas, 0.5e18, 0), EXACT);
        _expectOutOfRange("initial_t", 0, -1e18);
        _rule.compute(GasExemptionInputs(UnitClass.Gas, -1e18, 0), EXACT);
        _expectOutOfRange("verified_tCO2", 0, -1);
        _rule.compute(GasExemptionInputs(UnitClass.Gas, 0, -1), EXACT);
        _expectOutOfRange("unitClass", 0, 0);
        _rule.compute(GasExemptionInputs(UnitClass.None, 0, 0), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _rule.compute(GasExemptionInputs(UnitClass.Gas, 0, 0), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        GasExemptionInputs memory inputs = GasExemptionInputs(UnitClass.Gas, 1e18, 2e18);
        _assertTakesOnlyCanonical(_rule, abi.encode(inputs), _rule.compute(inputs, EXACT));
    }

    /// @dev A word that is no class is refused before it is taken for one.
    function test_RevertWhen_TheClassIsUnknown() external {
        vm.expectRevert();
        _rule.evaluate(abi.encode(uint256(5), int256(1e18), int256(2e18)), EXACT);
    }

    function test_SaysWhoItIs() external view {
        _assertNamed(_rule, "allocation.gas-exemption");
    }

    function _assertApproved(UnitClass unitClass, int256 initial, int256 verified, int256 topUp)
        private
        view
    {
        Outcome memory outcome = _rule.compute(GasExemptionInputs(unitClass, initial, verified), EXACT);
        assertEq(_result(outcome, "topUp"), topUp);
        assertEq(_result(outcome, "approved"), initial + topUp);
    }
}
