// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MerkleModel} from "../support/MerkleModel.sol";
import {Signing} from "../support/Signing.sol";
import {CheckpointRegistry} from "contracts/evidence/CheckpointRegistry.sol";
import {ICheckpointRegistry} from "contracts/interfaces/ICheckpointRegistry.sol";
import {LogId} from "contracts/types/Ids.sol";

/// @title CheckpointHandler
/// @notice Anchors two logs, honestly and as a cheat would: with forks that differ in one entry and carry proofs valid
/// for themselves. Each refusal must be the expected one.
/// @dev The model of a log is the list of its entries' leaf hashes and the sizes that were anchored. An entry becomes
/// fixed when it is anchored; until then the log may still go either way.
contract CheckpointHandler is Signing {
    uint64 private constant ENTRIES = 24;

    struct Model {
        LogId logId;
        address operator;
        uint64 size;
        bool isClosed;
        bytes32[] leaves;
        uint64[] anchored;
        uint64[] pinned;
    }

    CheckpointRegistry private immutable _registry;
    address private immutable _council;
    Model[] private _models;
    /// @dev How often each thing happened: rare events should.
    mapping(string what => uint256 times) public counts;

    constructor(CheckpointRegistry registry, address council, LogId[2] memory logIds, address operator) {
        _registry = registry;
        _council = council;
        for (uint256 i = 0; i < 2; ++i) {
            Model storage model = _models.push();
            model.logId = logIds[i];
            model.operator = operator;
            for (uint256 j = 0; j < ENTRIES; ++j) {
                model.leaves.push(MerkleModel.hashLeaf(abi.encode("entry", i, j)));
            }
        }
    }

    function models() external view returns (Model[] memory) {
        return _models;
    }

    // --- what an honest operator does

    function anchor(uint256 which, uint64 growth) external {
        Model storage model = _models[which % 2];
        ICheckpointRegistry.Anchor memory next = _honest(model, _sizeAfter(model, growth));
        bytes memory refusal = _anchor(next, model.operator);
        if (model.isClosed) return _assertRefusal(refusal, "NotOperator(bytes32,address)");
        assertEq(refusal, "");
        _advance(model, next.size);
        ++counts["anchored"];
    }

    function anchorAgain(uint256 which) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.size == 0) return;
        assertEq(_anchor(_honest(model, model.size), model.operator), "");
    }

    function anchorBoth(uint64 growth, uint64 otherGrowth, uint256 changed) external {
        ICheckpointRegistry.Anchor[] memory anchors = new ICheckpointRegistry.Anchor[](3);
        anchors[0] = _honest(_models[0], _sizeAfter(_models[0], growth));
        anchors[1] = _honest(_models[1], _sizeAfter(_models[1], otherGrowth));
        bool hasFork = !_models[0].isClosed && _models[0].size != 0 && anchors[0].size < ENTRIES;
        if (hasFork) {
            // A fork of the first log right after its honest checkpoint.
            anchors[2] = _forked(_models[0], anchors[0].size, ENTRIES, changed % anchors[0].size);
        }
        // Both logs have one operator until the enterprise changes one.
        vm.prank(_models[0].operator);
        _registry.anchorMany(anchors);
        if (!_models[0].isClosed) _advance(_models[0], anchors[0].size);
        if (!_models[1].isClosed && _models[1].operator == _models[0].operator) {
            _advance(_models[1], anchors[1].size);
        }
        if (hasFork) ++counts["fork in a batch"];
    }

    // --- what a cheat does

    /// @dev One anchored entry is changed; root and proof are right for the changed log.
    function fork(uint256 which, uint64 growth, uint256 changed) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.size == 0 || model.size == ENTRIES) return;
        uint64 size = _sizeAfter(model, growth);
        bytes memory refusal = _anchor(_forked(model, model.size, size, changed % model.size), model.operator);
        _assertRefusal(refusal, "NotConsistent(bytes32,uint64,uint64)");
        ++counts["fork"];
    }

    /// @dev The honest proof with the root of the changed log.
    function forkWithHonestProof(uint256 which, uint64 growth, uint256 changed) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.size == 0 || model.size == ENTRIES) return;
        ICheckpointRegistry.Anchor memory next = _honest(model, _sizeAfter(model, growth));
        next.root = _forked(model, model.size, next.size, changed % model.size).root;
        _assertRefusal(_anchor(next, model.operator), "NotConsistent(bytes32,uint64,uint64)");
    }

    /// @dev Another root for the size that is anchored.
    function replace(uint256 which, uint256 changed) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.size == 0) return;
        ICheckpointRegistry.Anchor memory other = _forked(model, model.size, model.size, changed % model.size);
        _assertRefusal(_anchor(other, model.operator), "SizeNotGreater(bytes32,uint64,uint64)");
    }

    function goBack(uint256 which, uint64 size) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.size < 2) return;
        size = 1 + size % (model.size - 1);
        ICheckpointRegistry.Anchor memory past = ICheckpointRegistry.Anchor(
            model.logId,
            size,
            MerkleModel.rootOf(model.leaves, size),
            MerkleModel.consistencyProof(model.leaves, size, model.size)
        );
        _assertRefusal(_anchor(past, model.operator), "SizeNotGreater(bytes32,uint64,uint64)");
    }

    /// @dev Everything right, but sent by somebody else; by the other log's operator too. No transaction comes from
    /// the zero address, which is what a closed log has for its operator.
    function anchorAsSomebodyElse(uint256 which, uint64 growth, address sender) external {
        Model storage model = _models[which % 2];
        if (sender == model.operator || sender == address(0)) sender = address(this);
        ICheckpointRegistry.Anchor memory next = _honest(model, _sizeAfter(model, growth));
        _assertRefusal(_anchor(next, sender), "NotOperator(bytes32,address)");
    }

    /// @dev A change beyond the anchored size is no fork: the log goes on that way.
    function changeTheFuture(uint256 which, uint256 changed) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.size == ENTRIES) return;
        uint256 index = model.size + changed % (ENTRIES - model.size);
        model.leaves[index] = MerkleModel.hashLeaf(abi.encode("another", index, changed));
    }

    // --- pins, operators, closing

    function pin(uint256 which) external {
        Model storage model = _models[which % 2];
        if (model.size == 0) return;
        _registry.pin(model.logId);
        model.pinned.push(model.size);
    }

    function pinEarlier(uint256 which, uint64 size) external {
        Model storage model = _models[which % 2];
        if (model.size < 2) return;
        size = 1 + size % (model.size - 1);
        _registry.pinEarlier(
            model.logId,
            size,
            MerkleModel.rootOf(model.leaves, size),
            MerkleModel.consistencyProof(model.leaves, size, model.size)
        );
        model.pinned.push(size);
    }

    function pinFork(uint256 which, uint64 size, uint256 changed) external {
        Model storage model = _models[which % 2];
        if (model.size < 2) return;
        size = 1 + size % (model.size - 1);
        ICheckpointRegistry.Anchor memory other = _forked(model, size, model.size, changed % size);
        bytes32 root = _forked(model, size, size, changed % size).root;
        try _registry.pinEarlier(model.logId, size, root, other.proof) {
            assertTrue(false, "a fork was pinned");
        } catch (bytes memory refusal) {
            _assertRefusal(refusal, "NotConsistent(bytes32,uint64,uint64)");
        }
    }

    /// @dev The Council closes at a pinned checkpoint: the one thing that sets a log back.
    function close(uint256 which, uint256 pinned, uint256 dice) external {
        Model storage model = _models[which % 2];
        if (model.isClosed || model.pinned.length == 0 || dice % 8 != 0) return;
        uint64 size = model.pinned[pinned % model.pinned.length];
        vm.prank(_council);
        _registry.closeLog(model.logId, size, "");
        model.isClosed = true;
        model.size = size;
        ++counts["closed"];
    }

    function _anchor(ICheckpointRegistry.Anchor memory one, address sender)
        private
        returns (bytes memory refusal)
    {
        vm.prank(sender);
        try _registry.anchor(one.logId, one.size, one.root, one.proof) {}
        catch (bytes memory reason) {
            refusal = reason;
        }
    }

    function _advance(Model storage model, uint64 size) private {
        if (size == model.size) return;
        model.size = size;
        model.anchored.push(size);
    }

    function _sizeAfter(Model storage model, uint64 growth) private view returns (uint64) {
        if (model.size == ENTRIES) return ENTRIES;
        return model.size + 1 + growth % (ENTRIES - model.size);
    }

    function _honest(Model storage model, uint64 size)
        private
        view
        returns (ICheckpointRegistry.Anchor memory)
    {
        return _anchorOf(model.logId, model.leaves, model.size, size);
    }

    function _forked(Model storage model, uint64 oldSize, uint64 size, uint256 changed)
        private
        view
        returns (ICheckpointRegistry.Anchor memory)
    {
        bytes32[] memory leaves = model.leaves;
        leaves[changed] = MerkleModel.hashLeaf(abi.encode("forged", changed));
        return _anchorOf(model.logId, leaves, oldSize, size);
    }

    function _anchorOf(LogId logId, bytes32[] memory leaves, uint64 oldSize, uint64 size)
        private
        pure
        returns (ICheckpointRegistry.Anchor memory)
    {
        return ICheckpointRegistry.Anchor(
            logId, size, MerkleModel.rootOf(leaves, size), MerkleModel.consistencyProof(leaves, oldSize, size)
        );
    }

    function _assertRefusal(bytes memory refusal, string memory signature) private pure {
        assertEq(bytes4(refusal), bytes4(keccak256(bytes(string.concat("CheckpointRegistry_", signature)))));
    }
}
