// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {CarbonBasis, RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A day, batch or composite sample of a fuel that is weighed.
/// @param month Month it was burned in, 1 to 12; lines stand in the order of their months.
/// @param consumed_t Fuel burned, t.
/// @param basis State in which the carbon was measured; `FromHeat` if it was not. A number that the basis has no use for is 0.
/// @param carbon_tC_per_t Carbon measured in that state, 0 to 1 tC/t: a laboratory's percentage divided by 100.
/// @param moistureAsReceived_pct Total moisture Mar, 0 to 100 %: for `AirDry` and `Dry`, from the firm's own record of the day.
/// @param moistureAirDry_pct Moisture Mad of the air-dry sample, 0 to below 100 %: for `AirDry`, from the test report.
/// @param heat_GJ_per_t Lower heat value as received, GJ/t: for `FromHeat`.
/// @param carbonPerHeat_tC_per_GJ Carbon of a unit of heat, tC/GJ: for `FromHeat`.
struct PowerMassLine {
    uint8 month;
    int256 consumed_t;
    CarbonBasis basis;
    int256 carbon_tC_per_t;
    int256 moistureAsReceived_pct;
    int256 moistureAirDry_pct;
    int256 heat_GJ_per_t;
    int256 carbonPerHeat_tC_per_GJ;
}

/// @notice A fuel that is weighed: coal, oil, liquefied gas.
/// @param oxidation_1 Share of the carbon that burns, 0 to 1.
/// @param lines Its days, batches or composite samples: together all that was burned.
struct PowerMassFuel {
    int256 oxidation_1;
    PowerMassLine[] lines;
}

/// @notice A month of a fuel that is measured by volume. Either its carbon was measured, or its heat value was.
/// @param month Month, 1 to 12; each once, in their order.
/// @param consumed_e4Nm3 Gas burned, 10⁴ Nm³.
/// @param carbon_tC_per_e4Nm3 Measurements of its carbon, tC/10⁴Nm³; empty if not measured.
/// @param heat_GJ_per_e4Nm3 Measurements of its lower heat value, GJ/10⁴Nm³; empty if the carbon was measured.
/// @param carbonPerHeat_tC_per_GJ Carbon of a unit of heat, tC/GJ; 0 if the carbon was measured.
struct PowerGasMonth {
    uint8 month;
    int256 consumed_e4Nm3;
    int256[] carbon_tC_per_e4Nm3;
    int256[] heat_GJ_per_e4Nm3;
    int256 carbonPerHeat_tC_per_GJ;
}

/// @notice A fuel that is measured by volume.
/// @param oxidation_1 Share of the carbon that burns, 0 to 1.
/// @param months Its months: together all that was burned.
struct PowerGasFuel {
    int256 oxidation_1;
    PowerGasMonth[] months;
}

/// @notice All fossil fuels of a unit in a year; biomass is not given, its CO₂ does not count.
/// @param weighed Fuels in t.
/// @param gases Fuels in 10⁴ Nm³.
struct PowerCombustionInputs {
    PowerMassFuel[] weighed;
    PowerGasFuel[] gases;
}

