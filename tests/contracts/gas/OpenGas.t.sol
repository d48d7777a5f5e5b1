// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {Openings} from "../support/Openings.sol";

/// @title What the open mode costs
/// @notice Gas of whole transactions, each on its own (`isolate`), so that storage is as cold as it is on a chain.
contract OpenGasTest is Openings {
    uint256 private constant CALCULATION_BOUND = 160_000;
    uint256 private constant FACTOR_BOUND = 40_000;
    uint256 private constant COMPLETION_BOUND = 120_000;

    /// forge-config: default.isolate = true
    function test_OpeningStaysBelowItsBounds() public {
        submitted();
        calculate(plain());
        uint256 alone = _cost("calculate by the smallest rule");
        assertLt(alone, CALCULATION_BOUND);
        calculate(factored());
        assertLt(_cost("calculate with a factor") - alone, FACTOR_BOUND);
        complete(RECIPE, listed());
        assertLt(_cost("complete, of two calculations"), COMPLETION_BOUND);
    }

    function _cost(string memory name) private view returns (uint256 used) {
        used = vm.lastCallGas().gasTotalUsed;
        console.log(string.concat(name, ": %d"), used);
    }
}
