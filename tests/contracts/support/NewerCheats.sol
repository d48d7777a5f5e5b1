// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title NewerCheats
/// @notice Cheats of the pinned forge that the older interface shipped with `forge-std` does not list.
interface NewerCheats {
    /// @dev EIP-712 struct hash of ABI-encoded fields under a type definition.
    function eip712HashStruct(string calldata typeDefinition, bytes calldata abiEncoded)
        external
        pure
        returns (bytes32);

    /// @dev The values in ascending order.
    function sort(uint256[] calldata values) external pure returns (uint256[] memory);
}
