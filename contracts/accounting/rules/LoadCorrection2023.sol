// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft} from "../../libraries/Outcomes.sol";
import {LoadCorrection} from "./LoadCorrection.sol";

/// @title LoadCorrection2023
/// @notice Peak-shaving factor (调峰修正系数) of 2023–2024: {LoadCurves-below65}.
contract LoadCorrection2023 is LoadCorrection {
    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 2;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2023–2024 (国环规气候〔2024〕1号), annex 3 table 1; read in a public copy, which shows only the row below 65 %";
    }

    function _curve(OutcomeDraft memory draft, int256 load) internal pure override returns (int256) {
        return LoadCurves.below65(draft, load);
    }
}
