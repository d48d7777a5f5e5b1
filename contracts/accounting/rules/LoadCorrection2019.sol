// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {LoadCurves} from "../../libraries/LoadCurves.sol";
import {OutcomeDraft} from "../../libraries/Outcomes.sol";
import {LoadCorrection} from "./LoadCorrection.sol";

/// @title LoadCorrection2019
/// @notice Load correction (负荷系数修正系数) of 2019–2022: {LoadCurves-tiered}.
contract LoadCorrection2019 is LoadCorrection {
    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plans for power 2019–2020 and 2021–2022, technical guide for coal units; recalled, not retrieved; confidence 0.95";
    }

    function _curve(OutcomeDraft memory draft, int256 load) internal pure override returns (int256) {
        return LoadCurves.tiered(draft, load);
    }
}
