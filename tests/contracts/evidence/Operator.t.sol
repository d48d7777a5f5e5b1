// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CheckpointCases} from "../support/CheckpointCases.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {logIdOf} from "contracts/types/Ids.sol";

contract OperatorTest is CheckpointCases {
    /// @dev The enterprise names another operator, who takes over by accepting.
    function test_ChangeOperator() public {
        anchor(5);
        address next = makeAddr("next operator");
        bytes32 digest = digestOf(address(checkpoints), OPERATOR_CHANGE, abi.encode(changeTo(next)));
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.OperatorChangeProposed(logId, operator.key, next, digest);
        propose(changeTo(next));
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.OperatorChanged(logId, operator.key, next);
        vm.prank(next);
        checkpoints.acceptOperator(logId);

        assertEq(checkpoints.log(logId).operator, next);
        assertEq(checkpoints.logRecord(logId).pendingOperator, address(0));
        assertLatest(5, rootOf(5), 1000);
        expectAnchorRefused(
            ICheckpointRegistry.Anchor(logId, 13, rootOf(13), proofOf(5, 13)),
            operator.key,
            notOperator(logId, operator.key)
        );
    }

    function test_OldOperatorAnchorsUntilTheNewAccepts() public {
        propose(changeTo(makeAddr("next operator")));
        anchor(5);

        assertLatest(5, rootOf(5), 1000);
    }

    function test_RevertWhen_PresentOperatorIsNotTheOneNamed() public {
        ICheckpointRegistry.OperatorChange memory act = changeTo(makeAddr("next operator"));
        act.currentOperator = anybody;
        expectProposalRefused(
            act,
            abi.encodeWithSelector(
                ICheckpointRegistry.CheckpointRegistry_OperatorDiffers.selector, logId, operator.key, anybody
            )
        );
    }

    function test_RevertWhen_NewOperatorIsMissing() public {
        expectProposalRefused(
            changeTo(address(0)),
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_FieldMissing.selector)
        );
    }

    function test_RevertWhen_OperatorOfUnknownLogChanges() public {
        ICheckpointRegistry.OperatorChange memory act = changeTo(anybody);
        act.origin = "nowhere";
        expectProposalRefused(
            act,
            abi.encodeWithSelector(
                ICheckpointRegistry.CheckpointRegistry_UnknownLog.selector, logIdOf("nowhere")
            )
        );
    }

    function test_RevertWhen_NobodyWasAsked() public {
        vm.expectRevert(notPending(operator.key));
        vm.prank(operator.key);
        checkpoints.acceptOperator(logId);
    }

    function test_RevertWhen_AnotherAccepts() public {
        propose(changeTo(makeAddr("next operator")));
        vm.expectRevert(notPending(anybody));
        vm.prank(anybody);
        checkpoints.acceptOperator(logId);
    }

    function test_RevertWhen_AcceptedAfterClosing() public {
        address next = makeAddr("next operator");
        propose(changeTo(next));
        closeLog(logId, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_LogClosed.selector, logId)
        );
        vm.prank(next);
        checkpoints.acceptOperator(logId);
    }
}
