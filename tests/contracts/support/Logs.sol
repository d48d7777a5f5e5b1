// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Enterprises} from "./Enterprises.sol";
import {MerkleModel} from "./MerkleModel.sol";
import {LogId} from "contracts/types/Ids.sol";

/// @title Logs
/// @notice An open log of a few entries, and one that differs from it in a single entry.
abstract contract Logs is Enterprises {
    uint256 internal constant ENTRIES = 24;
    /// @dev The entry in which the other log differs.
    uint256 internal constant CHANGED = 3;

    bytes32[] internal leaves;
    bytes32[] internal forkedLeaves;

    function setUp() public virtual override {
        super.setUp();
        openLog();
        for (uint256 i = 0; i < ENTRIES; ++i) {
            bytes32 leaf = MerkleModel.hashLeaf(abi.encode("entry", i));
            leaves.push(leaf);
            forkedLeaves.push(i == CHANGED ? MerkleModel.hashLeaf(abi.encode("another", i)) : leaf);
        }
    }

    function rootOf(uint64 size) internal view returns (bytes32) {
        return MerkleModel.rootOf(leaves, size);
    }

    function proofOf(uint64 oldSize, uint64 newSize) internal view returns (bytes32[] memory) {
        return MerkleModel.consistencyProof(leaves, oldSize, newSize);
    }

    /// @dev Anchor the honest log at `size`, as its operator.
    function anchor(uint64 size) internal {
        (uint64 newest,,) = checkpoints.latest(logId);
        bytes32 root = rootOf(size);
        bytes32[] memory proof = proofOf(newest, size);
        vm.prank(operator.key);
        checkpoints.anchor(logId, size, root, proof);
    }

    function pin(uint64 size) internal {
        (uint64 newest, bytes32 newestRoot,) = checkpoints.latest(logId);
        if (size == newest) {
            (uint64 pinnedSize, bytes32 pinnedRoot) = checkpoints.pin(logId);
            assertEq(pinnedSize, newest);
            assertEq(pinnedRoot, newestRoot);
        } else {
            checkpoints.pinEarlier(logId, size, rootOf(size), proofOf(size, newest));
        }
    }

    function closeLog(LogId closed, uint64 size) internal {
        decide(
            address(checkpoints),
            "closeLog(bytes32,uint64,string)",
            abi.encode(closed, size, "the operator's key was stolen")
        );
    }
}
