// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Vm.sol";

import {Samplings} from "../support/Samplings.sol";
import {IActs} from "contracts/interfaces/IActs.sol";
import {ISamplingDraw} from "contracts/interfaces/ISamplingDraw.sol";
import {InventoryState} from "contracts/types/Enums.sol";
import {InventoryId, PartyId} from "contracts/types/Ids.sol";

contract SamplingDrawTest is Samplings {
    // --- commitNonce

    function test_Commit() public {
        ISamplingDraw.NonceCommitment memory act = commitmentBy(Role.Enterprise, 1);
        vm.expectEmit(address(sampling));
        emit ISamplingDraw.NonceCommitted(
            inventoryId(),
            1,
            idOf(Role.Enterprise),
            1,
            act.commitment,
            digestOf(address(sampling), COMMITMENT, abi.encode(act))
        );
        commit(act, casts[Role.Enterprise].first, casts[Role.Enterprise].second);

        assertEq(sampling.committed(inventoryId(), 1, 1, idOf(Role.Enterprise)), act.commitment);
        assertEq(sampling.committed(inventoryId(), 1, 2, idOf(Role.Enterprise)), bytes32(0));
    }

    function test_RevertWhen_CommittedBefore() public {
        commit(Role.Enterprise, 1);
        ISamplingDraw.NonceCommitment memory act = commitmentBy(Role.Enterprise, 1);
        act.commitment = keccak256("a better one");
        _expectCommitRefused(
            act,
            Role.Enterprise,
            abi.encodeWithSelector(
                ISamplingDraw.SamplingDraw_Committed.selector, inventoryId(), 1, 1, idOf(Role.Enterprise)
            )
        );
    }

    function test_RevertWhen_CommittedAfterThePlan() public {
        reach(InventoryState.UnderVerification);
        freeze(planOf(1));
        _expectCommitRefused(
            commitmentBy(Role.Province, 1),
            Role.Province,
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotNext.selector, inventoryId(), 1, 2, 1)
        );
    }

    function test_RevertWhen_CommitmentIsIncomplete() public {
        ISamplingDraw.NonceCommitment memory act = commitmentBy(Role.Enterprise, 1);
        act.subject.enterprise = "Another enterprise";
        _expectCommitRefused(
            act,
            Role.Enterprise,
            abi.encodeWithSelector(
                ISamplingDraw.SamplingDraw_NameDiffers.selector, idOf(Role.Enterprise), act.subject.enterprise
            )
        );
        bytes memory missing = abi.encodeWithSelector(ISamplingDraw.SamplingDraw_FieldMissing.selector);
        act = commitmentBy(Role.Enterprise, 1);
        act.commitment = bytes32(0);
        _expectCommitRefused(act, Role.Enterprise, missing);
        act = commitmentBy(Role.Enterprise, 1);
        act.version = 0;
        _expectCommitRefused(act, Role.Enterprise, missing);
    }

    function test_RevertWhen_CommittedByOnePersonOrAnother() public {
        ISamplingDraw.NonceCommitment memory act = commitmentBy(Role.Enterprise, 1);
        bytes32 digest = digestOf(address(sampling), COMMITMENT, abi.encode(act));
        bytes memory one = sign(casts[Role.Enterprise].first, digest);
        bytes memory strange = sign(casts[Role.Verifier].second, digest);
        vm.expectRevert(
            abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, casts[Role.Enterprise].second.key, digest)
        );
        sampling.commitNonce(act, one, one);
        vm.expectRevert(
            abi.encodeWithSelector(IActs.Acts_NotSignedBy.selector, casts[Role.Enterprise].second.key, digest)
        );
        sampling.commitNonce(act, one, strange);
    }

    // --- freezePlan

    function test_Freeze() public {
        reach(InventoryState.UnderVerification);
        commit(Role.Enterprise, 1);
        commit(Role.Province, 1);
        freeze(planOf(1));

        ISamplingDraw.Draw memory draw = drawn(1);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(partyAt(draw, i), PartyId.unwrap(idOf(drawers[i])));
            assertEq(draw.commitments[i], sealedNonce(drawers[i], 1));
            assertEq(draw.nonces[i], bytes32(0));
        }
        assertEq(draw.planHash, PLAN_HASH);
        assertEq(draw.populationRoot, rootOf(5));
        assertEq(draw.populationSize, 5);
        assertEq(draw.frozenAt, block.number);
        assertEq(draw.drawBlock, block.number + sampling.DRAW_BLOCKS());
        assertFalse(draw.isSettled);
        assertEq(sampling.drawCount(inventoryId(), 1), 1);
    }

    function test_FreezeSaysEverything() public {
        reach(InventoryState.UnderVerification);
        ISamplingDraw.SamplingPlan memory act = planOf(1);
        vm.recordLogs();
        freeze(act);
        Vm.Log[] memory logs = vm.getRecordedLogs();

        assertEq(logs.length, 1);
        (ISamplingDraw.Draw memory content, string memory reason, bytes32 digest) =
            abi.decode(logs[0].data, (ISamplingDraw.Draw, string, bytes32));
        assertEq(keccak256(abi.encode(content)), keccak256(abi.encode(drawn(1))));
        assertEq(reason, "");
        assertEq(digest, digestOf(address(sampling), PLAN, abi.encode(act)));
    }

    function test_FreezeWhileFindingsAreOpen() public {
        reach(InventoryState.Findings);
        freeze(planOf(1));

        assertEq(sampling.drawCount(inventoryId(), 1), 1);
    }

    /// @dev Nobody stops a draw by committing to nothing.
    function test_FreezeWithoutTheOthers() public {
        reach(InventoryState.UnderVerification);
        freeze(planOf(1));
        vm.roll(drawn(1).drawBlock + 1);
        storeHash(1);
        revealBy(Role.Verifier, 1);
        vm.warp(drawn(1).revealUntil);
        sampling.settle(inventoryId(), 1, 1);

        assertTrue(drawn(1).isStrict);
    }

    function test_RevertWhen_NotUnderVerification() public {
        InventoryState[3] memory states =
            [InventoryState.Submitted, InventoryState.Verified, InventoryState.Withdrawn];
        for (uint256 i = 0; i < states.length; ++i) {
            uint256 before = vm.snapshotState();
            reach(states[i]);
            _expectFreezeRefused(
                planOf(1),
                abi.encodeWithSelector(
                    ISamplingDraw.SamplingDraw_NotUnderVerification.selector, inventoryId(), 1
                )
            );
            vm.revertToState(before);
        }
    }

    function test_RevertWhen_PlanNamesAnother() public {
        reach(InventoryState.UnderVerification);
        bytes memory notNamed =
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotNamed.selector, inventoryId());
        for (uint256 i = 0; i < 3; ++i) {
            ISamplingDraw.SamplingPlan memory act = planOf(1);
            if (i == 0) act.verifier = casts[Role.OtherVerifier].code;
            if (i == 1) act.leadVerifier = casts[Role.Verifier].second.key;
            if (i == 2) act.technicalReviewer = casts[Role.OtherVerifier].second.key;
            _expectFreezeRefused(act, notNamed);
        }
        ISamplingDraw.SamplingPlan memory stale = planOf(1);
        perform(Deed.Findings);
        _expectFreezeRefused(
            stale,
            abi.encodeWithSelector(
                ISamplingDraw.SamplingDraw_StateDiffers.selector,
                inventoryId(),
                registry.inventory(inventoryId()).stateHash,
                stale.previousState
            )
        );
        ISamplingDraw.SamplingPlan memory early = planOf(1);
        early.version = 2;
        _expectFreezeRefused(
            early,
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotUnderVerification.selector, inventoryId(), 2)
        );
    }

    function test_RevertWhen_PopulationIsAnother() public {
        reach(InventoryState.UnderVerification);
        anchor(9);
        ISamplingDraw.SamplingPlan memory act = planOf(1);
        act.populationRoot = rootOf(9);
        _expectFreezeRefused(
            act,
            abi.encodeWithSelector(
                ISamplingDraw.SamplingDraw_PopulationDiffers.selector, inventoryId(), rootOf(5), rootOf(9)
            )
        );
    }

    function test_RevertWhen_PlanIsIncomplete() public {
        reach(InventoryState.UnderVerification);
        for (uint256 i = 0; i < 4; ++i) {
            ISamplingDraw.SamplingPlan memory act = planOf(1);
            if (i == 0) act.planHash = bytes32(0);
            if (i == 1) act.commitment = bytes32(0);
            if (i == 2) act.drawVersion = 0;
            if (i == 3) act.reason = "the first needs none";
            _expectFreezeRefused(
                act, abi.encodeWithSelector(ISamplingDraw.SamplingDraw_FieldMissing.selector)
            );
        }
    }

    /// @dev Another plan is not forbidden; it is seen.
    function test_FreezeAnother() public {
        frozen();
        ISamplingDraw.Draw memory first = drawn(1);
        ISamplingDraw.SamplingPlan memory act = planOf(2);
        act.reason = "";
        _expectFreezeRefused(act, abi.encodeWithSelector(ISamplingDraw.SamplingDraw_FieldMissing.selector));
        act = planOf(1);
        _expectFreezeRefused(
            act, abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotNext.selector, inventoryId(), 1, 2, 1)
        );
        vm.roll(block.number + 1);
        freeze(planOf(2));

        assertEq(keccak256(abi.encode(drawn(1))), keccak256(abi.encode(first)));
        assertEq(drawn(2).drawBlock, block.number + sampling.DRAW_BLOCKS());
        assertEq(drawn(2).commitments[1], bytes32(0)); // what was committed for the first counts for no other
    }

    function test_RevertWhen_PlanIsSentAgain() public {
        reach(InventoryState.UnderVerification);
        ISamplingDraw.SamplingPlan memory act = planOf(1);
        freeze(act);
        bytes32 digest = digestOf(address(sampling), PLAN, abi.encode(act));
        _expectFreezeRefused(act, abi.encodeWithSelector(IActs.Acts_AlreadyUsed.selector, digest));
    }

    function test_RevertWhen_PlanIsLate() public {
        reach(InventoryState.UnderVerification);
        ISamplingDraw.SamplingPlan memory act = planOf(1);
        act.deadline = uint64(block.timestamp - 1);
        _expectFreezeRefused(
            act, abi.encodeWithSelector(IActs.Acts_DeadlinePassed.selector, act.deadline, block.timestamp)
        );
    }

    // --- storeBlockHash

    function test_RevertWhen_DrawBlockIsToCome() public {
        frozen();
        uint64 drawBlock = drawn(1).drawBlock;
        vm.roll(drawBlock);
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_TooEarly.selector, drawBlock, drawBlock)
        );
        storeHash(1);
    }

    function test_StoreBlockHashInTheLastBlock() public {
        frozen();
        uint64 drawBlock = drawn(1).drawBlock;
        vm.roll(drawBlock + 256);
        bytes32 hash = blockhash(drawBlock);
        storeHash(1);

        assertTrue(hash != bytes32(0));
        assertEq(drawn(1).blockHash, hash);
        assertEq(drawn(1).revealUntil, calendar.endOfWorkingDay(uint64(block.timestamp), 2));
    }

    /// @dev Whoever lets the block pass gains no choice: the next one is still unknown.
    function test_DrawBlockIsMissed() public {
        frozen();
        (uint64 frozenAt, uint64 k) = (drawn(1).frozenAt, sampling.DRAW_BLOCKS());
        for (uint256 i = 257; i < 257 + k; ++i) {
            uint256 before = vm.snapshotState();
            vm.roll(frozenAt + k + i);
            storeHash(1);
            uint64 moved = drawn(1).drawBlock;
            assertGt(moved, block.number);
            assertLe(moved, block.number + k);
            assertEq((moved - frozenAt) % k, 0);
            assertEq(drawn(1).blockHash, bytes32(0));
            vm.roll(moved + 1);
            storeHash(1);
            assertEq(drawn(1).blockHash, blockhash(moved));
            vm.revertToState(before);
        }
    }

    function test_RevertWhen_StoredBeforeOrUnknown() public {
        opened();
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotAtThisStep.selector, inventoryId(), 1, 1)
        );
        storeHash(1);
        for (uint32 number = 0; number < 3; number += 2) {
            vm.expectRevert(
                abi.encodeWithSelector(ISamplingDraw.SamplingDraw_Unknown.selector, inventoryId(), 1, number)
            );
            storeHash(number);
        }
        assertEq(sampling.drawOf(inventoryId(), 1, 0).planHash, bytes32(0));
        assertEq(sampling.drawOf(inventoryId(), 1, 2).planHash, bytes32(0));
    }

    // --- reveal

    function test_RevertWhen_RevealedBeforeTheBlock() public {
        frozen();
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotAtThisStep.selector, inventoryId(), 1, 1)
        );
        revealBy(Role.Enterprise, 1);
    }

    function test_RevertWhen_RevealedTooLate() public {
        opened();
        vm.warp(drawn(1).revealUntil);
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_TooLate.selector, drawn(1).revealUntil)
        );
        revealBy(Role.Enterprise, 1);
    }

    function test_RevertWhen_NonceIsNotTheCommittedOne() public {
        opened();
        revealBy(Role.Enterprise, 1);
        bytes32 own = nonceOf(Role.Enterprise, 1);
        _expectRevealRefused(Role.Enterprise, own); // a second time
        _expectRevealRefused(Role.Province, own);
        _expectRevealRefused(Role.Province, bytes32(uint256(nonceOf(Role.Province, 1)) + 1));
        _expectRevealRefused(Role.Province, bytes32(0));
        _expectRevealRefused(Role.OtherProvince, nonceOf(Role.OtherProvince, 1));
        revealBy(Role.Province, 1);
    }

    function test_LastNonceSettles() public {
        opened();
        revealBy(Role.Verifier, 1);
        revealBy(Role.Province, 1);
        assertFalse(drawn(1).isSettled);
        ISamplingDraw.Draw memory expected = drawn(1);
        expected.nonces[1] = nonceOf(Role.Enterprise, 1);
        vm.expectEmit(address(sampling));
        emit ISamplingDraw.NonceRevealed(
            inventoryId(), 1, 1, idOf(Role.Enterprise), nonceOf(Role.Enterprise, 1)
        );
        vm.expectEmit(address(sampling));
        emit ISamplingDraw.DrawSettled(inventoryId(), 1, 1, seedOf(expected), false);
        revealBy(Role.Enterprise, 1);

        assertEq(drawn(1).seed, seedOf(drawn(1)));
        assertFalse(drawn(1).isStrict);
        assertTrue(drawn(1).isSettled);
    }

    // --- settle

    function test_RevertWhen_SettledEarlyOrTwice() public {
        opened();
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_StillOpen.selector, drawn(1).revealUntil)
        );
        sampling.settle(inventoryId(), 1, 1);
        vm.warp(drawn(1).revealUntil);
        sampling.settle(inventoryId(), 1, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotAtThisStep.selector, inventoryId(), 1, 1)
        );
        sampling.settle(inventoryId(), 1, 1);
    }

    /// @dev Who withholds a nonce is named, and the sample is larger.
    function test_SettleRecordsWhoWithheld() public {
        opened();
        revealBy(Role.Verifier, 1);
        revealBy(Role.Province, 1);
        vm.warp(drawn(1).revealUntil);
        vm.expectEmit(address(sampling));
        emit ISamplingDraw.NonceMissing(inventoryId(), 1, 1, idOf(Role.Enterprise), true);
        vm.expectEmit(address(sampling));
        emit ISamplingDraw.DrawSettled(inventoryId(), 1, 1, seedOf(drawn(1)), true);
        vm.prank(anybody);
        sampling.settle(inventoryId(), 1, 1);

        assertTrue(drawn(1).isStrict);
        assertEq(drawn(1).seed, seedOf(drawn(1)));
    }

    // --- commitmentOf

    function test_CommitmentsAreThoseOfTheVectors() public view {
        string memory json = vm.readFile("tests/vectors/sampling/draws.json");
        for (uint256 i = 0; i < 3; ++i) {
            string memory at = string.concat(".commitments[", vm.toString(i), "]");
            bytes32 found = sampling.commitmentOf(
                InventoryId.wrap(vm.parseJsonBytes32(json, string.concat(at, ".inventory"))),
                uint32(vm.parseJsonUint(json, string.concat(at, ".version"))),
                uint32(vm.parseJsonUint(json, string.concat(at, ".draw"))),
                PartyId.wrap(vm.parseJsonBytes32(json, string.concat(at, ".party"))),
                vm.parseJsonBytes32(json, string.concat(at, ".nonce"))
            );
            assertEq(found, vm.parseJsonBytes32(json, string.concat(at, ".commitment")));
        }
    }

    function _expectCommitRefused(ISamplingDraw.NonceCommitment memory act, Role role, bytes memory reason)
        private
    {
        bytes32 digest = digestOf(address(sampling), COMMITMENT, abi.encode(act));
        bytes memory first = sign(casts[role].first, digest);
        bytes memory second = sign(casts[role].second, digest);
        vm.expectRevert(reason);
        sampling.commitNonce(act, first, second);
    }

    function _expectFreezeRefused(ISamplingDraw.SamplingPlan memory act, bytes memory reason) private {
        bytes32 digest = digestOf(address(sampling), PLAN, abi.encode(act));
        bytes memory first = sign(casts[Role.Verifier].first, digest);
        bytes memory second = sign(casts[Role.Verifier].second, digest);
        vm.expectRevert(reason);
        sampling.freezePlan(act, first, second);
    }

    function _expectRevealRefused(Role role, bytes32 nonce) private {
        (InventoryId id, PartyId party) = (inventoryId(), idOf(role));
        vm.expectRevert(
            abi.encodeWithSelector(ISamplingDraw.SamplingDraw_NotCommitted.selector, party, nonce)
        );
        sampling.reveal(id, 1, 1, party, nonce);
    }
}
