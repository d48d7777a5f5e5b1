// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AllocationTest} from "../support/AllocationTest.sol";
import {
    OfferedAllowances,
    OfferedOffsets,
    OffsetCap,
    OffsetCapInputs
} from "contracts/accounting/rules/OffsetCap.sol";
import {OffsetCap2023} from "contracts/accounting/rules/OffsetCap2023.sol";
import {OffsetCap2025} from "contracts/accounting/rules/OffsetCap2025.sol";
import {Outcome} from "contracts/interfaces/IRule.sol";

contract OffsetCapTest is AllocationTest {
    OffsetCap private _of2023 = new OffsetCap2023();
    OffsetCap private _of2025 = new OffsetCap2025();

    // --- the cap; results: offsetCap, offsetsUsed, allowancesNeeded, allowancesUsed, shortfall, offsetsLeft,
    // allowancesLeft, capExcess

    function test_OffsetsUpToTheCap() external view {
        _assertSurrender(
            _inputs(700_000, 60_000, 700_000),
            [int256(35_000), 35_000, 665_000, 665_000, 0, 25_000, 35_000, 0]
        );
        _assertSurrender(
            _inputs(700_000, 35_000, 665_000), [int256(35_000), 35_000, 665_000, 665_000, 0, 0, 0, 0]
        );
        _assertSurrender(
            _inputs(700_000, 35_001, 665_000), [int256(35_000), 35_000, 665_000, 665_000, 0, 1, 0, 0]
        );
        _assertSurrender(
            _inputs(700_000, 34_999, 665_000), [int256(35_000), 34_999, 665_001, 665_000, 1, 0, 0, 0]
        );
    }

    /// @dev 5 % of 19 are 0.95, of 20 exactly one, of 39 they are 1.95.
    function test_CapIsRoundedDown() external view {
        assertEq(_capOf(19), 0);
        assertEq(_capOf(20), 1e18);
        assertEq(_capOf(39), 1e18);
        assertEq(_capOf(40), 2e18);
    }

    function test_NothingOffered() external view {
        OffsetCapInputs memory inputs = _inputs(100, 0, 0);
        inputs.allowances = new OfferedAllowances[](0);
        inputs.offsets = new OfferedOffsets[](0);
        _assertSurrender(inputs, [int256(5), 0, 100, 0, 100, 0, 0, 0]);
        inputs.obligation_t = 0;
        _assertSurrender(inputs, [int256(0), 0, 0, 0, 0, 0, 0, 0]);
    }

    // --- what was surrendered before

    /// @dev The cap is of the whole obligation, so earlier offsets lessen it.
    function test_EarlierOffsetsLessenTheCap() external view {
        OffsetCapInputs memory inputs = _inputs(700_000, 60_000, 100_000);
        (inputs.earlierAllowances_t, inputs.earlierOffsets_t) = (600_000e18, 30_000e18);
        _assertSurrender(inputs, [int256(35_000), 5000, 65_000, 65_000, 0, 55_000, 35_000, 0]);
        inputs.earlierOffsets_t = 35_000e18;
        _assertSurrender(inputs, [int256(35_000), 0, 65_000, 65_000, 0, 60_000, 35_000, 0]);
    }

    /// @dev Restated from 700 000 to 600 000, the cap falls to 30 000: 5000 of the offsets do not count any more.
    function test_ExcessAfterARestatementIsReplaced() external view {
        OffsetCapInputs memory inputs = _inputs(600_000, 0, 6000);
        (inputs.earlierAllowances_t, inputs.earlierOffsets_t) = (565_000e18, 35_000e18);
        _assertSurrender(inputs, [int256(30_000), 0, 5000, 5000, 0, 0, 1000, 5000]);
        inputs.earlierOffsets_t = 30_001e18;
        _assertSurrender(inputs, [int256(30_000), 0, 5000, 5000, 0, 0, 1000, 1]);
    }

    /// @dev Offsets are used only for what is still owed.
    function test_LittleIsStillOwed() external view {
        OffsetCapInputs memory inputs = _inputs(700_000, 60_000, 10);
        inputs.earlierAllowances_t = 699_999e18;
        _assertSurrender(inputs, [int256(35_000), 1, 0, 0, 0, 59_999, 10, 0]);
        inputs.earlierAllowances_t = 700_001e18;
        _assertSurrender(inputs, [int256(35_000), 0, 0, 0, 0, 60_000, 10, 0]);
    }

    // --- vintages

    function test_VintagesOf2023And2024() external {
        for (uint16 vintage = 2019; vintage <= 2026; ++vintage) {
            _assertVintage(_of2023, 2023, vintage, vintage >= 2020 && vintage <= 2023);
            _assertVintage(_of2023, 2024, vintage, vintage >= 2020 && vintage <= 2024);
        }
    }

    function test_VintagesOf2025And2026() external {
        for (uint16 vintage = 2019; vintage <= 2027; ++vintage) {
            _assertVintage(_of2025, 2026, vintage, vintage == 2025 || vintage == 2026);
            if (vintage != 2026) _assertVintage(_of2025, 2025, vintage, vintage == 2025);
        }
    }

    /// @dev No text found settles it, so it is an error of its own.
    function test_RevertWhen_TheVintageIsUnsettled() external {
        OffsetCapInputs memory inputs = _of(2025, 2026, 20_250_101);
        vm.expectRevert(abi.encodeWithSelector(OffsetCap2025.OffsetCap_VintageUnsettled.selector, 2026, 2025));
        _of2025.compute(inputs, EXACT);
    }

    function test_RevertWhen_AVintageComesTwice() external {
        OffsetCapInputs memory inputs = _inputs(100, 0, 0);
        OfferedAllowances[] memory twice = new OfferedAllowances[](2);
        (twice[0], twice[1]) = (OfferedAllowances(2023, 0), OfferedAllowances(2023, 0));
        inputs.allowances = twice;
        _expectOutOfRange("vintage", 1, 2023e18);
        _of2023.compute(inputs, EXACT);
    }

    function test_SeveralVintagesCountTogether() external view {
        OffsetCapInputs memory inputs = _inputs(100, 0, 0);
        OfferedAllowances[] memory two = new OfferedAllowances[](2);
        (two[0], two[1]) = (OfferedAllowances(2020, 30e18), OfferedAllowances(2023, 40e18));
        inputs.allowances = two;
        _assertSurrender(inputs, [int256(5), 0, 100, 70, 30, 0, 0, 0]);
    }

    function test_RevertWhen_TheYearIsNotTheVersions() external {
        OffsetCapInputs memory inputs = _of(2022, 2020, 20_240_122);
        _expectOutOfRange("complianceYear", 0, 2022e18);
        _of2023.compute(inputs, EXACT);
        inputs.complianceYear = 2025;
        _expectOutOfRange("complianceYear", 0, 2025e18);
        _of2023.compute(inputs, EXACT);
        inputs.complianceYear = 2024;
        _expectOutOfRange("complianceYear", 0, 2024e18);
        _of2025.compute(inputs, EXACT);
        inputs.complianceYear = 2027;
        _expectOutOfRange("complianceYear", 0, 2027e18);
        _of2025.compute(inputs, EXACT);
    }

    // --- offsets

    /// @dev The day before the market's start is too early, whatever the year in which it was surrendered.
    function test_OffsetsOf2025AreOfTheMarket() external {
        _of2025.compute(_of(2025, 2025, 20_240_122), EXACT);
        OffsetCapInputs memory inputs = _of(2025, 2025, 20_240_121);
        _expectOutOfRange("registeredOn", 0, 20_240_121e18);
        _of2025.compute(inputs, EXACT);
    }

    /// @dev Old offsets serve until the last day of 2024, and no day longer; those of the market serve on.
    function test_OldOffsetsServeUntilTheEndOf2024() external {
        OffsetCapInputs memory inputs = _of(2023, 2023, 20_170_301);
        inputs.surrenderedOn = 20_241_231;
        _of2023.compute(inputs, EXACT);
        inputs.surrenderedOn = 20_250_101;
        _expectOutOfRange("registeredOn", 0, 20_170_301e18);
        _of2023.compute(inputs, EXACT);
        inputs.offsets[0].registeredOn = 20_240_122;
        _of2023.compute(inputs, EXACT);
    }

    function test_RevertWhen_AnOffsetIsUnderAllocation() external {
        OffsetCapInputs memory inputs = _inputs(100, 1, 100);
        inputs.offsets[0].isUnderAllocation = true;
        _expectOutOfRange("isUnderAllocation", 0, 1e18);
        _of2023.compute(inputs, EXACT);
    }

    function test_RevertWhen_ADayIsNone() external {
        uint32[7] memory days_ =
            [uint32(0), 20_240_001, 20_241_301, 20_240_600, 20_240_632, 20_111_231, 100_000_101];
        for (uint256 i = 0; i < days_.length; ++i) {
            OffsetCapInputs memory inputs = _inputs(100, 1, 100);
            inputs.surrenderedOn = days_[i];
            _expectOutOfRange("surrenderedOn", 0, int256(uint256(days_[i])) * ONE);
            _of2023.compute(inputs, EXACT);
        }
    }

    /// @dev An offset registered on the day of the surrender serves, one of the day after does not exist yet.
    function test_RevertWhen_AnOffsetIsRegisteredAfterTheSurrender() external {
        OffsetCapInputs memory inputs = _inputs(100, 1, 100);
        inputs.offsets[0].registeredOn = inputs.surrenderedOn;
        _of2023.compute(inputs, EXACT);
        inputs.surrenderedOn -= 1;
        _expectOutOfRange("registeredOn", 0, int256(uint256(inputs.offsets[0].registeredOn)) * ONE);
        _of2023.compute(inputs, EXACT);
    }

    // --- properties

    function testFuzz_CapHoldsAndAllIsAccountedFor(
        uint256 obligation,
        uint256 offsets,
        uint256 allowances,
        uint256 earlierOffsets,
        uint256 earlierAllowances
    ) external view {
        OffsetCapInputs memory inputs = _inputs(0, 0, 0);
        inputs.obligation_t = _tonnes(obligation);
        inputs.offsets[0].offered_t = _tonnes(offsets);
        inputs.allowances[0].offered_t = _tonnes(allowances);
        inputs.earlierOffsets_t = _tonnes(earlierOffsets);
        inputs.earlierAllowances_t = _tonnes(earlierAllowances);
        Outcome memory outcome = _of2023.compute(inputs, EXACT);
        int256 counted = inputs.earlierOffsets_t - _result(outcome, "capExcess");
        int256 used = _result(outcome, "offsetsUsed");
        int256 covered = inputs.earlierAllowances_t + counted + used + _result(outcome, "allowancesUsed");

        assertLe((counted + used) * 20, inputs.obligation_t);
        assertGe(covered + _result(outcome, "shortfall"), inputs.obligation_t);
        if (covered > inputs.obligation_t) assertEq(used + _result(outcome, "allowancesUsed"), 0);
        if (_result(outcome, "shortfall") > 0) assertEq(_result(outcome, "allowancesLeft"), 0);
        assertEq(used + _result(outcome, "offsetsLeft"), inputs.offsets[0].offered_t);
        assertEq(
            _result(outcome, "allowancesUsed") + _result(outcome, "allowancesLeft"),
            inputs.allowances[0].offered_t
        );
        for (uint256 i = 0; i < outcome.results.length; ++i) {
            assertGe(outcome.results[i].value, 0);
        }
    }

    // --- refusals

    function test_RevertWhen_ANumberIsNoWholeAmount() external {
        OffsetCapInputs memory inputs = _inputs(100, 1, 100);
        inputs.obligation_t = 0.5e18;
        _expectOutOfRange("obligation_t", 0, 0.5e18);
        _of2023.compute(inputs, EXACT);
        inputs = _inputs(100, 1, 100);
        inputs.earlierAllowances_t = -1e18;
        _expectOutOfRange("earlierAllowances_t", 0, -1e18);
        _of2023.compute(inputs, EXACT);
        inputs = _inputs(100, 1, 100);
        inputs.earlierOffsets_t = 1;
        _expectOutOfRange("earlierOffsets_t", 0, 1);
        _of2023.compute(inputs, EXACT);
        inputs = _inputs(100, 1, 100);
        inputs.allowances[0].offered_t = 1;
        _expectOutOfRange("allowances.offered_t", 0, 1);
        _of2023.compute(inputs, EXACT);
        inputs = _inputs(100, 1, 100);
        inputs.offsets[0].offered_t = -1e18;
        _expectOutOfRange("offsets.offered_t", 0, -1e18);
        _of2023.compute(inputs, EXACT);
    }

    function test_RevertWhen_ProfileIsNotExact() external {
        _expectProfileUnknown(REPORTED);
        _of2023.compute(_inputs(100, 1, 100), REPORTED);
    }

    function test_TakesOnlyCanonicalInputs() external {
        OffsetCapInputs memory inputs = _inputs(100, 1, 100);
        _assertTakesOnlyCanonical(_of2023, abi.encode(inputs), _of2023.compute(inputs, EXACT));
        inputs = _of(2026, 2025, 20_250_101);
        _assertTakesOnlyCanonical(_of2025, abi.encode(inputs), _of2025.compute(inputs, EXACT));
    }

    function test_SaysWhoItIs() external view {
        _assertVersioned(_of2023, "compliance.offset-cap", 1);
        _assertVersioned(_of2025, "compliance.offset-cap", 2);
    }

    /// For 2023, with offsets of the market and allowances of 2023.
    function _inputs(int256 obligation, int256 offsets, int256 allowances)
        private
        pure
        returns (OffsetCapInputs memory inputs)
    {
        inputs = _of(2023, 2023, 20_240_901);
        inputs.obligation_t = obligation * ONE;
        inputs.offsets[0].offered_t = offsets * ONE;
        inputs.allowances[0].offered_t = allowances * ONE;
    }

    function _of(uint16 year, uint16 vintage, uint32 registeredOn)
        private
        pure
        returns (OffsetCapInputs memory)
    {
        OfferedAllowances[] memory allowances = new OfferedAllowances[](1);
        allowances[0] = OfferedAllowances(vintage, 100e18);
        OfferedOffsets[] memory offsets = new OfferedOffsets[](1);
        offsets[0] = OfferedOffsets(false, registeredOn, 1e18);
        uint32 surrenderedOn = uint32(year + 1) * 10_000 + 1231;
        return OffsetCapInputs(year, surrenderedOn, 100e18, 0, 0, allowances, offsets);
    }

    function _capOf(int256 obligation) private view returns (int256) {
        return _result(_of2023.compute(_inputs(obligation, 0, 0), EXACT), "offsetCap");
    }

    function _assertVintage(OffsetCap rule, uint16 year, uint16 vintage, bool isUsable) private {
        OffsetCapInputs memory inputs = _of(year, vintage, 20_240_901);
        if (!isUsable) _expectOutOfRange("vintage", 0, int256(uint256(vintage)) * ONE);
        rule.compute(inputs, EXACT);
    }

    function _assertSurrender(OffsetCapInputs memory inputs, int256[8] memory expected) private view {
        int256[] memory list = new int256[](8);
        for (uint256 i = 0; i < 8; ++i) {
            list[i] = expected[i];
        }
        _assertTonnes(_of2023.compute(inputs, EXACT), list);
    }
}
