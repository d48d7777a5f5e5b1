// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice Clinker of one analysis, with the dust that left its kiln and the raw meal that it was made of.
/// @param output_t Clinker, t.
/// @param kilnDust_t Dust of the kiln's exhaust (窑炉排气筒粉尘) that does not return, t.
/// @param bypassDust_t Dust of the bypass (旁路放风粉尘), t.
/// @param calciumOxide_pct CaO in the clinker, 0 to 100 %.
/// @param calciumOxideOther_pct CaO in it that did not come from carbonates (未经碳酸盐分解), 0 to `calciumOxide` %.
/// @param magnesiumOxide_pct MgO in the clinker, 0 to 100 %; with CaO at most 100.
/// @param magnesiumOxideOther_pct MgO in it that did not come from carbonates, 0 to `magnesiumOxide` %.
/// @param rawMeal_t Raw meal (生料), t.
/// @param rawMealCarbon_pct Carbon in it that is no fuel (非燃料碳), 0 to 100 %.
struct ClinkerAnalysis {
    int256 output_t;
    int256 kilnDust_t;
    int256 bypassDust_t;
    int256 calciumOxide_pct;
    int256 calciumOxideOther_pct;
    int256 magnesiumOxide_pct;
    int256 magnesiumOxideOther_pct;
    int256 rawMeal_t;
    int256 rawMealCarbon_pct;
}

/// @notice All clinker of a year, by analysis.
struct CementClinkerOxidesInputs {
    ClinkerAnalysis[] analyses;
}

/// @title CementClinkerOxides
/// @notice CO₂ of clinker's carbonates and of the carbon in raw meal, by the clinker's oxides: the older standard, without fuel.
///
/// `E = Σ (Q clinker + Q kiln dust + Q bypass dust) × [(CaO − CaO₀) × 44/56 + (MgO − MgO₀) × 44/40] + Σ Q raw meal × C × 44/12`
///
/// Dust that leaves was calcined with the clinker and is taken as wholly calcined.
///
/// Profile: `Exact`.
///
/// Results: `emissions` tCO2 with 2 decimals; `emissionsWhole` tCO2 without.
/// Steps, of each analysis: `calcined` t; `calciumOxideFormed`, `magnesiumOxideFormed` t; `rawMealCarbon` tC. Then
/// `oxideEmissions`, `rawMealEmissions` tCO2.
///
/// Worked by hand: 1 000 000 t of clinker and 2 000 t of dust, CaO 65 − 1 %, MgO 2 − 0 %: 641 280 t × 44/56 = 503 862.857… and
/// 20 040 t × 44/40 = 22 044; 1 550 000 t of raw meal with 0.1 %: 1 550 tC × 44/12 = 5 683.333…; in all 531 590.19 tCO2.
contract CementClinkerOxides is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant STEPS_OF_ANALYSIS = 4;

    /// @dev Masses of CO₂ and of the oxide that a carbonate leaves, by which the guides divide.
    int256 private constant CARBON_DIOXIDE = 44;
    int256 private constant CALCIUM_OXIDE = 56;
    int256 private constant MAGNESIUM_OXIDE = 40;

    /// @dev What was formed of carbonates, t, and carbon in raw meal, tC.
    struct Formed {
        int256 calciumOxide;
        int256 magnesiumOxide;
        int256 rawMealCarbon;
    }

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "cement.clinker-oxides";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "GB/T 32151.8, process emissions; recalled, not retrieved; confidence 0.9";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CementClinkerOxidesInputs memory decoded = abi.decode(inputs, (CementClinkerOxidesInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(CementClinkerOxidesInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("analyses", inputs.analyses.length);
        OutcomeDraft memory draft = Outcomes.open(2, inputs.analyses.length * STEPS_OF_ANALYSIS + 2);

        Formed memory formed;
        for (uint256 i = 0; i < inputs.analyses.length; ++i) {
            _requireInRange(inputs.analyses[i], i);
            _add(draft, formed, inputs.analyses[i], i);
        }
        int256 oxides = Fixed.ratio(formed.calciumOxide, CARBON_DIOXIDE, CALCIUM_OXIDE)
            + Fixed.ratio(formed.magnesiumOxide, CARBON_DIOXIDE, MAGNESIUM_OXIDE);
        int256 rawMeal = _carbonDioxide(formed.rawMealCarbon);
        draft.step("oxideEmissions", 0, "tCO2", oxides);
        draft.step("rawMealEmissions", 0, "tCO2", rawMeal);
        draft.result("emissions", "tCO2", oxides + rawMeal, 2);
        draft.result("emissionsWhole", "tCO2", oxides + rawMeal, 0);
        return draft.close();
    }

    function _requireInRange(ClinkerAnalysis memory analysis, uint256 item) private pure {
        _requireAmount("output", item, analysis.output_t);
        _requireAmount("kilnDust", item, analysis.kilnDust_t);
        _requireAmount("bypassDust", item, analysis.bypassDust_t);
        _requirePercent("calciumOxide", item, analysis.calciumOxide_pct);
        _requireWithin(
            "calciumOxideOther", item, analysis.calciumOxideOther_pct, 0, analysis.calciumOxide_pct
        );
        _requireWithin(
            "magnesiumOxide", item, analysis.magnesiumOxide_pct, 0, HUNDRED - analysis.calciumOxide_pct
        );
        _requireWithin(
            "magnesiumOxideOther", item, analysis.magnesiumOxideOther_pct, 0, analysis.magnesiumOxide_pct
        );
        _requireAmount("rawMeal", item, analysis.rawMeal_t);
        _requirePercent("rawMealCarbon", item, analysis.rawMealCarbon_pct);
    }

    function _add(OutcomeDraft memory draft, Formed memory formed, ClinkerAnalysis memory analysis, uint256 i)
        private
        pure
    {
        int256 calcined = analysis.output_t + analysis.kilnDust_t + analysis.bypassDust_t;
        int256 calciumOxide = analysis.calciumOxide_pct - analysis.calciumOxideOther_pct;
        int256 magnesiumOxide = analysis.magnesiumOxide_pct - analysis.magnesiumOxideOther_pct;
        draft.step("calcined", i, "t", calcined);
        formed.calciumOxide += draft.step(
            "calciumOxideFormed", i, "t", Fixed.ratio(calcined, calciumOxide, HUNDRED)
        );
        formed.magnesiumOxide += draft.step(
            "magnesiumOxideFormed", i, "t", Fixed.ratio(calcined, magnesiumOxide, HUNDRED)
        );
        int256 carbon = Fixed.ratio(analysis.rawMeal_t, analysis.rawMealCarbon_pct, HUNDRED);
        formed.rawMealCarbon += draft.step("rawMealCarbon", i, "tC", carbon);
    }
}
