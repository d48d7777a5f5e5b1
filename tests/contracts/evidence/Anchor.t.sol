// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CheckpointCases} from "../support/CheckpointCases.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {LogId, logIdOf} from "contracts/types/Ids.sol";

contract AnchorTest is CheckpointCases {
    // --- anchor

    function test_AnchorFirst() public {
        vm.roll(1234);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Anchored(logId, 5, rootOf(5));
        anchor(5);

        assertLatest(5, rootOf(5), 1234);
    }

    function test_RevertWhen_FirstAnchorHasProof() public {
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 8, rootOf(8), proofOf(5, 8)),
            operator.key,
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_NotConsistent.selector, logId, 0, 8)
        );
    }

    function test_AnchorGoesOn() public {
        anchor(5);
        vm.roll(1235);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Anchored(logId, 13, rootOf(13));
        anchor(13);

        assertLatest(13, rootOf(13), 1235);
    }

    /// @dev The same checkpoint again succeeds, changes nothing and says nothing.
    function test_AnchorSameAgain() public {
        anchor(5);
        vm.roll(2000);
        vm.recordLogs();
        anchor(5);

        assertEq(vm.getRecordedLogs().length, 0);
        assertLatest(5, rootOf(5), 1000);
    }

    function test_RevertWhen_SenderIsNotOperator() public {
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 5, rootOf(5), none), anybody, notOperator(logId, anybody)
        );
    }

    function test_RevertWhen_LogIsUnknown() public {
        LogId unknown = logIdOf("nowhere");
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(unknown, 5, rootOf(5), none),
            operator.key,
            notOperator(unknown, operator.key)
        );
    }

    function test_RevertWhen_SameSizeHasAnotherRoot() public {
        anchor(5);
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 5, forkedRoot(5), none), operator.key, sizeNotGreater(5, 5)
        );
    }

    function test_RevertWhen_SizeIsSmaller() public {
        anchor(13);
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 5, rootOf(5), proofOf(5, 13)),
            operator.key,
            sizeNotGreater(13, 5)
        );
    }

    function test_RevertWhen_SizeIsZero() public {
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 0, sha256(""), none), operator.key, sizeNotGreater(0, 0)
        );
    }

    /// @dev One changed entry, and everything else right for the changed log, is a fork.
    function test_RevertWhen_LogForks() public {
        anchor(5);
        expectAnchorRefused(fork(5, 13), operator.key, notConsistent(5, 13));
    }

    /// @dev A fork that keeps quiet about the old part: the honest proof with the forked root.
    function test_RevertWhen_ForkHasTheHonestProof() public {
        anchor(5);
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 13, forkedRoot(13), proofOf(5, 13)),
            operator.key,
            notConsistent(5, 13)
        );
    }

    /// @dev Before the changed entry is anchored there is nothing to fork from.
    function test_ChangeBeyondTheAnchoredSizeIsNoFork() public {
        anchor(3);
        ICheckpointRegistry.Anchor memory other = fork(3, 13);
        vm.prank(operator.key);
        checkpoints.anchor(logId, other.size, other.root, other.proof);

        assertLatest(13, forkedRoot(13), 1000);
    }

    function test_RevertWhen_ClosedLogIsAnchored() public {
        anchor(5);
        pin(5);
        closeLog(logId, 5);
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 13, rootOf(13), proofOf(5, 13)),
            operator.key,
            notOperator(logId, operator.key)
        );
    }

    // --- anchorMany

    /// @dev A bad checkpoint among good ones is skipped with the reason that `anchor` would give.
    function test_AnchorManySkipsTheBad() public {
        openOtherLog();
        anchor(5);
        LogId unknown = logIdOf("nowhere");
        ICheckpointRegistry.Anchor[] memory anchors = new ICheckpointRegistry.Anchor[](5);
        anchors[0] = fork(5, 13);
        anchors[1] = ICheckpointRegistry.Anchor(otherLogId, 4, forkedRoot(4), none);
        anchors[2] = ICheckpointRegistry.Anchor(logId, 4, rootOf(4), none);
        anchors[3] = ICheckpointRegistry.Anchor(unknown, 1, rootOf(1), none);
        anchors[4] = ICheckpointRegistry.Anchor(logId, 13, rootOf(13), proofOf(5, 13));
        expectSkipped(anchors[0], ICheckpointRegistry.CheckpointRegistry_NotConsistent.selector);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Anchored(otherLogId, 4, forkedRoot(4));
        expectSkipped(anchors[2], ICheckpointRegistry.CheckpointRegistry_SizeNotGreater.selector);
        expectSkipped(anchors[3], ICheckpointRegistry.CheckpointRegistry_NotOperator.selector);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Anchored(logId, 13, rootOf(13));
        vm.prank(operator.key);
        checkpoints.anchorMany(anchors);

        assertLatest(13, rootOf(13), 1000);
        (uint64 otherSize,,) = checkpoints.latest(otherLogId);
        assertEq(otherSize, 4);
    }

    function test_AnchorManyTakesOneLogInOrder() public {
        ICheckpointRegistry.Anchor[] memory anchors = new ICheckpointRegistry.Anchor[](2);
        anchors[0] = ICheckpointRegistry.Anchor(logId, 5, rootOf(5), none);
        anchors[1] = ICheckpointRegistry.Anchor(logId, 13, rootOf(13), proofOf(5, 13));
        vm.prank(operator.key);
        checkpoints.anchorMany(anchors);

        assertLatest(13, rootOf(13), 1000);
    }

    function test_AnchorManyOfNothing() public {
        vm.recordLogs();
        checkpoints.anchorMany(new ICheckpointRegistry.Anchor[](0));

        assertEq(vm.getRecordedLogs().length, 0);
    }

    /// @dev Whoever sends, a batch never fails for what it holds.
    function testFuzz_AnchorManyNeverReverts(ICheckpointRegistry.Anchor[] calldata anchors, address sender)
        public
    {
        vm.prank(sender);
        checkpoints.anchorMany(anchors);
    }
}
