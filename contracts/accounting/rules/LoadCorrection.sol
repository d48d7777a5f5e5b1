// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule, Outcome} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft, Outcomes} from "../../libraries/Outcomes.sol";
import {RoundingProfile} from "../../types/Enums.sol";
import {Rule} from "./Rule.sol";

/// @notice What a load correction is worked out from.
/// @param load_pct Load factor (负荷/出力系数), 0 to 100 %.
struct LoadCorrectionInputs {
    int256 load_pct;
}

/// @title LoadCorrection
/// @notice The factor by which a plan corrects the benchmark of a coal unit that runs at a low load; the curves
/// are in {LoadCurves}.
///
/// Which units are corrected is not asked here: that is the business of `allocation.power`, which gives
/// conventional coal this factor and the others 1.
///
/// The only profile is `Exact`. Result: `loadCorrection`, a pure number with 6 decimals. Steps: those of
/// {LoadCurves}.
abstract contract LoadCorrection is Rule {
    using Outcomes for OutcomeDraft;

    uint256 private constant MAX_STEPS = 4;

    /// @inheritdoc IRule
    function name() external pure returns (string memory) {
        return "allocation.load-correction";
    }

    /// @inheritdoc IRule
    function evaluate(bytes calldata inputs, RoundingProfile profile) external pure returns (Outcome memory) {
        LoadCorrectionInputs memory decoded = abi.decode(inputs, (LoadCorrectionInputs));
        _requireCanonical(inputs, abi.encode(decoded));
        return compute(decoded, profile);
    }

    /// @notice Work the rule out; the contract's documentation has the formula and the figures.
    function compute(LoadCorrectionInputs memory inputs, RoundingProfile profile)
        public
        pure
        returns (Outcome memory)
    {
        _requireExact(profile);
        _requirePercent("load_pct", 0, inputs.load_pct);
        OutcomeDraft memory draft = Outcomes.open(1, MAX_STEPS);
        draft.result("loadCorrection", "1", _curve(draft, inputs.load_pct), LoadCurves.DECIMALS);
        return draft.close();
    }

    /// @dev The plan's factor at a load in percent, with its steps written.
    function _curve(OutcomeDraft memory draft, int256 load) internal pure virtual returns (int256);
}
