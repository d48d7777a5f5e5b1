// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice A stratum (碳层) of the forest: its carbon of all pools counted, at the ends of the monitoring period.
/// @param area_ha Area, ha.
/// @param before_tC_per_ha Carbon stock at its beginning, tC/ha.
/// @param after_tC_per_ha Carbon stock at its end, tC/ha.
struct ForestStratum {
    int256 area_ha;
    int256 before_tC_per_ha;
    int256 after_tC_per_ha;
}

/// @notice A project over a monitoring period.
/// @param strata Strata that together are the project.
/// @param baseline_tCO2e Change of the stock that would have come without the project (基线), below zero if it would have
/// shrunk; the methodology's simplifications of it are for whoever gives the number.
/// @param emissions_tCO2e Emissions by the project, such as of fire, tCO2e.
/// @param leakage_tCO2e Leakage (泄漏), tCO2e.
/// @param uncertaintyDeduction_pct Deduction for the uncertainty of the stock's change, 0 to 100 %.
/// @param riskDeduction_pct Deduction for the risk that the forest does not last (非持久性风险), 0 to 100 %.
struct CcerAfforestationInputs {
    ForestStratum[] strata;
    int256 baseline_tCO2e;
    int256 emissions_tCO2e;
    int256 leakage_tCO2e;
    int256 uncertaintyDeduction_pct;
    int256 riskDeduction_pct;
}

/// @title CcerAfforestation
/// @notice Net removal by afforestation (造林碳汇): change of the carbon stock, less emissions, baseline and leakage.
///
/// `ΔC = Σ area × (after − before) × 44/12`, less the deduction for uncertainty; `CR = (ΔC − emissions − baseline − leakage)`,
/// less the deduction for risk.
///
/// - Deductions always make the number smaller: a gain is multiplied by 1 − deduction, a loss by 1 + deduction; the risk is
///   deducted from what is above zero only.
/// - Whole tonnes, rounded down. A net loss is below zero and shown as it is; it is no reduction.
/// - **CCER-14-001-V01 could not be read.** The form of the formula is recalled from it and the older method AR-CM-001
///   (confidence 0.7). Not known, and so inputs: the deduction for a given uncertainty (recalled: none to 10 %, 6 % to 20 %,
///   11 % to 30 %; confidence 0.6), the rate of risk (recalled: 10 %; confidence 0.6), which pools count, the baseline's
///   simplifications, emission factors of fire, and the decimals in between.
///
/// Profile: `Exact`.
///
/// Result: `reductions` tCO2e, whole tonnes.
/// Steps: of each stratum `stratumChange` tC; `stockChange`, `deductedStockChange`, `netRemoval` tCO2e.
///
/// Worked by hand: 1 200 ha from 10 to 35 tC/ha gain 30 000 tC, 300 ha from 12 to 8 lose 1 200: 28 800 tC = 105 600 tCO2e; less
/// 6 % 99 264; less 500 of fire, 2 000 of baseline, 64 of leakage 96 700; less 10 % 87 030 t.
contract CcerAfforestation is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant OTHER_STEPS = 3;

    /// @dev Masses of CO₂ and of the carbon in it.
    int256 private constant CARBON_DIOXIDE = 44;
    int256 private constant CARBON = 12;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "ccer.afforestation";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CCER-14-001-V01; recalled, not retrieved; confidence 0.7; rounding assumed";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CcerAfforestationInputs memory decoded = abi.decode(inputs, (CcerAfforestationInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(CcerAfforestationInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("strata", inputs.strata.length);
        _requireWithin("baseline", 0, inputs.baseline_tCO2e, -MAX_NUMBER, MAX_NUMBER);
        _requireAmount("emissions", 0, inputs.emissions_tCO2e);
        _requireAmount("leakage", 0, inputs.leakage_tCO2e);
        _requirePercent("uncertaintyDeduction", 0, inputs.uncertaintyDeduction_pct);
        _requirePercent("riskDeduction", 0, inputs.riskDeduction_pct);
        OutcomeDraft memory draft = Outcomes.open(1, inputs.strata.length + OTHER_STEPS);

        // Twelfths of a tonne until the end: 44/12 is the one division that has no end.
        int256 change = CARBON_DIOXIDE * _carbonGained(draft, inputs.strata);
        int256 deducted = _deduct(change, inputs.uncertaintyDeduction_pct);
        int256 others = inputs.emissions_tCO2e + inputs.baseline_tCO2e + inputs.leakage_tCO2e;
        int256 net = deducted - CARBON * others;
        int256 lasting = net > 0 ? _deduct(net, inputs.riskDeduction_pct) : net;
        draft.step("stockChange", 0, "tCO2e", _tonnes(change));
        draft.step("deductedStockChange", 0, "tCO2e", _tonnes(deducted));
        draft.step("netRemoval", 0, "tCO2e", _tonnes(net));
        draft.floorResult("reductions", "tCO2e", _tonnes(lasting), 0);
        return draft.close();
    }

    function _carbonGained(OutcomeDraft memory draft, ForestStratum[] memory strata)
        private
        pure
        returns (int256 carbon)
    {
        for (uint256 i = 0; i < strata.length; ++i) {
            ForestStratum memory stratum = strata[i];
            _requireAmount("area", i, stratum.area_ha);
            _requireAmount("before", i, stratum.before_tC_per_ha);
            _requireAmount("after", i, stratum.after_tC_per_ha);
            int256 gained = Fixed.mul(stratum.area_ha, stratum.after_tC_per_ha - stratum.before_tC_per_ha);
            carbon += draft.step("stratumChange", i, "tC", gained);
        }
    }

    /// @dev Tonnes of so many twelfths.
    function _tonnes(int256 twelfths) private pure returns (int256) {
        return Fixed.ratio(twelfths, 1, CARBON);
    }

    /// @dev x less so many percent of its size.
    function _deduct(int256 x, int256 percent) private pure returns (int256) {
        return Fixed.ratio(x, x < 0 ? HUNDRED + percent : HUNDRED - percent, HUNDRED);
    }
}
