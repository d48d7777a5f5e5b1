// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft} from "../../libraries/Outcomes.sol";
import {PowerAllocationByGeneration} from "./PowerAllocationByGeneration.sol";

/// @title PowerAllocation2025
/// @notice Allowances of a power unit for 2025–2026, **a draft**: the final plan was not found; see
/// {PowerAllocationByGeneration} and {LoadCurves-decaying}.
contract PowerAllocation2025 is PowerAllocationByGeneration {
    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 4;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan 2025–2026, draft for comment of 2026-07-27 (征求意见稿), annex 2 table 2-1; read in a public copy; that only conventional coal is corrected is taken over from 2023–2024";
    }

    function _curve(OutcomeDraft memory draft, int256 load) internal pure override returns (int256) {
        return LoadCurves.decaying(draft, load);
    }
}
