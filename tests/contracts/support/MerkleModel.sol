// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title MerkleModel
/// @notice RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, as they stand: recursive, in plain Solidity, over leaf hashes.
/// @dev Shares nothing with {Rfc9162}; a model that shared the hashing would not notice a wrong prefix.
library MerkleModel {
    function hashLeaf(bytes memory entry) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry));
    }

    function hashChildren(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @dev MTH(D[0:size]).
    function rootOf(bytes32[] memory leaves, uint256 size) internal pure returns (bytes32) {
        return rangeRoot(leaves, 0, size);
    }

    /// @dev MTH(D[from:to]).
    function rangeRoot(bytes32[] memory leaves, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to == from) return sha256("");
        if (to - from == 1) return leaves[from];
        uint256 k = split(to - from);
        return hashChildren(rangeRoot(leaves, from, from + k), rangeRoot(leaves, from + k, to));
    }

    /// @dev PROOF(oldSize, D[0:newSize]); empty for the trivial pairs.
    function consistencyProof(bytes32[] memory leaves, uint256 oldSize, uint256 newSize)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (oldSize == 0 || oldSize >= newSize) return new bytes32[](0);
        return _subproof(leaves, oldSize, 0, newSize, true);
    }

    /// @dev PATH(index, D[0:size]).
    function inclusionProof(bytes32[] memory leaves, uint256 index, uint256 size)
        internal
        pure
        returns (bytes32[] memory)
    {
        return _path(leaves, index, 0, size);
    }

    /// @dev The largest power of two below `n`, for n > 1.
    function split(uint256 n) internal pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }

    /// @dev PATH(m, D[from:to]).
    function _path(bytes32[] memory leaves, uint256 m, uint256 from, uint256 to)
        private
        pure
        returns (bytes32[] memory)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 k = split(to - from);
        if (m < k) return _append(_path(leaves, m, from, from + k), rangeRoot(leaves, from + k, to));
        return _append(_path(leaves, m - k, from + k, to), rangeRoot(leaves, from, from + k));
    }

    /// @dev SUBPROOF(m, D[from:to], whole).
    function _subproof(bytes32[] memory leaves, uint256 m, uint256 from, uint256 to, bool whole)
        private
        pure
        returns (bytes32[] memory)
    {
        if (m == to - from) {
            return whole ? new bytes32[](0) : _append(new bytes32[](0), rangeRoot(leaves, from, to));
        }
        uint256 k = split(to - from);
        if (m <= k) {
            return _append(_subproof(leaves, m, from, from + k, whole), rangeRoot(leaves, from + k, to));
        }
        return _append(_subproof(leaves, m - k, from + k, to, false), rangeRoot(leaves, from, from + k));
    }

    function _append(bytes32[] memory nodes, bytes32 node) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](nodes.length + 1);
        for (uint256 i = 0; i < nodes.length; ++i) {
            longer[i] = nodes[i];
        }
        longer[nodes.length] = node;
    }
}
