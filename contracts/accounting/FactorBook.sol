// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Governed} from "../governance/Governed.sol";
import {Factor, FactorEntry, IFactorBook} from "../interfaces/IFactorBook.sol";
import {Standing, Standings} from "../libraries/Standings.sol";
import {RuleStatus} from "../types/Enums.sol";

/// @title FactorBook
/// @notice See the documentation in {IFactorBook}.
contract FactorBook is IFactorBook, Governed {
    using SafeCast for uint256;
    using Standings for Standing;

    /// @dev A string of so many bytes takes one word of storage.
    uint256 private constant MAX_UNIT_BYTES = 31;
    uint256 private constant MAX_VALUES = type(uint8).max;

    mapping(bytes32 factorId => Factor) private _factors;
    /// @dev A key has a few entries, and only the Council adds one: they may be searched.
    mapping(bytes32 key => bytes32[] factorIds) private _entries;

    constructor(address authority_) Governed(authority_) {}

    /// @inheritdoc IFactorBook
    function publish(FactorEntry[] calldata entries) external restricted {
        for (uint256 i = 0; i < entries.length; ++i) {
            _publish(entries[i]);
        }
    }

    /// @inheritdoc IFactorBook
    function setStatus(bytes32 factorId, RuleStatus status, uint16 fromYear, string calldata reason)
        external
        restricted
    {
        Factor storage factor_ = _known(factorId);

        factor_.standing.record(status, fromYear);
        _requireAlone(factorId, factor_);
        emit FactorStatusSet(factorId, status, fromYear, reason);
    }

    /// @inheritdoc IFactorBook
    function prescribed(bytes32 key, uint16 reportYear) external view returns (bytes32) {
        return _inForce(key, reportYear, block.timestamp.toUint64());
    }

    /// @inheritdoc IFactorBook
    function asOf(bytes32 key, uint16 reportYear, uint64 timestamp) external view returns (bytes32) {
        require(timestamp < block.timestamp, FactorBook_NotPast(timestamp, block.timestamp));
        return _inForce(key, reportYear, timestamp);
    }

    /// @inheritdoc IFactorBook
    function requireFinal(bytes32 factorId, uint16 reportYear) external view {
        RuleStatus status = statusOf(factorId, reportYear);
        require(status == RuleStatus.InForce, FactorBook_NotFinal(factorId, reportYear, status));
    }

    /// @inheritdoc IFactorBook
    function factor(bytes32 factorId) external view returns (Factor memory) {
        return _known(factorId);
    }

    /// @inheritdoc IFactorBook
    function valueOf(bytes32 factorId, uint8 index) external view returns (int256) {
        int256[] storage values = _known(factorId).values;
        require(index < values.length, FactorBook_NoValue(factorId, index));
        return values[index];
    }

    /// @inheritdoc IFactorBook
    function statusOf(bytes32 factorId, uint16 reportYear) public view returns (RuleStatus) {
        return _known(factorId).standing.statusFor(reportYear, block.timestamp.toUint64());
    }

    /// @inheritdoc IFactorBook
    function entriesOf(bytes32 key) external view returns (bytes32[] memory) {
        return _entries[key];
    }

    /// @inheritdoc IFactorBook
    function keyOf(string calldata guide, string calldata quantity, string calldata subject)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode("factor", guide, quantity, subject));
    }

    /// @inheritdoc IFactorBook
    function factorIdOf(FactorEntry calldata entry) public pure returns (bytes32) {
        return keccak256(abi.encode("carbonseal.factor", entry));
    }

    function _publish(FactorEntry calldata entry) private {
        _requireSound(entry);
        bytes32 factorId = factorIdOf(entry);
        Factor storage factor_ = _factors[factorId];
        require(!factor_.standing.isPublished(), FactorBook_AlreadyPublished(factorId));
        bytes32 key = keyOf(entry.guide, entry.quantity, entry.subject);

        factor_.key = key;
        factor_.unit = entry.unit;
        factor_.values = entry.values;
        factor_.validFrom = entry.validFrom;
        factor_.validTo = entry.validTo;
        factor_.standing.begin(entry.reportFrom, entry.reportTo, entry.status);
        _requireAlone(factorId, factor_);
        _entries[key].push(factorId);
        emit FactorPublished(factorId, key, entry);
    }

    /// @dev No other entry of its key is in force for a year for which this one is.
    function _requireAlone(bytes32 factorId, Factor storage factor_) private view {
        bytes32[] storage factorIds = _entries[factor_.key];
        for (uint256 i = 0; i < factorIds.length; ++i) {
            bytes32 other = factorIds[i];
            require(
                other == factorId || !factor_.standing.overlap(_factors[other].standing),
                FactorBook_AlreadyPrescribed(factor_.key, other)
            );
        }
    }

    function _inForce(bytes32 key, uint16 reportYear, uint64 timestamp) private view returns (bytes32) {
        bytes32[] storage factorIds = _entries[key];
        for (uint256 i = 0; i < factorIds.length; ++i) {
            Standing storage standing = _factors[factorIds[i]].standing;
            if (standing.statusFor(reportYear, timestamp) == RuleStatus.InForce) return factorIds[i];
        }
        revert FactorBook_NotPrescribed(key, reportYear);
    }

    function _known(bytes32 factorId) private view returns (Factor storage factor_) {
        factor_ = _factors[factorId];
        require(factor_.standing.isPublished(), FactorBook_Unknown(factorId));
    }

    function _requireSound(FactorEntry calldata entry) private pure {
        require(
            bytes(entry.guide).length != 0 && bytes(entry.quantity).length != 0
                && bytes(entry.subject).length != 0,
            FactorBook_WordMissing()
        );
        uint256 unitBytes = bytes(entry.unit).length;
        require(unitBytes != 0 && unitBytes <= MAX_UNIT_BYTES, FactorBook_UnitInvalid(entry.unit));
        uint256 count = entry.values.length;
        require(count != 0 && count <= MAX_VALUES, FactorBook_ValuesInvalid(count));
        require(
            entry.validTo == 0 || entry.validFrom < entry.validTo,
            FactorBook_ValidityInvalid(entry.validFrom, entry.validTo)
        );
    }
}
