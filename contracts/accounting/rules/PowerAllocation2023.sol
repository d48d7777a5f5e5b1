// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft} from "../../libraries/Outcomes.sol";
import {PowerAllocationByGeneration} from "./PowerAllocationByGeneration.sol";

/// @title PowerAllocation2023
/// @notice Allowances of a power unit for 2023–2024; see {PowerAllocationByGeneration} and
/// {LoadCurves-below65}.
contract PowerAllocation2023 is PowerAllocationByGeneration {
    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 3;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2023–2024 (国环规气候〔2024〕1号), annexes 2 and 3; read in a public copy";
    }

    function _curve(OutcomeDraft memory draft, int256 load) internal pure override returns (int256) {
        return LoadCurves.below65(draft, load);
    }
}
