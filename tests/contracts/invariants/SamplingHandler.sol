// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Samplings} from "../support/Samplings.sol";
import {ISamplingDraw} from "contracts/interfaces/ISamplingDraw.sol";
import {InventoryState} from "contracts/types/Enums.sol";
import {PartyId} from "contracts/types/Ids.sol";

/// @title SamplingHandler
/// @notice Freezes plans of one version, lets blocks and days pass, stores, reveals and settles: in order and out of it, by
/// the committed nonce and by others. Each answer must be the expected one.
/// @dev The model is written from the table in {ISamplingDraw}, not from the contract.
contract SamplingHandler is Samplings {
    struct Model {
        /// @dev What never changes: hash of everything that was frozen.
        bytes32 frozen;
        uint64 drawBlock;
        bytes32 blockHash;
        uint64 revealUntil;
        bool[3] hasCommitted;
        bool[3] hasRevealed;
        bool isSettled;
        /// @dev Hash of the whole draw when it was settled.
        bytes32 settled;
    }

    uint32 private constant MOST = 4;

    Model[] private _models;
    mapping(string what => uint256 times) public counts;

    constructor() {
        setUp();
        reach(InventoryState.UnderVerification);
    }

    function models() external view returns (Model[] memory) {
        return _models;
    }

    function drawAt(uint32 number) external view returns (ISamplingDraw.Draw memory) {
        return drawn(number);
    }

    function expectedSeed(uint32 number) external view returns (bytes32) {
        return seedOf(drawn(number));
    }

    function count() external view returns (uint32) {
        return sampling.drawCount(inventoryId(), 1);
    }

    /// @dev What may never change from the freezing on.
    function frozenPart(ISamplingDraw.Draw memory draw) public pure returns (bytes32) {
        return keccak256(
            abi.encode(
                draw.planHash,
                draw.populationRoot,
                draw.populationSize,
                draw.frozenAt,
                draw.drawVersion,
                draw.parties,
                draw.commitments
            )
        );
    }

    // --- what may be done

    function pass(uint16 blocks, uint32 time) external {
        vm.roll(block.number + (blocks % 8 == 0 ? 256 + blocks % 64 : blocks % 16));
        if (block.timestamp < START + 100 days) skip(time % 2 days);
    }

    /// @dev The next step of the newest draw, so that draws come to an end.
    function goOn(uint8 who) external {
        if (_models.length == 0) return this.freezeNext();
        uint32 number = uint32(_models.length);
        Model storage model = _models[number - 1];
        if (model.isSettled) return this.freezeNext();
        if (model.blockHash == bytes32(0)) {
            if (block.number <= model.drawBlock) vm.roll(model.drawBlock + 1);
            return this.store(uint8(number - 1));
        }
        if (block.timestamp >= model.revealUntil) return this.settleOne(uint8(number - 1));
        for (uint8 i = 0; i <= who % 3; ++i) {
            this.revealFor(uint8(number - 1), i, true);
        }
    }

    function commitFor(uint8 who, uint8 ahead) external {
        uint256 place = 1 + who % 2;
        uint32 number = uint32(_models.length) + ahead % 3;
        Role role = drawers[place];
        bool isOpen =
            number > _models.length && sampling.committed(inventoryId(), 1, number, idOf(role)) == bytes32(0);
        if (number == 0) return;
        ISamplingDraw.NonceCommitment memory act = commitmentBy(role, number);
        bytes32 digest = digestOf(address(sampling), COMMITMENT, abi.encode(act));
        bytes memory first = sign(casts[role].first, digest);
        bytes memory second = sign(casts[role].second, digest);
        try sampling.commitNonce(act, first, second) {
            assertTrue(isOpen);
            ++counts["committed"];
        } catch {
            assertFalse(isOpen);
        }
    }

    function freezeNext() external {
        if (_models.length == MOST) return;
        uint32 number = uint32(_models.length) + 1;
        freeze(planOf(number));
        ISamplingDraw.Draw memory draw = drawn(number);
        Model storage model = _models.push();
        (model.frozen, model.drawBlock) = (frozenPart(draw), uint64(block.number + 12));
        model.hasCommitted[0] = true;
        for (uint256 i = 1; i < 3; ++i) {
            model.hasCommitted[i] =
                sampling.committed(inventoryId(), 1, number, idOf(drawers[i])) != bytes32(0);
        }
    }

    function store(uint8 which) external {
        if (_models.length == 0) return;
        uint32 number = uint32(which % _models.length) + 1;
        Model storage model = _models[number - 1];
        bool isTime = model.blockHash == bytes32(0) && block.number > model.drawBlock;
        bytes32 hash = isTime ? blockhash(model.drawBlock) : bytes32(0);
        try sampling.storeBlockHash(inventoryId(), 1, number) {
            assertTrue(isTime);
            if (hash == bytes32(0)) {
                model.drawBlock = drawn(number).drawBlock;
                assertGt(model.drawBlock, block.number);
                ++counts["moved"];
            } else {
                model.blockHash = hash;
                model.revealUntil = calendar.endOfWorkingDay(uint64(block.timestamp), 2);
                ++counts["stored"];
            }
        } catch {
            assertFalse(isTime);
        }
    }

    /// @dev With the committed nonce, or with another's.
    function revealFor(uint8 which, uint8 who, bool isOwn) external {
        if (_models.length == 0) return;
        uint32 number = uint32(which % _models.length) + 1;
        uint256 place = who % 3;
        Model storage model = _models[number - 1];
        bool isTime = model.blockHash != bytes32(0) && block.timestamp < model.revealUntil && !model.isSettled;
        bool isTaken = isTime && isOwn && model.hasCommitted[place] && !model.hasRevealed[place];
        bytes32 nonce = nonceOf(drawers[isOwn ? place : (place + 1) % 3], number);
        PartyId drawer = idOf(drawers[place]);
        try sampling.reveal(inventoryId(), 1, number, drawer, nonce) {
            assertTrue(isTaken);
            model.hasRevealed[place] = true;
            ++counts["revealed"];
            if (model.hasRevealed[0] && model.hasRevealed[1] && model.hasRevealed[2]) _settled(number);
        } catch {
            assertFalse(isTaken);
        }
    }

    function settleOne(uint8 which) external {
        if (_models.length == 0) return;
        uint32 number = uint32(which % _models.length) + 1;
        Model storage model = _models[number - 1];
        bool isTime =
            model.blockHash != bytes32(0) && block.timestamp >= model.revealUntil && !model.isSettled;
        try sampling.settle(inventoryId(), 1, number) {
            assertTrue(isTime);
            _settled(number);
        } catch {
            assertFalse(isTime);
        }
    }

    function _settled(uint32 number) private {
        Model storage model = _models[number - 1];
        (model.isSettled, model.settled) = (true, keccak256(abi.encode(drawn(number))));
        ++counts[drawn(number).isStrict ? "strict" : "usual"];
    }
}
