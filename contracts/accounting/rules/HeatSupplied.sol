// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice Steam that was supplied.
/// @param mass_t Steam, t.
/// @param enthalpy_kJ_per_kg Enthalpy at its pressure and temperature, 83.74 to 5 000 kJ/kg.
struct HeatSteam {
    int256 mass_t;
    int256 enthalpy_kJ_per_kg;
}

/// @notice Hot water that was supplied.
/// @param mass_t Water, t.
/// @param temperature_degC Temperature, 20 to 374 °C.
/// @param exchangerEfficiency_pct For water heated by steam that has no meter, the efficiency of the heat exchanger, 50 to
/// 100 %, by default 95; for water that is measured where it leaves the plant, 100.
struct HeatWater {
    int256 mass_t;
    int256 temperature_degC;
    int256 exchangerEfficiency_pct;
}

/// @notice Heat that a plant supplied, by what carried it.
/// @param steam Steam.
/// @param water Hot water.
struct HeatSuppliedInputs {
    HeatSteam[] steam;
    HeatWater[] water;
}

/// @title HeatSupplied
/// @notice Heat supplied (供热量): steam `M × (h − 83.74) / 1000`, hot water `M × (T − 20) × 4.1868 / 1000` GJ.
///
/// Water heated by steam that nobody metered stands for the steam: its heat is divided by the efficiency of the exchanger.
/// 83.74 kJ/kg is the enthalpy of water at 20 °C and 4.1868 kJ/(kg·°C) its heat capacity, both fixed by the formula.
///
/// `Reported` rounds the heat of each line to 2 decimals before it is summed. Result: `heatSupplied` GJ with 2 decimals.
/// Step: `lineHeat`, counted over all lines, steam first.
///
/// Worked by hand: 10 000 t × (2 800 − 83.74) / 1 000 = 27 162.60 GJ. Water: 10 000 t × (70 − 20) × 4.1868 / 1 000 = 2 093.40 GJ;
/// behind an exchanger of 95 %: 2 203.578947…, so 2 203.58 GJ.
contract HeatSupplied is Rule {
    using Outcomes for OutcomeDraft;

    int256 private constant ENTHALPY_AT_20 = 83.74e18;
    int256 private constant MAX_ENTHALPY = 5000e18;
    int256 private constant COLD = 20e18;
    /// @dev Above its critical temperature water is no liquid.
    int256 private constant MAX_TEMPERATURE = 374e18;
    /// @dev No exchanger is so bad; a fraction given for a percentage would make the heat a hundred times too great.
    int256 private constant MIN_EFFICIENCY = 50e18;
    int256 private constant HEAT_CAPACITY = 4.1868e18;
    /// @dev kJ/kg of so many t are 1/1000 GJ.
    int256 private constant THOUSAND = 1000e18;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "heat.supplied";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-03.01-V01-2024, formula (E.2) and the one for water; exchangers CETS-VG-01.01-V02-2026, table 15; read";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        HeatSuppliedInputs memory decoded = abi.decode(inputs, (HeatSuppliedInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(HeatSuppliedInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExactOrReported(profile);
        uint256 lines = inputs.steam.length + inputs.water.length;
        _requireSome("lines", lines);
        OutcomeDraft memory draft = Outcomes.open(1, lines);

        int256 heat;
        for (uint256 i = 0; i < inputs.steam.length; ++i) {
            heat += _use(draft, profile, "lineHeat", i, "GJ", _ofSteam(inputs.steam[i], i), 2);
        }
        for (uint256 i = 0; i < inputs.water.length; ++i) {
            uint256 line = inputs.steam.length + i;
            heat += _use(draft, profile, "lineHeat", line, "GJ", _ofWater(inputs.water[i], i), 2);
        }
        draft.result("heatSupplied", "GJ", heat, 2);
        return draft.close();
    }

    function _ofSteam(HeatSteam memory steam, uint256 item) private pure returns (int256) {
        _requireAmount("steam", item, steam.mass_t);
        _requireWithin("enthalpy", item, steam.enthalpy_kJ_per_kg, ENTHALPY_AT_20, MAX_ENTHALPY);
        return Fixed.ratio(steam.mass_t, steam.enthalpy_kJ_per_kg - ENTHALPY_AT_20, THOUSAND);
    }

    function _ofWater(HeatWater memory water, uint256 item) private pure returns (int256) {
        _requireAmount("water", item, water.mass_t);
        _requireWithin("temperature", item, water.temperature_degC, COLD, MAX_TEMPERATURE);
        _requireWithin("exchangerEfficiency", item, water.exchangerEfficiency_pct, MIN_EFFICIENCY, HUNDRED);
        int256 perTonne = Fixed.ratio(water.temperature_degC - COLD, HEAT_CAPACITY, THOUSAND);
        int256 heat = Fixed.mul(water.mass_t, perTonne);
        return Fixed.ratio(heat, HUNDRED, water.exchangerEfficiency_pct);
    }
}
