// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A potline (铝电解工序) whose anode effects were not measured: it takes the guide's default factors.
/// @param output_t Liquid aluminium (铝液产量), t.
/// @param cf4_kg_per_t CF₄ of a tonne, kg/t.
/// @param c2f6_kg_per_t C₂F₆ of a tonne, kg/t.
struct PfcByDefault {
    int256 output_t;
    int256 cf4_kg_per_t;
    int256 c2f6_kg_per_t;
}

/// @notice A potline whose anode effects were measured.
/// @param output_t Liquid aluminium (铝液产量), t.
/// @param effect_min Mean time of anode effects of a pot in a day (平均每天每槽阳极效应持续时间), 0 to 1440 min.
/// @param slope_kg_per_t_per_min CF₄ of a tonne for each such minute, kg/t/min.
/// @param c2f6Share_1 C₂F₆ for each kg of CF₄, 0 to 1.
struct PfcBySlope {
    int256 output_t;
    int256 effect_min;
    int256 slope_kg_per_t_per_min;
    int256 c2f6Share_1;
}

/// @notice All potlines of a year, each in one of the lists, and the warming potentials of the guide.
/// @param byDefault Potlines without measurement.
/// @param bySlope Potlines with measurement.
/// @param cf4Potential_1 GWP of CF₄, above 0: 6630 in the guide.
/// @param c2f6Potential_1 GWP of C₂F₆, above 0: 11100 in the guide.
struct AluminiumPfcInputs {
    PfcByDefault[] byDefault;
    PfcBySlope[] bySlope;
    int256 cf4Potential_1;
    int256 c2f6Potential_1;
}

/// @title AluminiumPfc
/// @notice Perfluorocarbons of anode effects (阳极效应排放): `E = Σ P × (EF CF₄ × GWP + EF C₂F₆ × GWP) / 1000`.
///
/// Measured: `EF CF₄ = slope × minutes`, `EF C₂F₆ = share × EF CF₄`. Zero minutes measured are zero emission; a potline whose
/// minutes are missing stands in `byDefault`. The guide's decimals could not be read: no rounded profile is offered.
///
/// Profile: `Exact`.
///
/// Results: `emissions` tCO2e with 2 decimals; `emissionsWhole` tCO2e without.
/// Steps, of each potline, those by default before those by slope: by slope `cf4Factor`, `c2f6Factor` kg/t; `cf4`, `c2f6` kg;
/// `potlineEmissions` tCO2e.
///
/// Worked by hand: 100 000 t × (0.034 × 6630 + 0.0034 × 11100) / 1000 = 100 000 × 263.16 / 1000 = 26 316.00 tCO2e. With 0.5 min
/// and 0.143: 0.0715 kg/t of CF₄ and 0.00715 of C₂F₆, so 100 000 × (474.045 + 79.365) / 1000 = 55 341.00 tCO2e.
contract AluminiumPfc is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant STEPS_BY_DEFAULT = 3;
    uint256 private constant STEPS_BY_SLOPE = 5;
    int256 private constant MINUTES_OF_DAY = 1440e18;
    int256 private constant KILOGRAMS_OF_TONNE = 1000e18;

    /// @dev What is the same for all potlines, and their sum, kg of CO₂ that warms as much.
    struct Work {
        OutcomeDraft draft;
        int256 cf4Potential;
        int256 c2f6Potential;
        int256 equivalent;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "aluminium.pfc";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CETS-AG-04.01-V01-2024, second-hand";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        AluminiumPfcInputs memory decoded = abi.decode(inputs, (AluminiumPfcInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(AluminiumPfcInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("byDefault", inputs.byDefault.length + inputs.bySlope.length);
        _requirePositive("cf4Potential", 0, inputs.cf4Potential_1);
        _requirePositive("c2f6Potential", 0, inputs.c2f6Potential_1);
        uint256 steps = inputs.byDefault.length * STEPS_BY_DEFAULT + inputs.bySlope.length * STEPS_BY_SLOPE;
        Work memory work = Work(Outcomes.open(2, steps), inputs.cf4Potential_1, inputs.c2f6Potential_1, 0);

        for (uint256 i = 0; i < inputs.byDefault.length; ++i) {
            PfcByDefault memory potline = inputs.byDefault[i];
            _requireAmount("cf4", i, potline.cf4_kg_per_t);
            _requireAmount("c2f6", i, potline.c2f6_kg_per_t);
            _emit(work, i, potline.output_t, potline.cf4_kg_per_t, potline.c2f6_kg_per_t);
        }
        for (uint256 i = 0; i < inputs.bySlope.length; ++i) {
            _emitBySlope(work, inputs.bySlope[i], i, inputs.byDefault.length + i);
        }
        int256 emissions = Fixed.div(work.equivalent, KILOGRAMS_OF_TONNE);
        work.draft.result("emissions", "tCO2e", emissions, 2);
        work.draft.result("emissionsWhole", "tCO2e", emissions, 0);
        return work.draft.close();
    }

    /// @dev `line` counts the potlines by slope, `item` all potlines.
    function _emitBySlope(Work memory work, PfcBySlope memory potline, uint256 line, uint256 item)
        private
        pure
    {
        _requireWithin("effect", line, potline.effect_min, 0, MINUTES_OF_DAY);
        _requireAmount("slope", line, potline.slope_kg_per_t_per_min);
        _requireShare("c2f6Share", line, potline.c2f6Share_1);
        int256 cf4 = Fixed.mul(potline.slope_kg_per_t_per_min, potline.effect_min);
        int256 c2f6 = Fixed.mul(cf4, potline.c2f6Share_1);
        work.draft.step("cf4Factor", item, "kg/t", cf4);
        work.draft.step("c2f6Factor", item, "kg/t", c2f6);
        _emit(work, item, potline.output_t, cf4, c2f6);
    }

    function _emit(Work memory work, uint256 item, int256 output, int256 cf4Factor, int256 c2f6Factor)
        private
        pure
    {
        _requireAmount("output", item, output);
        int256 cf4 = work.draft.step("cf4", item, "kg", Fixed.mul(output, cf4Factor));
        int256 c2f6 = work.draft.step("c2f6", item, "kg", Fixed.mul(output, c2f6Factor));
        int256 equivalent = Fixed.mul(cf4, work.cf4Potential) + Fixed.mul(c2f6, work.c2f6Potential);
        work.draft.step("potlineEmissions", item, "tCO2e", Fixed.div(equivalent, KILOGRAMS_OF_TONNE));
        work.equivalent += equivalent;
    }
}