/// @title PowerCombustion
/// @notice CO₂ of the fossil fuels that a power unit burns (化石燃料燃烧排放): `E = Σ FC × Car × OF × 44/12`.
///
/// - Carbon as received (收到基元素碳): `Car = Cad × (100 − Mar) / (100 − Mad)`, `Cd × (100 − Mar) / 100`, or `NCV × CC`.
/// - Means are weighted by consumption: a month over its lines, a year over its months. Several measurements of a gas
///   in a month: their arithmetic mean.
/// - **A day without a valid carbon content is a line of its own**, `FromHeat` with the guide's default. It is never left
///   out and never takes the mean of the others, so nothing is gained by what is missing. The guide asks for the default
///   where sampling, preparation or testing of a day or batch broke it.
/// - A carbon content above 1 tC/t is refused: such a number is a slip of units.
///
/// Profiles. `Exact` rounds the results alone; the carbon of all fuels is summed before it becomes CO₂, so that a third of
/// a tonne three times is a tonne. `Reported` rounds each number as a report prints it, before it is used: heat value 3
/// decimals, carbon per heat 5, carbon content 4, consumption of a month 2, emission of a fuel 2 (the four of the carbon
/// content recalled, confidence 0.8; the others read in the sister guide for steel). `CarbonTwoDecimals`, for gases only,
/// rounds the carbon content of a month to 2 decimals, and the results.
///
/// Results: `emissions` tCO2 with 2 decimals; `emissionsWhole` tCO2 without, as for the total of a firm.
/// Steps, counted over all fuels, the weighed first: `lineHeatValue`, `lineCarbonPerHeat`, `lineHeat`, `lineCarbonContent` per
/// line; `monthHeatValue`, `monthCarbonPerHeat`, `monthHeat` per month of a gas; `monthConsumed`, `monthCarbonContent` per
/// month; `fuelConsumed`, `fuelCarbonContent`, `fuelEmissions` per fuel. There is no mean where nothing was consumed, and
/// no heat where the carbon was measured.
///
/// Worked by hand. Measured: 500 000.00 t × 0.5400 tC/t = 270 000 tC; × 0.99 = 267 300; × 44/12 = 980 100.00 tCO2.
/// Not measured: 100 000.00 t × 26.7 GJ/t × 0.03085 tC/GJ = 82 369.5 tC; × 0.99 = 81 545.805; × 44/12 = 299 001.285, a tie,
/// so 299 001.29 tCO2. A gas: 21 × 389.31 GJ = 8 175.51 GJ; carbon 389.31 × 0.01532 = 5.9642292, so 454.65 tCO2, but
/// 454.33 with the carbon at 5.96.
contract PowerCombustion is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant MONTHS = 12;
    uint256 private constant STEPS_OF_HEAT = 4;
    uint256 private constant STEPS_OF_MONTH = 2;
    uint256 private constant STEPS_OF_FUEL = 3;

    /// @dev Fuel burned and the carbon in it.
    struct Burned {
        int256 fuel;
        int256 carbon;
    }

    /// @dev Names and units of the two figures of a month or a year.
    struct Labels {
        bytes32 consumed;
        bytes32 content;
        bytes32 unit;
        bytes32 contentUnit;
    }

    /// @dev What the calculation carries along: how many lines, months and fuels were seen, and the sums.
    struct Work {
        OutcomeDraft draft;
        RoundingProfile profile;
        uint256 line;
        uint256 month;
        uint256 fuel;
        int256 oxidised;
        int256 printed;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "power.combustion";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return
            "CETS-AG-01.01, formula (1), basis conversion and means; recalled, not retrieved; confidence 0.97";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        PowerCombustionInputs memory decoded = abi.decode(inputs, (PowerCombustionInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(PowerCombustionInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        bool isForGasesOnly = profile == RoundingProfile.CarbonTwoDecimals;
        require(!isForGasesOnly || inputs.weighed.length == 0, Rule_ProfileUnknown(profile));
        _requireSome("fuels", inputs.weighed.length + inputs.gases.length);
        Work memory work;
        work.profile = profile;
        work.draft = Outcomes.open(2, _stepsAtMost(inputs));

        for (uint256 i = 0; i < inputs.weighed.length; ++i) {
            _burnWeighed(work, inputs.weighed[i]);
        }
        for (uint256 i = 0; i < inputs.gases.length; ++i) {
            _burnGas(work, inputs.gases[i]);
        }

        bool isReported = profile == RoundingProfile.Reported;
        int256 emissions = isReported ? work.printed : _carbonDioxide(work.oxidised);
        work.draft.result("emissions", "tCO2", emissions, 2);
        work.draft.result("emissionsWhole", "tCO2", emissions, 0);
        return work.draft.close();
    }

    function _burnWeighed(Work memory work, PowerMassFuel memory fuel) private pure {
        PowerMassLine[] memory lines = fuel.lines;
        _requireSome("lines", lines.length);
        Burned memory year;
        Burned memory month;
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 earliest = i == 0 ? 1 : lines[i - 1].month;
            _requireCount("month", work.line, lines[i].month, earliest, MONTHS);
            _add(month, _burnLine(work, lines[i]));
            bool goesOn = i + 1 != lines.length && lines[i + 1].month == lines[i].month;
            if (goesOn) continue;
            Labels memory ofMonth = Labels("monthConsumed", "monthCarbonContent", "t", "tC/t");
            _add(year, _counted(work, month, work.month++, ofMonth));
            month = Burned(0, 0);
        }
        Labels memory labels = Labels("fuelConsumed", "fuelCarbonContent", "t", "tC/t");
        _closeFuel(work, fuel.oxidation_1, _counted(work, year, work.fuel, labels));
    }

    function _burnGas(Work memory work, PowerGasFuel memory fuel) private pure {
        PowerGasMonth[] memory months = fuel.months;
        _requireSome("months", months.length);
        Burned memory year;
        for (uint256 i = 0; i < months.length; ++i) {
            uint256 earliest = i == 0 ? 1 : months[i - 1].month + 1;
            _requireCount("month", work.month, months[i].month, earliest, MONTHS);
            _add(year, _burnGasMonth(work, months[i]));
        }
        Labels memory labels = Labels("fuelConsumed", "fuelCarbonContent", "e4Nm3", "tC/e4Nm3");
        _closeFuel(work, fuel.oxidation_1, _counted(work, year, work.fuel, labels));
    }

    function _burnLine(Work memory work, PowerMassLine memory line) private pure returns (Burned memory) {
        _requireAmount("consumed", work.line, line.consumed_t);
        int256 carbon = _asReceived(work, line);
        int256 content = _used(work, "lineCarbonContent", work.line, "tC/t", carbon, 4);
        _requireShare("carbonContent", work.line, content);
        ++work.line;
        return Burned(line.consumed_t, Fixed.mul(line.consumed_t, content));
    }

    /// @dev Carbon as received of a line, tC/t.
    function _asReceived(Work memory work, PowerMassLine memory line) private pure returns (int256) {
        uint256 item = work.line;
        CarbonBasis basis = line.basis;
        _requireNamed("basis", item, uint8(basis));
        bool isDried = basis == CarbonBasis.AirDry || basis == CarbonBasis.Dry;
        if (!isDried) _requireUnused("moistureAsReceived", item, line.moistureAsReceived_pct);
        if (basis != CarbonBasis.AirDry) _requireUnused("moistureAirDry", item, line.moistureAirDry_pct);
        if (basis == CarbonBasis.FromHeat) return _fromHeat(work, line);

        _requireUnused("heat", item, line.heat_GJ_per_t);
        _requireUnused("carbonPerHeat", item, line.carbonPerHeat_tC_per_GJ);
        _requireShare("carbon", item, line.carbon_tC_per_t);
        _requirePercent("moistureAsReceived", item, line.moistureAsReceived_pct);
        _requireWithin("moistureAirDry", item, line.moistureAirDry_pct, 0, HUNDRED - 1);
        // As received and dry are air-dry with moistures of zero: one formula for all three.
        int256 solids = HUNDRED - line.moistureAsReceived_pct;
        return Fixed.ratio(line.carbon_tC_per_t, solids, HUNDRED - line.moistureAirDry_pct);
    }

    function _fromHeat(Work memory work, PowerMassLine memory line) private pure returns (int256) {
        uint256 item = work.line;
        _requireUnused("carbon", item, line.carbon_tC_per_t);
        _requireAmount("heat", item, line.heat_GJ_per_t);
        _requireAmount("carbonPerHeat", item, line.carbonPerHeat_tC_per_GJ);
        int256 heat = _used(work, "lineHeatValue", item, "GJ/t", line.heat_GJ_per_t, 3);
        int256 perHeat = _used(work, "lineCarbonPerHeat", item, "tC/GJ", line.carbonPerHeat_tC_per_GJ, 5);
        _used(work, "lineHeat", item, "GJ", Fixed.mul(line.consumed_t, heat), 2);
        return Fixed.mul(heat, perHeat);
    }

    function _burnGasMonth(Work memory work, PowerGasMonth memory month)
        private
        pure
        returns (Burned memory)
    {
        uint256 item = work.month++;
        _requireAmount("consumed", item, month.consumed_e4Nm3);
        int256 carbon = _gasCarbon(work, month, item);
        _requireAmount("carbonContent", item, carbon);
        int256 consumed = _used(work, "monthConsumed", item, "e4Nm3", month.consumed_e4Nm3, 2);
        int256 content = work.profile == RoundingProfile.CarbonTwoDecimals
            ? work.draft.roundedStep("monthCarbonContent", item, "tC/e4Nm3", carbon, 2)
            : _used(work, "monthCarbonContent", item, "tC/e4Nm3", carbon, 4);
        return Burned(consumed, Fixed.mul(consumed, content));
    }

    /// @dev Carbon content of a gas in a month, tC/10⁴Nm³.
    function _gasCarbon(Work memory work, PowerGasMonth memory month, uint256 item)
        private
        pure
        returns (int256)
    {
        if (month.carbon_tC_per_e4Nm3.length != 0) {
            _requireCount("heats", item, month.heat_GJ_per_e4Nm3.length, 0, 0);
            _requireUnused("carbonPerHeat", item, month.carbonPerHeat_tC_per_GJ);
            return _mean("carbon", item, month.carbon_tC_per_e4Nm3);
        }
        _requireSome("heats", month.heat_GJ_per_e4Nm3.length);
        _requireAmount("carbonPerHeat", item, month.carbonPerHeat_tC_per_GJ);
        int256 mean = _mean("heat", item, month.heat_GJ_per_e4Nm3);
        int256 heat = _used(work, "monthHeatValue", item, "GJ/e4Nm3", mean, 3);
        int256 perHeat = _used(work, "monthCarbonPerHeat", item, "tC/GJ", month.carbonPerHeat_tC_per_GJ, 5);
        _used(work, "monthHeat", item, "GJ", Fixed.mul(month.consumed_e4Nm3, heat), 2);
        return Fixed.mul(heat, perHeat);
    }

    /// @dev Arithmetic mean of measurements; there is at least one.
    function _mean(bytes32 field, uint256 item, int256[] memory measured) private pure returns (int256) {
        int256 sum;
        for (uint256 i = 0; i < measured.length; ++i) {
            _requireAmount(field, item, measured[i]);
            sum += measured[i];
        }
        return Fixed.div(sum, _number(measured.length));
    }

    /// @dev Fuel and carbon of a month or a year as they are counted on: for a report, the product of the two printed numbers.
    function _counted(Work memory work, Burned memory sum, uint256 item, Labels memory labels)
        private
        pure
        returns (Burned memory)
    {
        int256 fuel = _used(work, labels.consumed, item, labels.unit, sum.fuel, 2);
        if (sum.fuel == 0) return sum;
        int256 mean = Fixed.div(sum.carbon, sum.fuel);
        int256 content = _used(work, labels.content, item, labels.contentUnit, mean, 4);
        bool isReported = work.profile == RoundingProfile.Reported;
        return Burned(fuel, isReported ? Fixed.mul(fuel, content) : sum.carbon);
    }

    function _closeFuel(Work memory work, int256 oxidation, Burned memory year) private pure {
        _requireShare("oxidation", work.fuel, oxidation);
        int256 oxidised = Fixed.mul(year.carbon, oxidation);
        work.oxidised += oxidised;
        work.printed += _used(work, "fuelEmissions", work.fuel, "tCO2", _carbonDioxide(oxidised), 2);
        ++work.fuel;
    }

    function _add(Burned memory sum, Burned memory burned) private pure {
        sum.fuel += burned.fuel;
        sum.carbon += burned.carbon;
    }

    /// @dev The number as the profile uses it, written as a step.
    function _used(Work memory work, bytes32 label, uint256 item, bytes32 unit, int256 value, uint8 decimals)
        private
        pure
        returns (int256)
    {
        return _use(work.draft, work.profile, label, item, unit, value, decimals);
    }

    /// @dev How many steps will be written, or a few more: room costs gas, and a year of days has many lines.
    function _stepsAtMost(PowerCombustionInputs memory inputs) private pure returns (uint256 count) {
        for (uint256 i = 0; i < inputs.weighed.length; ++i) {
            PowerMassLine[] memory lines = inputs.weighed[i].lines;
            count += STEPS_OF_FUEL + STEPS_OF_MONTH * Math.min(lines.length, MONTHS);
            for (uint256 k = 0; k < lines.length; ++k) {
                count += lines[k].basis == CarbonBasis.FromHeat ? STEPS_OF_HEAT : 1;
            }
        }
        for (uint256 i = 0; i < inputs.gases.length; ++i) {
            count += STEPS_OF_FUEL + (STEPS_OF_MONTH + STEPS_OF_HEAT) * inputs.gases[i].months.length;
        }
    }
}
