// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IDirectory} from "../interfaces/IDirectory.sol";
import {Governed} from "./Governed.sol";

/// @title Directory
/// @notice See the documentation in {IDirectory}.
contract Directory is IDirectory, Governed {
    using Checkpoints for Checkpoints.Trace160;
    using SafeCast for uint256;

    /// @dev By block, the address of each name.
    mapping(bytes32 nameHash => Checkpoints.Trace160) private _histories;

    constructor(address authority_) Governed(authority_) {}

    /// @inheritdoc IDirectory
    function set(string calldata name, address target) external restricted {
        require(bytes(name).length != 0, Directory_NameMissing());
        require(target.code.length != 0, Directory_NoCode(target));
        uint64 fromBlock = block.number.toUint64();
        bytes32 nameHash = keccak256(bytes(name));

        _histories[nameHash].push(fromBlock, uint160(target));
        emit AddressSet(nameHash, target, name, target.codehash, fromBlock);
    }

    /// @inheritdoc IDirectory
    function addressOf(string calldata name) external view returns (address target) {
        target = address(_history(name).latest());
        require(target != address(0), Directory_UnknownName(name, block.number.toUint64()));
    }

    /// @inheritdoc IDirectory
    function addressAt(string calldata name, uint64 blockNumber) external view returns (address target) {
        require(blockNumber < block.number, Directory_BlockNotPast(blockNumber, block.number));
        target = address(_history(name).upperLookup(blockNumber));
        require(target != address(0), Directory_UnknownName(name, blockNumber));
    }

    /// @inheritdoc IDirectory
    function historyLength(string calldata name) external view returns (uint256) {
        return _history(name).length();
    }

    /// @inheritdoc IDirectory
    function historyEntry(string calldata name, uint32 number)
        external
        view
        returns (uint64 fromBlock, address target)
    {
        Checkpoints.Checkpoint160 memory entry = _history(name).at(number);
        return (uint256(entry._key).toUint64(), address(entry._value));
    }

    function _history(string calldata name) private view returns (Checkpoints.Trace160 storage) {
        return _histories[keccak256(bytes(name))];
    }
}
