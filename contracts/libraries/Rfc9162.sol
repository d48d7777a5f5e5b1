// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Rfc9162
/// @notice Checks that one Merkle tree is a prefix of another, and that an entry is in a tree.
///
/// Source: RFC 9162, sections 2.1.3.2 and 2.1.4.2; consistency is walked level by level as the shape of the trees tells,
/// which asks for the exact number of nodes before it hashes. Roots and nodes are SHA-256 hashes.
library Rfc9162 {
    /// @dev Root hash of the tree without entries: SHA-256 of nothing.
    bytes32 private constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice Whether the tree of `newSize` entries with `newRoot` starts with the tree of `oldSize` entries with
    /// `oldRoot`. Never reverts: whatever does not hold is false.
    /// @dev A root does not tell its size: for some sizes the same proof holds for a neighbour too. The size is what the
    /// signer of the checkpoint says.
    /// @param oldSize Entries of the earlier tree.
    /// @param oldRoot Root hash of the earlier tree.
    /// @param newSize Entries of the later tree.
    /// @param newRoot Root hash of the later tree.
    /// @param proof Consistency proof, ordered as the RFC orders it; the node count must be exact.
    function isConsistent(
        uint64 oldSize,
        bytes32 oldRoot,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        if (proof.length == 0) {
            return oldSize == newSize ? oldRoot == newRoot : oldSize == 0 && oldRoot == EMPTY_ROOT;
        }
        if (oldSize == 0 || oldSize >= newSize) return false;

        // The paths of both trees' last entries, from the level of the earlier tree's last complete subtree up: bit 1 is
        // a right child. Both sizes are positive here.
        uint256 oldPath;
        uint256 newPath;
        unchecked {
            oldPath = uint256(oldSize) - 1;
            newPath = uint256(newSize) - 1;
        }
        while ((oldPath & 1) == 1) {
            oldPath >>= 1;
            newPath >>= 1;
        }

        // That subtree is the first node of the proof, unless it is the whole earlier tree (a power of two).
        bytes32 oldHash = oldPath == 0 ? oldRoot : proof[0];
        bytes32 newHash = oldHash;
        uint256 next = oldPath == 0 ? 0 : 1;

        // Below the node where the paths part, each level has a sibling: to the left it is in both trees, to the right
        // it is in the later one only. The paths differ, because the later tree goes on after that subtree.
        uint256 parting = next + Math.log2(oldPath ^ newPath) + 1;
        if (parting > proof.length) return false;
        while (next < parting) {
            bytes32 node = proof[next];
            if ((oldPath & 1) == 1) {
                oldHash = hashNode(node, oldHash);
                newHash = hashNode(node, newHash);
            } else {
                newHash = hashNode(newHash, node);
            }
            oldPath >>= 1;
            unchecked {
                ++next; // below parting
            }
        }

        // Above it the trees share what is to the left: a sibling for every right child.
        while (oldPath != 0) {
            if (next == proof.length) return false;
            bytes32 node = proof[next];
            oldHash = hashNode(node, oldHash);
            newHash = hashNode(node, newHash);
            unchecked {
                oldPath &= oldPath - 1; // drops the lowest bit set
                ++next; // below proof.length
            }
        }
        return next == proof.length && oldHash == oldRoot && newHash == newRoot;
    }

    /// @notice Whether the entry with `leafHash` is entry `index` of the tree of `size` entries with `root`. Never
    /// reverts: whatever does not hold is false.
    /// @param leafHash Leaf hash of the entry.
    /// @param index Position of the entry, counted from 0.
    /// @param size Entries of the tree.
    /// @param root Root hash of the tree.
    /// @param path Sibling hashes, from the leaf up; the node count must be exact.
    function isIncluded(bytes32 leafHash, uint64 index, uint64 size, bytes32 root, bytes32[] calldata path)
        internal
        view
        returns (bool)
    {
        if (index >= size) return false;
        bytes32 hash = leafHash;
        (uint256 position, uint256 last) = (index, uint256(size) - 1);
        uint256 next = 0;
        while (last != 0) {
            // The last node of a level has no sibling where it is a left child: it is its own parent.
            if ((position & 1) == 1 || position != last) {
                if (next == path.length) return false;
                bytes32 node = path[next];
                hash = (position & 1) == 1 ? hashNode(node, hash) : hashNode(hash, node);
                ++next;
            }
            position >>= 1;
            last >>= 1;
        }
        return next == path.length && hash == root;
    }

    /// @notice The hash of a leaf: SHA-256(0x00 ‖ entry).
    /// @param entry Bytes of the entry.
    function hashLeaf(bytes memory entry) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry));
    }

    /// @notice The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    /// @dev Plain Solidity copies the 65 bytes twice, which makes an anchor at a million entries a third dearer. The
    /// words after the free memory pointer are used and not kept, which memory safety allows. A chain without the
    /// precompile returns no data and so is refused.
    function hashNode(bytes32 left, bytes32 right) internal view returns (bytes32 node) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0x01)
            mstore(add(free, 0x01), left)
            mstore(add(free, 0x21), right)
            let success := staticcall(gas(), 0x02, free, 0x41, free, 0x20)
            if iszero(and(success, eq(returndatasize(), 0x20))) { revert(0, 0) }
            node := mload(free)
        }
    }
}
