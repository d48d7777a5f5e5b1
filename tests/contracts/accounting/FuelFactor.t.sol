// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {FuelFactor, FuelFactorInputs} from "contracts/accounting/rules/FuelFactor.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract FuelFactorTest is RuleTest {
    FuelFactor private rule;

    function setUp() external {
        rule = new FuelFactor();
    }

    function test_Named() external view {
        _assertNamed(rule, "fuel.factor");
    }

    /// Coal tar, as table A.2 of the steel guide has it.
    function test_FactorOfCoalTar() external view {
        Outcome memory outcome = rule.compute(FuelFactorInputs(33.453e18, 0.022e18, 1e18), EXACT);

        assertEq(_step(outcome, "carbonContent", 0), 0.735966e18);
        assertEq(_result(outcome, "factor"), 2.699e18);
        assertEq(outcome.results[0].decimals, 3);
    }

    /// 26.1 tC/TJ × 0.93 × 44/12 = 89.001 tCO2/TJ.
    function test_FactorOfAUnitOfHeat() external view {
        Outcome memory outcome = rule.compute(FuelFactorInputs(20e18, 0.0261e18, 0.93e18), EXACT);

        assertEq(_step(outcome, "factorPerHeat", 0), 0.089001e18);
        assertEq(_result(outcome, "factor"), 1.78e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        FuelFactorInputs memory inputs = FuelFactorInputs(33.453e18, 0.022e18, 1e18);
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(FuelFactorInputs(1e18, 0.02e18, 1e18), REPORTED);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        _expectOutOfRange("heat", 0, -1);
        rule.compute(FuelFactorInputs(-1, 0.02e18, 1e18), EXACT);
        _expectOutOfRange("carbonPerHeat", 0, -1);
        rule.compute(FuelFactorInputs(1e18, -1, 1e18), EXACT);
        _expectOutOfRange("oxidation", 0, 1e18 + 1);
        rule.compute(FuelFactorInputs(1e18, 0.02e18, 1e18 + 1), EXACT);
        _expectOutOfRange("carbonContent", 0, 1e18 + 50);
        rule.compute(FuelFactorInputs(50e18, 0.02e18 + 1, 1e18), EXACT);
    }

    /// Thousandths of a t/t: heat in 10⁻³, carbon in 10⁻⁵, oxidation in 10⁻².
    function testFuzz_IsThePlainProduct(uint16 heat, uint16 carbonPerHeat, uint8 oxidation) external view {
        uint256 h = bound(heat, 0, 50_000);
        uint256 c = bound(carbonPerHeat, 0, 2000);
        uint256 o = bound(oxidation, 0, 100);
        FuelFactorInputs memory inputs =
            FuelFactorInputs(int256(h * 1e15), int256(c * 1e13), int256(o * 1e16));

        uint256 thousandths = (h * c * o * 44 + 6e7) / 12e7;
        assertEq(_result(rule.compute(inputs, EXACT), "factor"), int256(thousandths * 1e15));
    }
}
