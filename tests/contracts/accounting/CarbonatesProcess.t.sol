// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    CarbonateUse,
    CarbonatesProcess,
    CarbonatesProcessInputs
} from "contracts/accounting/rules/CarbonatesProcess.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract CarbonatesProcessTest is RuleTest {
    CarbonatesProcess private rule;

    function setUp() external {
        rule = new CarbonatesProcess();
    }

    function test_Named() external view {
        _assertNamed(rule, "carbonates.process");
    }

    function test_WhatDecomposesOfTheCarbonate() external view {
        Outcome memory outcome = rule.compute(_one(_limestone()), EXACT);

        assertEq(_step(outcome, "carbonate", 0), 9250e18);
        assertEq(_step(outcome, "useEmissions", 0), 3988.6e18);
        assertEq(_result(outcome, "emissions"), 3988.6e18);
        assertEq(_result(outcome, "emissionsWhole"), 3989e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        CarbonatesProcessInputs memory inputs = _one(_limestone());
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        CarbonatesProcessInputs memory inputs;
        _expectNothingGiven("uses");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_one(_limestone()), REPORTED);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        CarbonateUse memory use = _limestone();
        use.consumed_t = -1;
        _expectOutOfRange("consumed", 0, -1);
        rule.compute(_one(use), EXACT);
        use = _limestone();
        use.purity_pct = 100e18 + 1;
        _expectOutOfRange("purity", 0, 100e18 + 1);
        rule.compute(_one(use), EXACT);
        use = _limestone();
        use.factor_tCO2_per_t = 1e18 + 1;
        _expectOutOfRange("factor", 0, 1e18 + 1);
        rule.compute(_one(use), EXACT);
        use = _limestone();
        use.decomposed_pct = 100e18 + 1;
        _expectOutOfRange("decomposed", 0, 100e18 + 1);
        rule.compute(_one(use), EXACT);
    }

    /// Hundredths of a tonne, tenths of a percent, thousandths of a factor: all of it decomposes.
    function testFuzz_IsThePlainSum(
        uint40[2] memory consumed,
        uint16[2] memory purity,
        uint16[2] memory factor
    ) external view {
        CarbonatesProcessInputs memory inputs;
        inputs.uses = new CarbonateUse[](2);
        uint256 sum;
        for (uint256 i = 0; i < 2; ++i) {
            uint256 p = bound(purity[i], 0, 1000);
            uint256 f = bound(factor[i], 0, 1000);
            inputs.uses[i] =
                CarbonateUse(int256(uint256(consumed[i])) * 1e16, int256(p) * 1e17, int256(f) * 1e15, 100e18);
            sum += uint256(consumed[i]) * p * f;
        }

        int256 hundredths = int256((sum + 5e5) / 1e6);
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), hundredths * 1e16);
    }

    function testFuzz_GrowsWithEachNumber(uint40 consumed, uint16 more) external view {
        CarbonateUse memory use = _limestone();
        use.consumed_t = int256(uint256(consumed)) * 1e13;
        int256 emissions = _result(rule.compute(_one(use), EXACT), "emissions");

        use.consumed_t += int256(uint256(more)) * 1e13;
        assertGe(_result(rule.compute(_one(use), EXACT), "emissions"), emissions);
        use.purity_pct += int256(uint256(more)) * 1e13;
        assertGe(_result(rule.compute(_one(use), EXACT), "emissions"), emissions);
        use.decomposed_pct += int256(uint256(more)) * 1e13;
        assertGe(_result(rule.compute(_one(use), EXACT), "emissions"), emissions);
    }

    function _one(CarbonateUse memory use) private pure returns (CarbonatesProcessInputs memory inputs) {
        inputs.uses = new CarbonateUse[](1);
        inputs.uses[0] = use;
    }

    function _limestone() private pure returns (CarbonateUse memory) {
        return CarbonateUse(10_000e18, 92.5e18, 0.44e18, 98e18);
    }
}
