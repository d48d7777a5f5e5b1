// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CheckpointCases} from "../support/CheckpointCases.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {IAccessManaged} from "openzeppelin-access-manager/access/manager/IAccessManaged.sol";

contract CloseLogTest is CheckpointCases {
    function test_RevertWhen_CouncilDidNotDecide() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anybody));
        vm.prank(anybody);
        checkpoints.closeLog(logId, 0, "");
    }

    /// @dev Closing sets the log back to its last good checkpoint, whatever a thief anchored meanwhile.
    function test_CloseAtLastGoodCheckpoint() public {
        anchor(5);
        pin(5);
        anchor(13);
        ICheckpointRegistry.Anchor memory late =
            ICheckpointRegistry.Anchor(logId, 21, rootOf(21), proofOf(13, 21));
        vm.roll(3000);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.Anchored(logId, 21, rootOf(21));
        vm.prank(operator.key);
        checkpoints.anchor(logId, late.size, late.root, late.proof);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.LogClosed(logId, 5, rootOf(5), "the operator's key was stolen");
        vm.prank(address(council));
        checkpoints.closeLog(logId, 5, "the operator's key was stolen");

        assertLatest(5, rootOf(5), 3000);
        assertEq(checkpoints.log(logId).operator, address(0));
        assertEq(checkpoints.logRecord(logId).closedAt, block.timestamp);
    }

    function test_CloseLogWithoutCheckpoint() public {
        closeLog(logId, 0);

        assertLatest(0, 0, 1000);
        assertEq(checkpoints.logRecord(logId).closedAt, block.timestamp);
    }

    function test_RevertWhen_CheckpointIsNotPinned() public {
        anchor(5);
        expectClosingRefused(
            5, abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_NotPinned.selector, logId, 5)
        );
    }

    function test_RevertWhen_AnchoredLogIsClosedAtNothing() public {
        anchor(5);
        expectClosingRefused(
            0, abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_NotPinned.selector, logId, 0)
        );
    }

    function test_RevertWhen_ClosedLogIsUnknown() public {
        vm.expectRevert(
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_UnknownLog.selector, otherLogId)
        );
        vm.prank(address(council));
        checkpoints.closeLog(otherLogId, 0, "");
    }

    function test_RevertWhen_LogIsClosedTwice() public {
        closeLog(logId, 0);
        expectClosingRefused(
            0, abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_LogClosed.selector, logId)
        );
    }
}
