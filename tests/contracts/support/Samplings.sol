// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISamplingDraw} from "contracts/interfaces/ISamplingDraw.sol";
import {InventoryState} from "contracts/types/Enums.sol";
import {InventoryId, PartyId} from "contracts/types/Ids.sol";

import {Inventories} from "./Inventories.sol";

/// @title Samplings
/// @notice An inventory under verification, and every act of a draw, rightly signed.
abstract contract Samplings is Inventories {
    string internal constant COMMITMENT =
        "NonceCommitment(Subject subject,uint32 version,uint32 draw,string actor,bytes32 commitment,address initiator,address approver,uint256 nonce,uint64 deadline)Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)";
    string internal constant PLAN =
        "SamplingPlan(Subject subject,uint32 version,uint32 draw,string verifier,bytes32 planHash,bytes32 populationRoot,uint16 drawVersion,bytes32 commitment,string reason,bytes32 previousState,address leadVerifier,address technicalReviewer,uint256 nonce,uint64 deadline)Subject(string enterprise,string creditCode,string unitCode,uint64 periodFrom,uint64 periodTo)";
    bytes32 internal constant PLAN_HASH = sha256("plan");

    Role[3] internal drawers = [Role.Verifier, Role.Enterprise, Role.Province];

    /// @dev The nonce of a party for a draw.
    function nonceOf(Role role, uint32 number) internal pure returns (bytes32) {
        return keccak256(abi.encode("nonce", role, number));
    }

    function sealedNonce(Role role, uint32 number) internal view returns (bytes32) {
        return sampling.commitmentOf(inventoryId(), 1, number, idOf(role), nonceOf(role, number));
    }

    function commitmentBy(Role role, uint32 number)
        internal
        returns (ISamplingDraw.NonceCommitment memory act)
    {
        (act.subject, act.version, act.draw) = (subject, 1, number);
        (act.actor, act.commitment) = (casts[role].code, sealedNonce(role, number));
        (act.initiator, act.approver) = (casts[role].first.key, casts[role].second.key);
        (act.nonce, act.deadline) = (++counter, DEADLINE);
    }

    function planOf(uint32 number) internal returns (ISamplingDraw.SamplingPlan memory act) {
        (act.subject, act.version, act.draw) = (subject, 1, number);
        (act.verifier, act.planHash) = (casts[Role.Verifier].code, PLAN_HASH);
        act.populationRoot = registry.versionOf(inventoryId(), 1).logRoot;
        (act.drawVersion, act.commitment) = (1, sealedNonce(Role.Verifier, number));
        act.reason = number == 1 ? "" : "a meter was forgotten";
        act.previousState = registry.inventory(inventoryId()).stateHash;
        (act.leadVerifier, act.technicalReviewer) =
        (casts[Role.Verifier].first.key, casts[Role.Verifier].second.key);
        (act.nonce, act.deadline) = (++counter, DEADLINE);
    }

    function commit(ISamplingDraw.NonceCommitment memory act, Signer memory first, Signer memory second)
        internal
    {
        bytes32 digest = digestOf(address(sampling), COMMITMENT, abi.encode(act));
        bytes memory firstSignature = sign(first, digest);
        bytes memory secondSignature = sign(second, digest);
        vm.prank(anybody);
        sampling.commitNonce(act, firstSignature, secondSignature);
    }

    function commit(Role role, uint32 number) internal {
        commit(commitmentBy(role, number), casts[role].first, casts[role].second);
    }

    function freeze(ISamplingDraw.SamplingPlan memory act) internal {
        bytes32 digest = digestOf(address(sampling), PLAN, abi.encode(act));
        bytes memory first = sign(casts[Role.Verifier].first, digest);
        bytes memory second = sign(casts[Role.Verifier].second, digest);
        vm.prank(anybody);
        sampling.freezePlan(act, first, second);
    }

    function storeHash(uint32 number) internal {
        vm.prank(anybody);
        sampling.storeBlockHash(inventoryId(), 1, number);
    }

    function revealBy(Role role, uint32 number) internal {
        bytes32 nonce = nonceOf(role, number);
        vm.prank(anybody);
        sampling.reveal(inventoryId(), 1, number, idOf(role), nonce);
    }

    function drawn(uint32 number) internal view returns (ISamplingDraw.Draw memory) {
        return sampling.drawOf(inventoryId(), 1, number);
    }

    /// @dev Under verification, with the nonces of enterprise and authority fixed, and the plan frozen.
    function frozen() internal {
        reach(InventoryState.UnderVerification);
        commit(Role.Enterprise, 1);
        commit(Role.Province, 1);
        freeze(planOf(1));
    }

    /// @dev Frozen, and the hash of the draw block stored.
    function opened() internal {
        frozen();
        vm.roll(drawn(1).drawBlock + 1);
        storeHash(1);
    }

    /// @dev The seed, put together without the contract.
    function seedOf(ISamplingDraw.Draw memory draw) internal view returns (bytes32) {
        return sha256(
            bytes.concat(
                bytes("carbonseal/draw/v1"),
                InventoryId.unwrap(inventoryId()),
                draw.planHash,
                draw.populationRoot,
                draw.nonces[0],
                draw.nonces[1],
                draw.nonces[2],
                draw.blockHash
            )
        );
    }

    function partyAt(ISamplingDraw.Draw memory draw, uint256 place) internal pure returns (bytes32) {
        return PartyId.unwrap(draw.parties[place]);
    }
}
