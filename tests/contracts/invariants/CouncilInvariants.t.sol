// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {console} from "forge-std/console.sol";

import {CouncilHandler} from "./CouncilHandler.sol";

/// @dev Numbers as in `contracts/README.md`. That nothing is executed early, short of signatures or against a veto, the
/// handler asserts at each step.
contract CouncilInvariantsTest is Test {
    CouncilHandler private _handler;

    function setUp() public {
        _handler = new CouncilHandler();
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = CouncilHandler.pass.selector;
        selectors[1] = CouncilHandler.endorse.selector;
        selectors[2] = CouncilHandler.veto.selector;
        selectors[3] = CouncilHandler.execute.selector;
        targetContract(address(_handler));
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    /// @dev G1: a decision takes effect once if it was executed, and never otherwise.
    function invariant_G1_DecisionsTakeEffectOnce() public view {
        for (uint256 i = 0; i < _handler.DECISIONS(); ++i) {
            assertEq(_handler.timesExecuted(i), _handler.memoryOf(i).isExecuted ? 1 : 0);
        }
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("executed %d, vetoed %d", _handler.counts("executed"), _handler.counts("vetoed"));
    }
}
