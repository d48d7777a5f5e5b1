// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {MerkleModel} from "../support/MerkleModel.sol";
import {Rfc9162} from "contracts/libraries/Rfc9162.sol";

/// @dev Takes the path from calldata, as the contracts do.
contract InclusionCaller {
    function isIncluded(bytes32 leaf, uint64 index, uint64 size, bytes32 root, bytes32[] calldata path)
        external
        view
        returns (bool)
    {
        return Rfc9162.isIncluded(leaf, index, size, root, path);
    }

    function hashLeaf(bytes calldata entry) external pure returns (bytes32) {
        return Rfc9162.hashLeaf(entry);
    }
}

contract InclusionTest is Test {
    uint64 private constant SMALL = 24;

    InclusionCaller private _library = new InclusionCaller();

    /// @dev Every leaf of every small tree is found where it is, and nowhere else.
    function test_EveryLeafOfEverySmallTree() public view {
        bytes32[] memory leaves = _leaves(SMALL);
        for (uint64 size = 1; size <= SMALL; ++size) {
            bytes32 root = MerkleModel.rootOf(leaves, size);
            for (uint64 index = 0; index < size; ++index) {
                bytes32[] memory path = MerkleModel.inclusionProof(leaves, index, size);
                for (uint64 asked = 0; asked < size; ++asked) {
                    bool isIncluded = _library.isIncluded(leaves[index], asked, size, root, path);
                    assertEq(isIncluded, asked == index);
                }
            }
        }
    }

    /// @dev One bit changed in the leaf, the root or a node is noticed.
    function testFuzz_RefusesOneBit(uint8 size, uint8 index, uint256 at, uint8 bit) public view {
        size = uint8(bound(size, 2, SMALL));
        index = uint8(bound(index, 0, size - 1));
        bytes32[] memory leaves = _leaves(SMALL);
        bytes32[] memory path = MerkleModel.inclusionProof(leaves, index, size);
        (bytes32 leaf, bytes32 root) = (leaves[index], MerkleModel.rootOf(leaves, size));
        bytes32 flip = bytes32(uint256(1) << bit);
        at = bound(at, 0, path.length + 1);
        if (at == 0) leaf ^= flip;
        else if (at == 1) root ^= flip;
        else path[at - 2] ^= flip;
        assertFalse(_library.isIncluded(leaf, index, size, root, path));
    }

    /// @dev A path with one node less or one more fails.
    function testFuzz_RefusesAnotherLength(uint8 size, uint8 index, bytes32 node, bool isLonger) public view {
        size = uint8(bound(size, 2, SMALL));
        index = uint8(bound(index, 0, size - 1));
        bytes32[] memory leaves = _leaves(SMALL);
        bytes32[] memory path = MerkleModel.inclusionProof(leaves, index, size);
        bytes32[] memory other = new bytes32[](isLonger ? path.length + 1 : path.length - 1);
        for (uint256 i = 0; i < other.length; ++i) {
            other[i] = i < path.length ? path[i] : node;
        }
        bytes32 root = MerkleModel.rootOf(leaves, size);
        assertFalse(_library.isIncluded(leaves[index], index, size, root, other));
    }

    /// @dev An inner node is no leaf: its hash does not have the prefix of one.
    function test_InnerNodeIsNoEntry() public view {
        bytes32[] memory leaves = _leaves(2);
        bytes memory entry = abi.encodePacked(leaves[0], leaves[1]);
        assertNotEq(_library.hashLeaf(entry), MerkleModel.rootOf(leaves, 2));
        assertEq(_library.hashLeaf(entry), MerkleModel.hashLeaf(entry));
    }

    function testFuzz_NeverReverts(
        bytes32 leaf,
        uint64 index,
        uint64 size,
        bytes32 root,
        bytes32[] calldata path
    ) public view {
        assertFalse(_library.isIncluded(leaf, index, size, root, path));
    }

    function _leaves(uint256 count) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = MerkleModel.hashLeaf(abi.encode("entry", i));
        }
    }
}
