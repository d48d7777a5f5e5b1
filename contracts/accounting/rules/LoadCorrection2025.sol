// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft} from "../../libraries/Outcomes.sol";
import {LoadCorrection} from "./LoadCorrection.sol";

/// @title LoadCorrection2025
/// @notice Peak-shaving factor (调峰修正系数) of 2025–2026, **a draft**: {LoadCurves-decaying}.
///
/// The final plan was not found. A plan with other constants is another version of this rule.
contract LoadCorrection2025 is LoadCorrection {
    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 3;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), table 2; read in a public copy";
    }

    function _curve(OutcomeDraft memory draft, int256 load) internal pure override returns (int256) {
        return LoadCurves.decaying(draft, load);
    }
}
