// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    CcerAfforestation,
    CcerAfforestationInputs,
    ForestStratum
} from "contracts/accounting/rules/CcerAfforestation.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract CcerAfforestationTest is RuleTest {
    CcerAfforestation private rule;

    function setUp() external {
        rule = new CcerAfforestation();
    }

    function test_Named() external view {
        _assertNamed(rule, "ccer.afforestation");
    }

    function test_GainLessDeductionsEmissionsBaselineAndLeakage() external view {
        Outcome memory outcome = rule.compute(_forest(), EXACT);

        assertEq(_step(outcome, "stratumChange", 0), 30_000e18);
        assertEq(_step(outcome, "stratumChange", 1), -1200e18);
        assertEq(_step(outcome, "stockChange", 0), 105_600e18);
        assertEq(_step(outcome, "deductedStockChange", 0), 99_264e18);
        assertEq(_step(outcome, "netRemoval", 0), 96_700e18);
        assertEq(_result(outcome, "reductions"), 87_030e18);
        assertEq(outcome.results[0].decimals, 0);
    }

    /// 12 tC are 44 t; a wei of leakage is enough for 43.
    function test_RoundsDownToWholeTonnes() external view {
        CcerAfforestationInputs memory inputs;
        inputs.strata = new ForestStratum[](1);
        inputs.strata[0] = ForestStratum(1e18, 0, 12e18);

        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), 44e18);
        inputs.leakage_tCO2e = 1;
        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), 43e18);
    }

    /// 100 ha lose 12 tC/ha: −4 400 t, with 10 % −4 840; no risk is deducted from a loss.
    function test_DeductionMakesALossLarger() external view {
        CcerAfforestationInputs memory inputs;
        inputs.strata = new ForestStratum[](1);
        inputs.strata[0] = ForestStratum(100e18, 30e18, 18e18);
        (inputs.uncertaintyDeduction_pct, inputs.riskDeduction_pct) = (10e18, 10e18);

        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), -4840e18);
    }

    function test_BaselineThatWouldHaveShrunkIsAdded() external view {
        CcerAfforestationInputs memory inputs = _forest();
        inputs.baseline_tCO2e = -2000e18;

        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), 90_630e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        CcerAfforestationInputs memory inputs = _forest();
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        CcerAfforestationInputs memory inputs;
        _expectNothingGiven("strata");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_forest(), REPORTED);
    }

    function test_RevertWhen_AStratumIsOutOfRange() external {
        CcerAfforestationInputs memory inputs = _forest();
        inputs.strata[1] = ForestStratum(-1, 0, 0);
        _expectOutOfRange("area", 1, -1);
        rule.compute(inputs, EXACT);
        inputs.strata[1] = ForestStratum(0, -1, 0);
        _expectOutOfRange("before", 1, -1);
        rule.compute(inputs, EXACT);
        inputs.strata[1] = ForestStratum(0, 0, -1);
        _expectOutOfRange("after", 1, -1);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ANumberIsOutOfRange() external {
        CcerAfforestationInputs memory inputs = _forest();
        inputs.baseline_tCO2e = -1e30 - 1;
        _expectOutOfRange("baseline", 0, -1e30 - 1);
        rule.compute(inputs, EXACT);
        inputs = _forest();
        inputs.emissions_tCO2e = -1;
        _expectOutOfRange("emissions", 0, -1);
        rule.compute(inputs, EXACT);
        inputs = _forest();
        inputs.leakage_tCO2e = -1;
        _expectOutOfRange("leakage", 0, -1);
        rule.compute(inputs, EXACT);
        inputs = _forest();
        inputs.uncertaintyDeduction_pct = 100e18 + 1;
        _expectOutOfRange("uncertaintyDeduction", 0, 100e18 + 1);
        rule.compute(inputs, EXACT);
        inputs = _forest();
        inputs.riskDeduction_pct = 100e18 + 1;
        _expectOutOfRange("riskDeduction", 0, 100e18 + 1);
        rule.compute(inputs, EXACT);
    }

    /// Tenths of a ha, hundredths of a tC/ha, whole percents: × 44/12 / 10⁵, and / 10² again for the risk.
    function testFuzz_IsThePlainFormula(
        uint24 area,
        uint16 before_,
        uint16 after_,
        uint8 uncertainty,
        uint8 risk,
        uint24 leakage
    ) external view {
        int256 u = int256(bound(uncertainty, 0, 100));
        int256 k = int256(bound(risk, 0, 100));
        CcerAfforestationInputs memory inputs;
        inputs.strata = new ForestStratum[](1);
        inputs.strata[0] = ForestStratum(
            int256(uint256(area)) * 1e17, int256(uint256(before_)) * 1e16, int256(uint256(after_)) * 1e16
        );
        (inputs.uncertaintyDeduction_pct, inputs.riskDeduction_pct) = (u * 1e18, k * 1e18);
        inputs.leakage_tCO2e = int256(uint256(leakage)) * 1e18;

        // In units of 10⁻⁵ / 12 t.
        int256 gained = int256(uint256(area)) * (int256(uint256(after_)) - int256(uint256(before_))) * 44;
        int256 net = gained * (gained < 0 ? 100 + u : 100 - u) - int256(uint256(leakage)) * 12e5;
        int256 lasting = net > 0 ? net * (100 - k) : net * 100;
        int256 tonnes = lasting / 12e7 - (lasting < 0 && lasting % 12e7 != 0 ? int256(1) : int256(0));
        assertEq(_result(rule.compute(inputs, EXACT), "reductions"), tonnes * 1e18);
    }

    /// No deduction, emission or leakage ever gives more.
    function testFuzz_NothingDeductedGivesMore(uint24 area, uint16 after_, uint8 percent, uint32 amount)
        external
        view
    {
        CcerAfforestationInputs memory inputs = _forest();
        inputs.strata[0].area_ha = int256(uint256(area)) * 1e16;
        inputs.strata[0].after_tC_per_ha = int256(uint256(after_)) * 1e16;
        int256 reductions = _result(rule.compute(inputs, EXACT), "reductions");

        inputs.uncertaintyDeduction_pct += int256(bound(percent, 0, 90)) * 1e18;
        assertLe(_result(rule.compute(inputs, EXACT), "reductions"), reductions);
        inputs.uncertaintyDeduction_pct = 6e18;
        inputs.riskDeduction_pct += int256(bound(percent, 0, 90)) * 1e18;
        assertLe(_result(rule.compute(inputs, EXACT), "reductions"), reductions);
        inputs.riskDeduction_pct = 10e18;
        inputs.leakage_tCO2e += int256(uint256(amount)) * 1e18;
        assertLe(_result(rule.compute(inputs, EXACT), "reductions"), reductions);
        inputs.leakage_tCO2e = 64e18;
        inputs.emissions_tCO2e += int256(uint256(amount)) * 1e18;
        assertLe(_result(rule.compute(inputs, EXACT), "reductions"), reductions);
    }

    function _forest() private pure returns (CcerAfforestationInputs memory inputs) {
        inputs.strata = new ForestStratum[](2);
        inputs.strata[0] = ForestStratum(1200e18, 10e18, 35e18);
        inputs.strata[1] = ForestStratum(300e18, 12e18, 8e18);
        (inputs.baseline_tCO2e, inputs.emissions_tCO2e, inputs.leakage_tCO2e) = (2000e18, 500e18, 64e18);
        (inputs.uncertaintyDeduction_pct, inputs.riskDeduction_pct) = (6e18, 10e18);
    }
}
