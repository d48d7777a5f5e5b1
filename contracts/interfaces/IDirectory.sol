// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Directory
/// @notice Says which contract bears a name, now and at every block before.
///
/// What holds after every call: the answer for a block in the past never changes.
interface IDirectory {
    /// @notice A name points to another contract from this block on.
    /// @param nameHash keccak256 of the name.
    /// @param target The contract.
    /// @param name The name.
    /// @param codeHash Hash of the contract's code.
    /// @param fromBlock First block of the entry.
    event AddressSet(
        bytes32 indexed nameHash, address indexed target, string name, bytes32 codeHash, uint64 fromBlock
    );

    /// @notice There is no contract at the address.
    error Directory_NoCode(address target);

    /// @notice The name is empty.
    error Directory_NameMissing();

    /// @notice The name pointed nowhere at that block.
    error Directory_UnknownName(string name, uint64 blockNumber);

    /// @notice The block is not in the past.
    error Directory_BlockNotPast(uint64 blockNumber, uint256 currentBlock);

    /// @notice Point a name to a contract from this block on; the Council.
    /// @dev `restricted`.
    /// @param name Name, such as `CheckpointRegistry`.
    /// @param target Contract.
    function set(string calldata name, address target) external;

    /// @notice The contract that bears the name now.
    function addressOf(string calldata name) external view returns (address);

    /// @notice The contract that bore the name at the end of a past block.
    function addressAt(string calldata name, uint64 blockNumber) external view returns (address);

    /// @notice Number of entries in the history of a name.
    function historyLength(string calldata name) external view returns (uint256);

    /// @notice Entry `number` of the history of a name, counted from 0.
    /// @return fromBlock First block of the entry.
    /// @return target The contract.
    function historyEntry(string calldata name, uint32 number)
        external
        view
        returns (uint64 fromBlock, address target);
}
