// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DeviceKeys} from "../support/DeviceKeys.sol";
import {IDeviceRegistry} from "contracts/interfaces/IDeviceRegistry.sol";
import {CloseReason} from "contracts/types/Enums.sol";
import {KeyId} from "contracts/types/Ids.sol";

/// @title DeviceHandler
/// @notice Enrols, closes and marks four keys at indexes around the anchored size, while the log grows.
/// @dev The model is what a stranger wrote down: for every anchored index, which keys were valid at it.
contract DeviceHandler is DeviceKeys {
    uint256 public constant KEYS = 4;

    /// @dev Validity of each key at each index, as noted when the index was anchored.
    mapping(uint256 key => bool[]) private _noted;
    mapping(uint256 key => IDeviceRegistry.KeySlot) private _slots;
    uint256 private _nonce;
    mapping(string what => uint256 times) public counts;

    constructor() {
        setUp();
    }

    function noted(uint256 key) external view returns (bool[] memory) {
        return _noted[key];
    }

    function modelSlot(uint256 key) external view returns (IDeviceRegistry.KeySlot memory) {
        return _slots[key];
    }

    function actualSlot(uint256 key) external view returns (IDeviceRegistry.KeySlot memory) {
        return devices.keySlot(logId, kidOf(key));
    }

    function isValidAt(uint256 key, uint64 index) external view returns (bool) {
        return devices.isValidAt(logId, kidOf(key), index);
    }

    function kidOf(uint256 key) public pure returns (KeyId) {
        return KeyId.wrap(keccak256(abi.encode("device key", key)));
    }

    function grow(uint64 growth) external {
        uint64 size = _size();
        if (size == ENTRIES) return;
        uint64 newSize = size + 1 + growth % 3;
        if (newSize > ENTRIES) newSize = uint64(ENTRIES);
        anchor(newSize);
        for (uint256 key = 0; key < KEYS; ++key) {
            for (uint64 index = size; index < newSize; ++index) {
                _noted[key].push(devices.isValidAt(logId, kidOf(key), index));
            }
        }
    }

    function enrolKey(uint256 key, uint64 index) external {
        key %= KEYS;
        IDeviceRegistry.Enrolment memory act = enrolmentOf(_around(index));
        (act.kid, act.nonce) = (kidOf(key), ++_nonce);
        bytes32 digest = digestOf(address(devices), ENROLMENT, abi.encode(act));
        bool isAllowed = act.enrolledIndex >= _size() && _slots[key].algorithm == 0;
        try devices.enrol(act, sign(initiator, digest), sign(approver, digest)) {
            assertTrue(isAllowed, "enrolled against the rules");
            _slots[key] = IDeviceRegistry.KeySlot(act.enrolledIndex, NEVER, NEVER, CloseReason.None, 9);
            ++counts["enrolled"];
        } catch {
            assertFalse(isAllowed, "refused against the rules");
        }
    }

    function closeKey(uint256 key, uint64 index, bool atOnce) external {
        key %= KEYS;
        IDeviceRegistry.KeySlot storage slot = _slots[key];
        IDeviceRegistry.CloseKey memory act = closingOf(atOnce ? 0 : _around(index));
        (act.kid, act.nonce) = (kidOf(key), ++_nonce);
        bytes memory signature = sign(approver, digestOf(address(devices), CLOSE_KEY, abi.encode(act)));
        bool isOpen = slot.algorithm != 0 && slot.closedIndex == NEVER;
        bool isAllowed = isOpen
            && (act.closedIndex == 0 || (act.closedIndex >= _size() && act.closedIndex >= slot.enrolledIndex));
        try devices.close(act, signature) {
            assertTrue(isAllowed, "closed against the rules");
            uint64 least = slot.enrolledIndex > _size() ? slot.enrolledIndex : _size();
            slot.closedIndex = act.closedIndex != 0 ? act.closedIndex : least == 0 ? 1 : least;
            slot.reason = CloseReason.Revoked;
            ++counts["closed"];
        } catch {
            assertFalse(isAllowed, "closing refused against the rules");
        }
    }

    function markKey(uint256 key, uint64 index) external {
        key %= KEYS;
        IDeviceRegistry.KeySlot storage slot = _slots[key];
        IDeviceRegistry.Compromise memory act = compromiseOf(index % 30);
        (act.kid, act.nonce) = (kidOf(key), ++_nonce);
        bytes memory signature = sign(approver, digestOf(address(devices), COMPROMISE, abi.encode(act)));
        bool isAllowed = slot.algorithm != 0 && act.sinceIndex >= slot.enrolledIndex
            && act.sinceIndex < slot.closedIndex && act.sinceIndex < slot.compromisedSince;
        try devices.markCompromised(act, signature) {
            assertTrue(isAllowed, "marked against the rules");
            slot.compromisedSince = act.sinceIndex;
            ++counts["marked"];
        } catch {
            assertFalse(isAllowed, "mark refused against the rules");
        }
    }

    /// @dev An index a little below, at, or above the anchored size.
    function _around(uint64 index) private view returns (uint64) {
        uint64 base = _size() < 2 ? 0 : _size() - 2;
        return base + index % 5;
    }

    function _size() private view returns (uint64 size) {
        (size,,) = checkpoints.latest(logId);
    }
}
