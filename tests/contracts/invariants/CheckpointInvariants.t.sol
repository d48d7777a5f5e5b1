// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "forge-std/console.sol";

import {Enterprises} from "../support/Enterprises.sol";
import {MerkleModel} from "../support/MerkleModel.sol";
import {CheckpointHandler} from "./CheckpointHandler.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";

/// @dev Numbers as in `contracts/README.md`.
contract CheckpointInvariantsTest is Enterprises {
    CheckpointHandler private _handler;

    function setUp() public override {
        super.setUp();
        openLog();
        openOtherLog();
        _handler = new CheckpointHandler(checkpoints, address(council), [logId, otherLogId], operator.key);
        targetContract(address(_handler));
    }

    function invariant_C1toC4_LogsNeverForget() public view {
        CheckpointHandler.Model[] memory models = _handler.models();
        for (uint256 i = 0; i < models.length; ++i) {
            _assertC1(models[i]);
            _assertC2(models[i]);
            _assertC4(models[i]);
        }
    }

    /// @dev Rare things happen.
    function afterInvariant() public view {
        console.log("anchored %d, forks refused %d", _handler.counts("anchored"), _handler.counts("fork"));
        console.log("in batches %d, closed %d", _handler.counts("fork in a batch"), _handler.counts("closed"));
    }

    /// @dev C1, and with it C3: the newest checkpoint is the one that the list of entries has, never a fork's.
    function _assertC1(CheckpointHandler.Model memory model) private view {
        ICheckpointRegistry.Log memory log = checkpoints.log(model.logId);
        assertEq(log.size, model.size);
        assertEq(log.root, model.size == 0 ? bytes32(0) : MerkleModel.rootOf(model.leaves, model.size));
        assertEq(log.operator, model.isClosed ? address(0) : model.operator);
    }

    /// @dev C2: sizes strictly grow.
    function _assertC2(CheckpointHandler.Model memory model) private pure {
        for (uint256 i = 1; i < model.anchored.length; ++i) {
            assertGt(model.anchored[i], model.anchored[i - 1]);
        }
    }

    /// @dev C4: a pinned checkpoint is for ever the honest one of its size.
    function _assertC4(CheckpointHandler.Model memory model) private view {
        for (uint256 i = 0; i < model.pinned.length; ++i) {
            bytes32 root = MerkleModel.rootOf(model.leaves, model.pinned[i]);
            assertEq(checkpoints.pinnedRoot(model.logId, model.pinned[i]), root);
        }
    }
}
