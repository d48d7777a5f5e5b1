// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {LoadCorrection, LoadCorrectionInputs} from "contracts/accounting/rules/LoadCorrection.sol";
import {LoadCorrection2019} from "contracts/accounting/rules/LoadCorrection2019.sol";
import {LoadCorrection2023} from "contracts/accounting/rules/LoadCorrection2023.sol";
import {LoadCorrection2025} from "contracts/accounting/rules/LoadCorrection2025.sol";
import {Outcome, UNROUNDED} from "contracts/interfaces/IRule.sol";
import {Exponential} from "contracts/libraries/Exponential.sol";

contract LoadCorrectionTest is AllocationTest {
    /// @dev A load, and its factor with 50 decimals, worked out outside.
    struct Load {
        string curve;
        int256 factor;
        string flag;
        int256 load;
        int256 millionths;
    }

    string private constant LOAD_TYPE =
        "Load(string curve,int256 factor,string flag,int256 load,int256 millionths)";

    LoadCorrection private _of2019 = new LoadCorrection2019();
    LoadCorrection private _of2023 = new LoadCorrection2023();
    LoadCorrection private _of2025 = new LoadCorrection2025();

    // --- references

    /// @dev Every reference is met to the last decimal, but where it lies on a tie: there the rule refuses to
    /// guess.
    function test_AgreesWithTheReferences() external view {
        string memory json = vm.readFile("tests/vectors/accounting/exponential.json");
        Load[] memory loads = abi.decode(vm.parseJsonTypeArray(json, ".loads", LOAD_TYPE), (Load[]));
        uint256 ties;

        assertGe(loads.length, 600);
        for (uint256 i = 0; i < loads.length; ++i) {
            if (keccak256(bytes(loads[i].flag)) == keccak256("tie")) {
                _assertTie(loads[i]);
                ++ties;
            } else {
                assertEq(
                    _factor(_ruleOf(loads[i].curve), loads[i].load),
                    loads[i].millionths * 1e12,
                    loads[i].curve
                );
            }
        }
        assertEq(ties, 36);
    }

    /// @dev Every load with two decimals, as reports have them, can be rounded under every curve.
    function test_NoLoadWithTwoDecimalsIsATie() external view {
        for (int256 load = 0; load <= 100e18; load += 0.01e18) {
            _factor(_of2019, load);
            _factor(_of2023, load);
            _factor(_of2025, load);
        }
    }

    // --- thresholds

    function test_StraightLinesOf2019() external view {
        assertEq(_factor(_of2019, 100e18), 1e18);
        assertEq(_factor(_of2019, 85e18), 1e18);
        assertEq(_factor(_of2019, 84.99e18), 1.000014e18);
        assertEq(_factor(_of2019, 81.4e18), 1.00504e18);
        assertEq(_factor(_of2019, 80e18), 1.007e18);
        assertEq(_factor(_of2019, 79.99e18), 1.007016e18);
        assertEq(_factor(_of2019, 75e18), 1.015e18);
        assertFalse(_has(_of2019.compute(LoadCorrectionInputs(75e18), EXACT).steps, "loadExponent"));
    }

    /// @dev The three pieces meet: 1.007 at 80 %, and 1.015 to the power 1 at 75 %.
    function test_PowerOf2019() external view {
        assertEq(_factor(_of2019, 75e18 - 1), 1.015e18);
        assertEq(_factor(_of2019, 74.99e18), 1.01503e18);
        assertEq(_factor(_of2019, 55e18), 1.077284e18);
        assertEq(_factor(_of2019, 0), 1.268986e18);
    }

    /// @dev 0.0014 · 0.0025 = 0.0000035, half a millionth: no error here, so the tie is rounded up. A
    /// quintillionth of a percent more load, and it is not a tie.
    function test_TieOfAStraightLineIsRoundedUp() external view {
        assertEq(_factor(_of2019, 84.9975e18), 1.000004e18);
        assertEq(_factor(_of2019, 84.9975e18 + 1), 1.000003e18);
        assertEq(_factor(_of2019, 84.9975e18 - 1), 1.000004e18);
    }

    /// @dev From 65 % nothing is corrected; just below, the factor is 1.0457.
    function test_JumpOf2023() external view {
        assertEq(_factor(_of2023, 65e18), 1e18);
        assertEq(_factor(_of2023, 85e18), 1e18);
        assertEq(_factor(_of2023, 65e18 - 1), 1.045678e18);
        assertEq(_factor(_of2023, 64.99e18), 1.04571e18);
        assertEq(_factor(_of2023, 30e18), 1.160541e18);
    }

    /// @dev From 50 % nothing is corrected; just below, the factor is 1.1003.
    function test_JumpOf2025() external view {
        assertEq(_factor(_of2025, 50e18), 1e18);
        assertEq(_factor(_of2025, 65e18 - 1), 1e18);
        assertEq(_factor(_of2025, 50e18 - 1), 1.100276e18);
        assertEq(_factor(_of2025, 47.31e18), 1.113319e18);
        assertEq(_factor(_of2025, 35e18), 1.208366e18);
        assertEq(_factor(_of2025, 0), 7.254e18);
    }

    // --- properties

    function testFuzz_MoreLoadNeverCorrectsMore(uint256 load, uint256 more) external view {
        load = bound(load, 0, 100e18);
        more = bound(more, load, 100e18);
        LoadCorrection[3] memory rules = [_of2019, _of2023, _of2025];
        for (uint256 i = 0; i < rules.length; ++i) {
            (bool isSure, int256 factor) = _tryFactor(rules[i], int256(load));
            (bool isSureToo, int256 lower) = _tryFactor(rules[i], int256(more));
            if (!isSure || !isSureToo) continue;
            assertGe(factor, lower);
            assertGe(lower, 1e18);
        }
    }

    // --- steps

    function test_StepsShowThePower() external view {
        Outcome memory outcome = _of2023.compute(LoadCorrectionInputs(55e18), EXACT);

        // 5·ln 1.015, and 1.015⁵.
        assertEq(_step(outcome, "loadExponent", 0), 0.074443062468753274e18);
        assertApproxEqAbs(_step(outcome, "loadCorrectionExact", 0), 1.077284003884375e18, 3);
        assertEq(_step(outcome, "loadCorrection", 0), 1.077284e18);
        assertEq(outcome.steps[1].decimals, UNROUNDED);
        assertEq(outcome.results[0].decimals, 6);
        assertEq(outcome.results[0].unit, bytes32("1"));
    }

    function test_StepsShowTheDecays() external view {
        Outcome memory outcome = _of2025.compute(LoadCorrectionInputs(35e18), EXACT);

        assertApproxEqAbs(_step(outcome, "loadCorrectionExact", 0), 1.208365756148857142e18, 17);
        assertTrue(_has(outcome.steps, "slowDecay"));
        assertTrue(_has(outcome.steps, "fastDecay"));
    }

    // --- refusals

    function test_RevertWhen_LoadIsNoPercentage() external {
        _expectOutOfRange("load_pct", 0, -1);
        _of2019.compute(LoadCorrectionInputs(-1), EXACT);
        _expectOutOfRange("load_pct", 0, 100e18 + 1);
        _of2025.compute(LoadCorrectionInputs(100e18 + 1), EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _of2023.compute(LoadCorrectionInputs(55e18), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        LoadCorrectionInputs memory inputs = LoadCorrectionInputs(55e18);
        _assertTakesOnlyCanonical(_of2019, abi.encode(inputs), _of2019.compute(inputs, EXACT));
        _assertTakesOnlyCanonical(_of2023, abi.encode(inputs), _of2023.compute(inputs, EXACT));
        _assertTakesOnlyCanonical(_of2025, abi.encode(inputs), _of2025.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertVersioned(_of2019, "allocation.load-correction", 1);
        _assertVersioned(_of2023, "allocation.load-correction", 2);
        _assertVersioned(_of2025, "allocation.load-correction", 3);
    }

    function _ruleOf(string memory curve) private view returns (LoadCorrection) {
        if (keccak256(bytes(curve)) == keccak256("2019")) return _of2019;
        return keccak256(bytes(curve)) == keccak256("2023") ? _of2023 : _of2025;
    }

    function _factor(LoadCorrection rule, int256 load) private pure returns (int256) {
        return _result(rule.compute(LoadCorrectionInputs(load), EXACT), "loadCorrection");
    }

    function _tryFactor(LoadCorrection rule, int256 load) private pure returns (bool, int256) {
        try rule.compute(LoadCorrectionInputs(load), EXACT) returns (Outcome memory outcome) {
            return (true, _result(outcome, "loadCorrection"));
        } catch (bytes memory refusal) {
            assertEq(bytes4(refusal), Exponential.Rounding_Tie.selector);
            return (false, 0);
        }
    }

    /// The refusal names the number before rounding, which is within the error of the true one.
    function _assertTie(Load memory load) private view {
        try _ruleOf(load.curve).compute(LoadCorrectionInputs(load.load), EXACT) {
            assertTrue(false, "a tie was rounded");
        } catch (bytes memory refusal) {
            assertEq(bytes4(refusal), Exponential.Rounding_Tie.selector);
            (int256 x) = abi.decode(_argument(refusal), (int256));
            assertApproxEqAbs(x, load.factor / 1e32, 17);
        }
    }

    function _argument(bytes memory refusal) private pure returns (bytes memory argument) {
        argument = new bytes(refusal.length - 4);
        for (uint256 i = 0; i < argument.length; ++i) {
            argument[i] = refusal[i + 4];
        }
    }
}
