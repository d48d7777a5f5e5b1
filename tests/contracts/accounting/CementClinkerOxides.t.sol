// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    CementClinkerOxides,
    CementClinkerOxidesInputs,
    ClinkerAnalysis
} from "contracts/accounting/rules/CementClinkerOxides.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

/// @notice Figures in the assertions are worked by hand.
contract CementClinkerOxidesTest is RuleTest {
    CementClinkerOxides private rule;

    function setUp() external {
        rule = new CementClinkerOxides();
    }

    function test_Named() external view {
        _assertNamed(rule, "cement.clinker-oxides");
    }

    function test_ByTheOxidesOfTheClinker() external view {
        Outcome memory outcome = rule.compute(_one(_analysis()), EXACT);

        assertEq(_step(outcome, "calcined", 0), 1_002_000e18);
        assertEq(_step(outcome, "calciumOxideFormed", 0), 641_280e18);
        assertEq(_step(outcome, "magnesiumOxideFormed", 0), 20_040e18);
        assertEq(_step(outcome, "rawMealCarbon", 0), 1550e18);
        assertEq(_step(outcome, "oxideEmissions", 0), 525_906.857142857142857143e18);
        assertEq(_step(outcome, "rawMealEmissions", 0), 5683.333333333333333333e18);
        assertEq(_result(outcome, "emissions"), 531_590.19e18);
        assertEq(_result(outcome, "emissionsWhole"), 531_590e18);
    }

    /// 56 t of CaO and 40 t of MgO each leave 44 t of CO₂ behind.
    function test_ByTheMassesOfTheOxides() external view {
        ClinkerAnalysis memory lime = ClinkerAnalysis(100e18, 0, 0, 56e18, 0, 0, 0, 0, 0);
        ClinkerAnalysis memory magnesia = ClinkerAnalysis(100e18, 0, 0, 0, 0, 40e18, 0, 0, 0);

        assertEq(_result(rule.compute(_one(lime), EXACT), "emissions"), 44e18);
        assertEq(_result(rule.compute(_one(magnesia), EXACT), "emissions"), 44e18);
    }

    function test_OxideThatWasNoCarbonateEmitsNothing() external view {
        ClinkerAnalysis memory analysis = _analysis();
        (analysis.calciumOxideOther_pct, analysis.magnesiumOxideOther_pct) = (65e18, 2e18);
        analysis.rawMealCarbon_pct = 0;

        assertEq(_result(rule.compute(_one(analysis), EXACT), "emissions"), 0);
    }

    function test_TakesOnlyCanonicalBytes() external {
        CementClinkerOxidesInputs memory inputs = _one(_analysis());
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function test_RevertWhen_NothingIsGiven() external {
        CementClinkerOxidesInputs memory inputs;
        _expectNothingGiven("analyses");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        rule.compute(_one(_analysis()), REPORTED);
    }

    function test_RevertWhen_AnAmountIsOutOfRange() external {
        ClinkerAnalysis memory analysis = _analysis();
        analysis.output_t = -1;
        _expectOutOfRange("output", 0, -1);
        rule.compute(_one(analysis), EXACT);
        analysis = _analysis();
        analysis.kilnDust_t = -1;
        _expectOutOfRange("kilnDust", 0, -1);
        rule.compute(_one(analysis), EXACT);
        analysis = _analysis();
        analysis.bypassDust_t = -1;
        _expectOutOfRange("bypassDust", 0, -1);
        rule.compute(_one(analysis), EXACT);
        analysis = _analysis();
        analysis.rawMeal_t = -1;
        _expectOutOfRange("rawMeal", 0, -1);
        rule.compute(_one(analysis), EXACT);
        analysis = _analysis();
        analysis.rawMealCarbon_pct = 100e18 + 1;
        _expectOutOfRange("rawMealCarbon", 0, 100e18 + 1);
        rule.compute(_one(analysis), EXACT);
    }

    function test_RevertWhen_MoreOxideThanClinker() external {
        ClinkerAnalysis memory analysis = _analysis();
        analysis.magnesiumOxide_pct = 35e18;
        rule.compute(_one(analysis), EXACT);

        analysis.magnesiumOxide_pct = 35e18 + 1;
        _expectOutOfRange("magnesiumOxide", 0, 35e18 + 1);
        rule.compute(_one(analysis), EXACT);
        analysis.calciumOxide_pct = 100e18 + 1;
        _expectOutOfRange("calciumOxide", 0, 100e18 + 1);
        rule.compute(_one(analysis), EXACT);
    }

    function test_RevertWhen_APartIsAboveTheWhole() external {
        ClinkerAnalysis memory analysis = _analysis();
        analysis.calciumOxideOther_pct = 65e18 + 1;
        _expectOutOfRange("calciumOxideOther", 0, 65e18 + 1);
        rule.compute(_one(analysis), EXACT);
        analysis = _analysis();
        analysis.magnesiumOxideOther_pct = 2e18 + 1;
        _expectOutOfRange("magnesiumOxideOther", 0, 2e18 + 1);
        rule.compute(_one(analysis), EXACT);
    }

    /// Output in hundredths of a tonne and CaO in hundredths of a percent: × 44 / 56 / 10⁴.
    function testFuzz_IsThePlainProduct(uint40 output, uint16 calciumOxide) external view {
        uint256 oxide = bound(calciumOxide, 0, 10_000);
        ClinkerAnalysis memory analysis;
        analysis.output_t = int256(uint256(output)) * 1e16;
        analysis.calciumOxide_pct = int256(oxide) * 1e16;

        uint256 hundredths = (uint256(output) * oxide * 44 + 28e4) / 56e4;
        assertEq(_result(rule.compute(_one(analysis), EXACT), "emissions"), int256(hundredths) * 1e16);
    }

    function testFuzz_TwoAnalysesAreTheSumOfThem(uint40 output, uint40 other) external view {
        ClinkerAnalysis memory one = _analysis();
        ClinkerAnalysis memory two = _analysis();
        ClinkerAnalysis memory both = _analysis();
        one.output_t = int256(uint256(output)) * 1e16;
        two.output_t = int256(uint256(other)) * 1e16;
        (two.kilnDust_t, two.rawMeal_t) = (0, 0);
        both.output_t = one.output_t + two.output_t;
        CementClinkerOxidesInputs memory apart;
        apart.analyses = new ClinkerAnalysis[](2);
        (apart.analyses[0], apart.analyses[1]) = (one, two);

        int256 together = _result(rule.compute(_one(both), EXACT), "emissions");
        assertEq(_result(rule.compute(apart, EXACT), "emissions"), together);
    }

    function _one(ClinkerAnalysis memory analysis)
        private
        pure
        returns (CementClinkerOxidesInputs memory inputs)
    {
        inputs.analyses = new ClinkerAnalysis[](1);
        inputs.analyses[0] = analysis;
    }

    function _analysis() private pure returns (ClinkerAnalysis memory) {
        return ClinkerAnalysis({
            output_t: 1_000_000e18,
            kilnDust_t: 2000e18,
            bypassDust_t: 0,
            calciumOxide_pct: 65e18,
            calciumOxideOther_pct: 1e18,
            magnesiumOxide_pct: 2e18,
            magnesiumOxideOther_pct: 0,
            rawMeal_t: 1_550_000e18,
            rawMealCarbon_pct: 0.1e18
        });
    }
}
