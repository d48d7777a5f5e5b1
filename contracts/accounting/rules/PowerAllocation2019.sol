// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRule} from "../../interfaces/IRule.sol";
import {PowerAllocationBySupply} from "./PowerAllocationBySupply.sol";

/// @title PowerAllocation2019
/// @notice Allowances of a power unit for 2019–2020: the load is corrected for pure condensing units only; see
/// {PowerAllocationBySupply}.
contract PowerAllocation2019 is PowerAllocationBySupply {
    /// @inheritdoc IRule
    function version() external pure returns (uint32) {
        return 1;
    }

    /// @inheritdoc IRule
    function source() external pure returns (string memory) {
        return unicode"Allocation plan for power 2019–2020 and its technical guide for coal units; formula recalled, not retrieved; confidence 0.95";
    }

    function _correctsHeating() internal pure override returns (bool) {
        return false;
    }
}
