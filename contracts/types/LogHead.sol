// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The second word of a log in storage, read and written in one piece: an anchor pays for two words, not four.
///
///     255      224 223          160 159                                      0
///     | block number |     size     |               operator                 |
type LogHead is uint256;

using LogHeadLibrary for LogHead global;

/// @title LogHeadLibrary
/// @notice Packs and unpacks a {LogHead}.
library LogHeadLibrary {
    uint256 private constant SIZE_SHIFT = 160;
    uint256 private constant BLOCK_SHIFT = 224;

    /// @param operator_ Who anchors; zero before opening and after closing.
    /// @param size_ Number of entries.
    /// @param blockNumber_ Block of the last change of the size.
    function pack(address operator_, uint64 size_, uint32 blockNumber_) internal pure returns (LogHead) {
        return LogHead.wrap(
            uint256(blockNumber_) << BLOCK_SHIFT | uint256(size_) << SIZE_SHIFT | uint160(operator_)
        );
    }

    function operator(LogHead head) internal pure returns (address) {
        return address(uint160(LogHead.unwrap(head)));
    }

    function size(LogHead head) internal pure returns (uint64) {
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the block number off
        return uint64(LogHead.unwrap(head) >> SIZE_SHIFT);
    }

    function blockNumber(LogHead head) internal pure returns (uint32) {
        // forge-lint: disable-next-line(unsafe-typecast) -- 32 bits are left
        return uint32(LogHead.unwrap(head) >> BLOCK_SHIFT);
    }
}
