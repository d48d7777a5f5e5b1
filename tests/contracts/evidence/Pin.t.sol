// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CheckpointCases} from "../support/CheckpointCases.sol";
import {MerkleModel} from "../support/MerkleModel.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";

contract PinTest is CheckpointCases {
    function test_Pin() public {
        anchor(5);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Pinned(logId, 5, rootOf(5));
        vm.prank(anybody);
        (uint64 size, bytes32 root) = checkpoints.pin(logId);

        assertEq(size, 5);
        assertEq(root, rootOf(5));
        assertEq(checkpoints.pinnedRoot(logId, 5), rootOf(5));
    }

    function test_PinAgainSaysNothing() public {
        anchor(5);
        pin(5);
        vm.recordLogs();
        pin(5);

        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_PinOutlivesLaterAnchors() public {
        anchor(5);
        pin(5);
        anchor(13);
        pin(13);

        assertEq(checkpoints.pinnedRoot(logId, 5), rootOf(5));
        assertEq(checkpoints.pinnedRoot(logId, 13), rootOf(13));
    }

    function test_RevertWhen_NothingIsThereToPin() public {
        vm.expectRevert(
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_NothingAnchored.selector, logId)
        );
        checkpoints.pin(logId);
    }

    function test_PinEarlier() public {
        anchor(13);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Pinned(logId, 5, rootOf(5));
        pin(5);

        assertEq(checkpoints.pinnedRoot(logId, 5), rootOf(5));
    }

    function test_PinEarlierAgainSaysNothing() public {
        anchor(13);
        pin(5);
        vm.recordLogs();
        pin(5);

        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_RevertWhen_EarlierCheckpointIsOfAFork() public {
        anchor(13);
        bytes32[] memory proof = MerkleModel.consistencyProof(forkedLeaves, 5, 13);
        bytes32 root = forkedRoot(5);
        vm.expectRevert(notConsistent(13, 5));
        checkpoints.pinEarlier(logId, 5, root, proof);
    }

    function test_RevertWhen_EarlierCheckpointIsEmpty() public {
        anchor(13);
        bytes32 emptyRoot = sha256("");
        vm.expectRevert(notConsistent(13, 0));
        checkpoints.pinEarlier(logId, 0, emptyRoot, none);
    }

    function test_RevertWhen_EarlierCheckpointIsLater() public {
        anchor(5);
        bytes32[] memory proof = proofOf(5, 13);
        bytes32 root = rootOf(13);
        vm.expectRevert(notConsistent(5, 13));
        checkpoints.pinEarlier(logId, 13, root, proof);
    }
}
