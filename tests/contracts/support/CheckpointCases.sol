// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Logs} from "./Logs.sol";
import {MerkleModel} from "./MerkleModel.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {LogId} from "contracts/types/Ids.sol";

/// @title CheckpointCases
/// @notice Acts and checkpoints for the tests of the checkpoint registry, and how it refuses them.
abstract contract CheckpointCases is Logs {
    string internal constant SUCCESSOR_ORIGIN = "log.example/log/91310000MA1K00001X-2";

    bytes32[] internal none;

    function otherLog() internal view returns (ICheckpointRegistry.OpenLog memory act) {
        act = openLogOf();
        (act.creditCode, act.origin) = (OTHER_CODE, OTHER_ORIGIN);
        (act.initiator, act.approver) = (otherInitiator.key, otherApprover.key);
    }

    function nextLog() internal view returns (ICheckpointRegistry.OpenLog memory act) {
        act = openLogOf();
        (act.origin, act.predecessor) = (SUCCESSOR_ORIGIN, ORIGIN);
    }

    function fork(uint64 oldSize, uint64 newSize) internal view returns (ICheckpointRegistry.Anchor memory) {
        bytes32[] memory proof = MerkleModel.consistencyProof(forkedLeaves, oldSize, newSize);
        return ICheckpointRegistry.Anchor(logId, newSize, forkedRoot(newSize), proof);
    }

    function forkedRoot(uint64 size) internal view returns (bytes32) {
        return MerkleModel.rootOf(forkedLeaves, size);
    }

    function changeTo(address next) internal view returns (ICheckpointRegistry.OperatorChange memory) {
        return ICheckpointRegistry.OperatorChange(
            ORIGIN, operator.key, next, initiator.key, approver.key, 0, DEADLINE
        );
    }

    function propose(ICheckpointRegistry.OperatorChange memory act) internal {
        bytes32 digest = digestOf(address(checkpoints), OPERATOR_CHANGE, abi.encode(act));
        checkpoints.proposeOperator(act, sign(initiator, digest), sign(approver, digest));
    }

    function expectProposalRefused(ICheckpointRegistry.OperatorChange memory act, bytes memory reason)
        internal
    {
        bytes32 digest = digestOf(address(checkpoints), OPERATOR_CHANGE, abi.encode(act));
        vm.expectRevert(reason);
        checkpoints.proposeOperator(act, sign(initiator, digest), sign(approver, digest));
    }

    function expectOriginRefused(ICheckpointRegistry.OpenLog memory act) internal {
        expectRefusal(
            act,
            otherInitiator,
            otherApprover,
            abi.encodeWithSelector(
                ICheckpointRegistry.CheckpointRegistry_OriginNotOfParty.selector,
                act.origin,
                string.concat("/log/", OTHER_CODE)
            )
        );
    }

    function expectRefusal(
        ICheckpointRegistry.OpenLog memory act,
        Signer memory first,
        Signer memory second,
        bytes memory reason
    ) internal {
        bytes32 digest = digestOf(address(checkpoints), OPEN_LOG, abi.encode(act));
        vm.expectRevert(reason);
        checkpoints.openLog(act, sign(first, digest), sign(second, digest), sign(operator, digest));
    }

    function expectAnchorRefused(ICheckpointRegistry.Anchor memory one, address sender, bytes memory reason)
        internal
    {
        ICheckpointRegistry.Log memory before = checkpoints.log(one.logId);
        vm.expectRevert(reason);
        vm.prank(sender);
        checkpoints.anchor(one.logId, one.size, one.root, one.proof);

        assertEq(abi.encode(checkpoints.log(one.logId)), abi.encode(before));
    }

    function expectSkipped(ICheckpointRegistry.Anchor memory one, bytes4 reason) internal {
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.AnchorSkipped(one.logId, one.size, one.root, reason);
    }

    function expectClosingRefused(uint64 size, bytes memory reason) internal {
        vm.expectRevert(reason);
        vm.prank(address(council));
        checkpoints.closeLog(logId, size, "");
    }

    function assertLatest(uint64 size, bytes32 root, uint64 blockNumber) internal view {
        (uint64 newest, bytes32 newestRoot, uint64 anchoredIn) = checkpoints.latest(logId);
        assertEq(newest, size);
        assertEq(newestRoot, root);
        assertEq(anchoredIn, blockNumber);
    }

    function notOperator(LogId of_, address sender) internal pure returns (bytes memory) {
        return
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_NotOperator.selector, of_, sender);
    }

    function notPending(address sender) internal view returns (bytes memory) {
        return abi.encodeWithSelector(
            ICheckpointRegistry.CheckpointRegistry_NotPendingOperator.selector, logId, sender
        );
    }

    function sizeNotGreater(uint64 newest, uint64 size) internal view returns (bytes memory) {
        return abi.encodeWithSelector(
            ICheckpointRegistry.CheckpointRegistry_SizeNotGreater.selector, logId, newest, size
        );
    }

    function notConsistent(uint64 newest, uint64 size) internal view returns (bytes memory) {
        return abi.encodeWithSelector(
            ICheckpointRegistry.CheckpointRegistry_NotConsistent.selector, logId, newest, size
        );
    }
}
