// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Deployed} from "../support/Deployed.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";

/// @dev Counts what the Council does.
contract Recorder {
    mapping(uint256 decision => uint256 times) public calls;

    function record(uint256 decision) external {
        ++calls[decision];
    }
}

/// @title CouncilHandler
/// @notice Endorses, vetoes and executes a few decisions in any order, over weeks.
contract CouncilHandler is Deployed {
    uint256 public constant DECISIONS = 4;

    /// @dev What the members did, as they remember it.
    struct Memory {
        bool[4] hasSigned;
        uint256 signatures;
        uint256 adoptedAt;
        bool isVetoed;
        bool isExecuted;
    }

    Recorder private _recorder = new Recorder();
    Memory[4] private _memories;
    mapping(string what => uint256 times) public counts;

    constructor() {
        setUp();
    }

    function timesExecuted(uint256 decision) external view returns (uint256) {
        return _recorder.calls(decision);
    }

    function memoryOf(uint256 decision) external view returns (Memory memory) {
        return _memories[decision];
    }

    function pass(uint32 time) external {
        skip(time % 3 days);
    }

    function endorse(uint256 which, uint256 member) external {
        (which, member) = (which % DECISIONS, member % 4);
        Memory storage remembered = _memories[which];
        ICouncil.Decision memory decision = _decisionAt(which);
        address[] memory signers = new address[](1);
        bytes[] memory signatures = new bytes[](1);
        signers[0] = members[member].key;
        signatures[0] = sign(members[member], digestOf(address(council), DECISION, abi.encode(decision)));
        bool isAllowed = !remembered.isVetoed && remembered.adoptedAt == 0 && !remembered.hasSigned[member];
        try council.endorse(decision, signers, signatures) {
            assertTrue(isAllowed, "endorsed against the rules");
            remembered.hasSigned[member] = true;
            if (++remembered.signatures == 3) remembered.adoptedAt = block.timestamp;
        } catch {
            assertFalse(isAllowed, "endorsement refused against the rules");
        }
    }

    function veto(uint256 which, uint256 member, uint256 dice) external {
        if (dice % 8 != 0) return;
        (which, member) = (which % DECISIONS, member % 4);
        bytes32 digest = digestOf(address(council), DECISION, abi.encode(_decisionAt(which)));
        ICouncil.Veto memory act =
            ICouncil.Veto(digest, members[member].key, vm.toString(dice), type(uint64).max);
        bytes memory signature = sign(members[member], digestOf(address(council), VETO, abi.encode(act)));
        bool isAllowed = !_memories[which].isVetoed && !_memories[which].isExecuted;
        try council.veto(act, signature) {
            assertTrue(isAllowed, "vetoed against the rules");
            _memories[which].isVetoed = true;
            ++counts["vetoed"];
        } catch {
            assertFalse(isAllowed, "veto refused against the rules");
        }
    }

    function execute(uint256 which) external {
        which %= DECISIONS;
        Memory storage remembered = _memories[which];
        bool isAllowed = remembered.signatures >= 3 && !remembered.isVetoed && !remembered.isExecuted
            && block.timestamp >= remembered.adoptedAt + COUNCIL_DELAY;
        try council.execute(_decisionAt(which)) {
            assertTrue(isAllowed, "executed against the rules");
            remembered.isExecuted = true;
            ++counts["executed"];
        } catch {
            assertFalse(isAllowed, "execution refused against the rules");
        }
    }

    function _decisionAt(uint256 which) private view returns (ICouncil.Decision memory decision) {
        decision = decisionOf(address(_recorder), "record(uint256)", abi.encode(which));
        decision.deadline = type(uint64).max;
    }
}
