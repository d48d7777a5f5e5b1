// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {Samplings} from "../support/Samplings.sol";
import {InventoryState} from "contracts/types/Enums.sol";

/// @title What a draw costs
/// @notice Gas of whole transactions, each on its own (`isolate`), so that storage is as cold as it is on a chain.
contract SamplingGasTest is Samplings {
    uint256 private constant COMMITMENT_BOUND = 180_000;
    uint256 private constant PLAN_BOUND = 620_000;
    uint256 private constant STEP_BOUND = 130_000;
    uint256 private constant SETTLEMENT_BOUND = 190_000;

    /// forge-config: default.isolate = true
    function test_DrawStaysBelowItsBounds() public {
        reach(InventoryState.UnderVerification);
        commit(Role.Enterprise, 1);
        assertLt(_cost("commit to a nonce"), COMMITMENT_BOUND);
        commit(Role.Province, 1);
        freeze(planOf(1));
        assertLt(_cost("freeze a plan"), PLAN_BOUND);
        vm.roll(drawn(1).drawBlock + 1);
        storeHash(1);
        assertLt(_cost("store the block hash"), STEP_BOUND);
        revealBy(Role.Enterprise, 1);
        assertLt(_cost("reveal a nonce"), STEP_BOUND);
        revealBy(Role.Province, 1);
        revealBy(Role.Verifier, 1);
        assertLt(_cost("reveal the last, and settle"), SETTLEMENT_BOUND);
    }

    function _cost(string memory name) private view returns (uint256 used) {
        used = vm.lastCallGas().gasTotalUsed;
        console.log(string.concat(name, ": %d"), used);
    }
}
