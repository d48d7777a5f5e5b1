// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RuleTest} from "../support/RuleTest.sol";
import {
    PowerCombustion,
    PowerCombustionInputs,
    PowerGasFuel,
    PowerGasMonth,
    PowerMassFuel,
    PowerMassLine
} from "contracts/accounting/rules/PowerCombustion.sol";
import {IRule, Outcome, UNROUNDED} from "contracts/interfaces/IRule.sol";
import {CarbonBasis, RoundingProfile} from "contracts/types/Enums.sol";

/// @notice Figures in the assertions are worked by hand.
contract PowerCombustionTest is RuleTest {
    PowerCombustion private rule;

    function setUp() external {
        rule = new PowerCombustion();
    }

    function test_Named() external view {
        _assertNamed(rule, "power.combustion");
    }

    function test_MeasuredAsReceived() external view {
        Outcome memory outcome = rule.compute(_coal(_measured(500_000e18, 0.54e18)), EXACT);

        assertEq(_result(outcome, "emissions"), 980_100e18);
        assertEq(_result(outcome, "emissionsWhole"), 980_100e18);
        assertEq(outcome.results[0].decimals, 2);
        assertEq(outcome.results[1].decimals, 0);
        assertEq(_step(outcome, "fuelCarbonContent", 0), 0.54e18);
    }

    function test_AirDryIsTurnedToAsReceived() external view {
        PowerMassLine memory line = _measured(1e18, 0.625e18);
        line.basis = CarbonBasis.AirDry;
        line.moistureAsReceived_pct = 12.4e18;
        line.moistureAirDry_pct = 2.3e18;

        // 0.625 × 87.6 / 97.7 = 54.75 / 97.7
        assertEq(_step(rule.compute(_coal(line), EXACT), "lineCarbonContent", 0), 0.560388945752302968e18);
        assertEq(_step(rule.compute(_coal(line), REPORTED), "lineCarbonContent", 0), 0.5604e18);
    }

    function test_DryIsTurnedToAsReceived() external view {
        PowerMassLine memory line = _measured(1e18, 0.7e18);
        line.basis = CarbonBasis.Dry;
        line.moistureAsReceived_pct = 10e18;

        assertEq(_step(rule.compute(_coal(line), EXACT), "lineCarbonContent", 0), 0.63e18);
    }

    function test_NotMeasuredIsHeatTimesCarbonPerHeat() external view {
        Outcome memory outcome = rule.compute(_coal(_defaulted(100_000e18)), EXACT);

        assertEq(_step(outcome, "lineCarbonContent", 0), 0.823695e18);
        assertEq(_step(outcome, "lineHeat", 0), 2_670_000e18);
        // 81 545.805 × 44/12 = 299 001.285, half up.
        assertEq(_result(outcome, "emissions"), 299_001.29e18);
        assertEq(_result(outcome, "emissionsWhole"), 299_001e18);
    }

    function test_WeighsDaysByWhatWasBurned() external view {
        Outcome memory outcome = rule.compute(_threeDays(), EXACT);

        // 12 967 / 23 700
        assertEq(_step(outcome, "monthCarbonContent", 0), 0.547130801687763713e18);
        assertEq(_find(outcome.steps, "monthCarbonContent", 0).decimals, UNROUNDED);
        // 12 967 × 0.99 × 44/12
        assertEq(_result(outcome, "emissions"), 47_070.21e18);
    }

    function test_ReportRoundsBeforeItMultiplies() external view {
        Outcome memory outcome = rule.compute(_threeDays(), REPORTED);

        assertEq(_step(outcome, "monthCarbonContent", 0), 0.5471e18);
        assertEq(_find(outcome.steps, "monthCarbonContent", 0).decimals, 4);
        // 23 700.00 × 0.5471 × 0.99 × 44/12 = 47 067.5601
        assertEq(_step(outcome, "fuelEmissions", 0), 47_067.56e18);
        assertEq(_result(outcome, "emissions"), 47_067.56e18);
    }

    /// Printed emissions are summed: 0.005 t of each of two fuels prints as 0.01 and sums to 0.02, where exactly it is 0.01.
    function test_ReportSumsPrintedEmissions() external view {
        // 0.01 t × 0.1364 × 44/12 = 0.00500…, above the tie.
        PowerCombustionInputs memory inputs;
        inputs.weighed = new PowerMassFuel[](2);
        inputs.weighed[0] = _fuel(1e18, _lines(_measured(0.01e18, 0.1364e18)));
        inputs.weighed[1] = _fuel(1e18, _lines(_measured(0.01e18, 0.1364e18)));

        assertEq(_result(rule.compute(inputs, REPORTED), "emissions"), 0.02e18);
        assertEq(_result(rule.compute(inputs, EXACT), "emissions"), 0.01e18);
    }

    function test_ClosesEachMonthBeforeTheYear() external view {
        PowerMassLine[] memory lines = new PowerMassLine[](3);
        lines[0] = _measured(100.004e18, 0.5e18);
        lines[1] = _measured(200e18, 0.6e18);
        lines[2] = _measured(300e18, 0.4e18);
        lines[2].month = 2;
        Outcome memory outcome = rule.compute(_one(_fuel(1e18, lines)), REPORTED);

        assertEq(_step(outcome, "monthConsumed", 0), 300e18);
        // 170.002 / 300.004 = 0.566665…
        assertEq(_step(outcome, "monthCarbonContent", 0), 0.5667e18);
        assertEq(_step(outcome, "monthCarbonContent", 1), 0.4e18);
        // (300 × 0.5667 + 300 × 0.4) / 600 = 0.48335, half up.
        assertEq(_step(outcome, "fuelCarbonContent", 0), 0.4834e18);
        // 600 × 0.4834 × 44/12 = 1 063.48
        assertEq(_result(outcome, "emissions"), 1063.48e18);
    }

    function test_DayWithZeroCarbonCounts() external view {
        PowerMassLine[] memory lines = new PowerMassLine[](2);
        lines[0] = _measured(100e18, 0.6e18);
        lines[1] = _measured(100e18, 0);

        assertEq(_step(rule.compute(_one(_fuel(1e18, lines)), EXACT), "monthCarbonContent", 0), 0.3e18);
        assertEq(_step(rule.compute(_coal(lines[0]), EXACT), "monthCarbonContent", 0), 0.6e18);
    }

    /// 21 × 10⁴ Nm³ of 389.31 GJ and 0.01532 tC/GJ: 8 175.51 GJ, 454.65 t, or 454.33 t with the carbon at 5.96.
    function test_GasByEachProfile() external view {
        PowerCombustionInputs memory inputs = _gas(_byHeat(21e18, 389.31e18));
        Outcome memory exact = rule.compute(inputs, EXACT);
        Outcome memory twoDecimals = rule.compute(inputs, TWO_DECIMALS);

        assertEq(_step(exact, "monthHeat", 0), 8175.51e18);
        assertEq(_step(exact, "monthCarbonContent", 0), 5.9642292e18);
        assertEq(_result(exact, "emissions"), 454.65e18);
        assertEq(_step(twoDecimals, "monthCarbonContent", 0), 5.96e18);
        assertEq(_find(twoDecimals.steps, "monthCarbonContent", 0).decimals, 2);
        assertEq(_result(twoDecimals, "emissions"), 454.33e18);
        assertEq(_step(rule.compute(inputs, REPORTED), "monthCarbonContent", 0), 5.9642e18);
    }

    function test_GasMeasuredTwiceIsTheArithmeticMean() external view {
        PowerGasMonth memory month = _byHeat(10e18, 380e18);
        month.heat_GJ_per_e4Nm3 = new int256[](2);
        (month.heat_GJ_per_e4Nm3[0], month.heat_GJ_per_e4Nm3[1]) = (380e18, 390e18);

        assertEq(_step(rule.compute(_gas(month), EXACT), "monthHeatValue", 0), 385e18);
    }

    function test_GasByMeasuredCarbon() external view {
        PowerGasMonth memory month = _byCarbon(10e18, 5.8e18, 6e18);
        Outcome memory outcome = rule.compute(_gas(month), EXACT);

        assertEq(_step(outcome, "monthCarbonContent", 0), 5.9e18);
        // 59 × 0.99 × 44/12
        assertEq(_result(outcome, "emissions"), 214.17e18);
        assertFalse(_has(outcome.steps, "monthHeat"));
    }

    /// A terajoule with 26.1 tC and an oxidation of 0.93 gives 89.001 tCO2.
    function test_CarbonPerHeatIsTheFactorOfATerajoule() external view {
        PowerMassLine memory line = _defaulted(100e18);
        line.heat_GJ_per_t = 10e18;
        line.carbonPerHeat_tC_per_GJ = 0.0261e18;
        Outcome memory outcome = rule.compute(_one(_fuel(0.93e18, _lines(line))), EXACT);

        assertEq(_step(outcome, "fuelEmissions", 0), 89.001e18);
    }

    function test_NothingBurnedIsZero() external view {
        Outcome memory outcome = rule.compute(_coal(_measured(0, 0.54e18)), REPORTED);

        assertEq(_result(outcome, "emissions"), 0);
        assertEq(_step(outcome, "fuelConsumed", 0), 0);
        assertFalse(_has(outcome.steps, "monthCarbonContent"));
        assertFalse(_has(outcome.steps, "fuelCarbonContent"));
    }

    /// More of anything never gives less.
    function testFuzz_Monotone(uint64 consumed, uint64 carbon, uint64 oxidation, uint64 more) external view {
        int256 t = int256(bound(consumed, 0, 1e9)) * 1e15;
        int256 c = int256(bound(carbon, 0, 0.9e18));
        int256 o = int256(bound(oxidation, 0, 0.9e18));
        int256 d = int256(bound(more, 0, 0.1e18));
        int256 before = _of(t, c, o);

        assertGe(_of(t + d, c, o), before);
        assertGe(_of(t, c + d, o), before);
        assertGe(_of(t, c, o + d), before);
    }

    /// Kilograms of fuel and four decimals of carbon have exact products: a line split in two gives the same.
    function testFuzz_SplitLineGivesTheSame(uint40 first, uint40 second, uint16 carbon) external view {
        int256 c = int256(uint256(carbon % 10_001)) * 1e14;
        PowerMassLine[] memory lines = new PowerMassLine[](2);
        lines[0] = _measured(int256(uint256(first)) * 1e15, c);
        lines[1] = _measured(int256(uint256(second)) * 1e15, c);
        int256 whole = int256(uint256(first) + second) * 1e15;

        assertEq(_emissions(_one(_fuel(0.99e18, lines)), EXACT), _of(whole, c, 0.99e18));
    }

    /// Neither the order of the days of a month nor that of the fuels matters, in any profile.
    function testFuzz_OrderDoesNotMatter(uint64[3] memory consumed, uint64[3] memory carbon, bool isReported)
        external
        view
    {
        PowerMassLine[] memory lines = new PowerMassLine[](3);
        for (uint256 i = 0; i < 3; ++i) {
            lines[i] = _measured(int256(uint256(consumed[i])) * 1e9, int256(bound(carbon[i], 0, 1e18)));
        }
        PowerCombustionInputs memory inputs;
        inputs.weighed = new PowerMassFuel[](2);
        inputs.weighed[0] = _fuel(0.98e18, _lines(lines[0]));
        inputs.weighed[1] = _fuel(0.99e18, lines);
        RoundingProfile profile = isReported ? REPORTED : EXACT;
        int256 before = _emissions(inputs, profile);

        (lines[0], lines[2]) = (lines[2], lines[0]);
        (inputs.weighed[0], inputs.weighed[1]) = (inputs.weighed[1], inputs.weighed[0]);
        assertEq(_emissions(inputs, profile), before);
    }

    /// The fuels add up to the total: to the gram exactly, to the printed cent in a report.
    function testFuzz_FuelsAddUp(uint40 coal, uint40 gas) external view {
        PowerCombustionInputs memory inputs = _coal(_defaulted(int256(uint256(coal)) * 1e12));
        inputs.gases = _gas(_byHeat(int256(uint256(gas)) * 1e12, 389.31e18)).gases;
        Outcome memory exact = rule.compute(inputs, EXACT);
        Outcome memory printed = rule.compute(inputs, REPORTED);

        int256 sum = _step(exact, "fuelEmissions", 0) + _step(exact, "fuelEmissions", 1);
        assertApproxEqAbs(_result(exact, "emissions"), sum, 0.005e18 + 4);
        sum = _step(printed, "fuelEmissions", 0) + _step(printed, "fuelEmissions", 1);
        assertEq(_result(printed, "emissions"), sum);
    }

    function test_RevertWhen_CarbonIsAPercentage() external {
        _expectOutOfRange("carbon", 0, 54e18);
        rule.compute(_coal(_measured(500_000e18, 54e18)), EXACT);
    }

    function test_RevertWhen_OxidationIsAPercentage() external {
        _expectOutOfRange("oxidation", 0, 99e18);
        rule.compute(_one(_fuel(99e18, _lines(_measured(1e18, 0.5e18)))), EXACT);
    }

    function test_RevertWhen_CarbonPerHeatIsInKilograms() external {
        PowerMassLine memory line = _defaulted(1e18);
        line.carbonPerHeat_tC_per_GJ = 30.85e18;
        _expectOutOfRange("carbonContent", 0, 823.695e18);
        rule.compute(_coal(line), EXACT);
    }

    function test_RevertWhen_ConsumptionIsNegative() external {
        _expectOutOfRange("consumed", 1, -1);
        rule.compute(_one(_fuel(1e18, _lines(_measured(1e18, 0.5e18), _measured(-1, 0.5e18)))), EXACT);
        _expectOutOfRange("consumed", 0, -1);
        rule.compute(_gas(_byHeat(-1, 389.31e18)), EXACT);
    }

    /// Two negative numbers would give a positive product.
    function test_RevertWhen_HeatOrItsCarbonIsNegative() external {
        PowerMassLine memory line = _defaulted(1e18);
        line.carbonPerHeat_tC_per_GJ = -0.03085e18;
        _expectOutOfRange("carbonPerHeat", 0, -0.03085e18);
        rule.compute(_coal(line), EXACT);
        line.heat_GJ_per_t = -26.7e18;
        _expectOutOfRange("heat", 0, -26.7e18);
        rule.compute(_coal(line), EXACT);

        PowerGasMonth memory month = _byHeat(1e18, -389.31e18);
        _expectOutOfRange("heat", 0, -389.31e18);
        rule.compute(_gas(month), EXACT);
        month.carbonPerHeat_tC_per_GJ = -0.01532e18;
        _expectOutOfRange("carbonPerHeat", 0, -0.01532e18);
        rule.compute(_gas(month), EXACT);
        _expectOutOfRange("carbon", 0, -5.8e18);
        rule.compute(_gas(_byCarbon(1e18, 6e18, -5.8e18)), EXACT);
    }

    function test_RevertWhen_AirDrySampleIsAllWater() external {
        PowerMassLine memory line = _measured(1e18, 0.5e18);
        line.basis = CarbonBasis.AirDry;
        line.moistureAirDry_pct = 100e18;
        _expectOutOfRange("moistureAirDry", 0, 100e18);
        rule.compute(_coal(line), EXACT);
    }

    function test_RevertWhen_MoistureIsAboveHundred() external {
        PowerMassLine memory line = _measured(1e18, 0.5e18);
        line.basis = CarbonBasis.Dry;
        line.moistureAsReceived_pct = 100e18 + 1;
        _expectOutOfRange("moistureAsReceived", 0, 100e18 + 1);
        rule.compute(_coal(line), EXACT);
    }

    /// Air-dry carbon sent as dry still carries its Mad; as received it still carries its Mar.
    function test_RevertWhen_BasisHasNoUseForTheMoisture() external {
        PowerMassLine memory line = _measured(1e18, 0.5e18);
        line.moistureAirDry_pct = 2.3e18;
        line.basis = CarbonBasis.Dry;
        _expectOutOfRange("moistureAirDry", 0, 2.3e18);
        rule.compute(_coal(line), EXACT);

        line.moistureAirDry_pct = 0;
        line.moistureAsReceived_pct = 12.4e18;
        line.basis = CarbonBasis.AsReceived;
        _expectOutOfRange("moistureAsReceived", 0, 12.4e18);
        rule.compute(_coal(line), EXACT);
    }

    function test_RevertWhen_BothCarbonAndHeatAreGiven() external {
        PowerMassLine memory line = _defaulted(1e18);
        line.carbon_tC_per_t = 0.5e18;
        _expectOutOfRange("carbon", 0, 0.5e18);
        rule.compute(_coal(line), EXACT);
        line.basis = CarbonBasis.AsReceived;
        _expectOutOfRange("heat", 0, 26.7e18);
        rule.compute(_coal(line), EXACT);
        line.heat_GJ_per_t = 0;
        _expectOutOfRange("carbonPerHeat", 0, 0.03085e18);
        rule.compute(_coal(line), EXACT);

        PowerGasMonth memory month = _byHeat(1e18, 389.31e18);
        month.carbon_tC_per_e4Nm3 = new int256[](1);
        _expectOutOfRange("heats", 0, 1e18);
        rule.compute(_gas(month), EXACT);
        month.heat_GJ_per_e4Nm3 = new int256[](0);
        _expectOutOfRange("carbonPerHeat", 0, 0.01532e18);
        rule.compute(_gas(month), EXACT);
    }

    function test_RevertWhen_BasisIsNone() external {
        PowerMassLine memory line = _measured(1e18, 0.5e18);
        line.basis = CarbonBasis.None;
        _expectOutOfRange("basis", 0, 0);
        rule.compute(_coal(line), EXACT);
    }

    function test_RevertWhen_MonthIsNoneOrOutOfOrder() external {
        PowerMassLine[] memory lines = _lines(_measured(1e18, 0.5e18), _measured(1e18, 0.5e18));
        lines[1].month = 13;
        _expectOutOfRange("month", 1, 13e18);
        rule.compute(_one(_fuel(1e18, lines)), EXACT);
        lines[1].month = 0;
        _expectOutOfRange("month", 1, 0);
        rule.compute(_one(_fuel(1e18, lines)), EXACT);
        lines[0].month = 5;
        lines[1].month = 4;
        _expectOutOfRange("month", 1, 4e18);
        rule.compute(_one(_fuel(1e18, lines)), EXACT);
        lines[0].month = 0;
        _expectOutOfRange("month", 0, 0);
        rule.compute(_one(_fuel(1e18, lines)), EXACT);
    }

    function test_RevertWhen_GasMonthComesTwice() external {
        PowerCombustionInputs memory inputs = _gas(_byHeat(1e18, 389.31e18));
        PowerGasMonth memory month = inputs.gases[0].months[0];
        inputs.gases[0].months = new PowerGasMonth[](2);
        inputs.gases[0].months[0] = month;
        inputs.gases[0].months[1] = month;
        _expectOutOfRange("month", 1, 1e18);
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_NothingIsGiven() external {
        PowerCombustionInputs memory inputs;
        _expectNothingGiven("fuels");
        rule.compute(inputs, EXACT);
        inputs.weighed = new PowerMassFuel[](1);
        _expectNothingGiven("lines");
        rule.compute(inputs, EXACT);
        delete inputs.weighed;
        inputs.gases = new PowerGasFuel[](1);
        _expectNothingGiven("months");
        rule.compute(inputs, EXACT);
        inputs.gases[0].months = new PowerGasMonth[](1);
        inputs.gases[0].months[0].month = 1;
        _expectNothingGiven("heats");
        rule.compute(inputs, EXACT);
    }

    function test_RevertWhen_TwoDecimalsAndThereIsCoal() external {
        _expectProfileUnknown(TWO_DECIMALS);
        rule.compute(_coal(_measured(1e18, 0.5e18)), TWO_DECIMALS);
    }

    /// Numbers about their limits give an outcome, or an error that names the field.
    function testFuzz_NeverPanics(uint8 basis, int256 consumed, int256[4] memory numbers, bool isMeasured)
        external
        view
    {
        PowerMassLine memory line;
        line.month = 12;
        line.consumed_t = bound(consumed, -1, 1e30 + 1);
        line.basis = CarbonBasis(basis % 5);
        line.carbon_tC_per_t = isMeasured ? bound(numbers[0], -1, 1e18 + 1) : int256(0);
        line.moistureAsReceived_pct = isMeasured ? bound(numbers[1], -1, 100e18 + 1) : int256(0);
        line.heat_GJ_per_t = isMeasured ? int256(0) : bound(numbers[2], -1, 1e30 + 1);
        line.carbonPerHeat_tC_per_GJ = isMeasured ? int256(0) : bound(numbers[3], -1, 1e30 + 1);
        PowerGasMonth memory month = _byHeat(line.consumed_t, line.heat_GJ_per_t);
        PowerCombustionInputs memory inputs = _coal(line);
        inputs.gases = _gas(month).gases;

        try rule.compute(inputs, EXACT) returns (Outcome memory outcome) {
            assertGe(_result(outcome, "emissions"), 0);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IRule.Rule_OutOfRange.selector);
        }
    }

    /// The greatest numbers that are let through do not overflow.
    function test_GreatestNumbersFit() external view {
        PowerGasMonth memory month = _byHeat(1e30, 1e30);
        month.carbonPerHeat_tC_per_GJ = 1e18;
        PowerCombustionInputs memory inputs = _gas(month);
        inputs.gases[0].oxidation_1 = 1e18;
        assertGt(_emissions(inputs, REPORTED), 0);
    }

    /// Two coals by the day, a leap year long, stay below the 50 million gas that nodes commonly give a call.
    function test_YearOfDaysEndsWithinACall() external view {
        PowerMassLine[] memory lines = new PowerMassLine[](366);
        for (uint256 i = 0; i < 366; ++i) {
            lines[i] = _defaulted(1000e18);
            lines[i].month = uint8(1 + i / 31);
        }
        PowerCombustionInputs memory inputs;
        inputs.weighed = new PowerMassFuel[](2);
        (inputs.weighed[0], inputs.weighed[1]) = (_fuel(0.99e18, lines), _fuel(0.99e18, lines));
        Outcome memory outcome = rule.evaluate(abi.encode(inputs), REPORTED);

        assertLt(vm.lastCallGas().gasTotalUsed, 30_000_000);
        assertEq(_step(outcome, "fuelConsumed", 1), 366_000e18);
    }

    function test_TakesOnlyCanonicalBytes() external {
        PowerCombustionInputs memory inputs = _threeDays();
        inputs.gases = _gas(_byCarbon(10e18, 5.8e18, 6e18)).gases;
        _assertTakesOnlyCanonical(rule, abi.encode(inputs), rule.compute(inputs, EXACT));
    }

    function _emissions(PowerCombustionInputs memory inputs, RoundingProfile profile)
        private
        view
        returns (int256)
    {
        return _result(rule.compute(inputs, profile), "emissions");
    }

    function _of(int256 consumed, int256 carbon, int256 oxidation) private view returns (int256) {
        return _emissions(_one(_fuel(oxidation, _lines(_measured(consumed, carbon)))), EXACT);
    }

    function _threeDays() private pure returns (PowerCombustionInputs memory) {
        PowerMassLine[] memory lines = new PowerMassLine[](3);
        lines[0] = _measured(8000e18, 0.55e18);
        lines[1] = _measured(7500e18, 0.53e18);
        lines[2] = _measured(8200e18, 0.56e18);
        return _one(_fuel(0.99e18, lines));
    }

    function _measured(int256 consumed, int256 carbon) private pure returns (PowerMassLine memory line) {
        line.month = 1;
        line.consumed_t = consumed;
        line.basis = CarbonBasis.AsReceived;
        line.carbon_tC_per_t = carbon;
    }

    /// Coal nobody measured, with the defaults of the 2022 edition.
    function _defaulted(int256 consumed) private pure returns (PowerMassLine memory line) {
        line.month = 1;
        line.consumed_t = consumed;
        line.basis = CarbonBasis.FromHeat;
        line.heat_GJ_per_t = 26.7e18;
        line.carbonPerHeat_tC_per_GJ = 0.03085e18;
    }

    function _byHeat(int256 consumed, int256 heat) private pure returns (PowerGasMonth memory month) {
        month.month = 1;
        month.consumed_e4Nm3 = consumed;
        month.heat_GJ_per_e4Nm3 = new int256[](1);
        month.heat_GJ_per_e4Nm3[0] = heat;
        month.carbonPerHeat_tC_per_GJ = 0.01532e18;
    }

    function _byCarbon(int256 consumed, int256 first, int256 second)
        private
        pure
        returns (PowerGasMonth memory month)
    {
        month.month = 1;
        month.consumed_e4Nm3 = consumed;
        month.carbon_tC_per_e4Nm3 = new int256[](2);
        month.carbon_tC_per_e4Nm3[0] = first;
        month.carbon_tC_per_e4Nm3[1] = second;
    }

    function _lines(PowerMassLine memory line) private pure returns (PowerMassLine[] memory lines) {
        lines = new PowerMassLine[](1);
        lines[0] = line;
    }

    function _lines(PowerMassLine memory first, PowerMassLine memory second)
        private
        pure
        returns (PowerMassLine[] memory lines)
    {
        lines = new PowerMassLine[](2);
        (lines[0], lines[1]) = (first, second);
    }

    function _fuel(int256 oxidation, PowerMassLine[] memory lines)
        private
        pure
        returns (PowerMassFuel memory)
    {
        return PowerMassFuel(oxidation, lines);
    }

    function _one(PowerMassFuel memory fuel) private pure returns (PowerCombustionInputs memory inputs) {
        inputs.weighed = new PowerMassFuel[](1);
        inputs.weighed[0] = fuel;
    }

    function _coal(PowerMassLine memory line) private pure returns (PowerCombustionInputs memory) {
        return _one(_fuel(0.99e18, _lines(line)));
    }

    function _gas(PowerGasMonth memory month) private pure returns (PowerCombustionInputs memory inputs) {
        inputs.gases = new PowerGasFuel[](1);
        inputs.gases[0].oxidation_1 = 0.99e18;
        inputs.gases[0].months = new PowerGasMonth[](1);
        inputs.gases[0].months[0] = month;
    }
}
