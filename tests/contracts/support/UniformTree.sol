// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MerkleModel} from "./MerkleModel.sol";

/// @title UniformTree
/// @notice Trees whose leaf hashes are all equal: a root depends on the size only, so that trees of a million entries
/// cost a few hashes. Proofs have the shape and the cost of any other tree's.
library UniformTree {
    bytes32 internal constant LEAF = keccak256("the same leaf hash everywhere");

    function rootOf(uint256 size) internal pure returns (bytes32) {
        if (size == 1) return LEAF;
        uint256 k = MerkleModel.split(size);
        bytes32 left = rootOf(k);
        return MerkleModel.hashChildren(left, size == 2 * k ? left : rootOf(size - k));
    }

    /// @dev PROOF(oldSize, D[newSize]) of RFC 9162, 2.1.4.1.
    function consistencyProof(uint256 oldSize, uint256 newSize) internal pure returns (bytes32[] memory) {
        return _subproof(oldSize, newSize, true, 0);
    }

    function _subproof(uint256 m, uint256 n, bool whole, uint256 below)
        private
        pure
        returns (bytes32[] memory nodes)
    {
        if (m == n) {
            nodes = new bytes32[](whole ? below : below + 1);
            if (!whole) nodes[0] = rootOf(n);
            return nodes;
        }
        uint256 k = MerkleModel.split(n);
        if (m <= k) {
            nodes = _subproof(m, k, whole, below + 1);
            nodes[nodes.length - 1 - below] = rootOf(n - k);
        } else {
            nodes = _subproof(m - k, n - k, false, below + 1);
            nodes[nodes.length - 1 - below] = rootOf(k);
        }
    }
}
