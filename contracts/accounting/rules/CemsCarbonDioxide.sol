// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {CemsHourState, RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice One hour of continuous monitoring. Numbers that the state has no use for are zero.
/// @param state Where the hour's figure comes from.
/// @param concentration_g_per_m3 CO₂ in dry flue gas at standard state, 0 to 2 000 g/m³: for `Measured` and `Stated`.
/// @param flow_m3_per_h Dry flue gas at standard state, m³/h: for `Measured` and `Stated`.
struct CemsHour {
    CemsHourState state;
    int256 concentration_g_per_m3;
    int256 flow_m3_per_h;
}

/// @notice The hours of a period, one after the other.
/// @param readings The hours; each that is not given is missing, so all are given, up to 8 784.
struct CemsCarbonDioxideInputs {
    CemsHour[] readings;
}

/// @title CemsCarbonDioxide
/// @notice CO₂ by continuous emission monitoring (连续监测): `E = Σ c × Q × 10⁻⁶` t over the hours.
///
/// Every hour has a state, and no hour is left out:
/// - `Measured`: valid; it counts as it is.
/// - `Highest`: not valid; the greatest valid hour among those given is taken for it. This is the conservative reading of
///   HJ 75, which takes the greatest of the valid hours before; the standard for CO₂, DL/T 2376, could not be read.
/// - `Stated`: not valid; figures from elsewhere, such as a second instrument, are taken and shown apart.
/// - `Stopped`: the plant stood still; zero.
///
/// A concentration above 2 000 g/m³ is refused (pure CO₂ has 1 977): such a number is in mg/m³.
/// Automatic CO₂ data are parallel data: during the trial the calculated emissions prevail.
///
/// Results: `emissions` tCO2 with 3 decimals; `availability`, valid of all running hours, % with 2, if any hour ran.
/// Steps: `measuredHours`, `highestHours`, `statedHours`, `stoppedHours` h; `measuredEmissions`, `highestEmissions`,
/// `statedEmissions`, and `highestHour`, tCO2.
///
/// Worked by hand: 220.5 g/m³ × 1 500 000 m³ = 330.75 t; 221.0 × 1 490 000 = 329.29 t; together 660.040 t.
contract CemsCarbonDioxide is Rule {
    using Outcomes for OutcomeDraft;
    using SafeCast for uint256;

    uint256 private constant MAX_HOURS = 8784;
    uint256 private constant STATES = uint256(type(CemsHourState).max) + 1;
    int256 private constant MAX_CONCENTRATION = 2000e18;
    /// @dev A product of two numbers is times 1e36; a tonne has 10⁶ g.
    int256 private constant PRODUCT_TO_TONNES = 1e18 * 1e6;

    /// @dev Hours and grams by state, and the greatest valid hour. Grams are products of concentration and flow, times
    /// 1e36: nothing is rounded before it becomes tonnes.
    struct Sums {
        uint256[] count;
        int256[] grams;
        int256 highest;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "cems.co2";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "DL/T 2376-2021 (recalled, not retrieved; confidence 0.85) in the manner of HJ 75-2017";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CemsCarbonDioxideInputs memory decoded = abi.decode(inputs, (CemsCarbonDioxideInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(CemsCarbonDioxideInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("readings", inputs.readings.length);
        _requireCount("readings", 0, inputs.readings.length, 1, MAX_HOURS);
        Sums memory sums = _sum(inputs.readings);
        uint256 measured = sums.count[uint8(CemsHourState.Measured)];
        uint256 filled = sums.count[uint8(CemsHourState.Highest)];
        uint256 stated = sums.count[uint8(CemsHourState.Stated)];
        if (filled != 0) _requireSome("measured", measured);

        OutcomeDraft memory draft = Outcomes.open(2, 8);
        draft.step("measuredHours", 0, "h", _number(measured));
        draft.step("highestHours", 0, "h", _number(filled));
        draft.step("statedHours", 0, "h", _number(stated));
        draft.step("stoppedHours", 0, "h", _number(sums.count[uint8(CemsHourState.Stopped)]));
        int256 filledGrams = sums.highest * filled.toInt256();
        int256 measuredGrams = sums.grams[uint8(CemsHourState.Measured)];
        int256 statedGrams = sums.grams[uint8(CemsHourState.Stated)];
        draft.step("measuredEmissions", 0, "tCO2", _tonnes(measuredGrams));
        draft.step("highestEmissions", 0, "tCO2", _tonnes(filledGrams));
        draft.step("statedEmissions", 0, "tCO2", _tonnes(statedGrams));
        draft.step("highestHour", 0, "tCO2", _tonnes(sums.highest));
        draft.result("emissions", "tCO2", _tonnes(measuredGrams + filledGrams + statedGrams), 3);
        int256 running = _number(measured + filled + stated);
        if (running != 0) {
            draft.result("availability", "%", Fixed.ratio(_number(measured), HUNDRED, running), 2);
        }
        return draft.close();
    }

    function _sum(CemsHour[] memory readings) private pure returns (Sums memory sums) {
        sums = Sums(new uint256[](STATES), new int256[](STATES), 0);
        for (uint256 i = 0; i < readings.length; ++i) {
            CemsHourState state = readings[i].state;
            _requireNamed("state", i, uint8(state));
            int256 grams = _grams(readings[i], i);
            ++sums.count[uint8(state)];
            sums.grams[uint8(state)] += grams;
            if (state == CemsHourState.Measured && grams > sums.highest) sums.highest = grams;
        }
    }

    function _grams(CemsHour memory reading, uint256 item) private pure returns (int256) {
        bool hasFigures = reading.state == CemsHourState.Measured || reading.state == CemsHourState.Stated;
        if (!hasFigures) {
            _requireUnused("concentration", item, reading.concentration_g_per_m3);
            _requireUnused("flow", item, reading.flow_m3_per_h);
        }
        _requireWithin("concentration", item, reading.concentration_g_per_m3, 0, MAX_CONCENTRATION);
        _requireAmount("flow", item, reading.flow_m3_per_h);
        return reading.concentration_g_per_m3 * reading.flow_m3_per_h;
    }

    function _tonnes(int256 grams) private pure returns (int256) {
        return Fixed.ratio(grams, 1, PRODUCT_TO_TONNES);
    }
}
