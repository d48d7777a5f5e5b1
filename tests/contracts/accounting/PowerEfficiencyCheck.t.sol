// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {FuelHeatMass} from "contracts/accounting/rules/FuelHeat.sol";
import {
    PowerEfficiencyCheck,
    PowerEfficiencyCheckInputs
} from "contracts/accounting/rules/PowerEfficiencyCheck.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract PowerEfficiencyCheckTest is RuleTest {
    PowerEfficiencyCheck private rule;

    function setUp() external {
        rule = new PowerEfficiencyCheck();
    }

    function test_Named() external view {
        _assertNamed(rule, "power.efficiency-check");
    }

    /// 9 694 080 / 25 080 000 = 0.38652…
    function test_CondensingUnitHolds() external view {
        Outcome memory outcome = rule.compute(_condensing(1_200_000e18), EXACT);

        assertEq(_result(outcome, "efficiency"), 0.3865e18);
        assertEq(_result(outcome, "holds"), 1e18);
        assertEq(_step(outcome, "usefulHeat", 0), 9_694_080e18);
    }

    /// 9 694 080 / 20 900 000 = 0.46383…
    function test_UnderreportedFuelDoesNotHold() external view {
        Outcome memory outcome = rule.compute(_condensing(1_000_000e18), EXACT);

        assertEq(_result(outcome, "efficiency"), 0.4638e18);
        assertEq(_result(outcome, "holds"), 0);
    }

    /// 46 MWh × 3.6 of 360 GJ are 0.46 sharp; a drop more fuel, and it rounds to 0.4600 but holds.
    function test_BoundIsStrictAndUnrounded() external view {
        PowerEfficiencyCheckInputs memory inputs = _condensing(360e18);
        inputs.generated_MWh = 46e18;
        inputs.weighed[0].heat_GJ_per_t = 1e18;
        assertEq(_holds(inputs), 0);

        inputs.weighed[0].consumed_t = 360e18 + 100;
        assertEq(_holds(inputs), 1e18);
        assertEq(_result(rule.compute(inputs, EXACT), "efficiency"), 0.46e18);
    }

    /// 36 GJ of power and 63 of heat from 100 GJ hold, 64 do not.
    function test_UnitThatSuppliesHeat() external view {
        PowerEfficiencyCheckInputs memory inputs = _condensing(100e18);
        inputs.generated_MWh = 10e18;
        inputs.weighed[0].heat_GJ_per_t = 1e18;
        inputs.suppliesHeat = true;
        inputs.heatSupplied_GJ = 63e18;
        assertEq(_holds(inputs), 1e18);

        inputs.heatSupplied_GJ = 64e18;
        assertEq(_holds(inputs), 0);
    }

    function testFuzz_MoreFuelNeverBreaksWhatHeld(uint96 consumed, uint96 more) external view {
        int256 c = int256(uint256(consumed)) + 1e18;

        assertGe(_holds(_condensing(c + int256(uint256(more)))), _holds(_condensing(c)));
    }

    function test_RevertWhen_CondensingUnitSuppliesHeat() external {
        PowerEfficiencyCheckInputs memory inputs = _condensing(1e18);
        inputs.heatSupplied_GJ = 1;
        _expectOutOfRange("heatSupplied", 0, 1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_FuelHasNoHeat() external {
        _expectOutOfRange("fuelHeat", 0, 0);
        rule.compute(_condensing(0), EXACT);
    }

    function test_RevertWhen_NumberIsNegative() external {
        PowerEfficiencyCheckInputs memory inputs = _condensing(1e18);
        inputs.generated_MWh = -1;
        _expectOutOfRange("generated", 0, -1);
        rule.compute(inputs, EXACT);
        inputs.generated_MWh = 1;
        inputs.suppliesHeat = true;
        inputs.heatSupplied_GJ = -1;
        _expectOutOfRange("heatSupplied", 0, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        PowerEfficiencyCheckInputs memory inputs = _condensing(1e18);
        delete inputs.weighed;
        _expectNothingGiven("fuels");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotKnown() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_condensing(1e18), REPORTED);
    }

    function test_TakesOnlyCanonicalBytes() external {
        _assertTakesOnlyCanonical(rule, abi.encode(_condensing(1e18)), rule.compute(_condensing(1e18), EXACT));
    }

    function _holds(PowerEfficiencyCheckInputs memory inputs) private view returns (int256) {
        return _result(rule.compute(inputs, EXACT), "holds");
    }

    function _condensing(int256 consumed) private pure returns (PowerEfficiencyCheckInputs memory inputs) {
        inputs.weighed = new FuelHeatMass[](1);
        inputs.weighed[0] = FuelHeatMass(consumed, 20.9e18);
        inputs.generated_MWh = 2_692_800e18;
    }
}
