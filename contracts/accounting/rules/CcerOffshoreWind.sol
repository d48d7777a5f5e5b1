// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {Fixed} from "../../libraries/Fixed.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice Power that a project exchanged with the grid in a period, each already corrected for its meter
/// (`measurement.correction`).
/// @param exported_MWh Power to the grid (上网电量), MWh.
/// @param imported_MWh Power from the grid (下网电量), MWh.
struct WindPeriod {
    int256 exported_MWh;
    int256 imported_MWh;
}

/// @notice An offshore wind farm in a year.
/// @param periods Periods that together are the year.
/// @param operatingMargin_tCO2_per_MWh Operating margin of the regional grid in that year (电量边际排放因子), tCO2/MWh.
/// @param buildMargin_tCO2_per_MWh Its build margin (容量边际排放因子), tCO2/MWh.
/// @param operatingWeight_1 Weight of the operating margin, 0 to 1.
/// @param buildWeight_1 Weight of the build margin; the two weights make 1.
struct CcerOffshoreWindInputs {
    WindPeriod[] periods;
    int256 operatingMargin_tCO2_per_MWh;
    int256 buildMargin_tCO2_per_MWh;
    int256 operatingWeight_1;
    int256 buildWeight_1;
}

/// @title CcerOffshoreWind
/// @notice Reductions of an offshore wind farm (并网海上风力发电): `ER = (export − import) × (OM × wOM + BM × wBM)`.
///
/// - Project emissions and leakage are 0 by the methodology (6.4, 6.5), so they are no inputs.
/// - Whole tonnes, rounded down: the methodology does not say how to round. A farm that took more from the grid than it gave
///   has a number below zero, shown as it is and rounded down too; it is no reduction.
/// - The weights stand in a picture of the public copy that could not be read; 0.5 and 0.5 recalled, confidence 0.75.
/// - That the project lies far enough out or deep enough, and within its ten years, is for its registration to see.
///
/// Profile: `Exact`.
///
/// Result: `reductions` tCO2e, whole tonnes.
/// Steps: of each period `netExport` MWh; `yearNetExport` MWh; `combinedMargin` tCO2/MWh; `baselineEmissions` tCO2.
///
/// Worked by hand: 1 050 000 − 2 500 = 1 047 500 MWh; 0.8042 × 0.5 + 0.2135 × 0.5 = 0.50885 tCO2/MWh; 533 020.375, so 533 020 t.
contract CcerOffshoreWind is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant OTHER_STEPS = 3;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "ccer.offshore-wind";
    }

    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return "CCER-01-002-V01, formulas (1) to (4); read in a public copy; rounding assumed";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        CcerOffshoreWindInputs memory decoded = abi.decode(inputs, (CcerOffshoreWindInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula, the profiles and the figures.
    function compute(CcerOffshoreWindInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requireSome("periods", inputs.periods.length);
        _requireAmount("operatingMargin", 0, inputs.operatingMargin_tCO2_per_MWh);
        _requireAmount("buildMargin", 0, inputs.buildMargin_tCO2_per_MWh);
        _requireShare("operatingWeight", 0, inputs.operatingWeight_1);
        int256 otherWeight = Fixed.ONE - inputs.operatingWeight_1;
        _requireWithin("buildWeight", 0, inputs.buildWeight_1, otherWeight, otherWeight);
        OutcomeDraft memory draft = Outcomes.open(1, inputs.periods.length + OTHER_STEPS);

        int256 net = _netExport(draft, inputs.periods);
        draft.step("yearNetExport", 0, "MWh", net);
        int256 margin = Fixed.mul(inputs.operatingMargin_tCO2_per_MWh, inputs.operatingWeight_1)
            + Fixed.mul(inputs.buildMargin_tCO2_per_MWh, inputs.buildWeight_1);
        draft.step("combinedMargin", 0, "tCO2/MWh", margin);
        int256 baseline = draft.step("baselineEmissions", 0, "tCO2", Fixed.mul(net, margin));
        draft.floorResult("reductions", "tCO2e", baseline, 0);
        return draft.close();
    }

    function _netExport(OutcomeDraft memory draft, WindPeriod[] memory periods)
        private
        pure
        returns (int256 net)
    {
        for (uint256 i = 0; i < periods.length; ++i) {
            _requireAmount("exported", i, periods[i].exported_MWh);
            _requireAmount("imported", i, periods[i].imported_MWh);
            net += draft.step("netExport", i, "MWh", periods[i].exported_MWh - periods[i].imported_MWh);
        }
    }
}
