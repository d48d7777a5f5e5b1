// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CheckpointCases} from "../support/CheckpointCases.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {IPartyRegistry} from "contracts/interfaces/IPartyRegistry.sol";
import {LogId, NO_LOG, logIdOf} from "contracts/types/Ids.sol";

contract OpenLogTest is CheckpointCases {
    /// @dev A log opened by enterprise and operator has their fields and no checkpoint.
    function test_OpenLog() public {
        ICheckpointRegistry.OpenLog memory act = openLogOf();
        (act.creditCode, act.origin) = (OTHER_CODE, OTHER_ORIGIN);
        (act.initiator, act.approver) = (otherInitiator.key, otherApprover.key);
        bytes32 digest = digestOf(address(checkpoints), OPEN_LOG, abi.encode(act));
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.LogOpened(
            otherLogId, otherParty(), OTHER_ORIGIN, VKEY_HASH, operator.key, 1, digest
        );
        openLog(act, otherInitiator, otherApprover);

        ICheckpointRegistry.LogRecord memory record = checkpoints.logRecord(otherLogId);
        assertTrue(record.party == otherParty());
        assertEq(record.vkeyHash, VKEY_HASH);
        assertEq(record.generation, 1);
        assertEq(record.openedAt, block.timestamp);
        assertEq(checkpoints.log(otherLogId).operator, operator.key);
        assertEq(checkpoints.log(otherLogId).size, 0);
        assertTrue(checkpoints.lastLogOf(otherParty()) == otherLogId);
        assertTrue(checkpoints.isUsed(digest));
    }

    function test_RevertWhen_OperatorDidNotSign() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        bytes32 digest = digestOf(address(checkpoints), OPEN_LOG, abi.encode(act));
        bytes memory first = sign(otherInitiator, digest);
        bytes memory second = sign(otherApprover, digest);
        vm.expectRevert(abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, operator.key, digest));
        checkpoints.openLog(act, first, second, second);
    }

    function test_RevertWhen_PersonsOfAnotherPartyOpen() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        (act.initiator, act.approver) = (initiator.key, approver.key);
        expectRefusal(
            act,
            initiator,
            approver,
            abi.encodeWithSelector(
                IPartyRegistry.PartyRegistry_NotInForce.selector, otherParty(), initiator.key
            )
        );
    }

    function test_RevertWhen_OriginEndsWithAnotherCode() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        act.origin = ORIGIN;
        expectOriginRefused(act);
    }

    function test_RevertWhen_OriginHasCodeOnly() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        act.origin = string.concat("log.example/", OTHER_CODE);
        expectOriginRefused(act);
    }

    function test_RevertWhen_OriginHasNoHost() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        act.origin = string.concat("/log/", OTHER_CODE);
        expectOriginRefused(act);
    }

    function test_RevertWhen_OriginHasCodeWithMoreBehind() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        act.origin = string.concat(OTHER_ORIGIN, "-2");
        expectOriginRefused(act);
    }

    function test_RevertWhen_VerificationKeyIsMissing() public {
        ICheckpointRegistry.OpenLog memory act = otherLog();
        act.vkeyHash = 0;
        expectRefusal(
            act,
            otherInitiator,
            otherApprover,
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_FieldMissing.selector)
        );
    }

    function test_RevertWhen_PartyHasOpenLog() public {
        ICheckpointRegistry.OpenLog memory act = openLogOf();
        act.origin = "elsewhere.example/log/91310000MA1K00001X";
        expectRefusal(
            act,
            initiator,
            approver,
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_PartyHasLog.selector, party, logId)
        );
    }

    function test_RevertWhen_PredecessorIsOpen() public {
        expectRefusal(
            nextLog(),
            initiator,
            approver,
            abi.encodeWithSelector(ICheckpointRegistry.CheckpointRegistry_PredecessorOpen.selector, logId)
        );
    }

    function test_RevertWhen_PredecessorIsOfAnotherParty() public {
        closeLog(logId, 0);
        ICheckpointRegistry.OpenLog memory act = otherLog();
        act.predecessor = ORIGIN;
        expectRefusal(
            act,
            otherInitiator,
            otherApprover,
            abi.encodeWithSelector(
                ICheckpointRegistry.CheckpointRegistry_PredecessorNotLast.selector, logId, NO_LOG
            )
        );
    }

    /// @dev A closed log is continued by one that names it and counts on.
    function test_OpenSuccessor() public {
        closeLog(logId, 0);
        LogId successor = logIdOf(SUCCESSOR_ORIGIN);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointRegistry.LogSucceeded(logId, successor);
        openLog(nextLog(), initiator, approver);

        assertTrue(checkpoints.logRecord(logId).successor == successor);
        assertTrue(checkpoints.logRecord(successor).predecessor == logId);
        assertEq(checkpoints.logRecord(successor).generation, 2);
        assertTrue(checkpoints.lastLogOf(party) == successor);
    }

    function test_RevertWhen_SuccessorHasTheOriginOfTheClosedLog() public {
        closeLog(logId, 0);
        ICheckpointRegistry.OpenLog memory act = nextLog();
        act.origin = ORIGIN;
        expectRefusal(
            act,
            initiator,
            approver,
            abi.encodeWithSelector(
                ICheckpointRegistry.CheckpointRegistry_OriginNotOfParty.selector,
                ORIGIN,
                "/log/91310000MA1K00001X-2"
            )
        );
    }
}
